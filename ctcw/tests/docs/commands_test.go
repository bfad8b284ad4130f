package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
)

type ran struct {
	stdout, stderr string
	code           int
}

func run(t *testing.T, program string, args ...string) ran {
	t.Helper()
	return runIn(t, t.TempDir(), nil, program, args...)
}

func runIn(t *testing.T, dir string, env []string, program string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "AWS_EC2_METADATA_DISABLED=true"}, env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return ran{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// commands returns the lines of a page's shell blocks; a backslash joins a line to the next.
func commands(page string) []string {
	var all []string
	for _, b := range language(blocks(page), "sh", "bash") {
		for _, line := range strings.Split(strings.ReplaceAll(b.text, "\\\n", ""), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				all = append(all, line)
			}
		}
	}
	return all
}

// scripts returns what the steps of a workflow run, those that begin with "- run:".
func scripts(workflow string) []string {
	var all []string
	lines := strings.Split(workflow, "\n")
	for i, line := range lines {
		before, script, ok := strings.Cut(line, "- run: ")
		if !ok {
			continue
		}
		if script == "|" {
			script = ""
			inside := strings.Repeat(" ", len(before)+4)
			for _, line := range lines[i+1:] {
				text, ok := strings.CutPrefix(line, inside)
				if !ok {
					break
				}
				script += text + "\n"
			}
		}
		all = append(all, script)
	}
	return all
}

// TestTheJobRunsAsWritten runs README's GitHub Actions job but for what installs the program.
func TestTheJobRunsAsWritten(t *testing.T) {
	jobs := map[string][]string{}
	for _, page := range []string{"README.md", indexPage} {
		for _, b := range language(blocks(read(t, page)), "yaml") {
			if strings.Contains(b.text, "runs-on:") {
				jobs[page] = append(jobs[page], b.text)
			}
		}
	}
	require.Len(t, jobs["README.md"], 1)
	assert.Equal(t, jobs["README.md"], jobs[indexPage])

	d := startDemo(t)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(binary, filepath.Join(dir, "steampipe-plugin-ctcw")))
	management := d.org.Account(d.org.Management)
	env := []string{"AWS_ENDPOINT_URL=" + d.endpoint.URL(), "PATH=" + dir + ":" + os.Getenv("PATH"),
		"AWS_ACCESS_KEY_ID=" + management.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + management.SecretAccessKey, "AWS_REGION=us-east-1"}
	var last ran
	for _, script := range scripts(jobs["README.md"][0]) {
		if !strings.HasPrefix(script, "go install ") {
			last = runIn(t, dir, env, "sh", "-e", "-c", script)
		}
	}
	assert.Equal(t, 2, last.code, last.stderr)
	assert.Contains(t, last.stdout, "log_group_retention_365")
	assert.Contains(t, last.stdout, " in 18 accounts", "the members of the organization")
}

// TestTheComparisonIsTrueOfThisProgram holds README's first column against what check says of the sample organization.
func TestTheComparisonIsTrueOfThisProgram(t *testing.T) {
	cases := map[string]string{ // to the end of a resource in check's CSV
		"delivers to CloudWatch Logs":                            "222233334444:trail/security-audit",
		"no log group is set":                                    "121212121212:trail/sandbox-trail",
		"S3 gets everything, CloudWatch Logs nothing for 9 days": "us-east-1:888899990000:trail/lake-events",
		"S3 gets everything, CloudWatch Logs never got anything": "777788889999:trail/storefront-audit",
		"the trail was stopped 20 minutes ago":                   "555566667777:trail/payments-audit",
		"the log group was deleted a moment ago":                 "666677778888:trail/storefront-audit",
		"an account without a trail":                             "arn:aws:::181818181818",
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \| (\w+) \| .*\|$`).FindAllStringSubmatch(section(read(t, "README.md"), "Why another check"), -1) {
		rows[m[1]] = m[2]
	}
	delete(rows, "case")
	assert.ElementsMatch(t, slices.Collect(maps.Keys(cases)), slices.Collect(maps.Keys(rows)))
	got := run(t, binary, "check", "--demo", "cis_v200_3_4", "--output", "csv")
	for name, resource := range cases {
		assert.True(t, strings.Contains(got.stdout, resource+","+rows[name]+","), "%s: %s is not %s", name, resource, rows[name])
	}
}

// section returns the text under a heading of the second level.
func section(page, heading string) string {
	_, text, _ := strings.Cut(page, "\n## "+heading+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// TestCommandsRunAsWritten runs every command of the pages that needs only the binary: those with --demo as they
// are, and those that would ask AWS with the sample organization in its place.
func TestCommandsRunAsWritten(t *testing.T) {
	d := startDemo(t)
	management := d.org.Account(d.org.Management)
	ours := regexp.MustCompile(`^(?:bin/)?(?:steampipe-plugin-)?ctcw (\w+)`)
	count := map[string]int{}
	for _, page := range pages(t, "README.md", "CONTRIBUTING.md", indexPage, "docs/evidence.md", "ctcw/mod/docs/*.md") {
		dir := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "bin"), 0o755))
		require.NoError(t, os.Symlink(binary, filepath.Join(dir, "bin", "steampipe-plugin-ctcw")))
		require.NoError(t, os.Symlink(binary, filepath.Join(dir, "bin", "ctcw")))
		keys := fmt.Sprintf("aws_access_key_id = %s\naws_secret_access_key = %s\n", management.AccessKeyID, management.SecretAccessKey)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, ".aws"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".aws", "credentials"), []byte("[default]\n"+keys+"[audit]\n"+keys), 0o600))
		env := []string{"AWS_ENDPOINT_URL=" + d.endpoint.URL(), "PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH")}
		for _, line := range commands(read(t, page)) {
			m := ours.FindStringSubmatch(line)
			if m == nil || m[1] == "demo" { // which serves until it is interrupted
				continue
			}
			count[page]++
			documented := []int{0}
			if m[1] == "check" {
				documented = []int{0, 1, 2}
			}
			got := runIn(t, dir, env, "sh", "-c", line)
			assert.Contains(t, documented, got.code, "%s: %s\n%s", page, line, got.stderr)
		}
	}
	assert.NotZero(t, count["README.md"])
	assert.NotZero(t, count[indexPage])
}

func TestEveryMakeTargetOfThePagesExists(t *testing.T) {
	makefile := read(t, "Makefile")
	inText := regexp.MustCompile("(?m)`make ([a-z][\\w-]*)|^make ([a-z][\\w-]*)")
	count := 0
	for _, page := range pages(t, everyPage...) {
		for _, m := range inText.FindAllStringSubmatch(read(t, page), -1) {
			count++
			assert.Regexp(t, `(?m)^`+m[1]+m[2]+`:`, makefile, "%s names make %s%s", page, m[1], m[2])
		}
	}
	assert.NotZero(t, count)
}

func TestEveryNameOfTheModOnThePagesExists(t *testing.T) {
	m, err := mod.Load()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, b := range m.Benchmarks {
		known["benchmark."+b.Name] = true
	}
	for _, c := range m.Controls {
		known["control."+c.Name] = true
	}
	name := regexp.MustCompile(`\bctcw\.((?:benchmark|control)\.\w+)`)
	for _, page := range pages(t, everyPage...) {
		for _, found := range name.FindAllStringSubmatch(read(t, page), -1) {
			assert.True(t, known[found[1]], "%s names %s", page, found[0])
		}
	}
	// The controls that the command line is shown to check.
	check := regexp.MustCompile(`ctcw check((?: --?[\w-]+| [\w-]+)*)`)
	for _, page := range pages(t, "README.md", indexPage) {
		for _, found := range check.FindAllStringSubmatch(read(t, page), -1) {
			for _, word := range strings.Fields(found[1]) {
				if strings.Contains(word, "_") {
					assert.True(t, known["control."+word] || known["benchmark."+word], "%s names the control %s", page, word)
				}
			}
		}
	}
}

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
)

// steampipe is a real Steampipe with the plugin installed, asking the sample organization.
type steampipe struct {
	t    *testing.T
	env  []string
	port string
	mod  string
}

// startSteampipe installs the plugin, the demo's connections and the mod. CTCW_E2E_STEAMPIPE_DIR names an
// installation folder to use; without one Steampipe makes itself a new one, for which it has to be online.
func startSteampipe(t *testing.T) *steampipe {
	t.Helper()
	for _, program := range []string{"steampipe", "powerpipe"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: %s is not on PATH, so nothing is checked in the real Steampipe and Powerpipe", program)
		}
	}
	if os.Getuid() == 0 {
		t.Skip("SKIPPED: Steampipe refuses to run as root")
	}
	dir := os.Getenv("CTCW_E2E_STEAMPIPE_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &steampipe{t: t, port: fmt.Sprint(listener.Addr().(*net.TCPAddr).Port), mod: filepath.Join(t.TempDir(), "mod")}
	listener.Close()
	s.env = append(os.Environ(), "STEAMPIPE_INSTALL_DIR="+dir, "STEAMPIPE_DATABASE_PORT="+s.port, "STEAMPIPE_UPDATE_CHECK=false", "POWERPIPE_UPDATE_CHECK=false",
		"POWERPIPE_INSTALL_DIR="+t.TempDir(), "POWERPIPE_DATABASE=postgres://steampipe@127.0.0.1:"+s.port+"/steampipe")
	copyFile(t, binary, filepath.Join(dir, "plugins", "local", "ctcw", "ctcw.plugin"), 0o755)
	serveDemo(t, filepath.Join(dir, "config", "ctcw.spc"))
	require.Zero(t, ctcw(t, nil, "mod", s.mod).code)
	s.run("steampipe", "service", "start", "--database-port", s.port)
	t.Cleanup(func() { s.run("steampipe", "service", "stop", "--force") })
	return s
}

// serveDemo runs the binary's demo and writes the connections that it prints.
func serveDemo(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	file, err := os.Create(path)
	require.NoError(t, err)
	defer file.Close()
	cmd := exec.Command(binary, "demo")
	cmd.Env, cmd.Stdout = environment(t), file
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	_, err = io.ReadFull(stderr, make([]byte, len("Serving")))
	require.NoError(t, err)
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	require.NoError(t, os.WriteFile(to, content, mode))
}

// run runs a program that may find alarms and errors, but must not fail.
func (s *steampipe) run(program string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env, cmd.Dir = s.env, s.mod
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	require.True(s.t, err == nil || cmd.ProcessState.ExitCode() <= ExitError, "%s %s: %v\n%s%s", program, strings.Join(args, " "), err, &stdout, &stderr)
	return stdout.String()
}

// ExitError is the highest exit code that is a verdict.
const ExitError = 2

// benchmark runs a benchmark in Powerpipe and returns its verdicts as [verdicts] writes them.
func (s *steampipe) benchmark(name string, more ...string) []string {
	s.t.Helper()
	export := filepath.Join(s.t.TempDir(), name+".csv")
	s.run("powerpipe", append([]string{"benchmark", "run", "ctcw.benchmark." + name, "--mod-location", s.mod, "--output", "none", "--progress=false", "--export", export}, more...)...)
	text, err := os.ReadFile(export)
	require.NoError(s.t, err)
	return sorted(verdicts(table(s.t, string(text))))
}

func sorted(text string) []string { return slices.Sorted(slices.Values(lines(text))) }

func TestInSteampipeAndPowerpipe(t *testing.T) {
	s := startSteampipe(t)
	m, err := mod.Load()
	require.NoError(t, err)

	t.Run("steampipe query runs every query file", func(t *testing.T) {
		files, err := filepath.Glob(filepath.Join(s.mod, "queries", "*.sql"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			if strings.HasPrefix(filepath.Base(file), "over_time_") {
				continue // there is no history in Steampipe
			}
			rows := table(t, s.run("steampipe", "query", file, "--output", "csv"))
			assert.NotEmpty(t, rows, file)
			for _, r := range rows {
				assert.NotEmpty(t, r["resource"], file)
				assert.Contains(t, []string{"ok", "alarm", "info", "skip", "error"}, r["status"], file)
				assert.NotEmpty(t, r["reason"], file)
			}
		}
	})

	snapshot := filepath.Join(t.TempDir(), "s.db")
	require.Zero(t, ctcw(t, nil, "snapshot", "--demo", snapshot).code)

	// An account that cannot be read must not be found by whatever is looked for: in Steampipe, in the embedded engine and
	// in a snapshot, however each plans the statement.
	t.Run("joins and counts find what is there", func(t *testing.T) {
		const of = "cloudtrail_cloudwatch_status"
		arns := lines(ctcw(t, nil, "query", "--demo", "--output", "csv", "--header=false", "select distinct arn from "+of+" where arn is not null").stdout)
		require.Greater(t, len(arns), 8, "more than the embedded engine looks for one by one")
		for _, sql := range []string{
			"select count(*) as n from " + of + " as a join " + of + " as b on a.arn = b.arn",
			// On one column: of two, the plan of Steampipe's FDW 2.1.5 checks only one.
			"select count(*) as n from " + of + " as a left join " + of + " as b on a.arn = b.arn",
			"select count(distinct account_id) as n from " + of + " where name = 'acme-organization'",
			"select count(*) as n from " + of + " where arn in ('" + strings.Join(arns[:3], "', '") + "')",
			"select count(*) as n from " + of + " where arn in ('" + strings.Join(arns, "', '") + "')",
			"select count(*) as n from " + of + " where account_id in (select account_id from " + of + " where delivery_status = 'unknown')",
		} {
			want := ctcw(t, nil, "query", "--from", snapshot, "--output", "csv", sql)
			require.Zero(t, want.code, want.stderr)
			assert.Equal(t, want.stdout, ctcw(t, nil, "query", "--demo", "--output", "csv", sql).stdout, sql)
			assert.Equal(t, want.stdout, s.run("steampipe", "query", sql, "--output", "csv"), sql)
		}
	})
	for _, b := range m.Benchmarks {
		if b.Name == "as_published" || b.Name == "over_time" {
			continue // check does not run them: one is Postgres's only, the other is for a file of runs
		}
		t.Run(b.Name, func(t *testing.T) {
			want := sorted(verdicts(table(t, ctcw(t, nil, "check", "--demo", "--output", "csv", b.Name).stdout)))
			assert.Equal(t, want, s.benchmark(b.Name), "on Steampipe")
			assert.Equal(t, want, s.benchmark(b.Name, "--database", "sqlite://"+snapshot), "on a snapshot")
		})
	}

	t.Run("powerpipe mod install takes the mod from a git repository", func(t *testing.T) {
		if _, err := exec.LookPath("git"); err != nil {
			t.Skip("SKIPPED: git is not on PATH, so the mod is not installed from a repository")
		}
		repository, project := filepath.Join(t.TempDir(), "powerpipe-mod-ctcw"), t.TempDir()
		require.Zero(t, ctcw(t, nil, "mod", repository).code)
		for _, args := range [][]string{{"init", "-q", "-b", "mod"}, {"add", "-A"}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "mod"}, {"tag", "v1.0.0"}} {
			git := exec.Command("git", args...)
			git.Dir = repository
			out, err := git.CombinedOutput()
			require.NoError(t, err, string(out))
		}
		// A released version, and the branch that a release pushes.
		for _, from := range []string{"file://" + repository, "file://" + repository + "#mod"} {
			s.run("powerpipe", "mod", "install", from, "--mod-location", project)
			var installed []string
			err := filepath.WalkDir(filepath.Join(project, ".powerpipe"), func(path string, _ fs.DirEntry, err error) error {
				if filepath.Base(path) == "mod.pp" {
					installed = append(installed, path)
				}
				return err
			})
			require.NoError(t, err)
			require.NotEmpty(t, installed, from)
			assert.Contains(t, s.run("powerpipe", "benchmark", "list", "--mod-location", filepath.Dir(installed[0])), "ctcw.benchmark.pci_dss_v40")
			project = t.TempDir()
		}
	})

	t.Run("Powerpipe takes dimensions as Turbot's mods do", func(t *testing.T) {
		settings := []string{"--var", `common_dimensions=["account_id","connection_name"]`, "--var", `tag_dimensions=["team"]`}
		export := filepath.Join(t.TempDir(), "out.csv")
		s.run("powerpipe", append([]string{"benchmark", "run", "ctcw.benchmark.cloudtrail_cloudwatch", "--mod-location", s.mod, "--output", "none", "--progress=false", "--export", export}, settings...)...)
		text, err := os.ReadFile(export)
		require.NoError(t, err)
		rows := table(t, string(text))
		require.NotEmpty(t, rows)
		assert.NotContains(t, rows[0], "region")
		assert.Contains(t, rows[0], "team")
		for _, r := range rows {
			assert.NotContains(t, r["reason"], "ERROR", "%v", r)
			assert.NotEmpty(t, r["account_id"])
		}
		s.benchmark("cis_v200", append([]string{"--database", "sqlite://" + snapshot}, "--var", `tag_dimensions=["team"]`)...)
	})

	t.Run("check and Powerpipe export the same JSON and CSV", func(t *testing.T) {
		// What is ours beside Powerpipe's own, and what changes from run to run.
		ours := map[string]bool{"ctcw": true, "account_name": true, "checked_at": true, "remediation": true, "reason": true}
		var bare func(v any) any
		bare = func(v any) any {
			switch v := v.(type) {
			case map[string]any:
				for key, value := range v {
					if v[key] = bare(value); ours[key] {
						delete(v, key)
					}
				}
			case []any:
				for i := range v {
					v[i] = bare(v[i])
				}
			}
			return v
		}
		for _, args := range [][]string{{"benchmark", "cloudtrail_cloudwatch"}, {"control", "cis_v200_3_4"}, {"benchmark", "cis_v200", "cis_v150"}} {
			var theirs []string
			for _, name := range args[1:] {
				theirs = append(theirs, "ctcw."+args[0]+"."+name)
			}
			dir := t.TempDir()
			read := func(of, suffix string) []byte {
				text, err := os.ReadFile(filepath.Join(dir, of+suffix))
				require.NoError(t, err)
				return text
			}
			s.run("powerpipe", slices.Concat([]string{args[0], "run"}, theirs, []string{"--mod-location", s.mod, "--output", "none", "--progress=false",
				"--export", filepath.Join(dir, "theirs.json"), "--export", filepath.Join(dir, "theirs.csv")})...)
			ctcw(t, nil, slices.Concat([]string{"check", "--demo", "--export", filepath.Join(dir, "ours.json"), "--export", filepath.Join(dir, "ours.csv")}, args[1:])...)
			parsed := map[string]any{}
			for _, of := range []string{"theirs", "ours"} {
				var v any
				require.NoError(t, json.Unmarshal(read(of, ".json"), &v))
				parsed[of] = bare(v)
			}
			assert.Equal(t, parsed["theirs"], parsed["ours"], args)
			header := func(of string) string { line, _, _ := strings.Cut(string(read(of, ".csv")), "\n"); return line }
			assert.Equal(t, header("theirs")+",account_name,checked_at,remediation,checked_by,ctcw_version,variables,scope,complete", header("ours"), args)
		}
	})

	t.Run("as_published differs from strict as the design says", func(t *testing.T) {
		got := strings.Join(s.benchmark("as_published"), "\n")
		const neverDelivered = " 777788889999 arn:aws:cloudtrail:us-east-1:777788889999:trail/storefront-audit "
		assert.Contains(t, got, "control.cis_v200_3_4"+neverDelivered+"alarm")
		assert.Contains(t, got, "control.cis_v200_3_4_as_published"+neverDelivered+"ok")
		assert.NotContains(t, got, "control.cis_v200_3_4_as_published 191919191919 ", "an account without a trail is no row there")
	})

	t.Run("the embedded engine and Steampipe give the same CSV", func(t *testing.T) {
		assert.Equal(t, ctcw(t, nil, "query", "--demo", demoQuery, "--output", "csv").stdout, s.run("steampipe", "query", demoQuery, "--output", "csv"))
	})
}

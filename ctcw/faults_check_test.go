package ctcw_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/program"
)

// checked is a run of the program's check.
type checked struct {
	stdout, stderr string
	code           int
	took           time.Duration
	err            error // it could not be run
}

// checking runs check, as it is released, over each cell's organization.
func checking(t *testing.T, cells []*cell) (jobs []job) {
	t.Helper()
	binary, err := program.Path()
	require.NoError(t, err)
	dir := t.TempDir()
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "AWS_CONFIG_FILE=" + profiles(t, cells), "AWS_EC2_METADATA_DISABLED=true"}
	for _, c := range cells {
		block := fmt.Sprintf("connection %q {\nplugin = \"ctcw\"\n%s}\n", c.name(), c.connection.Config)
		require.NoError(t, os.WriteFile(filepath.Join(dir, c.name()+".spc"), []byte(block), 0o600))
	}
	check := func(c *cell) {
		arguments := []string{"check", "--config", filepath.Join(dir, c.name()+".spc"), "--output", "csv"}
		if c.api.action == describeTrails && c.fault.kind == sample.HugePage {
			// As for the query: the others ask GetTrailStatus of thousands of trails.
			arguments = append(arguments, "foundational_security_cloudtrail_5")
		}
		cmd := exec.Command(binary, arguments...)
		cmd.Env = env
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		began := time.Now()
		err := cmd.Run()
		c.checked = &checked{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), time.Since(began), nil}
		if cmd.ProcessState == nil {
			c.checked.err = err
		}
	}
	for _, c := range cells {
		jobs = append(jobs, job{c, check})
	}
	return jobs
}

// checkProgram asserts of check what holds whatever goes wrong: as nothing is wrong but the answers, it raises
// no alarm, and it says ok only of what the query knows.
func (c *cell) checkProgram(t *testing.T) {
	got := c.checked
	require.NoError(t, got.err)
	assert.Less(t, got.took, c.within)
	for _, secret := range secrets {
		assert.NotContains(t, got.stdout+got.stderr, secret)
	}
	for _, trace := range []string{"panic", "goroutine ", "nil pointer"} {
		assert.NotContains(t, got.stderr, trace)
	}
	if c.err != nil {
		assert.Equal(t, 3, got.code)
		assert.Empty(t, got.stdout)
		assert.Len(t, strings.Split(strings.TrimSpace(got.stderr), "\n"), 1, got.stderr)
		return
	}
	blownUp := c.api.action == describeTrails && c.fault.kind == sample.HugePage
	if assert.Contains(t, []int{0, 1, 2}, got.code, got.stderr) && !blownUp {
		assert.NotEqual(t, 1, got.code, "an alarm, though nothing is wrong but AWS's answers")
	}
	for _, id := range c.scanned() {
		assert.Contains(t, got.stdout, id)
	}
	if c.rows[0]["delivery_status"] == "unknown" {
		assert.Equal(t, 2, got.code)
	}
}

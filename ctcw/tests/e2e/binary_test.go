// Package e2e tests the built binary from outside: as Steampipe starts it, and as a user does.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/program"
)

var binary string

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // the SDK's client logs there
	if os.Getenv(asManager) != "" {
		beManager()
	}
	var err error
	if binary, err = program.Path(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(program.Run(m))
}

// run is one run of the binary.
type run struct {
	stdout, stderr string
	code           int
	took           time.Duration
}

// ctcw runs the binary with an environment of its own: nothing of the machine's AWS or Steampipe set-up
// reaches it but what env says.
func ctcw(t *testing.T, env []string, args ...string) run {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(environment(t), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return run{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), time.Since(began)}
}

func environment(t *testing.T) []string {
	home := t.TempDir()
	return []string{
		"HOME=" + home, "PATH=" + os.Getenv("PATH"), "STEAMPIPE_INSTALL_DIR=" + filepath.Join(home, ".steampipe"),
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// serve starts the sample organization for a test.
func serve(t *testing.T) (*sample.Server, *sample.Organization) {
	t.Helper()
	org := sample.Demo(time.Now())
	server := sample.New(org)
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Close() })
	return server, org
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

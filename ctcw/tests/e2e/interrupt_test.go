package e2e

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAnInterruptedRunSaysSo: 128 and the signal's number is what a shell reports, and what scripts look for.
func TestAnInterruptedRunSaysSo(t *testing.T) {
	hang, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { hang.Close() })
	endpoint := []string{"--endpoint-url", "http://" + hang.Addr().String()}
	for _, c := range []struct {
		name   string
		signal syscall.Signal
		code   int
		args   []string
	}{
		{"a query that waits for its text", syscall.SIGINT, 130, []string{"query", "--demo", "-"}},
		{"a query that waits for its file", syscall.SIGINT, 130, []string{"query", "--demo", "/dev/stdin"}},
		{"a query that waits for AWS", syscall.SIGINT, 130, append([]string{"query", "select * from cloudtrail_cloudwatch_status"}, endpoint...)},
		{"a check", syscall.SIGTERM, 143, append([]string{"check"}, endpoint...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(binary, c.args...)
			cmd.Env = append(environment(t), "AWS_ACCESS_KEY_ID=AKIAMARKEDKEYID", "AWS_SECRET_ACCESS_KEY=marked/secret")
			open, stdin := io.Pipe() // which nothing is written to
			t.Cleanup(func() { stdin.Close() })
			in, err := cmd.StdinPipe()
			require.NoError(t, err)
			go io.Copy(in, open)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Start())
			time.Sleep(time.Second)
			require.NoError(t, cmd.Process.Signal(c.signal))
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			select {
			case err := <-ended:
				var exit *exec.ExitError
				require.True(t, errors.As(err, &exit), "%v", err)
				assert.Equal(t, c.code, exit.ExitCode())
				assert.Equal(t, "Error: interrupted\n", stderr.String())
				assert.Empty(t, stdout.String())
			case <-time.After(10 * time.Second):
				cmd.Process.Kill()
				<-ended
				t.Fatal("it goes on")
			}
		})
	}
}

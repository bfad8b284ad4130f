// Package cli is the command line: SQL over the plugin without Steampipe.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes. They follow Powerpipe: the worst row decides.
const (
	ExitOK     = 0 // no alarm and no error
	ExitAlarm  = 1 // at least one alarm
	ExitError  = 2 // at least one error in a row
	ExitFailed = 3 // the command itself failed
)

// Main runs the command line and returns the exit code. Data goes to stdout, all else to stderr.
func Main(version string, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	quiet()
	root := newRoot(version)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var verdict exitCode
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &verdict):
		return int(verdict)
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "Error: interrupted")
	default:
		fmt.Fprintln(stderr, "Error: "+strings.Join(strings.Fields(err.Error()), " "))
	}
	return ExitFailed
}

// exitCode ends a command that did its work with a code that says what it found.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// quiet keeps the SDK's log off the terminal, unless the user asked for it as they would in Steampipe.
func quiet() {
	if _, asked := os.LookupEnv("STEAMPIPE_LOG_LEVEL"); !asked {
		os.Setenv("STEAMPIPE_LOG_LEVEL", "OFF")
	}
}

func newRoot(version string) *cobra.Command {
	root := &cobra.Command{
		Use:   "steampipe-plugin-ctcw",
		Short: "Does every CloudTrail trail really deliver to CloudWatch Logs?",
		Long: "Does every CloudTrail trail really deliver to CloudWatch Logs, and is the log group kept long enough?\n\n" +
			"Without arguments this is a Steampipe plugin, to be started by Steampipe. With arguments it runs SQL\n" +
			"over the same table, cloudtrail_cloudwatch_status, without Steampipe.",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newQuery(), newCheck(), newSnapshot(), newDiff(), newReport(), newVerify(), newMod(), newDemo())
	return root
}

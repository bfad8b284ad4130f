// Package cli is the command line: what the plugin knows, without Steampipe. Each command has a file of its name.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// Exit codes. They follow Powerpipe: the worst row decides. A run that a signal ends has 128 and the signal's number, as
// in a shell: 130 after Ctrl-C.
const (
	exitOK     = 0 // no alarm and no error
	exitAlarm  = 1 // at least one alarm
	exitError  = 2 // at least one error in a row
	exitFailed = 3 // the command itself failed
)

// Main runs the command line and returns the exit code. Data goes to stdout, all else to stderr.
func Main(version string, args []string, stdout, stderr io.Writer) int {
	ctx, stop := interruptible()
	defer stop()
	quiet()
	ctx = operator.With(ctx, &console{stderr: stderr})
	root := newRoot(version)
	root.SetArgs(asSQL(root, args))
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var (
		verdict exitCode
		by      interruption
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &verdict):
		return int(verdict)
	case errors.As(context.Cause(ctx), &by):
		fmt.Fprintln(stderr, "Error: "+by.Error())
		return 128 + int(by)
	}
	fmt.Fprintln(stderr, "Error: "+output.Clean(strings.Join(strings.Fields(err.Error()), " ")))
	return exitFailed
}

// interruption is the signal that ended a run.
type interruption syscall.Signal

func (interruption) Error() string { return "interrupted" }

// interruptible returns a context that SIGINT and SIGTERM end, for what runs to end in order. A second signal does not
// wait for that.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(interruption(s.(syscall.Signal)))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
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
		Use:   programName(),
		Short: "Does every CloudTrail trail really deliver to CloudWatch Logs?",
		Long: "Does every CloudTrail trail really deliver to CloudWatch Logs, and is anyone told of what arrives there?\n\n" +
			"Started by Steampipe, this program is its plugin. Started by you, it runs SQL and controls over the same\n" +
			"tables, without Steampipe. With --demo it asks a built-in sample organization instead of AWS:\n\n" +
			"  " + programName() + " check --demo",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(newQuery(), newCheck(), newSnapshot(), newDiff(), newReport(), newVerify(), newMod(), newDemo(), newVersion())
	root.SetFlagErrorFunc(suggestFlag)
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() } // what runs refuses a shell that it does not know
		}
		cmd.Example = strings.ReplaceAll(cmd.Example, releasedName, root.Use)
	}
	return root
}

// suggestFlag adds to the error of an unknown flag the one that was most likely meant.
func suggestFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if best := nearest.Of(unknown.GetSpecifiedName(), names); best != "" {
		return fmt.Errorf("%w (did you mean --%s?)", err, best)
	}
	return err
}

const releasedName = "steampipe-plugin-ctcw"

// programName is what the user typed where that is ctcw, as make install links it: help and completion are for that.
func programName() string {
	if filepath.Base(os.Args[0]) == "ctcw" {
		return "ctcw"
	}
	return releasedName
}

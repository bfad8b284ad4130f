package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

func newSnapshot() *cobra.Command {
	var (
		connect connectFlags
		force   bool
		add     bool
	)
	cmd := &cobra.Command{
		Use:   "snapshot FILE.db",
		Short: "Write all tables to a SQLite file, or add a run to one",
		Long: "Write all tables to a SQLite file, for Powerpipe (--database sqlite://FILE.db), an auditor, or --from.\n\n" +
			"With --append the file keeps every run: the tables' own names mean the latest, and cloudtrail_cloudwatch_status_history\n" +
			"has all. The table ctcw_run says of each when, by whom and how it was taken, and whether everything could be read.\n" +
			"Each run's hash covers the one before: verify finds what was changed. An append that is killed changes nothing.",
		Example: `  steampipe-plugin-ctcw snapshot --profile audit trails.db
  steampipe-plugin-ctcw snapshot --profile audit --append evidence.db
  sqlite3 trails.db "select delivery_status, amount.Of(*) from cloudtrail_cloudwatch_status group by 1"`,
		Args: exactArgs(1, "snapshot takes one argument: the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := args[0]
			if add && force {
				return errors.New("--append adds to a file and --force replaces it: choose one")
			}
			if err := file.Check(path); err != nil {
				return err
			}
			if add {
				if err := evidence.CheckAppend(cmd.Context(), path); err != nil {
					return err
				}
			}
			engine, stop, err := connect.open()
			if err != nil {
				return err
			}
			defer stop()
			p := evidence.Provenance{Started: time.Now(), Version: cmd.Root().Version, Source: connect.source(), Connections: recordOf(connect.opened)}
			ctx, counter, hide := showProgress(cmd.Context(), cmd.ErrOrStderr())
			ctx, asked := statement.With(ctx)
			collected, err := evidence.Collect(ctx, engine)
			hide()
			if err != nil {
				return err
			}
			p.Finished, p.Callers, p.Calls, p.Throttled = time.Now(), counter.Callers(), int64(counter.Calls()), int64(counter.Throttled())
			var run evidence.Run
			if add {
				run, err = collected.Append(cmd.Context(), path, p)
			} else {
				run, err = collected.Write(cmd.Context(), path, p, force)
			}
			if errors.Is(err, file.ErrExists) {
				return fmt.Errorf("%w: use --force to replace it, or --append to add a run", err)
			}
			if err != nil {
				return err
			}
			printWarnings(cmd.ErrOrStderr(), asked)
			fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s to %s, %s, hash %s.\n", amount.Of(run.Rows(), "row"), path, run.Title(), run.Hash)
			return nil
		},
	}
	connect.add(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "replace an existing file")
	cmd.Flags().BoolVar(&add, "append", false, "add a run to the file, which is made if there is none")
	return cmd
}

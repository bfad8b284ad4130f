package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

func newSnapshot() *cobra.Command {
	var (
		connect connectFlags
		force   bool
	)
	cmd := &cobra.Command{
		Use:   "snapshot FILE.db",
		Short: "Write the whole table to a SQLite file",
		Long: "Write the whole table to a new SQLite file, for Powerpipe (--database sqlite://FILE.db) or an auditor. The table\n" +
			"ctcw_snapshot in it says when and from where it was taken.",
		Example: `  steampipe-plugin-ctcw snapshot --profile audit trails.db
  sqlite3 trails.db "select delivery_status, count(*) from cloudtrail_cloudwatch_status group by 1"`,
		Args: oneArg("snapshot takes one argument: the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFolder(args[0]); err != nil {
				return err
			}
			engine, stop, err := connect.open()
			if err != nil {
				return err
			}
			defer stop()
			info := evidence.Info{Source: connect.source(), Version: cmd.Root().Version}
			ctx, _, hide := showProgress(cmd.Context(), cmd.ErrOrStderr())
			rows, err := evidence.Write(ctx, engine, args[0], info, force)
			hide()
			if errors.Is(err, evidence.ErrExists) {
				return fmt.Errorf("%w: use --force to replace it", err)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s to %s.\n", count(rows, "row"), args[0])
			return nil
		},
	}
	connect.add(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "replace an existing file")
	return cmd
}

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

func newVerify() *cobra.Command {
	var holds string
	cmd := &cobra.Command{
		Use:   "verify FILE.db",
		Short: "Say whether a file of runs is as it was written",
		Long: "Recompute the hashes of every run in a file of snapshot --append, and say what was changed, removed or inserted.\n\n" +
			"Whoever can write the file can also make a new chain of hashes. So keep the last hash, which snapshot prints, where\n" +
			"they cannot write, and give it to --holds. The exit code is 0 when all holds, 1 when something does not, and 3 when\n" +
			"the command itself failed.",
		Example: `  steampipe-plugin-ctcw verify evidence.db`,
		Args:    exactArgs(1, "verify takes one argument: the file of snapshot --append"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := evidence.OpenFile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			wrong, err := file.Verify(cmd.Context())
			if err != nil {
				return err
			}
			if holds != "" && !file.Holds(holds) {
				wrong = append(wrong, fmt.Sprintf("No run has the hash %s: the chain is another one.", holds))
			}
			for _, w := range wrong {
				fmt.Fprintln(cmd.OutOrStdout(), w)
			}
			if wrong != nil {
				return exitCode(exitAlarm)
			}
			first, last := file.Runs[0], file.Latest()
			fmt.Fprintf(cmd.OutOrStdout(), "%s from %s to %s: as they were written. Last hash: %s\n",
				amount.Of(len(file.Runs), "run"), first.CheckedAt.Format("2006-01-02"), last.CheckedAt.Format("2006-01-02"), last.Hash)
			return nil
		},
	}
	cmd.Flags().StringVar(&holds, "holds", "", "a `HASH` that one of the runs must have")
	return cmd
}

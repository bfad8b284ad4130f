package cli

import (
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

func newQuery() *cobra.Command {
	var (
		connect sourceFlags
		format  string
		header  bool
		csv     csvFlags
	)
	cmd := &cobra.Command{
		Use:   `query "SQL" | FILE.sql | - | .tables | ".columns TABLE"`,
		Short: "Run one SQL query over the tables",
		Long: "Run one SQL query over the tables: inline, from a file, or from standard input (-).\n" +
			"The SQL is SQLite's; what a query filters on and selects decides what AWS is asked.\n\n" +
			".tables lists the tables, and .columns TABLE the columns of one.",
		Example: `  steampipe-plugin-ctcw query --demo "select account_id, name, delivery_status from cloudtrail_cloudwatch_status"
  steampipe-plugin-ctcw query --profile audit --output csv not_delivering.sql > not_delivering.csv`,
		Args: exactArgs(1, "query takes one argument: the SQL, a file whose name ends in .sql, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := outputOptions(format, header, csv, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			sql, err := readSQL(cmd.Context(), args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			engine, stop, err := connect.open(cmd)
			if err != nil {
				return err
			}
			defer stop()
			if rows, is, err := dotCommand(engine, sql); err != nil {
				return err
			} else if is {
				_, err := output.Write(cmd.OutOrStdout(), rows, options)
				return err
			}
			ctx, _, hide := showProgress(cmd.Context(), cmd.ErrOrStderr())
			ctx, asked := statement.With(ctx)
			rows, err := engine.Query(ctx, sql)
			hide() // rows are about to be printed
			if err != nil {
				return err
			}
			defer rows.Close()
			if _, err := output.Write(cmd.OutOrStdout(), rows, options); err != nil {
				return err
			}
			noteUnread(cmd.ErrOrStderr(), sql, asked.Unread())
			printWarnings(cmd.ErrOrStderr(), asked)
			return nil
		},
	}
	connect.add(cmd)
	cmd.ValidArgsFunction = completeQuery
	cmd.Flags().StringVar(&format, "output", "table", "output `format`: table, csv, json, jsonl, line")
	cmd.Flags().BoolVar(&header, "header", true, "print column names (table and csv)")
	csv.add(cmd.Flags())
	complete(cmd, "output", "table", "csv", "json", "jsonl", "line")
	return cmd
}

var narrows = regexp.MustCompile(`(?i)\b(where|having|join)\b`)

// noteUnread says what a filter may have hidden: the row of an account that could not be read has no values but its
// own, and a trail that was not seen has no row.
func noteUnread(w io.Writer, sql string, unread []statement.Unread) {
	unread = slices.DeleteFunc(slices.Clone(unread), func(u statement.Unread) bool { return u.Why == "" })
	if len(unread) == 0 || !narrows.MatchString(sql) {
		return
	}
	fmt.Fprintf(w, "Note: %s could not be read in full, and may hold what the query asks for: %s (%s)", amount.Of(len(unread), "account"), unread[0].Account, output.Clean(unread[0].Why))
	const named = 20 // of a whole organization that is denied, a terminal need not show every one
	for i, u := range unread[1:] {
		if i+1 == named {
			fmt.Fprintf(w, " and %d more", len(unread)-named)
			break
		}
		fmt.Fprint(w, ", "+u.Account)
	}
	if len(unread) > 1 {
		fmt.Fprint(w, "; without a filter they show as rows, with why")
	}
	fmt.Fprintln(w, ".")
}

func outputOptions(format string, header bool, csv csvFlags, w io.Writer) (output.Options, error) {
	f, err := output.ParseFormat(format)
	if err != nil {
		return output.Options{}, err
	}
	o, err := csv.options()
	if err != nil {
		return output.Options{}, err
	}
	return output.Options{Format: f, Header: header, CSV: o, Width: terminalWidth(w)}, nil
}

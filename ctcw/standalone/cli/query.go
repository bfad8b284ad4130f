package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

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
		Args: oneArg("query takes one argument: the SQL, a file whose name ends in .sql, or - for standard input"),
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

// printWarnings says what the scan warned of, when it is over.
func printWarnings(w io.Writer, asked *statement.Statement) {
	for _, text := range asked.Warnings() {
		fmt.Fprintln(w, "Warning: "+output.Clean(text))
	}
}

func oneArg(usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return errors.New(usage)
		}
		return nil
	}
}

// csvFlags say how to write CSV.
type csvFlags struct {
	separator string
	escape    bool
}

func (f *csvFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.separator, "separator", ",", "separator of csv, one character or \\t")
	addEscape(flags, &f.escape)
}

func addEscape(flags *pflag.FlagSet, escape *bool) {
	flags.BoolVar(escape, "escape-formulas", false, "put a ' before csv cells that a spreadsheet would run: those that begin with = + - @, a tab or a line break")
}

func (f *csvFlags) options() (output.CSVOptions, error) {
	comma, err := separatorOf(f.separator)
	return output.CSVOptions{Separator: comma, EscapeFormulas: f.escape}, err
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

func separatorOf(s string) (rune, error) {
	if s == `\t` {
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || size != len(s) || strings.ContainsRune("\"\r\n", r) || r == utf8.RuneError {
		return 0, fmt.Errorf("--separator %q is not one character that can separate values", s)
	}
	return r, nil
}

// terminalWidth returns the columns of the terminal that w is, 0 when it is none.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// colorful reports whether w is a terminal whose user wants colours (no-color.org).
func colorful(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

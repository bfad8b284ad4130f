package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

func newQuery() *cobra.Command {
	var (
		connect   sourceFlags
		format    string
		header    bool
		separator string
	)
	cmd := &cobra.Command{
		Use:   `query "SQL" | FILE.sql | -`,
		Short: "Run one SQL query over cloudtrail_cloudwatch_status",
		Long: "Run one SQL query over the table cloudtrail_cloudwatch_status: inline, from a file,\n" +
			"or from standard input (-). The SQL is SQLite's; what a query filters on and selects decides what AWS is asked.",
		Example: `  steampipe-plugin-ctcw query --demo "select account_id, name, delivery_status from cloudtrail_cloudwatch_status"
  steampipe-plugin-ctcw query --profile audit --output csv not_delivering.sql > not_delivering.csv`,
		Args: oneArg("query takes one argument: the SQL, a file whose name ends in .sql, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := outputOptions(format, header, separator, cmd.OutOrStdout())
			if err != nil {
				return err
			}
			sql, err := readSQL(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			engine, stop, err := connect.open(cmd)
			if err != nil {
				return err
			}
			defer stop()
			ctx, _, hide := showProgress(cmd.Context(), cmd.ErrOrStderr())
			rows, err := engine.Query(ctx, sql)
			hide() // rows are about to be printed
			if err != nil {
				return err
			}
			defer rows.Close()
			_, err = output.Write(cmd.OutOrStdout(), rows, options)
			return err
		},
	}
	connect.add(cmd.Flags())
	cmd.Flags().StringVar(&format, "output", "table", "output `format`: table, csv, json, jsonl, line")
	cmd.Flags().BoolVar(&header, "header", true, "print column names (table and csv)")
	cmd.Flags().StringVar(&separator, "separator", ",", "separator of csv, one character or \\t")
	return cmd
}

func oneArg(usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return errors.New(usage)
		}
		return nil
	}
}

func outputOptions(format string, header bool, separator string, w io.Writer) (output.Options, error) {
	f, err := output.ParseFormat(format)
	if err != nil {
		return output.Options{}, err
	}
	comma, err := separatorOf(separator)
	if err != nil {
		return output.Options{}, err
	}
	return output.Options{Format: f, Header: header, Separator: comma, Width: terminalWidth(w)}, nil
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

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// readSQL returns the SQL that an argument stands for.
func readSQL(arg string, stdin io.Reader) (string, error) {
	switch {
	case arg == "-":
		sql, err := io.ReadAll(stdin)
		return string(sql), err
	case strings.HasSuffix(arg, ".sql") || isFile(arg):
		sql, err := os.ReadFile(arg)
		if err != nil {
			return "", fmt.Errorf("cannot read the query file: %w", err)
		}
		return string(sql), nil
	default:
		return arg, nil
	}
}

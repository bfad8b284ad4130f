package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

func newCheck() *cobra.Command {
	var (
		connect connectFlags
		format  string
		csv     csvFlags
		exports []string
		vars    []string
	)
	cmd := &cobra.Command{
		Use:   "check [CONTROL | BENCHMARK]...",
		Short: "Run controls; the exit code says the verdict",
		Long: "Run controls of the embedded Powerpipe mod over one scan of the table: those named, each with the controls of a\n" +
			"benchmark, or the first benchmark.\n\n" +
			"The exit code is 0 when no row is an alarm or an error, 1 when one is an alarm, 2 when one is an error,\n" +
			"whether or not others are alarms, 3 when the command itself failed, and 130 when it was interrupted.",
		Example: `  steampipe-plugin-ctcw check --profile audit
  steampipe-plugin-ctcw check cis_v200_3_4 --output csv --var max_delivery_age_hours=48
  steampipe-plugin-ctcw check --export findings.csv --export findings.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			print, err := reportPrinter(format, csv)
			if err != nil {
				return err
			}
			for _, path := range exports {
				if err := checkExport(path); err != nil {
					return err
				}
			}
			plan, err := newPlan(args, vars)
			if err != nil {
				return err
			}
			engine, stop, err := connect.open()
			if err != nil {
				return err
			}
			defer stop()
			ctx, hide := showProgress(cmd.Context(), cmd.ErrOrStderr())
			ctx, asked := statement.With(ctx)
			report, err := plan.Run(ctx, engine, engine.ColumnNames(evidence.Table))
			hide()
			if err != nil {
				return err
			}
			if err := print(report, cmd.OutOrStdout()); err != nil {
				return err
			}
			for _, path := range exports {
				if err := export(report, path, csv.escape); err != nil {
					return err
				}
			}
			printWarnings(cmd.ErrOrStderr(), asked)
			return verdictOf(report)
		},
	}
	// The mod is read only when its contents are asked for: every command makes this one.
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.Long += "\n\n" + contents()
		help(cmd, args)
	})
	connect.add(cmd.Flags())
	cmd.Flags().StringVar(&format, "output", "table", "output `format`: table, csv, json")
	csv.add(cmd.Flags())
	cmd.Flags().StringArrayVar(&exports, "export", nil, "also write the result to a `FILE`.csv or FILE.json; may be repeated")
	cmd.Flags().StringArrayVar(&vars, "var", nil, "set a variable of the controls, as `name=value`; may be repeated")
	return cmd
}

// contents lists what there is to run, and what --var sets.
func contents() string {
	m, err := mod.Load()
	if err != nil {
		return err.Error() + "\n" // running it says so too
	}
	var text strings.Builder
	text.WriteString("Benchmarks and their controls:\n")
	for _, b := range m.Benchmarks {
		var names []string
		for _, c := range m.Controls {
			if slices.Contains(b.Controls, c.Name) {
				if c.PostgresOnly {
					c.Name += " (in Powerpipe on Postgres only)"
				}
				names = append(names, c.Name)
			}
		}
		fmt.Fprintf(&text, "  %-22s %s\n", b.Name, strings.Join(names, "\n"+strings.Repeat(" ", 25)))
	}
	text.WriteString("\nVariables:\n")
	for _, v := range m.Variables {
		fmt.Fprintf(&text, "  %s=%g: %s\n", v.Name, v.Default, v.Description)
	}
	return text.String()
}

func newPlan(names, vars []string) (*check.Plan, error) {
	m, err := mod.Load()
	if err != nil {
		return nil, err
	}
	set := map[string]string{}
	for _, v := range vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return nil, fmt.Errorf("--var %q is not name=value", v)
		}
		set[name] = value
	}
	return check.NewPlan(m, names, set)
}

type printer func(*check.Report, io.Writer) error

func reportPrinter(format string, csv csvFlags) (printer, error) {
	o, err := csv.options()
	if err != nil {
		return nil, err
	}
	switch format {
	case "table":
		return func(r *check.Report, w io.Writer) error { return r.WriteTable(w, terminalWidth(w)) }, nil
	case "csv":
		return func(r *check.Report, w io.Writer) error { return r.WriteCSV(w, o) }, nil
	case "json":
		return (*check.Report).WriteJSON, nil
	}
	return nil, fmt.Errorf("--output %q is not a format: use table, csv or json", format)
}

func exportPrinter(path string, escape bool) (printer, error) {
	csv := csvFlags{separator: ",", escape: escape}
	switch filepath.Ext(path) {
	case ".csv":
		return reportPrinter("csv", csv)
	case ".json":
		return reportPrinter("json", csv)
	}
	return nil, fmt.Errorf("--export %q: the name must end in .csv or .json", path)
}

// checkExport finds what is wrong with an export before the scan, not after it.
func checkExport(path string) error {
	if _, err := exportPrinter(path, false); err != nil {
		return err
	}
	return file.Check(path)
}

func export(report *check.Report, path string, escape bool) error {
	print, err := exportPrinter(path, escape)
	if err != nil {
		return err
	}
	return file.Write(path, true, func(temporary *os.File) error { return print(report, temporary) })
}

// verdictOf returns the exit code of a report as an error, nil when there is nothing to report.
func verdictOf(report *check.Report) error {
	switch s := report.Summary(); {
	case s[check.Error] > 0:
		return exitCode(ExitError)
	case s[check.Alarm] > 0:
		return exitCode(ExitAlarm)
	}
	return nil
}

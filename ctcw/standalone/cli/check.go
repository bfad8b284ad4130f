package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/export"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

func newCheck() *cobra.Command {
	var (
		connect  sourceFlags
		format   string
		csv      csvFlags
		exports  []string
		vars     []string
		all, fix bool
		only     []string
		matrix   bool
	)
	cmd := &cobra.Command{
		Use:   "check [CONTROL | BENCHMARK]...",
		Short: "Run controls; the exit code says the verdict",
		Long: "Run controls over one scan of what they ask for: those named, those of the benchmarks named, or without a name those\n" +
			"of the first benchmark below.\n\n" +
			"The exit code is 0 when no row is an alarm or an error, 1 when one is an alarm, 2 when one is an error,\n" +
			"whether or not others are alarms, 3 when the command itself failed, and 130 when it was interrupted.",
		Example: `  steampipe-plugin-ctcw check --profile audit
  steampipe-plugin-ctcw check cis_v200_3_4 --output csv --var max_delivery_age_hours=48
  steampipe-plugin-ctcw check --export findings.csv --export findings.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			view, err := viewOf(cmd, format, all, fix, only)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("matrix") {
				if format != "table" {
					return errors.New("--matrix is for --output table")
				}
				view.Layout = check.List
				if matrix {
					view.Layout = check.Matrix
				}
			}
			print, err := reportPrinter(format, csv, view)
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
			engine, stop, err := connect.open(cmd)
			if err != nil {
				return err
			}
			defer stop()
			if connect.run != nil {
				if err := plan.ReadableIn(connect.from, *connect.run); err != nil {
					return err
				}
			}
			ctx, counter, hide := showProgress(cmd.Context(), cmd.ErrOrStderr())
			ctx, asked := statement.With(ctx)
			report, err := plan.Run(ctx, engine)
			hide()
			if err != nil {
				return err
			}
			report.About.Version, report.About.Source, report.About.Regions = cmd.Root().Version, connect.source(), connect.regions
			report.About.Callers, report.About.Calls = counter.Callers(), counter.Calls()
			connect.tell(report)
			if err := print(report, cmd.OutOrStdout()); err != nil {
				return err
			}
			for _, path := range exports {
				if err := writeExport(report, path, csv.escape); err != nil {
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
	connect.add(cmd)
	cmd.ValidArgsFunction = completeControls
	cmd.Flags().StringVar(&format, "output", "table", "output `format`: table, csv, json")
	csv.add(cmd.Flags())
	cmd.Flags().BoolVar(&all, "all", false, "list what is ok too (table); it is otherwise only counted")
	cmd.Flags().StringSliceVar(&only, "only", nil, "list only these `statuses`, comma-separated (table): alarm, error, info, ok, skip")
	cmd.Flags().BoolVar(&fix, "fix", false, "show the command that mends a finding below it (table)")
	cmd.Flags().BoolVar(&matrix, "matrix", false, "show the monitoring controls as a matrix of accounts by kinds of events (table; the default where\nboth are several, but with --fix)")
	cmd.Flags().StringArrayVar(&exports, "export", nil, "also write the result to a `FILE`, in the format that its name ends in; may be repeated")
	complete(cmd, "output", "table", "csv", "json")
	complete(cmd, "only", statusNames()...)
	addVars(cmd, &vars)
	must(cmd.RegisterFlagCompletionFunc("export", completeExport))
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
				if where := c.OnlyIn(); where != "" {
					c.Name += " (" + where + ")"
				}
				names = append(names, c.Name)
			}
		}
		const column, width = 22, 75
		indent := "\n" + strings.Repeat(" ", column+3)
		name := fmt.Sprintf("  %-*s ", column, b.Name)
		if len(b.Name) > column {
			name = "  " + b.Name + indent
		}
		text.WriteString(name + strings.ReplaceAll(output.Wrap(strings.Join(check.Fold(names), ", "), width), "\n", indent) + "\n")
	}
	text.WriteString("\nFiles that --export writes, by the end of their names:\n")
	for _, f := range export.Formats(output.CSVOptions{}) {
		fmt.Fprintf(&text, "  %-12s %s\n", f.Suffix, f.What)
	}
	text.WriteString("\nVariables:\n")
	for _, v := range m.Variables {
		fmt.Fprintf(&text, "  %s=%g: %s\n", v.Name, v.Default, v.Description)
	}
	return text.String()
}

// viewOf reads the flags that are the table's. The exit code is of everything, listed or not.
func viewOf(cmd *cobra.Command, format string, all, fix bool, only []string) (check.View, error) {
	view := check.View{All: all, Fix: fix}
	for _, name := range only {
		status := check.Status(strings.TrimSpace(name))
		if !slices.Contains(check.Statuses(), status) {
			return view, fmt.Errorf("--only %q is not a status%s: use alarm, error, info, ok, skip", name, nearest.Hint(name, statusNames()))
		}
		view.Only = append(view.Only, status)
	}
	switch {
	case format != "table" && (all || fix || only != nil):
		return view, fmt.Errorf("--all, --only and --fix are for --output table: %s always has everything", format)
	case all && only != nil:
		return view, errors.New("--all and --only contradict each other")
	}
	view.Width, view.Color = terminalWidth(cmd.OutOrStdout()), colorful(cmd.OutOrStdout())
	return view, nil
}

func statusNames() []string {
	var names []string
	for _, s := range check.Statuses() {
		names = append(names, string(s))
	}
	return names
}

type printer func(*check.Report, io.Writer) error

func reportPrinter(format string, csv csvFlags, view check.View) (printer, error) {
	o, err := csv.options()
	if err != nil {
		return nil, err
	}
	switch format {
	case "table":
		return func(r *check.Report, w io.Writer) error { return r.WriteTable(w, view) }, nil
	case "csv":
		return func(r *check.Report, w io.Writer) error { return export.CSV(w, r, o) }, nil
	case "json":
		return func(r *check.Report, w io.Writer) error { return export.JSON(w, r) }, nil
	}
	return nil, fmt.Errorf("--output %q is not a format: use table, csv or json", format)
}

// checkExport finds what is wrong with an export before the scan, not after it.
func checkExport(path string) error {
	if _, err := export.ForFile(path, output.CSVOptions{}); err != nil {
		return err
	}
	return file.Check(path)
}

func writeExport(report *check.Report, path string, escape bool) error {
	format, err := export.ForFile(path, output.CSVOptions{EscapeFormulas: escape})
	if err != nil {
		return err
	}
	return file.Write(path, true, func(temporary *os.File) error { return format.Write(temporary, report) })
}

// verdictOf returns the exit code of a report as an error, nil when there is nothing to report.
func verdictOf(report *check.Report) error {
	switch s := report.Summary(); {
	case s[check.Error] > 0:
		return exitCode(exitError)
	case s[check.Alarm] > 0:
		return exitCode(exitAlarm)
	}
	return nil
}

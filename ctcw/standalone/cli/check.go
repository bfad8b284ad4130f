package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/export"
)

func newCheck() *cobra.Command {
	var (
		connect   sourceFlags
		format    string
		separator string
		exports   []string
		vars      []string
	)
	cmd := &cobra.Command{
		Use:   "check [CONTROL | BENCHMARK]...",
		Short: "Run controls; the exit code says the verdict",
		Long: "Run controls of the embedded Powerpipe mod over one scan of the table: those named, each with the controls of a\n" +
			"benchmark, or the first benchmark.\n\n" +
			"The exit code is 0 when no row is an alarm or an error, 1 when one is an alarm, 2 when one is an error,\n" +
			"whether or not others are alarms, and 3 when the command itself failed.",
		Example: `  steampipe-plugin-ctcw check --profile audit
  steampipe-plugin-ctcw check cis_v200_3_4 --output csv --var max_delivery_age_hours=48
  steampipe-plugin-ctcw check --export findings.csv --export findings.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			print, err := reportPrinter(format, separator)
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
			ctx, counter, hide := showProgress(cmd.Context(), cmd.ErrOrStderr())
			report, err := plan.Run(ctx, engine, engine.ColumnNames(evidence.Table))
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
				if err := writeExport(report, path); err != nil {
					return err
				}
			}
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
	cmd.Flags().StringVar(&separator, "separator", ",", "separator of csv")
	cmd.Flags().StringArrayVar(&exports, "export", nil, "also write the result to a `FILE`, in the format that its name ends in; may be repeated")
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
				if c.RunsOnly {
					c.Name += " (in Powerpipe on a file of runs only)"
				}
				names = append(names, c.Name)
			}
		}
		fmt.Fprintf(&text, "  %-22s %s\n", b.Name, strings.Join(names, "\n"+strings.Repeat(" ", 25)))
	}
	text.WriteString("\nFiles that --export writes, by the end of their names:\n")
	for _, f := range export.Formats() {
		fmt.Fprintf(&text, "  %-12s %s\n", f.Suffix, f.What)
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

func reportPrinter(format, separator string) (printer, error) {
	comma, err := separatorOf(separator)
	if err != nil {
		return nil, err
	}
	switch format {
	case "table":
		return func(r *check.Report, w io.Writer) error { return r.WriteTable(w, terminalWidth(w)) }, nil
	case "csv":
		return func(r *check.Report, w io.Writer) error { return export.CSV(w, r, comma) }, nil
	case "json":
		return func(r *check.Report, w io.Writer) error { return export.JSON(w, r) }, nil
	}
	return nil, fmt.Errorf("--output %q is not a format: use table, csv or json", format)
}

// checkExport finds what is wrong with an export before the scan, not after it.
func checkExport(path string) error {
	if _, err := export.ForFile(path); err != nil {
		return err
	}
	if err := checkFolder(path); err != nil {
		return err
	}
	return checkWritable(path)
}

// checkWritable leaves no file behind that was not there.
func checkWritable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("cannot write %s: it is a folder", path)
	case err == nil:
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return cannotWrite(path, err)
		}
		return file.Close()
	default:
		file, err := os.CreateTemp(filepath.Dir(path), ".ctcw.*")
		if err != nil {
			return cannotWrite(path, err)
		}
		return errors.Join(file.Close(), os.Remove(file.Name()))
	}
}

// cannotWrite names the file that the user named.
func cannotWrite(path string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fmt.Errorf("cannot write %s: %w", path, err)
}

func checkFolder(path string) error {
	folder := filepath.Dir(path)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fmt.Errorf("cannot write %s: there is no folder %s", path, folder)
	}
	return nil
}

func writeExport(report *check.Report, path string) (err error) {
	format, err := export.ForFile(path)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return cannotWrite(path, err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return format.Write(file, report)
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

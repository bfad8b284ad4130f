package cli

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/paper"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
)

func newReport() *cobra.Command {
	var (
		since, until string
		controls     controlFlags
		escape       bool
	)
	cmd := &cobra.Command{
		Use:   "report FILE.db OUT.html | OUT.json | OUT.csv",
		Short: "Say how long each verdict held, from a file of runs",
		Long: "Judge every run of a file of snapshot --append, and write how long each verdict held for each account, trail and\n" +
			"control: gaps with their beginning and end, days without a complete run, exemptions, and where all that comes from.\n" +
			"The name of the file to write says the format. Nothing is asked of AWS.",
		Example: `  steampipe-plugin-ctcw report evidence.db --since 2026-07-01 --until 2026-09-30 quarter.html`,
		Args:    exactArgs(2, "report takes two arguments: the file of snapshot --append, and the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			write, err := paper.ForFile(args[1])
			if err != nil {
				return err
			}
			if err := file.Check(args[1]); err != nil {
				return err
			}
			plan, err := controls.plan()
			if err != nil {
				return err
			}
			runs, err := evidence.OpenFile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer runs.Close()
			from, to, err := period(runs, since, until)
			if err != nil {
				return err
			}
			report, err := timeline.Build(cmd.Context(), runs, plan, from, to)
			if err != nil {
				return err
			}
			if report.Chained = runs.Chained(); report.Chained {
				if report.Broken, err = runs.Verify(cmd.Context()); err != nil {
					return err
				}
			}
			made := paper.Made{At: time.Now(), Version: cmd.Root().Version, EscapeFormulas: escape}
			if err := file.Write(args[1], true, func(out *os.File) error { return write(out, report, made) }); err != nil {
				return err
			}
			gaps := amount.Of(len(paper.Gaps(report)), "gap")
			if n := len(report.Gaps); n != len(paper.Gaps(report)) {
				gaps += fmt.Sprintf(" (%d by control)", n)
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "Wrote %s: %s, %s, %s.\n", args[1], amount.Of(len(report.Runs), "run"), amount.Of(len(report.Days), "day"), gaps)
			if len(report.Broken) > 0 {
				return fmt.Errorf("%s was changed after it was written; the report says where, and so does verify", args[0])
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "first `day`, as 2026-07-01 (default: that of the first run)")
	cmd.Flags().StringVar(&until, "until", "", "last `day` (default: that of the last run)")
	controls.add(cmd)
	addEscape(cmd.Flags(), &escape)
	return cmd
}

// period returns the first and the last day of a report.
func period(runs *evidence.File, since, until string) (from, to time.Time, err error) {
	from, to = runs.Runs[0].CheckedAt, runs.Latest().CheckedAt
	if since != "" {
		if from, err = evidence.ParseTime(since, false); err != nil {
			return from, to, fmt.Errorf("--since: %w", err)
		}
	}
	if until != "" {
		if to, err = evidence.ParseTime(until, true); err != nil {
			return from, to, fmt.Errorf("--until: %w", err)
		}
	}
	// The days count: two runs of one minute may have been checked in another order by AWS's clock than they were written.
	if to.UTC().Format(time.DateOnly) < from.UTC().Format(time.DateOnly) {
		return from, to, fmt.Errorf("--until %s is before --since %s", to.Format(time.DateOnly), from.Format(time.DateOnly))
	}
	const most = 10 * 366
	if to.Sub(from) > most*24*time.Hour {
		return from, to, errors.New("the period is longer than ten years: is there a mistake in --since or --until?")
	}
	return from, to, nil
}

// Command year measures a file of runs: a thousand accounts, every day for a year. It asks no AWS: the rows are made up.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/paper"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
)

func main() {
	accounts := flag.Int("accounts", 1000, "accounts of the organization")
	runs := flag.Int("runs", 365, "daily runs")
	keep := flag.String("keep", "", "keep the file and the report in this folder")
	flag.Parse()
	if err := run(*accounts, *runs, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}

func run(accounts, runs int, dir string) error {
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "ctcw-year"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	ctx, path := context.Background(), filepath.Join(dir, "year.db")
	if err := fill(ctx, path, accounts, runs); err != nil {
		return err
	}
	var file *evidence.File
	err := timed("open", func() (err error) { file, err = evidence.OpenFile(ctx, path); return err })
	if err != nil {
		return err
	}
	defer file.Close()
	if err := queries(ctx, file); err != nil {
		return err
	}
	m, err := mod.Load()
	if err != nil {
		return err
	}
	plan, err := check.NewPlan(m, nil, nil)
	if err != nil {
		return err
	}
	if err := timed("diff of the first and the last run", func() error {
		_, err := timeline.Diff(ctx, file, plan, file.Runs[0], file.Latest())
		return err
	}); err != nil {
		return err
	}
	var report *timeline.Report
	if err := timed(fmt.Sprintf("report: judging every run by %d controls", len(plan.Controls())), func() (err error) {
		report, err = timeline.Build(ctx, file, plan, file.Runs[0].CheckedAt, file.Latest().CheckedAt)
		return err
	}); err != nil {
		return err
	}
	if err := timed("verify", func() error {
		report.Chained = true
		report.Broken, err = file.Verify(ctx)
		return err
	}); err != nil {
		return err
	}
	for _, name := range []string{"year.html", "year.json", "year.csv"} {
		if err := write(filepath.Join(dir, name), report); err != nil {
			return err
		}
	}
	return nil
}

// fill appends the runs.
func fill(ctx context.Context, path string, accounts, runs int) error {
	o, err := newOrganization(accounts)
	if err != nil {
		return err
	}
	var took []time.Duration
	for o.day = range runs {
		e, err := engine.Open(o, []engine.Connection{{Name: "ctcw"}}, "ctcw")
		if err != nil {
			return err
		}
		collected, err := evidence.Collect(ctx, e)
		if err != nil {
			return err
		}
		e.Close()
		start := began.AddDate(0, 0, o.day)
		begun := time.Now()
		if _, err := collected.Append(ctx, path, evidence.Provenance{Started: start, Finished: start.Add(time.Minute), Version: "bench", Source: "made up"}); err != nil {
			return err
		}
		took = append(took, time.Since(begun))
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	last := took[len(took)-1]
	slices.Sort(took)
	fmt.Printf("| size | %.1f MB |\n| append, median of %d | %d ms |\n| append, the last | %d ms |\n",
		float64(info.Size())/1e6, runs, took[len(took)/2].Milliseconds(), last.Milliseconds())
	return nil
}

func queries(ctx context.Context, file *evidence.File) error {
	for _, sql := range []string{
		"select delivery_status, count(*) from cloudtrail_cloudwatch_status_history group by 1",
		"select run_id, delivery_status, status_reason from cloudtrail_cloudwatch_status_history where account_id = '100000000002'",
		"select * from cloudtrail_cloudwatch_status",
	} {
		e, err := file.Engine(file.Latest())
		if err != nil {
			return err
		}
		err = timed("`"+sql+"`", func() error {
			rows, err := e.Query(ctx, sql)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		})
		e.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func write(path string, report *timeline.Report) error {
	format, err := paper.ForFile(path)
	if err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := timed("report: writing "+filepath.Base(path), func() error { return format(out, report, paper.Made{At: time.Now(), Version: "bench"}) }); err != nil {
		return err
	}
	info, err := out.Stat()
	if err == nil {
		fmt.Printf("| size of %s | %.1f MB |\n", filepath.Base(path), float64(info.Size())/1e6)
	}
	return err
}

func timed(what string, do func() error) error {
	begun := time.Now()
	err := do()
	fmt.Printf("| %s | %.2f s |\n", what, time.Since(begun).Seconds())
	return err
}

package evidence

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
)

// Verify recomputes the hashes of a file's runs and returns what does not hold, in plain sentences: nothing when all
// does. It reads every cell.
func (f *File) Verify(ctx context.Context) ([]string, error) {
	if f.old {
		return nil, fmt.Errorf("%s is a snapshot of an earlier version: it has no hashes to verify", f.Path)
	}
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if err := f.checkPages(ctx, say); err != nil {
		return wrong, explain(f.Path, err)
	}
	contents, failed := f.contents(ctx)
	if err := context.Cause(ctx); err != nil {
		return wrong, err
	}
	previous := Run{}
	for i, run := range f.Runs {
		switch {
		case run.ID != previous.ID+1 && run.ID == previous.ID+2:
			say("Run %d is missing: it was removed.", previous.ID+1)
		case run.ID != previous.ID+1:
			say("Runs %d to %d are missing: they were removed.", previous.ID+1, run.ID-1)
		case run.PreviousHash != previous.Hash:
			say("Run %d does not follow %s: one of the two was changed, inserted, or stands where another was removed.", run.ID, before(previous))
		}
		switch {
		case failed[i] != nil:
			say("The content of run %d cannot be read: %s.", run.ID, failed[i])
		case contents[i] != run.ContentHash:
			say("The content of run %d was changed after it was written.", run.ID)
		}
		columns, values, err := f.cells(ctx, run.ID)
		if err != nil {
			return wrong, explain(f.Path, err)
		}
		if chain(run.PreviousHash, columns, values, run.ContentHash) != run.Hash {
			say("What the file says of run %d (when, by whom, what was read), or its hash, was changed after it was written.", run.ID)
		}
		previous = run
	}
	return wrong, explain(f.Path, f.checkRest(ctx, say))
}

// contents computes the content hash of every run, several at a time: each worker has a connection of its own.
func (f *File) contents(ctx context.Context) (hashes []string, failed []error) {
	hashes, failed = make([]string, len(f.Runs)), make([]error, len(f.Runs))
	var all sync.WaitGroup
	workers := min(runtime.NumCPU(), len(f.Runs), 8)
	for w := range workers {
		all.Go(func() {
			own, err := OpenFile(ctx, f.Path)
			if err == nil {
				defer own.Close()
			}
			for i := w; i < len(f.Runs); i += workers {
				if failed[i] = err; err == nil {
					hashes[i], failed[i] = contentHash(ctx, own.DB, f.layouts, f.Runs[i])
				}
			}
		})
	}
	all.Wait()
	return hashes, failed
}

func before(r Run) string {
	if r.ID == 0 {
		return "nothing, as the first run must"
	}
	return fmt.Sprintf("run %d", r.ID)
}

// cells returns what ctcw_run has of a run as it stands there, but for its hashes.
func (f *File) cells(ctx context.Context, run int64) (columns []string, values []any, err error) {
	rows, err := f.DB.QueryContext(ctx, "select * from ctcw_run limit 0")
	if err != nil {
		return nil, nil, err
	}
	all, err := rows.Columns()
	rows.Close()
	if err != nil {
		return nil, nil, err
	}
	err = eachRow(ctx, f.DB, "select * from ctcw_run where run_id = ?", []any{run}, func(row []any) error {
		for i, name := range all {
			if name != "content_hash" && name != "previous_hash" && name != "hash" {
				columns, values = append(columns, name), append(values, row[i])
			}
		}
		return nil
	})
	return columns, values, err
}

// checkPages asks SQLite whether the file is sound.
func (f *File) checkPages(ctx context.Context, say func(string, ...any)) error {
	return eachRow(ctx, f.DB, "pragma integrity_check(3)", nil, func(values []any) error {
		if values[0] != "ok" {
			say("SQLite finds the file damaged: %v.", values[0])
		}
		return nil
	})
}

// checkRest looks at what no run's hash covers: what the views show, rows of no run, and whether the last run is there.
func (f *File) checkRest(ctx context.Context, say func(string, ...any)) error {
	have, err := viewsOf(ctx, f.DB)
	if err != nil {
		return err
	}
	want := map[string]string{"ctcw_snapshot": snapshotView}
	for _, l := range f.layouts {
		maps.Copy(want, l.views(f.Latest()))
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if have[name] != want[name] {
			say("The view %s does not show what the runs hold: it was changed.", name)
		}
		delete(have, name)
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		say("The view %s is none of this program's.", name)
	}
	if err := eachRow(ctx, f.DB, "select name from sqlite_schema where type = 'trigger'", nil, func(values []any) error {
		say("The trigger %v is none of this program's.", values[0])
		return nil
	}); err != nil {
		return err
	}
	var last int64
	if err := f.DB.QueryRowContext(ctx, "select coalesce(max(seq), 0) from sqlite_sequence where name = 'ctcw_run'").Scan(&last); err != nil {
		return err
	}
	if last != f.Latest().ID {
		say("The file has had %d runs, and the last that it holds is run %d: later ones were removed.", last, f.Latest().ID)
	}
	for _, name := range slices.Sorted(maps.Keys(f.layouts)) {
		var stray int
		if err := f.DB.QueryRowContext(ctx, fmt.Sprintf("select count(*) from %s where run_id not in (select run_id from ctcw_run)", quote(name+"_rows"))).Scan(&stray); err != nil {
			return err
		}
		if stray > 0 {
			say("%s has %s of no run.", name+"_rows", amount.Of(stray, "row"))
		}
	}
	return nil
}

// Holds reports whether a run has the hash.
func (f *File) Holds(hash string) bool {
	return slices.ContainsFunc(f.Runs, func(r Run) bool { return r.Hash == hash })
}

package evidence

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// File is a file of runs, or a snapshot of an earlier version, opened to read.
type File struct {
	Path string
	Runs []Run // the oldest first
	DB   *sql.DB

	layouts map[string]*layout
	old     bool // a snapshot of an earlier version: one run, its tables under their own names
}

// OpenFile reads what is in a file. Nothing is written to it, unless an append was killed in its middle: then SQLite puts
// back what the file was before.
func OpenFile(ctx context.Context, path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, withoutPath(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot read %s: it is not a regular file", path)
	}
	if err := recoverFile(ctx, path); err != nil {
		return nil, err
	}
	f := &File{Path: path}
	if f.DB, err = sql.Open("sqlite", dsn(path, "mode=ro", "_pragma=temp_store(memory)")); err != nil {
		return nil, err
	}
	f.DB.SetMaxOpenConns(1)
	if err := f.read(ctx); err != nil {
		f.DB.Close()
		return nil, explain(path, err)
	}
	return f, nil
}

// Close closes the file.
func (f *File) Close() error { return f.DB.Close() }

// recoverFile opens a file for writing if a journal lies beside it: one that only reads cannot roll back.
func recoverFile(ctx context.Context, path string) error {
	if info, err := os.Stat(path + "-journal"); err != nil || info.Size() == 0 {
		return nil
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return err
	}
	var n int
	err = db.QueryRowContext(ctx, "select count(*) from sqlite_schema").Scan(&n)
	return explain(path, errors.Join(err, db.Close()))
}

func (f *File) read(ctx context.Context) (err error) {
	var old int
	if err := f.DB.QueryRowContext(ctx, "select count(*) from sqlite_schema where type = 'table' and name = 'ctcw_snapshot'").Scan(&old); err != nil {
		return err
	}
	if f.old = old > 0; f.old {
		return f.readOld(ctx)
	}
	if err := checkKind(ctx, f.DB); err != nil {
		return err
	}
	if f.layouts, err = readLayouts(ctx, f.DB); err != nil {
		return err
	}
	if f.Runs, err = readRuns(ctx, f.DB); err == nil && len(f.Runs) == 0 {
		err = errors.New("it holds no run")
	}
	return err
}

var errForeign = errors.New("it is a SQLite file, but none of this program's snapshots")

// checkKind says whether a database is one of runs.
func checkKind(ctx context.Context, db queryer) error {
	var n int
	err := db.QueryRowContext(ctx, "select count(*) from sqlite_schema where name in ('ctcw_run', 'ctcw_column') and type = 'table'").Scan(&n)
	if err == nil && n != 2 {
		err = errForeign
	}
	return err
}

// readRuns returns the runs of a file.
func readRuns(ctx context.Context, db queryer) ([]Run, error) {
	rows, err := db.QueryContext(ctx, `select run_id, cast(started as text), cast(finished as text), cast(checked_at as text), version, source, callers, connections,
		accounts, not_readable, not_scanned, left_out, calls, throttled, complete, tables, content_hash, previous_hash, hash from ctcw_run order by run_id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var runs []Run
	for rows.Next() {
		var r Run
		err := rows.Scan(&r.ID, text{&r.Started}, text{&r.Finished}, text{&r.CheckedAt}, &r.Version, &r.Source, text{&r.Callers}, text{&r.Connections},
			&r.Accounts, text{&r.NotReadable}, text{&r.NotScanned}, text{&r.LeftOut}, &r.Calls, &r.Throttled, &r.Complete, text{&r.Tables},
			&r.ContentHash, &r.PreviousHash, &r.Hash)
		if err != nil {
			return nil, fmt.Errorf("what it says of run %d cannot be read: %w", len(runs)+1, err)
		}
		runs = append(runs, r)
	}
	return runs, rows.Err()
}

// text reads a time or JSON from a column.
type text struct{ into any }

// Scan implements sql.Scanner.
func (t text) Scan(value any) error {
	s, ok := value.(string)
	if !ok {
		return fmt.Errorf("%v is no text", value)
	}
	if at, ok := t.into.(*time.Time); ok {
		parsed, err := parseStored(s)
		*at = parsed
		return err
	}
	return json.Unmarshal([]byte(s), t.into)
}

// Latest is the run that the tables' own names mean.
func (f *File) Latest() Run { return f.Runs[len(f.Runs)-1] }

// Find returns the run that a number or a time means: that number, or the latest at that time. A date means the end of
// its day, in UTC. Empty means the latest of all.
func (f *File) Find(at string) (Run, error) {
	if at == "" {
		return f.Latest(), nil
	}
	if id, err := strconv.ParseInt(at, 10, 64); err == nil {
		for _, r := range f.Runs {
			if r.ID == id {
				return r, nil
			}
		}
		return Run{}, fmt.Errorf("%s has no run %d, only %d to %d", f.Path, id, f.Runs[0].ID, f.Latest().ID)
	}
	until, err := ParseTime(at, true)
	if err != nil {
		return Run{}, err
	}
	for i := len(f.Runs) - 1; i >= 0; i-- {
		if !f.Runs[i].CheckedAt.After(until) {
			return f.Runs[i], nil
		}
	}
	return Run{}, fmt.Errorf("%s has no run at %s or before: the first is %s", f.Path, at, f.Runs[0].Title())
}

// ParseTime reads a time, or a date: its beginning, or its end where that is asked for. Without a zone it is UTC.
func ParseTime(s string, end bool) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither the number of a run nor a time such as 2026-09-30 or 2026-09-30T05:17:00Z", s)
	}
	if end {
		day = day.AddDate(0, 0, 1).Add(-time.Millisecond)
	}
	return day, nil
}

// explain says in one line what an error of SQLite means for a file.
func explain(path string, err error) error {
	if err == nil {
		return nil
	}
	var from *sqlite.Error
	if errors.As(err, &from) {
		switch from.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return fmt.Errorf("%s: another process is writing to it; waited for %s", path, patience)
		case sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("%s is not a SQLite file", path)
		case sqlite3.SQLITE_CORRUPT:
			return fmt.Errorf("%s is damaged: %s", path, strings.TrimSpace(from.Error()))
		case sqlite3.SQLITE_READONLY:
			return fmt.Errorf("cannot write %s: it is read-only", path)
		case sqlite3.SQLITE_FULL:
			return fmt.Errorf("cannot write %s: no space is left", path)
		}
	}
	return fmt.Errorf("%s: %w", path, err)
}

func withoutPath(err error) error {
	var cause *os.PathError
	if errors.As(err, &cause) {
		return cause.Err
	}
	return err
}

// Chained reports whether the runs have hashes: a snapshot of an earlier version has none.
func (f *File) Chained() bool { return !f.old }

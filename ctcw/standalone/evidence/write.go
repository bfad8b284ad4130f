package evidence

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
)

// Source is where a run's rows come from. An engine is one.
type Source interface {
	Querier
	Tables() []string
}

// patience is how long a process waits for another one that writes to the same file.
var patience = time.Minute

// Collect asks for all rows of all tables: a run that is not in a file yet.
func Collect(ctx context.Context, from Source) (*Collected, error) {
	c := &Collected{}
	for _, name := range from.Tables() {
		rows, err := from.Query(ctx, "select * from "+quote(name))
		if err != nil {
			return nil, err
		}
		t := newTable(name, slices.Clone(rows.Columns()))
		for rows.Next() {
			t.rows = append(t.rows, slices.Clone(rows.Values()))
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		c.tables = append(c.tables, t)
	}
	return c, nil
}

// Collected is a run's rows.
type Collected struct{ tables []table }

// Write makes a new file of one run. The file gets its name when it is complete; without force an existing one is
// left alone.
func (c *Collected) Write(ctx context.Context, path string, p Provenance, force bool) (run Run, err error) {
	err = file.Write(path, force, func(temporary *os.File) (err error) {
		run, err = c.add(ctx, temporary.Name(), p)
		return err
	})
	return run, err
}

// Append adds the run to a file, which is made if there is none. Whatever happens meanwhile, the file has the whole run
// afterwards or is as it was. While another process writes, it waits.
func (c *Collected) Append(ctx context.Context, path string, p Provenance) (Run, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		run, err := c.Write(ctx, path, p, false)
		if !errors.Is(err, file.ErrExists) {
			return run, err
		}
	case err != nil:
		return Run{}, err
	case !info.Mode().IsRegular():
		return Run{}, fmt.Errorf("cannot append to %s: it is not a regular file", path)
	}
	return c.add(ctx, path, p)
}

// CheckAppend says before a scan what would keep its run out of a file.
func CheckAppend(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("cannot append to %s: it is not a regular file", path)
	}
	have, err := os.OpenFile(path, os.O_RDWR, 0)
	var cause *fs.PathError
	if errors.As(err, &cause) {
		return fmt.Errorf("cannot append to %s: %w", path, cause.Err)
	} else if err != nil {
		return err
	}
	have.Close()
	f, err := OpenFile(ctx, path)
	if err != nil {
		return err
	}
	defer f.Close()
	if f.old {
		return errOld(path)
	}
	return nil
}

func errOld(path string) error {
	return fmt.Errorf("%s is a snapshot of an earlier version, without a chain of runs: --from reads it, --append needs a new file", path)
}

func (c *Collected) add(ctx context.Context, path string, p Provenance) (run Run, err error) {
	db, err := sql.Open("sqlite", dsn(path, "_txlock=immediate", "_pragma=synchronous(full)"))
	if err != nil {
		return Run{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return Run{}, explain(path, err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	w := writer{tx: tx, run: Run{Provenance: p}}
	if err := w.write(ctx, c.tables); err != nil {
		return Run{}, explain(path, err)
	}
	return w.run, explain(path, tx.Commit())
}

// dsn names a file to the driver.
func dsn(path string, options ...string) string {
	name := (&url.URL{Scheme: "file", Opaque: url.PathEscape(path)}).String() +
		fmt.Sprintf("?_pragma=busy_timeout(%d)", patience.Milliseconds())
	for _, o := range options {
		name += "&" + o
	}
	return name
}

// Package evidence copies the table into a SQLite database: in memory, to run many queries over one scan,
// or as a file for Powerpipe (sqlite://) or an auditor.
package evidence

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// Table is the name of the table, in the plugin and in a snapshot.
const Table = "cloudtrail_cloudwatch_status"

// Querier runs SQL over the plugin.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (*engine.Rows, error)
}

// Info says when and from where a snapshot was taken. It is the one row of the table ctcw_snapshot.
type Info struct {
	Source  string // connection, profile or demo
	Version string // of this program
}

// Open copies the columns named, or all, into a database in memory.
func Open(ctx context.Context, from Querier, columns []string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // every connection to :memory: is a database of its own
	if _, err := fill(ctx, db, from, columns); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Write copies the whole table into a SQLite file and returns how many rows it has. The file gets its name when it is
// complete; without force an existing one is left alone.
func Write(ctx context.Context, from Querier, path string, info Info, force bool) (rows int, err error) {
	err = file.Write(path, force, func(temporary *os.File) (err error) {
		rows, err = writeFile(ctx, from, temporary.Name(), info)
		return err
	})
	return rows, err
}

func writeFile(ctx context.Context, from Querier, path string, info Info) (rows int, err error) {
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path)}).String()+"?_pragma=journal_mode(off)")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if rows, err = fill(ctx, db, from, nil); err != nil {
		return 0, err
	}
	if _, err := db.ExecContext(ctx, "create table ctcw_snapshot (taken_at TIMESTAMP TEXT, source TEXT, version TEXT, row_count INTEGER)"); err != nil {
		return 0, err
	}
	_, err = db.ExecContext(ctx, "insert into ctcw_snapshot values (?, ?, ?, ?)", engine.SQLValue(time.Now()), info.Source, info.Version, rows)
	return rows, err
}

// fill creates the table with its types and copies the rows.
func fill(ctx context.Context, db *sql.DB, from Querier, columns []string) (int, error) {
	list := "*"
	if columns != nil {
		list = strings.Join(columns, ", ")
	}
	rows, err := from.Query(ctx, "select "+list+" from "+Table)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	var definitions, marks []string
	for _, c := range rows.Columns() {
		definitions = append(definitions, `"`+c.Name+`" `+c.Declaration())
		marks = append(marks, "?")
	}
	if _, err := tx.ExecContext(ctx, "create table "+Table+" ("+strings.Join(definitions, ", ")+")"); err != nil {
		return 0, err
	}
	insert, err := tx.PrepareContext(ctx, "insert into "+Table+" values ("+strings.Join(marks, ", ")+")")
	if err != nil {
		return 0, err
	}
	defer insert.Close()
	n := 0
	for rows.Next() {
		values := rows.Values()
		for i, v := range values {
			values[i] = engine.SQLValue(v)
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			return n, err
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	return n, tx.Commit()
}

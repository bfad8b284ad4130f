package evidence

import (
	"context"
	"database/sql"
	"runtime"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// Names of the tables, in the plugin and in a snapshot.
const (
	Table        = "cloudtrail_cloudwatch_status"
	AlarmTable   = "cloudtrail_cloudwatch_alarm_status"
	ArrivalTable = "cloudtrail_cloudwatch_arrival"
)

// Querier runs SQL over the plugin.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (*engine.Rows, error)
}

// Part is a table and the columns of it to read, none for all.
type Part struct {
	Table   string
	Columns []string
}

// Open copies tables into a database in memory. What is asked of AWS is asked once for all of them: they belong to one
// statement.
func Open(ctx context.Context, from Querier, parts ...Part) (*sql.DB, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // every connection to :memory: is a database of its own
	ctx, asked := statement.With(ctx)
	defer runtime.KeepAlive(asked) // the plugin forgets what it asked for when nobody has the statement any more
	for _, p := range parts {
		if _, err := fill(ctx, db, from, p); err != nil {
			db.Close()
			return nil, err
		}
	}
	return db, nil
}

// fill creates a table with its types and copies the rows.
func fill(ctx context.Context, db *sql.DB, from Querier, p Part) (int, error) {
	list := "*"
	if p.Columns != nil {
		list = strings.Join(p.Columns, ", ")
	}
	rows, err := from.Query(ctx, "select "+list+" from "+p.Table)
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
	if _, err := tx.ExecContext(ctx, "create table "+p.Table+" ("+strings.Join(definitions, ", ")+")"); err != nil {
		return 0, err
	}
	insert, err := tx.PrepareContext(ctx, "insert into "+p.Table+" values ("+strings.Join(marks, ", ")+")")
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

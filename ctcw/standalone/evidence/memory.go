package evidence

import (
	"context"
	"database/sql"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// Table is the name of the table, in the plugin and in a snapshot.
const Table = "cloudtrail_cloudwatch_status"

// Querier runs SQL over the plugin.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (*engine.Rows, error)
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

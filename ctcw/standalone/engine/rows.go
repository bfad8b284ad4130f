package engine

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// Column is a column of a result. Its type is that of the table's column if it is one as it stands, else what the
// first row has, or UNKNOWN.
type Column struct {
	Name string
	Type proto.ColumnType
}

// Rows is the result of a statement, read row by row while the plugin still works on more. It is for one
// goroutine.
type Rows struct {
	statement  *statement
	connection connection
	rows       driver.Rows
	columns    []Column
	declared   []proto.ColumnType // of the columns, UNKNOWN for one that is not of a table as it stands
	first      []any              // read ahead, for the types
	values     []any
	err        error
}

// Query starts a statement and returns when its first row is there. The statement may only read. It ends when
// its rows have been read or closed, or with ctx.
func (e *Engine) Query(ctx context.Context, sql string, args ...any) (*Rows, error) {
	if err := context.Cause(e.open); err != nil {
		return nil, err
	}
	sql, err := single(sql)
	if err != nil {
		return nil, err
	}
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		if at, ok := value.(time.Time); ok {
			value = formatTime(at)
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	s := e.newStatement(ctx, sql)
	r := &Rows{statement: s}
	if r.connection, err = s.connect(sql); err == nil {
		r.rows, err = r.connection.QueryContext(s.ctx, sql, named)
	}
	if err != nil {
		r.finish(s.explain(err, sql))
		return nil, r.err
	}
	declared := r.rows.(driver.RowsColumnTypeDatabaseTypeName)
	for i, name := range r.rows.Columns() {
		t, ok := columnTypes[declared.ColumnTypeDatabaseTypeName(i)]
		if !ok {
			t = proto.ColumnType_UNKNOWN
		}
		r.columns, r.declared = append(r.columns, Column{name, t}), append(r.declared, t)
	}
	if r.first = r.fetch(); r.first != nil {
		for i, value := range r.first {
			if r.columns[i].Type == proto.ColumnType_UNKNOWN {
				r.columns[i].Type = guess(value)
			}
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return r, nil
}

// Columns returns the columns of the result.
func (r *Rows) Columns() []Column { return r.columns }

// Next goes to the next row and reports whether there is one; if not, Err says whether that is the end.
func (r *Rows) Next() bool {
	r.values, r.first = r.first, nil
	if r.values == nil {
		r.values = r.fetch()
	}
	return r.values != nil
}

// Values returns the row. Each value is nil, bool, int64, float64, string, time.Time or json.RawMessage.
func (r *Rows) Values() []any { return r.values }

// Err returns what ended the rows, if it was not their end.
func (r *Rows) Err() error { return r.err }

// Close ends the statement, and the plugin calls it has made.
func (r *Rows) Close() error {
	r.first = nil
	r.finish(nil)
	return nil
}

// fetch returns the next row, or nil when the statement has ended.
func (r *Rows) fetch() []any {
	if r.statement == nil {
		return nil
	}
	values := make([]driver.Value, len(r.columns))
	err := context.Cause(r.statement.ctx)
	if err == nil {
		err = r.rows.Next(values)
	}
	if err == io.EOF {
		r.finish(nil)
		return nil
	}
	if err != nil {
		r.finish(r.statement.explain(err, ""))
		return nil
	}
	row := make([]any, len(values))
	for i, value := range values {
		row[i] = goValue(r.declared[i], value)
	}
	return row
}

// finish ends the statement with an error or none. What closing says is of no interest: SQLite repeats the
// error there, and nothing was written.
func (r *Rows) finish(err error) {
	if r.statement == nil {
		return
	}
	r.err = err
	if r.rows != nil {
		r.rows.Close()
	}
	if r.connection != nil {
		r.connection.Close()
	}
	r.statement.close()
	r.statement = nil
}

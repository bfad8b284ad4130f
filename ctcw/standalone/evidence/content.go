package evidence

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// contentOf is the content hash of tables as they came from the plugin.
func contentOf(tables []table) string {
	d := newDigest()
	for _, t := range slices.SortedFunc(slices.Values(tables), func(a, b table) int { return strings.Compare(a.name, b.name) }) {
		var names, types []string
		for _, c := range t.columns {
			names, types = append(names, c.Name), append(types, c.Type.String())
		}
		order := inOrder(names)
		d.header(t.name, names, types, order)
		for _, row := range t.rows {
			cells := make([]any, len(row))
			for i, v := range row {
				cells[i] = engine.SQLValue(v)
			}
			d.row(names, order, cells)
		}
	}
	return d.hex()
}

// contentHash is the content hash of a run in a file.
func contentHash(ctx context.Context, db queryer, layouts map[string]*layout, run Run) (string, error) {
	d := newDigest()
	for _, name := range slices.Sorted(maps.Keys(run.Tables)) {
		l := layouts[name]
		if l == nil {
			return "", fmt.Errorf("there is no table %s", name)
		}
		columns := l.at(run.ID)
		var names, types []string
		for _, c := range columns {
			names, types = append(names, c.name), append(types, c.kind.String())
		}
		order := inOrder(names)
		d.header(name, names, types, order)
		err := eachRow(ctx, db, l.selection("", columns)+" where r.run_id = ? order by r.position", []any{run.ID}, func(values []any) error {
			d.row(names, order, values)
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return d.hex(), nil
}

// eachRow hands over the rows of a query, with values as SQLite holds them.
func eachRow(ctx context.Context, db queryer, query string, args []any, visit func([]any) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, pointers := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		pointers[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(pointers...); err != nil {
			return err
		}
		for i, v := range values {
			values[i] = stored(v)
		}
		if err := visit(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// stored undoes what the driver makes of a value by its declared type.
func stored(v any) any {
	switch v := v.(type) {
	case bool:
		return engine.SQLValue(v)
	case []byte:
		return string(v)
	}
	return v
}

var _ queryer = (*sql.DB)(nil)

package evidence

import (
	"context"
	"fmt"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// readOld reads a snapshot of an earlier version: the table, and ctcw_snapshot with one row about it. It is one run.
func (f *File) readOld(ctx context.Context) error {
	r := Run{ID: 1}
	var taken string
	if err := f.DB.QueryRowContext(ctx, "select cast(taken_at as text), source, version from ctcw_snapshot").Scan(&taken, &r.Source, &r.Version); err != nil {
		return err
	}
	at, err := parseStored(taken)
	if err != nil {
		return err
	}
	r.Started, r.Finished = at, at
	rows, err := f.DB.QueryContext(ctx, "select m.name, p.name, p.type from sqlite_schema as m join pragma_table_info(m.name) as p where m.type = 'table' and m.name <> 'ctcw_snapshot' order by m.name, p.cid")
	if err != nil {
		return err
	}
	defer rows.Close()
	f.layouts = map[string]*layout{}
	for rows.Next() {
		var table, name, declared string
		if err := rows.Scan(&table, &name, &declared); err != nil {
			return err
		}
		if f.layouts[table] == nil {
			f.layouts[table] = &layout{table: table}
		}
		l := f.layouts[table]
		l.columns = append(l.columns, column{name: name, kind: kindOf(declared), position: len(l.columns), since: 1})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var tables []table
	for name, l := range f.layouts {
		t := newTable(name, columnsOf(l.columns))
		err := eachRow(ctx, f.DB, "select * from "+quote(name), nil, func(values []any) error {
			row := make([]any, len(values))
			for i, v := range values {
				row[i] = goValue(l.columns[i].kind, v)
			}
			t.rows = append(t.rows, row)
			return nil
		})
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	r.survey(tables)
	f.Runs = []Run{r}
	return nil
}

// kindOf is the type of a column that was declared so.
func kindOf(declared string) proto.ColumnType {
	for number := range proto.ColumnType_name {
		if kind := proto.ColumnType(number); (engine.Column{Type: kind}).Declaration() == declared && kind != proto.ColumnType_UNKNOWN {
			return kind
		}
	}
	return proto.ColumnType_STRING
}

func columnsOf(columns []column) []engine.Column {
	var all []engine.Column
	for _, c := range columns {
		all = append(all, engine.Column{Name: c.name, Type: c.kind})
	}
	return all
}

// rowsOf is the SQL of a table's rows in a run.
func (f *File) rowsOf(l *layout, run Run, columns []column) string {
	if f.old {
		list := ""
		for i, c := range columns {
			if i > 0 {
				list += ", "
			}
			list += quote(c.name)
		}
		return fmt.Sprintf("select %s from %s", list, quote(l.table))
	}
	return fmt.Sprintf("%s where r.run_id = %d order by r.position", l.selection("", columns), run.ID)
}

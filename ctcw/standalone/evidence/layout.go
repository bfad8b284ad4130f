package evidence

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// setUp is what every file has. A column's life is in ctcw_column: another version may add or drop one. Its history
// is never dropped. AUTOINCREMENT remembers how many runs there were, so that a missing last one shows.
const setUp = `
create table ctcw_run (
  run_id INTEGER PRIMARY KEY AUTOINCREMENT,
  started TIMESTAMP TEXT, finished TIMESTAMP TEXT, checked_at TIMESTAMP TEXT,
  version TEXT, source TEXT, callers JSON TEXT, connections JSON TEXT,
  accounts INTEGER, not_readable JSON TEXT, not_scanned JSON TEXT, left_out JSON TEXT,
  calls INTEGER, throttled INTEGER, complete BOOLEAN, tables JSON TEXT,
  content_hash TEXT, previous_hash TEXT, hash TEXT
);
create table ctcw_column (
  table_name TEXT, name TEXT, type TEXT, position INTEGER, since_run INTEGER, until_run INTEGER, templated INTEGER
);
`

// snapshotView shows of the latest run what a snapshot of an earlier version said of itself.
const snapshotView = `CREATE VIEW ctcw_snapshot as
  select checked_at as taken_at, source, version, (select sum(value) from json_each(tables)) as row_count
  from ctcw_run where run_id = (select max(run_id) from ctcw_run)`

// column is a column of a table in a file.
type column struct {
	name      string
	kind      proto.ColumnType
	position  int
	since     int64 // the first run that has it
	until     int64 // the last one, 0 while there is none
	templated bool  // some texts in it repeat a time of their row
}

// inRows reports whether the values are kept with each run's row: times and numbers, which are short and change
// all the time. The rest is content.
func (c column) inRows() bool {
	switch c.kind {
	case proto.ColumnType_TIMESTAMP, proto.ColumnType_INT, proto.ColumnType_DOUBLE:
		return true
	}
	return false
}

func (c column) in(run int64) bool { return c.since <= run && (c.until == 0 || c.until >= run) }

func (c column) declaration() string { return engine.Column{Type: c.kind}.Declaration() }

// layout is how a table is kept in a file.
type layout struct {
	table   string
	columns []column
}

// at returns the columns that a run has.
func (l layout) at(run int64) []column {
	return slices.DeleteFunc(slices.Clone(l.columns), func(c column) bool { return !c.in(run) })
}

// distinct returns each column once, though it may have gone and come again.
func (l layout) distinct() []column {
	var all []column
	for _, c := range l.columns {
		if !slices.ContainsFunc(all, func(have column) bool { return have.name == c.name }) {
			all = append(all, c)
		}
	}
	return all
}

// readLayouts returns the tables of a file.
func readLayouts(ctx context.Context, db queryer) (map[string]*layout, error) {
	rows, err := db.QueryContext(ctx, "select table_name, name, type, position, since_run, coalesce(until_run, 0), templated from ctcw_column order by table_name, position, since_run")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	layouts := map[string]*layout{}
	for rows.Next() {
		var (
			c           column
			table, kind string
		)
		if err := rows.Scan(&table, &c.name, &kind, &c.position, &c.since, &c.until, &c.templated); err != nil {
			return nil, err
		}
		number, ok := proto.ColumnType_value[kind]
		if !ok {
			return nil, fmt.Errorf("column %s of %s has the type %q, which this version does not know", c.name, table, kind)
		}
		c.kind = proto.ColumnType(number)
		if layouts[table] == nil {
			layouts[table] = &layout{table: table}
		}
		layouts[table].columns = append(layouts[table].columns, c)
	}
	return layouts, rows.Err()
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// create makes the tables of a layout, without columns of the plugin.
func (l layout) create() string {
	return fmt.Sprintf(`create table %s (content_id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, templated INTEGER NOT NULL);
create table %s (run_id INTEGER, position INTEGER, content_id INTEGER NOT NULL, PRIMARY KEY (run_id, position)) WITHOUT ROWID;`,
		quote(l.table+"_content"), quote(l.table+"_rows"))
}

// add makes room for a column. A time is kept as a number and shown as what the tables have.
func (l layout) add(c column) string {
	switch {
	case c.kind == proto.ColumnType_TIMESTAMP:
		ms := quote(c.name + "_ms")
		return fmt.Sprintf("alter table %[1]s add column %[2]s INTEGER; alter table %[1]s add column %[3]s %[4]s generated always as "+
			"(case when %[2]s %% 1000 = 0 then datetime(%[2]s / 1000, 'unixepoch') else strftime('%%Y-%%m-%%d %%H:%%M:%%f', %[2]s / 1000.0, 'unixepoch') end) virtual;",
			quote(l.table+"_rows"), ms, quote(c.name), c.declaration())
	case c.inRows():
		return fmt.Sprintf("alter table %s add column %s %s;", quote(l.table+"_rows"), quote(c.name), c.declaration())
	default:
		return fmt.Sprintf("alter table %s add column %s %s;", quote(l.table+"_content"), quote(c.name), c.declaration())
	}
}

// expression is a column as the views show it.
func (l layout) expression(c column) string {
	name := quote(c.name)
	switch {
	case c.inRows():
		return "r." + name
	case !c.templated:
		return "c." + name
	}
	filled := "c." + name
	for _, t := range l.distinct() {
		if t.kind == proto.ColumnType_TIMESTAMP {
			// The time is made only for the texts that have it: that costs more than looking for it.
			filled = fmt.Sprintf("replace(%[1]s, '{%[2]s}', case when instr(c.%[3]s, '{%[2]s}') then coalesce(replace(substr(r.%[4]s, 1, 19), ' ', 'T') || 'Z', '') else '' end)",
				filled, strings.ReplaceAll(t.name, "'", "''"), name, quote(t.name))
		}
	}
	return fmt.Sprintf("case when c.templated then %s else c.%s end as %s", filled, name, name)
}

// selection is the SQL of the rows' columns named, in front of which more may be selected.
func (l layout) selection(before string, columns []column) string {
	list := []string{}
	if before != "" {
		list = append(list, before)
	}
	for _, c := range columns {
		list = append(list, l.expression(c))
	}
	return fmt.Sprintf("select %s from %s as r join %s as c on c.content_id = r.content_id",
		strings.Join(list, ", "), quote(l.table+"_rows"), quote(l.table+"_content"))
}

// views returns the views of a table by name: its history, and its own name where the latest run has it.
func (l layout) views(latest Run) map[string]string {
	views := map[string]string{
		l.table + "_history": fmt.Sprintf("CREATE VIEW %s as %s", quote(l.table+"_history"), l.selection("r.run_id", l.distinct())),
	}
	if _, ok := latest.Tables[l.table]; ok {
		views[l.table] = fmt.Sprintf("CREATE VIEW %s as %s where r.run_id = (select max(run_id) from ctcw_run)", quote(l.table), l.selection("", l.at(latest.ID)))
	}
	return views
}

// template puts the columns' names in braces where a text repeats a time of its row. It reports false when the text
// has such braces of its own.
func template(text string, times []column, values map[string]time.Time) (string, bool) {
	for _, c := range times {
		if strings.Contains(text, "{"+c.name+"}") {
			return text, false
		}
	}
	for _, c := range times {
		if at, ok := values[c.name]; ok {
			text = strings.ReplaceAll(text, at.UTC().Format(time.RFC3339), "{"+c.name+"}")
		}
	}
	return text, true
}

func byPosition(a, b column) int {
	return cmp.Or(cmp.Compare(a.position, b.position), strings.Compare(a.name, b.name), cmp.Compare(a.since, b.since))
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

package evidence

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// writer adds one run to a file, within a transaction.
type writer struct {
	tx      *sql.Tx
	run     Run
	layouts map[string]*layout
}

func (w *writer) write(ctx context.Context, tables []table) error {
	previous, err := w.open(ctx)
	if err != nil {
		return err
	}
	if w.run.Finished.IsZero() {
		w.run.Finished = time.Now()
	}
	w.run.survey(tables)
	w.run.ID, w.run.PreviousHash = previous.ID+1, previous.Hash
	for _, t := range tables {
		if err := w.shape(ctx, t); err != nil {
			return err
		}
	}
	for _, t := range tables {
		if err := w.fill(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	if err := w.finish(ctx); err != nil {
		return err
	}
	// What a later version cannot read back is no evidence: the content is read again as verify reads it.
	want := contentOf(tables)
	if w.run.ContentHash, err = contentHash(ctx, w.tx, w.layouts, w.run); err != nil {
		return err
	}
	if w.run.ContentHash != want {
		return errors.New("the file does not hold what was written to it")
	}
	return w.seal(ctx)
}

// open returns the latest run, and sets a new file up.
func (w *writer) open(ctx context.Context) (Run, error) {
	var have int
	if err := w.tx.QueryRowContext(ctx, "select count(*) from sqlite_schema").Scan(&have); err != nil {
		return Run{}, err
	}
	if have == 0 {
		if _, err := w.tx.ExecContext(ctx, setUp+snapshotView); err != nil {
			return Run{}, err
		}
	}
	if err := checkKind(ctx, w.tx); err != nil {
		return Run{}, err
	}
	runs, err := readRuns(ctx, w.tx)
	if err != nil {
		return Run{}, err
	}
	if w.layouts, err = readLayouts(ctx, w.tx); err != nil || len(runs) == 0 {
		return Run{}, err
	}
	return runs[len(runs)-1], nil
}

// shape makes the columns of a file's table those of the run.
func (w *writer) shape(ctx context.Context, t table) error {
	l := w.layouts[t.name]
	if l == nil {
		l = &layout{table: t.name}
		w.layouts[t.name] = l
		if _, err := w.tx.ExecContext(ctx, l.create()); err != nil {
			return err
		}
	}
	for position, c := range t.columns {
		known := slices.IndexFunc(l.columns, func(have column) bool { return have.name == c.Name })
		if known >= 0 && l.columns[known].kind != c.Type {
			return fmt.Errorf("column %s of %s was %s and is %s now: begin a new file", c.Name, t.name, l.columns[known].kind, c.Type)
		}
		if known < 0 {
			if _, err := w.tx.ExecContext(ctx, l.add(column{name: c.Name, kind: c.Type})); err != nil {
				return err
			}
		}
		open := slices.IndexFunc(l.columns, func(have column) bool { return have.name == c.Name && have.until == 0 })
		if open < 0 {
			l.columns = append(l.columns, column{name: c.Name, kind: c.Type, since: w.run.ID})
		}
		for i := range l.columns {
			if l.columns[i].name == c.Name {
				l.columns[i].position = position
			}
		}
	}
	for i, c := range l.columns {
		if _, ok := t.index[c.name]; !ok && c.until == 0 {
			l.columns[i].until = w.run.ID - 1
		}
	}
	slices.SortFunc(l.columns, byPosition)
	return nil
}

// fill adds the rows of a table.
func (w *writer) fill(ctx context.Context, t table) error {
	l := w.layouts[t.name]
	var content, short []column
	var times []column
	for _, c := range l.at(w.run.ID) {
		if c.inRows() {
			short = append(short, c)
		} else {
			content = append(content, c)
		}
	}
	for _, c := range l.distinct() {
		if c.kind == proto.ColumnType_TIMESTAMP {
			times = append(times, c)
		}
	}
	statements, err := w.prepare(ctx, l, content, short)
	if err != nil {
		return err
	}
	defer statements.close()
	names, order := namesOf(content), inOrder(namesOf(content))
	for position, row := range t.rows {
		cells, templated := t.content(row, content, times, l)
		d := newDigest()
		d.cell(int64(templated))
		d.row(names, order, cells)
		id, err := statements.content(ctx, d.Sum(nil)[:16], templated, cells)
		if err != nil {
			return err
		}
		values := []any{w.run.ID, position, id}
		for _, c := range short {
			value := t.value(row, c.name)
			if at, ok := value.(time.Time); ok {
				value = at.UnixMilli()
			}
			values = append(values, value)
		}
		if _, err := statements.row.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return nil
}

// content returns the cells of a row that are content, and whether texts in it are templates.
func (t table) content(row []any, columns, times []column, l *layout) (cells []any, templated int) {
	at := map[string]time.Time{}
	for _, c := range times {
		if v, ok := t.value(row, c.name).(time.Time); ok {
			at[c.name] = v
		}
	}
	plain := make([]any, len(columns))
	cells = make([]any, len(columns))
	var filled []string
	own := false
	for i, c := range columns {
		plain[i] = engine.SQLValue(t.value(row, c.name))
		cells[i] = plain[i]
		text, ok := plain[i].(string)
		if !ok || c.kind != proto.ColumnType_STRING {
			continue
		}
		short, ok := template(text, times, at)
		own = own || !ok
		if short != text {
			cells[i] = short
			filled = append(filled, c.name)
		}
	}
	if own || filled == nil {
		return plain, 0
	}
	for i := range l.columns {
		if slices.Contains(filled, l.columns[i].name) {
			l.columns[i].templated = true
		}
	}
	return cells, 1
}

// statements are those that every row of a table needs.
type statements struct{ find, add, row *sql.Stmt }

func (w *writer) prepare(ctx context.Context, l *layout, content, short []column) (s statements, err error) {
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.find, err = w.tx.PrepareContext(ctx, "select content_id from "+quote(l.table+"_content")+" where digest = ?"); err != nil {
		return s, err
	}
	names := []string{"digest", "templated"}
	for _, c := range content {
		names = append(names, quote(c.name))
	}
	if s.add, err = w.tx.PrepareContext(ctx, insert(l.table+"_content", names)); err != nil {
		return s, err
	}
	names = []string{"run_id", "position", "content_id"}
	for _, c := range short {
		if c.kind == proto.ColumnType_TIMESTAMP {
			c.name += "_ms"
		}
		names = append(names, quote(c.name))
	}
	s.row, err = w.tx.PrepareContext(ctx, insert(l.table+"_rows", names))
	return s, err
}

func insert(table string, columns []string) string {
	return fmt.Sprintf("insert into %s (%s) values (?%s)", quote(table), strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1))
}

func (s statements) close() {
	for _, statement := range []*sql.Stmt{s.find, s.add, s.row} {
		if statement != nil {
			statement.Close()
		}
	}
}

// content returns the number of a content, which is stored if it is new.
func (s statements) content(ctx context.Context, digest []byte, templated int, cells []any) (id int64, err error) {
	err = s.find.QueryRowContext(ctx, digest).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	result, err := s.add.ExecContext(ctx, append([]any{digest, templated}, cells...)...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// finish writes the columns anew and has the views show the run.
func (w *writer) finish(ctx context.Context) error {
	if _, err := w.tx.ExecContext(ctx, "delete from ctcw_column"); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.layouts)) {
		l := w.layouts[name]
		if _, ok := w.run.Tables[name]; !ok {
			for i := range l.columns {
				if l.columns[i].until == 0 {
					l.columns[i].until = w.run.ID - 1
				}
			}
		}
		for _, c := range l.columns {
			var until any
			if c.until != 0 {
				until = c.until
			}
			if _, err := w.tx.ExecContext(ctx, insert("ctcw_column", []string{"table_name", "name", "type", "position", "since_run", "until_run", "templated"}),
				name, c.name, c.kind.String(), c.position, c.since, until, c.templated); err != nil {
				return err
			}
		}
	}
	return makeViews(ctx, w.tx, w.layouts, w.run)
}

// makeViews replaces the views that are not as they should be.
func makeViews(ctx context.Context, tx queryer, layouts map[string]*layout, latest Run) error {
	have, err := viewsOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, l := range layouts {
		want := l.views(latest)
		for _, name := range []string{l.table, l.table + "_history"} {
			if have[name] == want[name] {
				continue
			}
			if _, err := tx.ExecContext(ctx, "drop view if exists "+quote(name)+";"+want[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// viewsOf returns the SQL of the views of a file.
func viewsOf(ctx context.Context, db queryer) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, "select name, sql from sqlite_schema where type = 'view'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	views := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, err
		}
		views[name] = text
	}
	return views, rows.Err()
}

// seal adds the row about the run, with its hash.
func (w *writer) seal(ctx context.Context) error {
	columns, values, err := w.run.cells()
	if err != nil {
		return err
	}
	w.run.Hash = chain(w.run.PreviousHash, columns, values, w.run.ContentHash)
	columns = append(columns, "content_hash", "previous_hash", "hash")
	values = append(values, w.run.ContentHash, w.run.PreviousHash, w.run.Hash)
	_, err = w.tx.ExecContext(ctx, insert("ctcw_run", columns), values...)
	return err
}

// cells returns what ctcw_run has of a run, but for its hashes.
func (r Run) cells() (columns []string, values []any, err error) {
	add := func(name string, value any) {
		switch v := value.(type) {
		case time.Time, int64, string, bool:
			value = engine.SQLValue(v)
		default:
			text, failed := json.Marshal(v)
			err = errors.Join(err, failed)
			value = string(text)
		}
		columns, values = append(columns, name), append(values, value)
	}
	add("run_id", r.ID)
	add("started", r.Started)
	add("finished", r.Finished)
	add("checked_at", r.CheckedAt)
	add("version", r.Version)
	add("source", r.Source)
	add("callers", orEmpty(r.Callers))
	add("connections", orEmpty(r.Connections))
	add("accounts", int64(r.Accounts))
	add("not_readable", r.NotReadable)
	add("not_scanned", r.NotScanned)
	add("left_out", orEmpty(r.LeftOut))
	add("calls", r.Calls)
	add("throttled", r.Throttled)
	add("complete", r.Complete)
	add("tables", r.Tables)
	return columns, values, err
}

// orEmpty has JSON say [] rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func namesOf(columns []column) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names
}

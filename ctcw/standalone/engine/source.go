package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"modernc.org/sqlite/vtab"
)

// source is one table of one connection within one statement: a virtual table, and the scans that all
// references of the statement to it share.
type source struct {
	statement  *statement
	connection string
	table      string
	columns    []*proto.ColumnDefinition
	keys       map[int]key // of the key columns

	used  uint64   // columns that the statement uses, as SQLite counts them: bit 63 is every column from there on
	plans [][]term // what SQLite may choose from, by the number it gets as IdxNum
	scans []*scan
}

// term is a constraint that a plan has a value for.
type term struct {
	column int
	op     vtab.ConstraintOp
}

func newSource(s *statement, connection, table string, schema *proto.TableSchema) *source {
	source := &source{statement: s, connection: connection, table: table, columns: schema.GetColumns(), keys: map[int]key{}}
	keys := keysOf(schema)
	for i, column := range source.columns {
		if k, ok := keys[column.Name]; ok {
			source.keys[i] = k
		}
	}
	return source
}

// key is what the schema says of a key column: whether "=" may be pushed down, and whether it must.
type key struct{ equals, required bool }

func keysOf(schema *proto.TableSchema) map[string]key {
	keys := map[string]key{}
	add := func(columns []*proto.KeyColumn, list bool) {
		for _, c := range columns {
			k := keys[c.Name]
			k.equals = k.equals || slices.Contains(c.Operators, "=")
			k.required = k.required || list && c.Require != "optional"
			keys[c.Name] = k
		}
	}
	add(schema.GetListCallKeyColumnList(), true)
	add(schema.GetGetCallKeyColumnList(), false)
	return keys
}

func (s *source) declaration() string {
	var columns []string
	for _, c := range s.columns {
		columns = append(columns, quote(c.Name)+" "+declaredTypes[c.Type]+collationOf(c.Type))
	}
	return fmt.Sprintf("create table %s (%s)", quote(s.table), strings.Join(columns, ", "))
}

// Costs tell SQLite to prefer a plan with a value to look for, but not two of them: else it would answer
// "a = 1 or b = 2" by two scans and join them by row number, which rows of different scans do not share. For
// the same reason both kinds promise the same number of rows: then the first is better in no respect.
const (
	scanCost   = 1e6
	lookupCost = 6e5
	scanRows   = 1e4
)

// BestIndex implements vtab.Table. A plan takes every "column = value" there is a value for, on key columns and
// others. Nothing is promised to SQLite (Omit): it checks each row again, so a plan may give too many rows.
//
// SQLite offers LIMIT only if no part of the statement but the WHERE terms listed here stands between it and the
// table. It is taken only when there are none of these either: the plugin need not honour those it is given, and
// if it stopped at a limit of rows that the rest then drops, rows would be lost.
func (s *source) BestIndex(info *vtab.IndexInfo) error {
	s.used |= info.ColUsed
	limit := len(info.OrderBy) == 0 && !slices.ContainsFunc(info.Constraints, func(c vtab.Constraint) bool {
		return c.Op != vtab.OpLIMIT && c.Op != vtab.OpOFFSET
	})
	var plan []term
	info.EstimatedCost, info.EstimatedRows = scanCost, scanRows
	for i := range info.Constraints {
		c := &info.Constraints[i]
		switch c.Op {
		case vtab.OpEQ, vtab.OpIS:
			if !c.Usable || c.Column < 0 || !s.statement.filters {
				continue
			}
			info.EstimatedCost = lookupCost
		case vtab.OpNE, vtab.OpISNOT:
			if !c.Usable || c.Column < 0 || s.columns[c.Column].Type != proto.ColumnType_BOOL {
				continue // a value is looked at only to find a boolean written as text
			}
		case vtab.OpLIMIT, vtab.OpOFFSET:
			if !c.Usable || !limit {
				continue
			}
		default:
			continue
		}
		c.ArgIndex = len(plan)
		plan = append(plan, term{c.Column, c.Op})
	}
	info.IdxNum = int64(len(s.plans))
	s.plans = append(s.plans, plan)
	return nil
}

// request is what the plugin is asked. The SDK wants an entry for each connection that is to be scanned.
func (s *source) request(q quals, limit int64) *proto.ExecuteRequest {
	query := &proto.QueryContext{Quals: map[string]*proto.Quals{}}
	for i, column := range s.columns {
		if s.uses(i) {
			query.Columns = append(query.Columns, column.Name)
		}
	}
	for i, value := range q {
		name := s.columns[i].Name
		query.Quals[name] = &proto.Quals{Quals: []*proto.Qual{{
			FieldName: name,
			Operator:  &proto.Qual_StringValue{StringValue: "="},
			Value:     qualValue(s.columns[i].Type, value),
		}}}
	}
	scanned, aggregator := s.statement.engine.children[s.connection]
	if !aggregator {
		scanned = []string{s.connection}
	}
	data := map[string]*proto.ExecuteConnectionData{}
	for _, connection := range scanned {
		data[connection] = &proto.ExecuteConnectionData{}
		if limit >= 0 {
			data[connection].Limit = &proto.NullableInt{Value: limit}
		}
	}
	return &proto.ExecuteRequest{
		Table:                 s.table,
		Connection:            s.connection,
		CallId:                fmt.Sprintf("%s-%s-%d", s.table, s.statement.id, len(s.scans)),
		QueryContext:          query,
		ExecuteConnectionData: data,
	}
}

func (s *source) uses(column int) bool { return s.used>>min(column, 63)&1 == 1 }

// values converts the columns of a row that the statement uses.
func (s *source) values(row *proto.Row) []vtab.Value {
	values := make([]vtab.Value, len(s.columns))
	for i, column := range s.columns {
		if s.uses(i) {
			values[i] = vtabValue(row.Columns[column.Name])
		}
	}
	return values
}

// Open implements vtab.Table.
func (s *source) Open() (vtab.Cursor, error) { return &cursor{source: s}, nil }

// Disconnect implements vtab.Table.
func (s *source) Disconnect() error { return nil }

// Destroy implements vtab.Table.
func (s *source) Destroy() error { return nil }

// cursor reads the rows of a scan that satisfy its terms.
type cursor struct {
	source *source
	scan   *scan
	wanted []equal
	picked []int // positions to read, if indexed
	index  bool
	next   int

	position int
	row      []vtab.Value // nil at the end
}

type equal struct {
	column int
	value  any
}

// Filter implements vtab.Cursor: it starts the reading anew, with the values of a plan's terms.
func (c *cursor) Filter(plan int, _ string, values []vtab.Value) error {
	*c = cursor{source: c.source}
	pushed := quals{}
	limit, offset := int64(-1), int64(0)
	for i, t := range c.source.plans[plan] {
		value := values[i]
		switch t.op {
		case vtab.OpLIMIT:
			if n, ok := value.(int64); ok {
				limit = n
			}
		case vtab.OpOFFSET:
			offset, _ = value.(int64)
		default:
			if err := c.source.checkBoolean(t.column, value); err != nil {
				return err
			}
			if t.op == vtab.OpNE || t.op == vtab.OpISNOT {
				continue
			}
			if value == nil && t.op == vtab.OpEQ {
				return nil // nothing equals NULL
			}
			if text, ok := value.(string); ok {
				value = strings.Clone(text) // it is SQLite's, and only for this call
				if c.source.columns[t.column].Type == proto.ColumnType_TIMESTAMP {
					value = normalTime(text)
				}
			}
			if !filterable(c.source.columns[t.column].Type, value) {
				continue // SQLite would convert before it compares; leave that to SQLite
			}
			c.wanted = append(c.wanted, equal{t.column, canonical(value)})
			if c.source.keys[t.column].equals && c.source.statement.pushdown && qualValue(c.source.columns[t.column].Type, value) != nil {
				pushed[t.column] = value
			}
		}
	}
	if limit >= 0 {
		limit += max(offset, 0)
	}
	c.scan = c.source.scan(pushed, limit)
	if c.scan.poll() {
		c.pick()
		if c.index && len(c.picked) == 0 && c.scan.missed(pushed) {
			c.scan, c.index = c.source.narrow(pushed), false
		}
	}
	return c.Next()
}

// checkBoolean refuses 'true' and 'false' for a boolean column. They are right in Postgres; SQLite, whose booleans are
// numbers, would find that no row equals them, and say nothing.
func (s *source) checkBoolean(column int, value vtab.Value) error {
	text, ok := value.(string)
	if !ok || s.columns[column].Type != proto.ColumnType_BOOL {
		return nil
	}
	if _, err := strconv.ParseBool(strings.ToLower(text)); err != nil || text == "0" || text == "1" {
		return nil
	}
	return s.statement.fail(fmt.Errorf("%s is a boolean: write true or false, without quotes", s.columns[column].Name), s.connection)
}

// pick uses the index of the term that leaves the fewest rows. Without one a join of n rows takes n² steps, as
// SQLite makes no indexes of its own on virtual tables.
func (c *cursor) pick() {
	if len(c.wanted) == 0 {
		return
	}
	var lists [][]int
	for _, w := range c.wanted {
		lists = append(lists, c.scan.index(w.column)[w.value])
	}
	c.picked = slices.MinFunc(lists, func(a, b []int) int { return cmp.Compare(len(a), len(b)) })
	c.index = true
}

// Next implements vtab.Cursor.
func (c *cursor) Next() error {
	for {
		c.position = c.next
		if c.index {
			if c.next == len(c.picked) {
				c.position = len(c.scan.rows)
			} else {
				c.position = c.picked[c.next]
			}
		}
		c.next++
		var err error
		if c.row, err = c.scan.row(c.position); err != nil || c.row == nil || c.matches() {
			return err
		}
	}
}

func (c *cursor) matches() bool {
	for _, w := range c.wanted {
		if canonical(c.row[w.column]) != w.value {
			return false
		}
	}
	return true
}

// Eof implements vtab.Cursor.
func (c *cursor) Eof() bool { return c.row == nil }

// Column implements vtab.Cursor.
func (c *cursor) Column(column int) (vtab.Value, error) { return c.row[column], nil }

// Rowid implements vtab.Cursor.
func (c *cursor) Rowid() (int64, error) { return c.scan.number<<32 | int64(c.position), nil }

// Close implements vtab.Cursor.
func (c *cursor) Close() error { return nil }

package engine

import (
	"maps"
	"slices"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// Described is a table or a column and what it is about.
type Described struct{ Name, Type, Description string }

// Tables returns the names of the target connection's tables, sorted.
func (e *Engine) Tables() []string { return slices.Sorted(maps.Keys(e.schemas[e.target])) }

// ColumnNames returns the columns of a table of the target connection.
func (e *Engine) ColumnNames(table string) []string {
	var names []string
	for _, c := range e.schemas[e.target][table].GetColumns() {
		names = append(names, c.Name)
	}
	return names
}

// DescribeTables returns the tables of the target connection, sorted by name.
func (e *Engine) DescribeTables() []Described {
	var all []Described
	for _, name := range e.Tables() {
		all = append(all, Described{Name: name, Description: e.schemas[e.target][name].GetDescription()})
	}
	return all
}

// DescribeColumns returns the columns of a table of the target connection, none for a table that there is not.
func (e *Engine) DescribeColumns(table string) []Described {
	var all []Described
	for _, c := range e.schemas[e.target][table].GetColumns() {
		all = append(all, Described{c.Name, typeNames[c.Type], c.Description})
	}
	return all
}

// typeNames are Postgres's, which the pages use.
var typeNames = map[proto.ColumnType]string{
	proto.ColumnType_BOOL:      "boolean",
	proto.ColumnType_INT:       "bigint",
	proto.ColumnType_DOUBLE:    "double precision",
	proto.ColumnType_STRING:    "text",
	proto.ColumnType_JSON:      "jsonb",
	proto.ColumnType_TIMESTAMP: "timestamp with time zone",
}

package engine

import (
	"encoding/json"
	"time"
)

// Declaration returns the SQLite type to declare for a column that holds the values of this one.
func (c Column) Declaration() string {
	if declared, ok := declaredTypes[c.Type]; ok {
		return declared
	}
	return "TEXT"
}

// SQLValue converts a value of [Rows.Values] to what SQLite holds for it, the inverse of what Rows does.
func SQLValue(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case time.Time:
		return formatTime(v)
	case json.RawMessage:
		return string(v)
	default:
		return v
	}
}

// TableNames returns the tables of the target connection.
func (e *Engine) TableNames() []string { return e.tables() }

// ColumnNames returns the columns of a table of the target connection.
func (e *Engine) ColumnNames(table string) []string {
	var names []string
	for _, c := range e.schemas[e.target][table].GetColumns() {
		names = append(names, c.Name)
	}
	return names
}

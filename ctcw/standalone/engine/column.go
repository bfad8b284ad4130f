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

// SQLValue converts a value of [Rows.Values] to what an SQLite file holds for it. Times there are in UTC, as SQLite's
// own functions write them.
func SQLValue(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case time.Time:
		return storedTime(v)
	case json.RawMessage:
		return string(v)
	default:
		return v
	}
}

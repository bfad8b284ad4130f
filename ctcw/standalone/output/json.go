package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// writeJSON prints columns and rows in one object, as Steampipe does.
func writeJSON(w io.Writer, rows Source) (int, error) {
	type column struct {
		Name     string `json:"name"`
		DataType string `json:"data_type"`
	}
	result := struct {
		Columns []column          `json:"columns"`
		Rows    []json.RawMessage `json:"rows"`
	}{[]column{}, []json.RawMessage{}}
	columns := distinct(rows.Columns())
	for rows.Next() {
		object, err := marshal(columns, rows.Values())
		if err != nil {
			return len(result.Rows), err
		}
		result.Rows = append(result.Rows, object)
	}
	if err := rows.Err(); err != nil {
		return len(result.Rows), err
	}
	for _, c := range distinct(rows.Columns()) {
		result.Columns = append(result.Columns, column{c.Name, dataType(c.Type)})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return len(result.Rows), out.Encode(result)
}

func writeJSONL(w io.Writer, rows Source) (int, error) {
	n := 0
	columns := distinct(rows.Columns())
	for rows.Next() {
		object, err := marshal(columns, rows.Values())
		if err != nil {
			return n, err
		}
		if _, err := w.Write(append(object, '\n')); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// distinct numbers the columns of one name, which a JSON object cannot have twice: name, name_2.
func distinct(columns []engine.Column) []engine.Column {
	seen := map[string]int{}
	out := slices.Clone(columns)
	for i, c := range columns {
		if seen[c.Name]++; seen[c.Name] > 1 {
			out[i].Name = fmt.Sprintf("%s_%d", c.Name, seen[c.Name])
		}
	}
	return out
}

// marshal writes a row as a JSON object whose members keep the order of the columns.
func marshal(columns []engine.Column, values []any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encode(&b, columns[i].Name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		switch x := v.(type) {
		case time.Time:
			v = format(x)
		case float64:
			if math.IsInf(x, 0) || math.IsNaN(x) { // JSON has no such numbers
				v = fmt.Sprint(x)
			}
		}
		if err := encode(&b, v); err != nil {
			return nil, fmt.Errorf("column %s: %w", columns[i].Name, err)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes a value as JSON, without turning <, > and & into escapes.
func encode(b *bytes.Buffer, v any) error {
	out := json.NewEncoder(b)
	out.SetEscapeHTML(false)
	if err := out.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line break
	return nil
}

// dataType names a type as Postgres does.
func dataType(t proto.ColumnType) string {
	switch t {
	case proto.ColumnType_BOOL:
		return "bool"
	case proto.ColumnType_INT:
		return "int8"
	case proto.ColumnType_DOUBLE:
		return "float8"
	case proto.ColumnType_JSON:
		return "jsonb"
	case proto.ColumnType_TIMESTAMP:
		return "timestamptz"
	default:
		return "text"
	}
}

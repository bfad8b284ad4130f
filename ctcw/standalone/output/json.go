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
		Name         string `json:"name"`
		DataType     string `json:"data_type"`
		OriginalName string `json:"original_name,omitempty"` // where another column has it too
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
	for i, c := range rows.Columns() {
		of := column{columns[i].Name, dataType(c.Type), c.Name}
		if of.Name == c.Name {
			of.OriginalName = ""
		}
		result.Columns = append(result.Columns, of)
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

// distinct numbers the columns of one name, which a JSON object cannot have twice: name, name_2. Steampipe puts random
// letters behind the name; a number is the same the next time.
func distinct(columns []engine.Column) []engine.Column {
	taken := map[string]bool{}
	for _, c := range columns {
		taken[c.Name] = true
	}
	seen := map[string]bool{}
	out := slices.Clone(columns)
	for i, c := range columns {
		for n := 2; seen[out[i].Name]; n++ {
			if name := fmt.Sprintf("%s_%d", c.Name, n); !taken[name] {
				out[i].Name, taken[name] = name, true
			}
		}
		seen[out[i].Name] = true
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

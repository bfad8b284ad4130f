package engine

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"modernc.org/sqlite/vtab"
)

// declaredTypes are the column types that SQLite is told. They do two things: SQLite takes from their words how to
// compare (TEXT, INTEGER, REAL, else numeric), and gives them back with results, which tells bool, time and JSON
// from the integers and text they are in between. TIMESTAMP alone would make a driver parse times.
var declaredTypes = map[proto.ColumnType]string{
	proto.ColumnType_BOOL:      "BOOLEAN",
	proto.ColumnType_INT:       "INTEGER",
	proto.ColumnType_DOUBLE:    "REAL",
	proto.ColumnType_STRING:    "TEXT",
	proto.ColumnType_JSON:      "JSON TEXT",
	proto.ColumnType_TIMESTAMP: "TIMESTAMP TEXT",
	proto.ColumnType_IPADDR:    "IPADDR TEXT",
	proto.ColumnType_INET:      "INET TEXT",
	proto.ColumnType_CIDR:      "CIDR TEXT",
	proto.ColumnType_LTREE:     "LTREE TEXT",
	proto.ColumnType_UNKNOWN:   "TEXT",
}

var columnTypes = func() map[string]proto.ColumnType {
	types := map[string]proto.ColumnType{}
	for t, declared := range declaredTypes {
		types[declared] = t
	}
	types["TEXT"] = proto.ColumnType_STRING
	return types
}()

// vtabValue converts a value from the plugin to one of SQLite's.
func vtabValue(c *proto.Column) vtab.Value {
	switch v := c.GetValue().(type) {
	case *proto.Column_BoolValue:
		if v.BoolValue {
			return int64(1)
		}
		return int64(0)
	case *proto.Column_IntValue:
		return v.IntValue
	case *proto.Column_DoubleValue:
		if math.IsNaN(v.DoubleValue) {
			return nil // as SQLite has it
		}
		return v.DoubleValue
	case *proto.Column_StringValue:
		return v.StringValue
	case *proto.Column_JsonValue:
		if string(v.JsonValue) == "null" {
			return nil // as in Steampipe
		}
		return string(v.JsonValue)
	case *proto.Column_TimestampValue:
		return formatTime(v.TimestampValue.AsTime())
	case *proto.Column_IpAddrValue:
		return v.IpAddrValue
	case *proto.Column_CidrRangeValue:
		return v.CidrRangeValue
	case *proto.Column_LtreeValue:
		return v.LtreeValue
	}
	return nil
}

// goValue converts a result of SQLite to what its column was in the plugin. A column that only starts as one of
// the table, as that of a UNION does, may have other values too; they stay what they are.
func goValue(t proto.ColumnType, value any) any {
	switch v := value.(type) {
	case int64:
		if t == proto.ColumnType_BOOL && (v == 0 || v == 1) {
			return v == 1
		}
	case string:
		switch t {
		case proto.ColumnType_TIMESTAMP, proto.ColumnType_UNKNOWN: // max(time) is one too
			if at, ok := parseTime(v); ok {
				return at
			}
		case proto.ColumnType_JSON:
			if json.Valid([]byte(v)) {
				return json.RawMessage(v)
			}
		}
	case []byte:
		return `\x` + hex.EncodeToString(v) // Postgres's notation
	}
	return value
}

// guess is the type of a result column that is not one of a table.
func guess(value any) proto.ColumnType {
	switch value.(type) {
	case int64:
		return proto.ColumnType_INT
	case float64:
		return proto.ColumnType_DOUBLE
	case string:
		return proto.ColumnType_STRING
	case time.Time:
		return proto.ColumnType_TIMESTAMP
	}
	return proto.ColumnType_UNKNOWN
}

func isNumeric(t proto.ColumnType) bool {
	return t == proto.ColumnType_BOOL || t == proto.ColumnType_INT || t == proto.ColumnType_DOUBLE
}

// filterable reports whether comparing with the value is comparing number with number or text with text.
func filterable(t proto.ColumnType, value vtab.Value) bool {
	switch value.(type) {
	case int64, float64:
		return isNumeric(t)
	case string:
		return !isNumeric(t)
	}
	return false
}

// canonical returns a value by which Go's == finds what SQLite's finds, and perhaps a little more: integers
// that no float64 can tell apart.
func canonical(value vtab.Value) any {
	if n, ok := value.(int64); ok {
		return float64(n)
	}
	return value
}

// qualValue converts a value for the plugin; nil if the plugin might take "=" for something else than SQLite does.
func qualValue(t proto.ColumnType, value vtab.Value) *proto.QualValue {
	switch v := value.(type) {
	case string:
		if t == proto.ColumnType_STRING {
			return &proto.QualValue{Value: &proto.QualValue_StringValue{StringValue: v}}
		}
	case float64:
		if t == proto.ColumnType_DOUBLE {
			return &proto.QualValue{Value: &proto.QualValue_DoubleValue{DoubleValue: v}}
		}
	case int64:
		switch t {
		case proto.ColumnType_INT:
			return &proto.QualValue{Value: &proto.QualValue_Int64Value{Int64Value: v}}
		case proto.ColumnType_DOUBLE:
			return &proto.QualValue{Value: &proto.QualValue_DoubleValue{DoubleValue: float64(v)}}
		case proto.ColumnType_BOOL:
			if v == 0 || v == 1 {
				return &proto.QualValue{Value: &proto.QualValue_BoolValue{BoolValue: v == 1}}
			}
		}
	}
	return nil
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

package evidence

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// archive is a run of a file in the plugin's place: the engine asks it as it asks the plugin, so that a statement gives
// over a file what it gave over AWS.
type archive struct {
	file *File
	run  Run
}

// Connection is what the engine calls a file.
const archiveConnection = "ctcw"

// Engine answers SQL over the tables as they were in a run; their history, and ctcw_run, are there too.
func (f *File) Engine(run Run) (*engine.Engine, error) {
	e, err := engine.Open(archive{f, run}, []engine.Connection{{Name: archiveConnection}}, archiveConnection)
	if err != nil {
		return nil, err
	}
	views := map[string]string{}
	if f.old {
		views["ctcw_snapshot"] = "select " + show("taken_at", true) + ", source, version, row_count from evidence.ctcw_snapshot"
	} else if views["ctcw_run"], err = f.runView(); err != nil {
		return nil, err
	}
	for name, l := range f.layouts {
		list := []string{"run_id"}
		from := name + "_history"
		if f.old {
			list, from = []string{"1 as run_id"}, name
		}
		for _, c := range l.distinct() {
			list = append(list, show(c.name, c.kind == proto.ColumnType_TIMESTAMP))
		}
		views[name+"_history"] = fmt.Sprintf("select %s from evidence.%s", strings.Join(list, ", "), quote(from))
	}
	e.Attach("evidence", dsn(f.Path, "mode=ro"), views)
	return e, nil
}

// show is a column of the file, a time in the form that the engine takes for one.
func show(column string, isTime bool) string {
	if isTime {
		return fmt.Sprintf("strftime('%%Y-%%m-%%d %%H:%%M:%%fZ', %[1]s) as %[1]s", quote(column))
	}
	return quote(column)
}

// runView is the SQL of the table about the runs.
func (f *File) runView() (string, error) {
	rows, err := f.DB.Query("select * from ctcw_run limit 0")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	for i, name := range columns {
		columns[i] = show(name, name == "started" || name == "finished" || name == "checked_at")
	}
	return "select " + strings.Join(columns, ", ") + " from evidence.ctcw_run", nil
}

// SetAllConnectionConfigs implements engine.Plugin.
func (archive) SetAllConnectionConfigs(*proto.SetAllConnectionConfigsRequest) (*proto.SetConnectionConfigResponse, error) {
	return &proto.SetConnectionConfigResponse{}, nil
}

// GetSchema implements engine.Plugin. A table that the run does not have is there too: whoever asks for it is to hear
// that, and not that nothing was found.
func (a archive) GetSchema(*proto.GetSchemaRequest) (*proto.GetSchemaResponse, error) {
	tables := map[string]*proto.TableSchema{}
	for name, l := range a.file.layouts {
		columns := l.at(a.run.ID)
		if len(columns) == 0 {
			columns = l.distinct()
		}
		schema := &proto.TableSchema{}
		for _, c := range columns {
			schema.Columns = append(schema.Columns, &proto.ColumnDefinition{Name: c.name, Type: c.kind})
		}
		tables[name] = schema
	}
	return &proto.GetSchemaResponse{Schema: &proto.Schema{Schema: tables}}, nil
}

// Execute implements engine.Plugin. It sends all rows: the engine filters.
func (a archive) Execute(request *proto.ExecuteRequest, stream proto.WrapperPlugin_ExecuteServer) error {
	if _, ok := a.run.Tables[request.Table]; !ok {
		return fmt.Errorf("%s of %s has no table %s: it was taken by version %s", a.run.Title(), a.file.Path, request.Table, a.run.Version)
	}
	l := a.file.layouts[request.Table]
	columns := slices.DeleteFunc(l.at(a.run.ID), func(c column) bool { return !slices.Contains(request.QueryContext.Columns, c.name) })
	if len(columns) == 0 {
		columns = l.at(a.run.ID)[:1] // the rows count all the same
	}
	return eachRow(stream.Context(), a.file.DB, a.file.rowsOf(l, a.run, columns), nil, func(values []any) error {
		row := &proto.Row{Columns: map[string]*proto.Column{}}
		for i, v := range values {
			row.Columns[columns[i].name] = protoValue(columns[i].kind, v)
		}
		return stream.Send(&proto.ExecuteResponse{Row: row})
	})
}

// protoValue is what the plugin sent.
func protoValue(kind proto.ColumnType, value any) *proto.Column {
	switch v := goValue(kind, value).(type) {
	case bool:
		return &proto.Column{Value: &proto.Column_BoolValue{BoolValue: v}}
	case int64:
		return &proto.Column{Value: &proto.Column_IntValue{IntValue: v}}
	case float64:
		return &proto.Column{Value: &proto.Column_DoubleValue{DoubleValue: v}}
	case time.Time:
		return &proto.Column{Value: &proto.Column_TimestampValue{TimestampValue: timestamppb.New(v)}}
	case json.RawMessage:
		return &proto.Column{Value: &proto.Column_JsonValue{JsonValue: v}}
	case string:
		return &proto.Column{Value: &proto.Column_StringValue{StringValue: v}}
	}
	return &proto.Column{Value: &proto.Column_NullValue{}}
}

// goValue is what [engine.Rows.Values] has for a value of SQLite's.
func goValue(kind proto.ColumnType, value any) any {
	switch v := value.(type) {
	case int64:
		switch kind {
		case proto.ColumnType_BOOL:
			return v != 0
		case proto.ColumnType_DOUBLE:
			return float64(v)
		}
	case string:
		switch kind {
		case proto.ColumnType_TIMESTAMP:
			if at, err := parseStored(v); err == nil {
				return at
			}
		case proto.ColumnType_JSON:
			return json.RawMessage(v)
		}
	}
	return value
}

// parseStored reads a time as a file has it, or as a snapshot of an earlier version had it.
func parseStored(s string) (time.Time, error) {
	if at, err := time.Parse(time.DateTime, s); err == nil {
		return at, nil
	}
	return time.Parse(time.RFC3339, s)
}

// TableNames returns the tables of a run.
func (r Run) TableNames() []string { return slices.Sorted(maps.Keys(r.Tables)) }

// UseRuns returns a function that has the tables' own names mean a run, for this connection to the file, so that SQL
// runs in SQLite itself: over many runs that is much faster than [File.Engine].
func (f *File) UseRuns() func(context.Context, Run) error {
	return func(ctx context.Context, run Run) error {
		var sql strings.Builder
		for _, name := range slices.Sorted(maps.Keys(f.layouts)) {
			fmt.Fprintf(&sql, "drop view if exists temp.%s;", quote(name))
			l := f.layouts[name]
			rows := f.rowsOf(l, run, l.at(run.ID))
			if f.old {
				rows = strings.Replace(rows, " from ", " from main.", 1)
			}
			if _, ok := run.Tables[name]; !ok {
				rows = l.selection("", l.distinct()) + " where false" // else the name would mean the latest run's
			}
			fmt.Fprintf(&sql, "create temp view %s as %s;", quote(name), rows)
		}
		_, err := f.DB.ExecContext(ctx, sql.String())
		return err
	}
}

// AccountNames returns the latest name of each account, where a table has one.
func (f *File) AccountNames(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(f.layouts)) {
		l := f.layouts[name]
		has := func(column string) bool { return slices.Contains(namesOf(l.columns), column) }
		if f.old || !has("account_name") || !has("account_id") {
			continue
		}
		// The content is added to as time goes by: the last name is the latest.
		err := eachRow(ctx, f.DB, fmt.Sprintf("select account_id, account_name from %s where account_name is not null group by 1, 2 order by max(content_id)", quote(name+"_content")), nil, func(values []any) error {
			names[fmt.Sprint(values[0])] = fmt.Sprint(values[1])
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

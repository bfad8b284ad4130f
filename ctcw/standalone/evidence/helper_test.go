package evidence

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

var ctx = context.Background()

// asAppender has this binary append a copy of a file's first run to the file, so that it can be killed.
const asAppender = "CTCW_TEST_APPEND"

func TestMain(m *testing.M) {
	if path := os.Getenv(asAppender); path != "" {
		if err := appendCopy(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func appendCopy(path string) error {
	file, err := OpenFile(ctx, path)
	if err != nil {
		return err
	}
	e, err := file.Engine(file.Runs[0])
	if err != nil {
		return err
	}
	collected, err := Collect(ctx, e)
	if err != nil {
		return err
	}
	e.Close()
	file.Close()
	for _, t := range collected.tables { // so that there is something to write
		for _, row := range t.rows {
			row[t.index["account_id"]] = fmt.Sprint(row[t.index["account_id"]], "-", os.Getpid())
		}
	}
	fmt.Println("go")
	_, err = collected.Append(ctx, path, Provenance{Version: "copy"})
	return err
}

// plugin is one whose rows a test makes.
type plugin struct {
	engine.Plugin
	tables map[string]*proto.TableSchema
	rows   map[string][]map[string]*proto.Column
}

func (p plugin) SetAllConnectionConfigs(*proto.SetAllConnectionConfigsRequest) (*proto.SetConnectionConfigResponse, error) {
	return &proto.SetConnectionConfigResponse{}, nil
}

func (p plugin) GetSchema(*proto.GetSchemaRequest) (*proto.GetSchemaResponse, error) {
	return &proto.GetSchemaResponse{Schema: &proto.Schema{Schema: p.tables}}, nil
}

func (p plugin) Execute(request *proto.ExecuteRequest, stream proto.WrapperPlugin_ExecuteServer) error {
	for _, row := range p.rows[request.Table] {
		if err := stream.Send(&proto.ExecuteResponse{Row: &proto.Row{Columns: row}}); err != nil {
			return err
		}
	}
	return nil
}

// status is a table with a column of each kind, and rows of accounts.
func status(rows int, at time.Time, more ...*proto.ColumnDefinition) plugin {
	columns := append([]*proto.ColumnDefinition{
		{Name: "account_id", Type: proto.ColumnType_STRING}, {Name: "arn", Type: proto.ColumnType_STRING},
		{Name: "status_reason", Type: proto.ColumnType_STRING}, {Name: "remediation", Type: proto.ColumnType_STRING},
		{Name: "is_logging", Type: proto.ColumnType_BOOL}, {Name: "delivered_at", Type: proto.ColumnType_TIMESTAMP}, {Name: "checked_at", Type: proto.ColumnType_TIMESTAMP},
		{Name: "age", Type: proto.ColumnType_DOUBLE}, {Name: "retention", Type: proto.ColumnType_INT}, {Name: "tags", Type: proto.ColumnType_JSON},
	}, more...)
	p := plugin{tables: map[string]*proto.TableSchema{"status": {Columns: columns}}, rows: map[string][]map[string]*proto.Column{}}
	for i := range rows {
		delivered := at.Add(-time.Duration(i)*time.Second - 123*time.Millisecond)
		row := map[string]*proto.Column{
			"account_id":    protoValue(proto.ColumnType_STRING, fmt.Sprintf("%012d", i)),
			"arn":           protoValue(proto.ColumnType_STRING, fmt.Sprintf("arn:aws:cloudtrail:us-east-1:%012d:trail/zürich", i)),
			"status_reason": protoValue(proto.ColumnType_STRING, fmt.Sprintf("Delivered at %s, asked at %s.", delivered.Format(time.RFC3339), at.Format(time.RFC3339))),
			"is_logging":    protoValue(proto.ColumnType_BOOL, int64(i%2)),
			"delivered_at":  protoValue(proto.ColumnType_TIMESTAMP, delivered.Format(time.RFC3339Nano)),
			"checked_at":    protoValue(proto.ColumnType_TIMESTAMP, at.Format(time.RFC3339Nano)),
			"age":           protoValue(proto.ColumnType_DOUBLE, at.Sub(delivered).Hours()),
			"retention":     protoValue(proto.ColumnType_INT, int64(365)),
			"tags":          protoValue(proto.ColumnType_JSON, `{"owner":"a"}`),
		}
		for _, c := range more {
			row[c.Name] = protoValue(proto.ColumnType_STRING, "more")
		}
		p.rows["status"] = append(p.rows["status"], row)
	}
	return p
}

func (p plugin) engine(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open(p, []engine.Connection{{Name: "ctcw"}}, "ctcw")
	require.NoError(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

func (p plugin) append(t *testing.T, path string) Run {
	t.Helper()
	collected, err := Collect(ctx, p.engine(t))
	require.NoError(t, err)
	run, err := collected.Append(ctx, path, Provenance{Started: time.Unix(0, 0), Version: "1.2.3", Source: "a test", Callers: []string{"arn:aws:iam::1:user/a"}, Calls: 7})
	require.NoError(t, err)
	return run
}

// on is a day of the tests.
func on(day int) time.Time { return time.Date(2026, 7, day, 5, 17, 0, 456e6, time.UTC) }

// runs is a file of that many runs.
func runs(t *testing.T, n, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "runs.db")
	for day := range n {
		status(rows, on(day+1)).append(t, path)
	}
	return path
}

func open(t *testing.T, path string) *File {
	t.Helper()
	file, err := OpenFile(ctx, path)
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	return file
}

// dump is all that a file shows.
func dump(path string) (string, error) {
	db, err := sql.Open("sqlite", dsn(path, "mode=ro"))
	if err != nil {
		return "", err
	}
	defer db.Close()
	var names []string
	if err := eachRow(ctx, db, "select name from sqlite_schema where type = 'view' or name like 'ctcw%'", nil, func(v []any) error {
		names = append(names, v[0].(string))
		return nil
	}); err != nil {
		return "", err
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintln(&b, name)
		if err := eachRow(ctx, db, "select * from "+quote(name), nil, func(v []any) error {
			fmt.Fprintf(&b, "%#v\n", v)
			return nil
		}); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// change runs SQL on a file, as someone would who wants it to say something else.
func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path))
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(statement)
	require.NoError(t, err, statement)
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	copied := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, os.WriteFile(copied, content, 0o600))
	return copied
}

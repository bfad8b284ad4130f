package engine

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// thing is a row of the stub plugin's one table. Its fields are the columns; id and region are key columns,
// detail comes from a hydrate function of its own.
type thing struct {
	ID     string
	Region *string
	Count  *int64
	Size   float64
	Active *bool
	Seen   *time.Time
	Tags   map[string]any
	Addr   *string
}

var columnsOfThing = []*proto.ColumnDefinition{
	{Name: "id", Type: proto.ColumnType_STRING},
	{Name: "region", Type: proto.ColumnType_STRING},
	{Name: "count", Type: proto.ColumnType_INT},
	{Name: "size", Type: proto.ColumnType_DOUBLE},
	{Name: "active", Type: proto.ColumnType_BOOL},
	{Name: "seen", Type: proto.ColumnType_TIMESTAMP},
	{Name: "tags", Type: proto.ColumnType_JSON},
	{Name: "addr", Type: proto.ColumnType_INET},
	{Name: "detail", Type: proto.ColumnType_STRING},
}

// stub is a plugin: one over the SDK (sdk_test.go), or one that imitates it (imitation_test.go).
type stub struct {
	things  []thing
	ignores bool                                               // the quals: key columns are hints
	before  func(connection string, i int) error               // called before row i
	hold    func(ctx context.Context, connection string) error // called after the last row
	details atomic.Int64                                       // hydrate calls
}

func (s *stub) detail(t thing) string {
	s.details.Add(1)
	return "about " + t.ID
}

// wants reports whether the plugin returns a thing, given the values of the key columns.
func (s *stub) wants(t thing, id, region *string) bool {
	return s.ignores || (id == nil || *id == t.ID) && (region == nil || t.Region != nil && *region == *t.Region)
}

// spy is the plugin that the engine under test sees. It notes what is asked.
type spy struct {
	Plugin
	mu       sync.Mutex
	requests []*proto.ExecuteRequest
}

func (s *spy) Execute(r *proto.ExecuteRequest, stream proto.WrapperPlugin_ExecuteServer) error {
	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	return s.Plugin.Execute(r, stream)
}

// asked returns the requests since it was last called.
func (s *spy) asked() []*proto.ExecuteRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := s.requests
	s.requests = nil
	return requests
}

func qualsOf(r *proto.ExecuteRequest) map[string]any {
	values := map[string]any{}
	for name, q := range r.QueryContext.Quals {
		switch v := q.Quals[0].Value.Value.(type) {
		case *proto.QualValue_StringValue:
			values[name] = v.StringValue
		default:
			values[name] = v
		}
	}
	return values
}

// things makes n of them, in three regions, with every kind of NULL.
func things(n int) []thing {
	var all []thing
	for i := range n {
		count, active := int64(i%10), i%2 == 0
		seen := time.Date(2026, 11, 21, 2, 40, i%60, (i%4)*250e6, time.UTC)
		region := []string{"eu", "us", "ap"}[i%3]
		t := thing{
			ID: fmt.Sprintf("id-%d", i), Region: &region, Count: &count, Size: float64(i) / 2, Active: &active, Seen: &seen,
			Tags: map[string]any{"k": fmt.Sprintf("v%d", i%5), "n": i},
		}
		if i%7 == 6 {
			t.Region, t.Count, t.Active, t.Seen, t.Tags = nil, nil, nil, nil, nil
		}
		all = append(all, t)
	}
	return all
}

func open(t testing.TB, s *stub, connections ...Connection) (*Engine, *spy) {
	t.Helper()
	return openPlugin(t, newPlugin(s), connections...)
}

func openPlugin(t testing.TB, plugin Plugin, connections ...Connection) (*Engine, *spy) {
	t.Helper()
	if connections == nil {
		connections = []Connection{{Name: "stub"}}
	}
	p := &spy{Plugin: plugin}
	e, err := Open(p, connections, connections[0].Name)
	require.NoError(t, err)
	t.Cleanup(func() { e.Close() })
	return e, p
}

func collect(e *Engine, sql string, args ...any) ([][]any, error) {
	rows, err := e.Query(context.Background(), sql, args...)
	if err != nil {
		return nil, err
	}
	var all [][]any
	for rows.Next() {
		all = append(all, rows.Values())
	}
	return all, rows.Err()
}

func query(t testing.TB, e *Engine, sql string, args ...any) [][]any {
	t.Helper()
	all, err := collect(e, sql, args...)
	require.NoError(t, err, sql)
	return all
}

func TestMain(m *testing.M) {
	os.Setenv("STEAMPIPE_LOG_LEVEL", "off")
	os.Exit(m.Run())
}

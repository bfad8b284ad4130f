package ctcw_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdkgrpc "github.com/turbot/steampipe-plugin-sdk/v5/grpc"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"google.golang.org/grpc"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/program"
)

const table = "cloudtrail_cloudwatch_status"

func TestMain(m *testing.M) {
	program.Isolate()
	os.Exit(program.Run(m))
}

// harness is the plugin in the SDK's own engine, asking a sample organization.
type harness struct {
	t        *testing.T
	plugin   *sdkgrpc.PluginServer
	endpoint *sample.Server
	org      *sample.Organization
}

// start serves an organization and one connection for each account, named after it, with more arguments
// if there are any.
func start(t *testing.T, org *sample.Organization, arguments ...string) *harness {
	t.Helper()
	endpoint := sample.New(org)
	require.NoError(t, endpoint.Start())
	t.Cleanup(func() { endpoint.Close() })
	h := &harness{t: t, plugin: plugin(), endpoint: endpoint, org: org}
	var configs []*proto.ConnectionConfig
	for _, a := range org.Accounts {
		configs = append(configs, &proto.ConnectionConfig{Connection: a.Name, Config: h.config(a, arguments...)})
	}
	h.configure(configs...)
	return h
}

// startBehind is a start with something between the plugin and the organization, which may hand a request on with serve.
// The accounts' names begin with name: tests that run at the same time need connections of their own.
func startBehind(t *testing.T, name string, org *sample.Organization, between func(w http.ResponseWriter, r *http.Request, serve func()), arguments ...string) *harness {
	t.Helper()
	for _, a := range org.Accounts {
		a.Name = name + "-" + a.Name
	}
	endpoint := sample.New(org, sample.WithoutSignatureCheck())
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // before that, nobody notices that the client goes away
		r.Body = io.NopCloser(bytes.NewReader(body))
		between(w, r, func() { endpoint.ServeHTTP(w, r) })
	}))
	t.Cleanup(func() { front.CloseClientConnections(); front.Close() })
	t.Cleanup(func() { endpoint.Close() })
	h := &harness{t: t, plugin: plugin(), endpoint: endpoint, org: org}
	caller := org.Accounts[0]
	h.configure(&proto.ConnectionConfig{Connection: caller.Name, Config: fmt.Sprintf("access_key = %q\nsecret_key = %q\nendpoint_url = %q\n%s\n",
		caller.AccessKeyID, caller.SecretAccessKey, front.URL, strings.Join(arguments, "\n"))})
	return h
}

// isCall reports whether a request calls an operation of AWS's JSON protocols.
func isCall(r *http.Request, operation string) bool {
	return strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation)
}

// answerJSON answers a request in AWS's JSON protocols.
func answerJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (h *harness) config(a *sample.Account, arguments ...string) string {
	config := fmt.Sprintf("access_key = %q\nsecret_key = %q\nendpoint_url = %q\nmin_error_retry_delay = 1\n", a.AccessKeyID, a.SecretAccessKey, h.endpoint.URL())
	for _, argument := range arguments {
		config += argument + "\n"
	}
	return config
}

func (h *harness) configure(configs ...*proto.ConnectionConfig) {
	h.t.Helper()
	_, err := h.plugin.UpdateConnectionConfigs(&proto.UpdateConnectionConfigsRequest{Added: configs})
	require.NoError(h.t, err)
}

// plugin is one plugin for all tests, each of which changes its connections as Steampipe does when a file
// changes: the query cache that the SDK makes for a plugin takes 20 MB and is never freed.
var plugin = sync.OnceValue(func() *sdkgrpc.PluginServer {
	server := ctcw.Server()
	_, err := server.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{MaxCacheSizeMb: 1})
	if err != nil {
		panic(err)
	}
	return server
})

// request is a query as the FDW makes one of SQL.
type request struct {
	table       string              // default: the first table
	columns     []string            // default: see columnsOf
	where       map[string][]string // several values mean "in"
	limit       int64
	connections []string // default: that of the first account
	ctx         context.Context
	onRow       func()
	cached      bool // with Steampipe's query cache
}

type row map[string]any

// rows runs a query that must not fail.
func (h *harness) rows(r request) []row {
	h.t.Helper()
	rows, err := h.execute(r)
	require.NoError(h.t, err)
	return rows
}

func (h *harness) execute(r request) ([]row, error) {
	if r.connections == nil {
		r.connections = []string{h.org.Accounts[0].Name}
	}
	if r.table == "" {
		r.table = table
	}
	if r.columns == nil {
		r.columns = h.columnsOf(r.table)
	}
	if r.ctx == nil {
		r.ctx = context.Background()
	}
	query := &proto.QueryContext{Columns: r.columns, Quals: map[string]*proto.Quals{}}
	for column, values := range r.where {
		query.Quals[column] = &proto.Quals{Quals: []*proto.Qual{{
			FieldName: column, Operator: &proto.Qual_StringValue{StringValue: "="}, Value: qualValue(values),
		}}}
	}
	executeData := map[string]*proto.ExecuteConnectionData{}
	for _, c := range r.connections {
		data := &proto.ExecuteConnectionData{CacheEnabled: r.cached, CacheTtl: 300}
		if r.limit > 0 {
			data.Limit = &proto.NullableInt{Value: r.limit}
		}
		executeData[c] = data
	}
	sink := &sink{ctx: r.ctx, onRow: r.onRow}
	err := h.plugin.Execute(&proto.ExecuteRequest{
		Table: r.table, QueryContext: query, Connection: r.connections[0], CallId: h.t.Name(), ExecuteConnectionData: executeData,
	}, sink)
	return sink.rows, err
}

func qualValue(values []string) *proto.QualValue {
	if len(values) == 1 {
		return &proto.QualValue{Value: &proto.QualValue_StringValue{StringValue: values[0]}}
	}
	list := &proto.QualValueList{}
	for _, v := range values {
		list.Values = append(list.Values, &proto.QualValue{Value: &proto.QualValue_StringValue{StringValue: v}})
	}
	return &proto.QualValue{Value: &proto.QualValue_ListValue{ListValue: list}}
}

// columns are those of the first table, see columnsOf.
func (h *harness) columns() []string { return h.columnsOf(table) }

// columnsOf are all columns of a table, as the schema names them, but those of the first table that cost calls of
// their own: they are asked for by name.
func (h *harness) columnsOf(table string) []string {
	h.t.Helper()
	return slices.DeleteFunc(h.everyColumnOf(table), func(name string) bool {
		return table == deliveryTable && slices.Contains(costly, name)
	})
}

const deliveryTable = table

// costly are the columns of the first table that need ListTags, GetEventSelectors and GetTrailStatus of every region.
var costly = []string{"tags", "tags_src", "tags_error", "management_events", "event_selectors_error", "region_status", "failing_regions"}

func (h *harness) everyColumnOf(table string) []string {
	h.t.Helper()
	res, err := h.plugin.GetSchema(&proto.GetSchemaRequest{Connection: h.org.Accounts[0].Name})
	require.NoError(h.t, err)
	var names []string
	for _, c := range res.Schema.Schema[table].Columns {
		switch c.Name {
		case "_ctx", "sp_ctx", "sp_connection_name":
		default:
			names = append(names, c.Name)
		}
	}
	return names
}

// sink collects what the SDK streams.
type sink struct {
	grpc.ServerStream
	ctx   context.Context
	onRow func()
	mu    sync.Mutex
	rows  []row
}

func (s *sink) Context() context.Context { return s.ctx }

func (s *sink) Send(r *proto.ExecuteResponse) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := row{}
	for name, c := range r.Row.Columns {
		out[name] = value(c)
	}
	s.rows = append(s.rows, out)
	if s.onRow != nil {
		s.onRow()
	}
	return nil
}

func value(c *proto.Column) any {
	switch v := c.Value.(type) {
	case *proto.Column_StringValue:
		return v.StringValue
	case *proto.Column_BoolValue:
		return v.BoolValue
	case *proto.Column_IntValue:
		return v.IntValue
	case *proto.Column_DoubleValue:
		return v.DoubleValue
	case *proto.Column_TimestampValue:
		return v.TimestampValue.AsTime()
	case *proto.Column_JsonValue:
		var decoded any
		if err := json.Unmarshal(v.JsonValue, &decoded); err != nil {
			return err
		}
		return decoded
	default:
		return nil
	}
}

// now is the time of the test run, to the second, as AWS's times are.
var now = time.Now().UTC().Truncate(time.Second)

// organization is one account with one multi-region trail that delivers, in eu-west-1; each test changes
// what it is about.
func organization() *sample.Organization {
	org := &sample.Organization{ID: "o-test", Management: "111111111111"}
	org.Accounts = []*sample.Account{account("111111111111", "main")}
	main := org.Accounts[0]
	main.LogGroups = []*sample.LogGroup{{Name: "trail-logs", Region: "eu-west-1", RetentionInDays: 365, Created: now.AddDate(-1, 0, 0), StoredBytes: 4096, MetricFilterCount: 3}}
	main.Trails = []*sample.Trail{{
		Name: "trail", HomeRegion: "eu-west-1", MultiRegion: true, S3BucketName: "bucket", IncludeGlobalServiceEvents: true,
		CloudWatchLogsLogGroupARN: org.LogGroupARN("111111111111", "eu-west-1", "trail-logs"),
		CloudWatchLogsRoleARN:     org.RoleARN("111111111111", "to-logs"),
		Tags:                      map[string]string{"team": "security"},
		Status:                    sample.Healthy(now),
	}}
	main.Trails[0].Status.LatestNotification = now.Add(-6 * time.Minute)
	return org
}

func account(id, name string) *sample.Account { return &sample.Account{ID: id, Name: name} }

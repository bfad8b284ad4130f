package e2e

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdkgrpc "github.com/turbot/steampipe-plugin-sdk/v5/grpc"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/shared"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// serving starts the binary exactly as Steampipe's plugin manager does: without arguments, over go-plugin's
// gRPC. What it logs goes to log, all of it.
func serving(env []string, log io.Writer) (*plugin.Client, *sdkgrpc.PluginClient, error) {
	const name = "hub.steampipe.io/plugins/ctcw/ctcw@latest"
	cmd := exec.Command(binary)
	cmd.Env = env
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  shared.Handshake,
		Plugins:          map[string]plugin.Plugin{name: &shared.WrapperPlugin{}},
		Cmd:              cmd,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Stderr:           log, SyncStderr: log, SyncStdout: log,
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: log}),
	})
	p, err := sdkgrpc.NewPluginClient(client, name)
	return client, p, err
}

// startPlugin starts the plugin and, as Steampipe does next, sets connections, cache and rate limiters.
func startPlugin(t *testing.T, configs ...*proto.ConnectionConfig) *sdkgrpc.PluginClient {
	t.Helper()
	client, p, err := serving(environment(t), io.Discard)
	t.Cleanup(client.Kill)
	require.NoError(t, err)
	_, err = p.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{Configs: configs, MaxCacheSizeMb: -1})
	require.NoError(t, err)
	_, err = p.SetCacheOptions(&proto.SetCacheOptionsRequest{Enabled: true, Ttl: 300, MaxSizeMb: 16})
	require.NoError(t, err)
	_, err = p.SetRateLimiters(&proto.SetRateLimitersRequest{})
	require.NoError(t, err)
	return p
}

func connectionTo(server *sample.Server, a *sample.Account) *proto.ConnectionConfig {
	return &proto.ConnectionConfig{Connection: a.Name, Config: fmt.Sprintf(
		"access_key = %q\nsecret_key = %q\nendpoint_url = %q\n", a.AccessKeyID, a.SecretAccessKey, server.URL())}
}

func execute(p *sdkgrpc.PluginClient, columns []string, cache bool, connections ...string) ([]*proto.Row, error) {
	data := map[string]*proto.ExecuteConnectionData{}
	for _, c := range connections {
		data[c] = &proto.ExecuteConnectionData{CacheEnabled: cache, CacheTtl: 300}
	}
	stream, _, cancel, err := p.Execute(&proto.ExecuteRequest{
		Table: "cloudtrail_cloudwatch_status", Connection: connections[0], CallId: fmt.Sprint(time.Now().UnixNano()),
		QueryContext: &proto.QueryContext{Columns: columns}, ExecuteConnectionData: data,
	})
	if err != nil {
		return nil, err
	}
	defer cancel()
	var rows []*proto.Row
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, response.Row)
	}
}

func TestThePluginAsSteampipeStartsIt(t *testing.T) {
	server, org := serve(t)
	management, denied := org.Account("acme-management"), org.Account("hr-records")
	p := startPlugin(t,
		connectionTo(server, management), connectionTo(server, denied),
		&proto.ConnectionConfig{Connection: "empty"},
		&proto.ConnectionConfig{Connection: "all", Type: "aggregator", ChildConnections: []string{management.Name, denied.Name}})

	schema, err := p.GetSchema(management.Name)
	require.NoError(t, err)
	require.Contains(t, schema.Schema, "cloudtrail_cloudwatch_status")
	assert.Equal(t, "static", schema.Mode)

	columns := []string{"account_id", "arn", "delivery_status", "retention_in_days"}
	rows, err := execute(p, columns, true, management.Name)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	assert.Equal(t, "delivering", rows[0].Columns["delivery_status"].GetStringValue())
	assert.Equal(t, int64(365), rows[0].Columns["retention_in_days"].GetIntValue())

	t.Run("the query cache answers the second time", func(t *testing.T) {
		calls := server.Calls().Total()
		again, err := execute(p, columns, true, management.Name)
		require.NoError(t, err)
		assert.Len(t, again, 1)
		assert.Equal(t, calls, server.Calls().Total())
	})

	t.Run("an aggregator, one of its accounts denied", func(t *testing.T) {
		rows, err := execute(p, columns, false, management.Name, denied.Name)
		require.NoError(t, err)
		got := map[string]string{}
		for _, r := range rows {
			got[r.Columns["account_id"].GetStringValue()] = r.Columns["delivery_status"].GetStringValue()
		}
		assert.Equal(t, map[string]string{management.ID: "delivering", denied.ID: "unknown"}, got)
	})

	t.Run("an empty connection without credentials", func(t *testing.T) {
		_, err := execute(p, columns, false, "empty")
		assert.ErrorContains(t, err, `connection "empty": found no AWS credentials`)
	})
}

func TestAMalformedConnectionNamesItself(t *testing.T) {
	client, p, err := serving(environment(t), io.Discard)
	t.Cleanup(client.Kill)
	require.NoError(t, err)
	res, err := p.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{
		Configs: []*proto.ConnectionConfig{{Connection: "bad", Config: "region = \"eu-west-1\"\n"}}, MaxCacheSizeMb: -1})
	text := fmt.Sprint(res, err)
	assert.Contains(t, text, "bad")
	assert.Contains(t, text, `An argument named "region" is not expected here`)
}

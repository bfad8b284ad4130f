package main

import (
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	sdkgrpc "github.com/turbot/steampipe-plugin-sdk/v5/grpc"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/shared"
)

// runningPlugin is a plugin's binary, started as Steampipe starts it.
type runningPlugin struct {
	*sdkgrpc.PluginClient
	pid    int
	schema map[string]*proto.TableSchema
	kill   func()
}

// startPlugin starts a binary and sets up its connection, cache and rate limiters.
func startPlugin(binary, connection string) (p *runningPlugin, err error) {
	const name = "hub.steampipe.io/plugins/ctcw/ctcw@latest"
	cmd := command(binary)
	cmd.Stderr = nil // go-plugin reads it
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  shared.Handshake,
		Plugins:          map[string]plugin.Plugin{name: &shared.WrapperPlugin{}},
		Cmd:              cmd,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	defer func() {
		if err != nil {
			client.Kill()
		}
	}()
	c, err := sdkgrpc.NewPluginClient(client, name)
	if err != nil {
		return nil, err
	}
	configs := []*proto.ConnectionConfig{{Connection: "bench", Config: connection}}
	if _, err := c.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{Configs: configs, MaxCacheSizeMb: -1}); err != nil {
		return nil, err
	}
	if _, err := c.SetCacheOptions(&proto.SetCacheOptionsRequest{Enabled: true, Ttl: 300}); err != nil {
		return nil, err
	}
	if _, err := c.SetRateLimiters(&proto.SetRateLimitersRequest{}); err != nil {
		return nil, err
	}
	schema, err := c.GetSchema("bench")
	if err != nil {
		return nil, err
	}
	return &runningPlugin{c, cmd.Process.Pid, schema.GetSchema(), client.Kill}, nil
}

// execute is a query of the first table as Steampipe sends it. A limit of -1 is none.
func execute(columns []string, limit int64) *proto.ExecuteRequest {
	data := &proto.ExecuteConnectionData{}
	if limit >= 0 {
		data.Limit = &proto.NullableInt{Value: limit}
	}
	return &proto.ExecuteRequest{
		Table: firstTable, Connection: "bench", CallId: "1", QueryContext: &proto.QueryContext{Columns: columns},
		ExecuteConnectionData: map[string]*proto.ExecuteConnectionData{"bench": data},
	}
}

// firstTable is the table whose rows most other things hang on.
const firstTable = "cloudtrail_cloudwatch_status"

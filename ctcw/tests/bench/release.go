package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	sdkgrpc "github.com/turbot/steampipe-plugin-sdk/v5/grpc"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/shared"
)

// release measures the release binary, started and asked as Steampipe does it.
func release(t *table, binary string) error {
	const runs = 5
	t.section("d. The release binary, as Steampipe starts it")
	file, err := os.Stat(binary)
	if err != nil {
		return err
	}
	e, err := startEndpoint(organization{Accounts: 1, Trails: 1})
	if err != nil {
		return err
	}
	defer e.stop()
	var starts []time.Duration
	for range runs {
		took, err := coldStart(binary, e)
		if err != nil {
			return err
		}
		starts = append(starts, took)
	}
	resting, err := atRest(binary, e)
	if err != nil {
		return err
	}
	t.atMost("size", " MiB", float64(file.Size())/(1<<20), 50)
	t.atMost("start to first row, no latency", " s", median(starts).Seconds(), 1)
	t.atMost("memory at rest, a second after the start", " MiB", resting, 80)
	return nil
}

// coldStart returns the time from starting the binary to the first row.
func coldStart(binary string, e *endpoint) (time.Duration, error) {
	start := time.Now()
	p, _, kill, err := startPlugin(binary, e)
	if err != nil {
		return 0, err
	}
	defer kill()
	stream, _, cancel, err := p.Execute(&proto.ExecuteRequest{
		Table: "cloudtrail_cloudwatch_status", Connection: "bench", CallId: "1",
		QueryContext:          &proto.QueryContext{Columns: []string{"account_id", "arn", "delivery_status", "retention_in_days"}},
		ExecuteConnectionData: map[string]*proto.ExecuteConnectionData{"bench": {}},
	})
	if err != nil {
		return 0, err
	}
	defer cancel()
	first, err := stream.Recv()
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	if got := first.GetRow().GetColumns()["delivery_status"].GetStringValue(); got != "delivering" {
		return 0, fmt.Errorf("the plugin says %q of a trail that delivers", got)
	}
	for err == nil {
		_, err = stream.Recv()
	}
	if !errors.Is(err, io.EOF) {
		return 0, err
	}
	return took, nil
}

// atRest returns the memory of a plugin that has its connection and has not been asked yet.
func atRest(binary string, e *endpoint) (float64, error) {
	_, pid, kill, err := startPlugin(binary, e)
	if err != nil {
		return 0, err
	}
	defer kill()
	time.Sleep(time.Second)
	return memory(strconv.Itoa(pid), "VmRSS"), nil
}

// startPlugin starts the binary and sets up its connection, cache and rate limiters.
func startPlugin(binary string, e *endpoint) (p *sdkgrpc.PluginClient, pid int, kill func(), err error) {
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
	if p, err = sdkgrpc.NewPluginClient(client, name); err != nil {
		return nil, 0, nil, err
	}
	configs := []*proto.ConnectionConfig{{Connection: "bench", Config: e.connection(false)}}
	if _, err = p.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{Configs: configs, MaxCacheSizeMb: -1}); err != nil {
		return nil, 0, nil, err
	}
	if _, err = p.SetCacheOptions(&proto.SetCacheOptionsRequest{Enabled: true, Ttl: 300}); err != nil {
		return nil, 0, nil, err
	}
	if _, err = p.SetRateLimiters(&proto.SetRateLimitersRequest{}); err != nil {
		return nil, 0, nil, err
	}
	if _, err = p.GetSchema("bench"); err != nil {
		return nil, 0, nil, err
	}
	return p, cmd.Process.Pid, client.Kill, nil
}

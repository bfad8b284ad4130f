// Package ctcw is the Steampipe plugin: its connection, its tables, and nothing of AWS
// but what the packages below it find out. Only here is the SDK's plugin API used.
package ctcw

import (
	"context"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/heap"
)

const pluginName = "steampipe-plugin-ctcw"

// Plugin returns the plugin. Making one has no side effects; what it keeps between queries (AWS
// configuration, credentials, identity) belongs to the plugin returned.
func Plugin(context.Context) *plugin.Plugin {
	s := newSource()
	return &plugin.Plugin{
		Name: pluginName,
		ConnectionConfigSchema: &plugin.ConnectionConfigSchema{
			NewInstance: NewConnectionConfig,
		},
		TableMap: map[string]*plugin.Table{
			"cloudtrail_cloudwatch_alarm_status": tableCloudTrailCloudWatchAlarmStatus(s),
			"cloudtrail_cloudwatch_arrival":      tableCloudTrailCloudWatchArrival(s),
			"cloudtrail_cloudwatch_status":       tableCloudTrailCloudWatchStatus(s),
		},
	}
}

// Serve is the plugin in a process of its own, for Steampipe, which ends it.
func Serve() { plugin.Serve(serveOptions()) }

// Server returns the plugin as Steampipe would talk to it, in this process.
func Server() *grpc.PluginServer { return plugin.Server(serveOptions()) }

func serveOptions() *plugin.ServeOpts {
	heap.Uninterrupted()
	return &plugin.ServeOpts{PluginFunc: Plugin}
}

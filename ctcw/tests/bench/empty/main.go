// Command empty is the least that is a Steampipe plugin: one table of one column and no rows, on the same SDK. What it
// takes on disk and in memory, every plugin takes.
package main

import (
	"context"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"
)

func main() {
	plugin.Serve(&plugin.ServeOpts{PluginFunc: empty})
}

// connectionConfig takes what the benchmark gives to the plugin that this one is compared with.
type connectionConfig struct {
	AccessKey   string `hcl:"access_key,optional"`
	SecretKey   string `hcl:"secret_key,optional"`
	EndpointURL string `hcl:"endpoint_url,optional"`
}

func empty(context.Context) *plugin.Plugin {
	return &plugin.Plugin{
		Name:                   "steampipe-plugin-empty",
		ConnectionConfigSchema: &plugin.ConnectionConfigSchema{NewInstance: func() any { return &connectionConfig{} }},
		TableMap: map[string]*plugin.Table{
			"empty_nothing": {
				Name: "empty_nothing",
				List: &plugin.ListConfig{Hydrate: func(context.Context, *plugin.QueryData, *plugin.HydrateData) (any, error) {
					return nil, nil
				}},
				Columns: []*plugin.Column{{Name: "name", Type: proto.ColumnType_STRING}},
			},
		},
	}
}

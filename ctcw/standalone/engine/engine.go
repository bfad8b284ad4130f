// Package engine answers SQL over the tables of a Steampipe plugin without Steampipe: SQLite in this
// process, each table of the plugin a virtual table, each scan of it one Execute call of the plugin.
//
// A statement costs the plugin what it costs in Steampipe or less. The columns a statement uses, its
// "column = value" terms on key columns and a plain LIMIT are pushed down, and within one statement
// nothing is asked for twice (scan.go says how).
package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// Plugin is what the engine needs of a plugin server. The SDK's *grpc.PluginServer is one.
type Plugin interface {
	SetAllConnectionConfigs(*proto.SetAllConnectionConfigsRequest) (*proto.SetConnectionConfigResponse, error)
	GetSchema(*proto.GetSchemaRequest) (*proto.GetSchemaResponse, error)
	Execute(*proto.ExecuteRequest, proto.WrapperPlugin_ExecuteServer) error
}

// Connection is a connection of the plugin.
type Connection struct {
	Name     string
	Config   string   // the body of its connection block, in HCL
	Children []string // of an aggregator: the connections it stands for
}

// Engine runs SQL statements over a plugin, any number of them at a time.
type Engine struct {
	plugin   Plugin
	target   string
	children map[string][]string                      // of the aggregators
	schemas  map[string]map[string]*proto.TableSchema // by connection and table
	attached string                                   // SQL that attaches a database, see Attach
	open     context.Context                          // ends with Close
	close    context.CancelCauseFunc
}

var errClosed = errors.New("the engine is closed")

// Open configures the plugin with the connections. Unqualified table names mean those of target;
// the tables of the others are reached as connection.table.
func Open(plugin Plugin, connections []Connection, target string) (*Engine, error) {
	e := &Engine{
		plugin:   plugin,
		target:   target,
		children: map[string][]string{},
		schemas:  map[string]map[string]*proto.TableSchema{},
	}
	var configs []*proto.ConnectionConfig
	for _, c := range connections {
		config := &proto.ConnectionConfig{Connection: c.Name, Config: c.Config, ChildConnections: c.Children}
		if c.Children != nil {
			config.Type = "aggregator"
			e.children[c.Name] = c.Children
		}
		configs = append(configs, config)
	}
	// The queries do not use the plugin's cache. It allocates 300 MB all the same unless it is told to be small.
	request := &proto.SetAllConnectionConfigsRequest{Configs: configs, MaxCacheSizeMb: 1}
	if _, err := plugin.SetAllConnectionConfigs(request); err != nil {
		return nil, pluginError(err, "")
	}
	for _, c := range connections {
		response, err := plugin.GetSchema(&proto.GetSchemaRequest{Connection: c.Name})
		if err != nil {
			return nil, pluginError(err, c.Name)
		}
		e.schemas[c.Name] = response.GetSchema().GetSchema()
	}
	if e.schemas[target] == nil {
		return nil, fmt.Errorf("there is no connection %q", target)
	}
	e.open, e.close = context.WithCancelCause(context.Background())
	return e, nil
}

// Close ends the statements that still run, and the plugin calls they have made.
func (e *Engine) Close() error {
	e.close(errClosed)
	return nil
}

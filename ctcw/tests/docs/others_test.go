package docs

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/pgtest"
)

// otherTable stands for a table of another plugin, with all its columns and a few rows.
type otherTable struct {
	text, json, time []string
	rows             []map[string]any
}

// common are the columns that every table of Steampipe's AWS plugin has.
var common = []string{"title", "partition", "region", "account_id", "arn"}

var otherTables = map[string]otherTable{
	"aws_account": {
		text: append([]string{"organization_id", "organization_arn", "organization_feature_set", "organization_master_account_arn",
			"organization_master_account_email", "organization_master_account_id"}, common...),
		json: []string{"account_aliases", "organization_available_policy_types", "akas"},
		rows: []map[string]any{
			{"account_id": "888899990000", "account_aliases": json.RawMessage(`["acme-data-platform"]`)},
			{"account_id": "191919191919"},
		},
	},
	"aws_organizations_account": {
		text: append([]string{"name", "id", "parent_id", "state", "status", "email", "joined_method"}, common...),
		json: []string{"tags_src", "tags", "akas"},
		time: []string{"joined_timestamp"},
		rows: []map[string]any{
			{"id": "111122223333", "name": "acme-management", "status": "ACTIVE"},
			{"id": "212121212121", "name": "brand-new", "status": "ACTIVE"},
		},
	},
	"aws_cloudwatch_log_metric_filter": {
		text: []string{"name", "log_group_name", "filter_pattern", "metric_transformation_name", "metric_transformation_namespace",
			"metric_transformation_value", "title", "partition", "region", "account_id"},
		json: []string{"akas"},
		time: []string{"creation_time"},
		rows: []map[string]any{
			{"account_id": "777788889999", "region": "us-east-1", "log_group_name": "storefront/cloudtrail", "name": "root-login",
				"filter_pattern": `{ $.userIdentity.type = "Root" }`, "metric_transformation_name": "RootLogins"},
		},
	},
}

func (o otherTable) columns() map[string]proto.ColumnType {
	types := map[string]proto.ColumnType{}
	for _, name := range o.text {
		types[name] = proto.ColumnType_STRING
	}
	for _, name := range o.json {
		types[name] = proto.ColumnType_JSON
	}
	for _, name := range o.time {
		types[name] = proto.ColumnType_TIMESTAMP
	}
	return types
}

// load makes the tables in Postgres.
func loadOtherTables(server *pgtest.Server) {
	for name, o := range otherTables {
		var columns []pgtest.Column
		for column, kind := range o.columns() {
			columns = append(columns, pgtest.Column{Name: column, Type: postgresType[kind]})
		}
		server.Load(name, columns, o.rows)
	}
}

// withOtherPlugins is the plugin as the engine sees it, with the other plugins' tables beside its own.
type withOtherPlugins struct{ *grpc.PluginServer }

func (p withOtherPlugins) GetSchema(r *proto.GetSchemaRequest) (*proto.GetSchemaResponse, error) {
	response, err := p.PluginServer.GetSchema(r)
	if err != nil {
		return nil, err
	}
	tables := maps.Clone(response.Schema.Schema)
	for name, o := range otherTables {
		types := o.columns()
		schema := &proto.TableSchema{}
		for _, column := range slices.Sorted(maps.Keys(types)) {
			schema.Columns = append(schema.Columns, &proto.ColumnDefinition{Name: column, Type: types[column]})
		}
		tables[name] = schema
	}
	return &proto.GetSchemaResponse{Schema: &proto.Schema{Schema: tables, Mode: response.Schema.Mode}}, nil
}

func (p withOtherPlugins) Execute(r *proto.ExecuteRequest, stream proto.WrapperPlugin_ExecuteServer) error {
	o, ok := otherTables[r.Table]
	if !ok {
		return p.PluginServer.Execute(r, stream)
	}
	for _, row := range o.rows {
		columns := map[string]*proto.Column{}
		for _, name := range r.QueryContext.Columns {
			switch v := row[name].(type) {
			case string:
				columns[name] = &proto.Column{Value: &proto.Column_StringValue{StringValue: v}}
			case json.RawMessage:
				columns[name] = &proto.Column{Value: &proto.Column_JsonValue{JsonValue: v}}
			default:
				columns[name] = &proto.Column{Value: &proto.Column_NullValue{}}
			}
		}
		if err := stream.Send(&proto.ExecuteResponse{Row: &proto.Row{Columns: columns}, Connection: r.Connection}); err != nil {
			return err
		}
	}
	return nil
}

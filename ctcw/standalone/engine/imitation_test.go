package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// imitation serves a stub without the SDK, where that is too slow, or has data races of its own (v5.14.1).
type imitation struct{ *stub }

func (imitation) SetAllConnectionConfigs(*proto.SetAllConnectionConfigsRequest) (*proto.SetConnectionConfigResponse, error) {
	return nil, nil
}

func (imitation) GetSchema(*proto.GetSchemaRequest) (*proto.GetSchemaResponse, error) {
	columns := append(slices.Clone(columnsOfThing),
		&proto.ColumnDefinition{Name: "sp_connection_name", Type: proto.ColumnType_STRING},
		&proto.ColumnDefinition{Name: "sp_ctx", Type: proto.ColumnType_JSON},
		&proto.ColumnDefinition{Name: "_ctx", Type: proto.ColumnType_JSON})
	return &proto.GetSchemaResponse{Schema: &proto.Schema{Schema: map[string]*proto.TableSchema{"thing": {
		Columns: columns,
		ListCallKeyColumnList: []*proto.KeyColumn{
			{Name: "id", Operators: []string{"="}, Require: "optional"},
			{Name: "region", Operators: []string{"="}, Require: "optional"},
		},
	}}}}, nil
}

func (p imitation) Execute(r *proto.ExecuteRequest, stream proto.WrapperPlugin_ExecuteServer) error {
	var all sync.WaitGroup
	var mu sync.Mutex
	var failures []error
	for connection := range r.ExecuteConnectionData {
		all.Go(func() {
			if err := p.list(r, connection, stream, &mu); err != nil {
				mu.Lock()
				failures = append(failures, fmt.Errorf("%s: %w", connection, err))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return errors.Join(failures...)
}

func (p imitation) list(r *proto.ExecuteRequest, connection string, stream proto.WrapperPlugin_ExecuteServer, mu *sync.Mutex) error {
	equals := func(key string) *string {
		if q := r.QueryContext.Quals[key]; q != nil {
			return &q.Quals[0].Value.Value.(*proto.QualValue_StringValue).StringValue
		}
		return nil
	}
	limit := r.ExecuteConnectionData[connection].Limit
	sent := int64(0)
	for i, t := range p.things {
		if err := stream.Context().Err(); err != nil || limit != nil && sent == limit.Value {
			return err
		}
		if p.before != nil {
			if err := p.before(connection, i); err != nil {
				return err
			}
		}
		if !p.wants(t, equals("id"), equals("region")) {
			continue
		}
		row, err := p.row(t, connection, slices.Contains(r.QueryContext.Columns, "detail"))
		if err != nil {
			return err
		}
		mu.Lock()
		stream.Send(&proto.ExecuteResponse{Row: row})
		mu.Unlock()
		sent++
	}
	if p.hold != nil {
		return p.hold(stream.Context(), connection)
	}
	return nil
}

func (p imitation) row(t thing, connection string, detail bool) (*proto.Row, error) {
	context := []byte(fmt.Sprintf(`{"connection_name": %q}`, connection))
	columns := map[string]*proto.Column{
		"id":                 {Value: &proto.Column_StringValue{StringValue: t.ID}},
		"size":               {Value: &proto.Column_DoubleValue{DoubleValue: t.Size}},
		"sp_connection_name": {Value: &proto.Column_StringValue{StringValue: connection}},
		"sp_ctx":             {Value: &proto.Column_JsonValue{JsonValue: context}},
		"_ctx":               {Value: &proto.Column_JsonValue{JsonValue: context}},
		"count":              {Value: &proto.Column_NullValue{}},
	}
	if t.Region != nil {
		columns["region"] = &proto.Column{Value: &proto.Column_StringValue{StringValue: *t.Region}}
	}
	if t.Count != nil {
		columns["count"] = &proto.Column{Value: &proto.Column_IntValue{IntValue: *t.Count}}
	}
	if t.Active != nil {
		columns["active"] = &proto.Column{Value: &proto.Column_BoolValue{BoolValue: *t.Active}}
	}
	if t.Seen != nil {
		columns["seen"] = &proto.Column{Value: &proto.Column_TimestampValue{TimestampValue: timestamppb.New(*t.Seen)}}
	}
	if t.Tags != nil {
		tags, _ := json.Marshal(t.Tags)
		columns["tags"] = &proto.Column{Value: &proto.Column_JsonValue{JsonValue: tags}}
	}
	if t.Addr != nil {
		columns["addr"] = &proto.Column{Value: &proto.Column_IpAddrValue{IpAddrValue: *t.Addr}}
	}
	if detail {
		if t.ID == "panic" {
			return nil, errors.New("rpc error: code = Internal desc = hydrate call detail failed with panic out of cheese")
		}
		columns["detail"] = &proto.Column{Value: &proto.Column_StringValue{StringValue: p.detail(t)}}
	}
	return &proto.Row{Columns: columns}, nil
}

package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
)

// organization is a plugin whose rows come from nowhere: an organization of one trail an account, on a day. It has the
// tables and columns of the real one.
type organization struct {
	schema   *proto.GetSchemaResponse
	accounts int
	perRow   map[string]int // rows of an account, by table
	day      int
}

// began is the first day.
var began = time.Date(2026, 1, 1, 5, 17, 0, 0, time.UTC)

func newOrganization(accounts int) (*organization, error) {
	server := ctcw.Server()
	configs := &proto.SetAllConnectionConfigsRequest{Configs: []*proto.ConnectionConfig{{Connection: "ctcw"}}, MaxCacheSizeMb: 1}
	if _, err := server.SetAllConnectionConfigs(configs); err != nil {
		return nil, err
	}
	schema, err := server.GetSchema(&proto.GetSchemaRequest{Connection: "ctcw"})
	if err != nil {
		return nil, err
	}
	// 15 event classes, and a stream for each region.
	perRow := map[string]int{"cloudtrail_cloudwatch_alarm_status": 15, "cloudtrail_cloudwatch_arrival": 17}
	return &organization{schema: schema, accounts: accounts, perRow: perRow}, nil
}

// SetAllConnectionConfigs implements engine.Plugin.
func (o *organization) SetAllConnectionConfigs(*proto.SetAllConnectionConfigsRequest) (*proto.SetConnectionConfigResponse, error) {
	return &proto.SetConnectionConfigResponse{}, nil
}

// GetSchema implements engine.Plugin.
func (o *organization) GetSchema(*proto.GetSchemaRequest) (*proto.GetSchemaResponse, error) {
	return o.schema, nil
}

// Execute implements engine.Plugin. Accounts come in another order every day, as they do from AWS.
func (o *organization) Execute(request *proto.ExecuteRequest, stream proto.WrapperPlugin_ExecuteServer) error {
	columns := o.schema.Schema.Schema[request.Table].Columns
	for _, i := range rand.New(rand.NewPCG(uint64(o.day), 0)).Perm(o.accounts) {
		for n := range max(o.perRow[request.Table], 1) {
			row := &proto.Row{Columns: map[string]*proto.Column{}}
			known := o.known(i)
			if request.Table != "cloudtrail_cloudwatch_status" && known["delivery_status"] == "delivering" {
				known["status_reason"] = "What this table says of it has no time of another table in it."
			}
			for _, c := range columns {
				row.Columns[c.Name] = o.value(c, known, i, n)
			}
			if err := stream.Send(&proto.ExecuteResponse{Row: row}); err != nil {
				return err
			}
		}
	}
	return nil
}

// known are the values that the controls look at. One account in twenty has a trail that is broken for three weeks of
// the year, and one in fifty for all of it.
func (o *organization) known(i int) map[string]any {
	account := fmt.Sprintf("1%011d", i+1)
	now := began.AddDate(0, 0, o.day).Add(time.Duration(i) * 7 * time.Millisecond)
	delivered := now.Add(-time.Duration(100+(i*7+o.day*13)%200) * time.Second)
	values := map[string]any{
		"arn": "arn:aws:cloudtrail:us-east-1:" + account + ":trail/trail-1", "name": "trail-1", "home_region": "us-east-1", "region": "us-east-1",
		"account_id": account, "trail_account_id": account, "partition": "aws", "title": "trail-1", "account_name": fmt.Sprintf("account-%04d", i),
		"checked_at": now, "is_logging": true, "delivery_status": "delivering", "log_group_status": "found", "retention_in_days": int64(365),
		"log_group_arn": "arn:aws:logs:us-east-1:" + account + ":log-group:cloudtrail/trail-1:*", "log_group_name": "cloudtrail/trail-1",
		"log_group_region": "us-east-1", "log_group_account_id": account, "s3_bucket_name": "cloudtrail-" + account,
		"cloudwatch_logs_role_arn": "arn:aws:iam::" + account + ":role/CloudTrail_CloudWatchLogs", "log_group_stored_bytes": int64(1<<30 + o.day<<20),
		"tags": map[string]string{"owner": "platform-security", "cost-center": "1100"}, "akas": []string{"arn:aws:cloudtrail:us-east-1:" + account + ":trail/trail-1"},
	}
	for _, name := range []string{"scan_error", "exempt_reason", "trail_status_error", "log_group_error", "unscanned_regions", "remediation", "stop_logging_time", "event_selectors_error", "failing_regions"} {
		values[name] = nil
	}
	start := i * 37 % 340
	if i%50 == 0 || i%20 == 1 && o.day >= start && o.day < start+21 {
		delivered = began.AddDate(0, 0, start-1)
		values["delivery_status"] = "stale"
		values["status_reason"] = fmt.Sprintf("The latest delivery to CloudWatch Logs was %.1f hours ago; delivery to S3 goes on, last at %s.", now.Sub(delivered).Hours(), now.Add(-4*time.Minute).Format(time.RFC3339))
		values["remediation"] = "aws cloudtrail update-trail --name trail-1 --region us-east-1 --cloud-watch-logs-log-group-arn arn:aws:logs:us-east-1:" + account + ":log-group:cloudtrail/trail-1:* --cloud-watch-logs-role-arn arn:aws:iam::" + account + ":role/CloudTrail_CloudWatchLogs"
	} else {
		values["status_reason"] = fmt.Sprintf("CloudTrail delivered to CloudWatch Logs at %s.", delivered.Format(time.RFC3339))
	}
	values["latest_cloudwatch_logs_delivery_time"], values["cloudwatch_logs_delivery_age_hours"] = delivered, now.Sub(delivered).Hours()
	return values
}

// value is a cell: a known one, or one that looks like AWS's.
func (o *organization) value(c *proto.ColumnDefinition, known map[string]any, i, n int) *proto.Column {
	value, ok := known[c.Name]
	if !ok {
		switch c.Type {
		case proto.ColumnType_TIMESTAMP:
			value = known["checked_at"].(time.Time).Add(-time.Duration(60+(i+n+o.day*len(c.Name))%900) * time.Second)
		case proto.ColumnType_STRING:
			value = fmt.Sprintf("%s of %d, row %d", c.Name, i, n)
		case proto.ColumnType_INT:
			value = int64(n)
		case proto.ColumnType_BOOL:
			value = false
		case proto.ColumnType_DOUBLE:
			value = float64(i+o.day) / 7
		case proto.ColumnType_JSON:
			value = []string{c.Name, fmt.Sprint(n)}
		}
	}
	switch v := value.(type) {
	case nil:
		return &proto.Column{Value: &proto.Column_NullValue{}}
	case string:
		return &proto.Column{Value: &proto.Column_StringValue{StringValue: v}}
	case bool:
		return &proto.Column{Value: &proto.Column_BoolValue{BoolValue: v}}
	case int64:
		return &proto.Column{Value: &proto.Column_IntValue{IntValue: v}}
	case float64:
		return &proto.Column{Value: &proto.Column_DoubleValue{DoubleValue: v}}
	case time.Time:
		return &proto.Column{Value: &proto.Column_TimestampValue{TimestampValue: timestamppb.New(v)}}
	default:
		text, _ := json.Marshal(v) // maps and lists of text
		return &proto.Column{Value: &proto.Column_JsonValue{JsonValue: text}}
	}
}

package ctcw_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	getCallerIdentity = "sts:GetCallerIdentity"
	describeRegions   = "ec2:DescribeRegions"
	describeTrails    = "cloudtrail:DescribeTrails"
	getTrailStatus    = "cloudtrail:GetTrailStatus"
	listTags          = "cloudtrail:ListTags"
	getEventSelectors = "cloudtrail:GetEventSelectors"
	describeLogGroups = "logs:DescribeLogGroups"

	trailARN = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/trail"
)

// costs asserts how often each API was called, and that no other was.
func (h *harness) costs(want map[string]int) {
	h.t.Helper()
	got, total := map[string]int{}, 0
	for action, n := range want {
		got[action] = h.endpoint.Calls().Of(action)
		total += n
	}
	assert.Equal(h.t, want, got)
	assert.Equal(h.t, total, h.endpoint.Calls().Total(), h.endpoint.Calls().String())
}

func TestEveryColumnOfATrailThatDelivers(t *testing.T) {
	h := start(t, organization(), `exempt = { "*:trail/tr*" = "tested here" }`)
	rows := h.rows(request{columns: h.everyColumnOf(table)})
	require.Len(t, rows, 1)
	r := rows[0]

	assert.InDelta(t, time.Since(r["latest_cloudwatch_logs_delivery_time"].(time.Time)).Hours(), r["cloudwatch_logs_delivery_age_hours"], 0.01)
	assert.WithinDuration(t, time.Now(), r["checked_at"].(time.Time), time.Minute)
	assert.Contains(t, r["status_reason"], "CloudTrail delivered to CloudWatch Logs at ")
	regions := r["region_status"].(map[string]any)
	assert.Len(t, regions, 17)
	assert.Equal(t, map[string]any{"is_logging": true, "latest_cloudwatch_logs_delivery_time": now.Add(-3 * time.Minute).Format(time.RFC3339)}, regions["us-west-2"])
	for _, computed := range []string{"region_status", "cloudwatch_logs_delivery_age_hours", "checked_at", "status_reason", "_ctx", "sp_ctx"} {
		delete(r, computed)
	}
	times := map[string]bool{}
	for name, v := range r {
		if _, ok := v.(time.Time); ok {
			times[name] = true
			delete(r, name)
		}
	}
	assert.Equal(t, map[string]bool{
		"start_logging_time": true, "latest_cloudwatch_logs_delivery_time": true, "latest_delivery_time": true,
		"latest_digest_delivery_time": true, "latest_notification_time": true, "log_group_creation_time": true,
	}, times)
	assert.Equal(t, row{
		"arn": trailARN, "name": "trail", "title": "trail", "akas": []any{trailARN},
		"home_region": "eu-west-1", "region": "eu-west-1", "status_region": "eu-west-1", "partition": "aws",
		"account_id": "111111111111", "trail_account_id": "111111111111",
		"delivery_status": "delivering", "remediation": nil, "is_logging": true,
		"stop_logging_time": nil, "latest_cloudwatch_logs_delivery_error": nil, "latest_delivery_error": nil,
		"latest_digest_delivery_error": nil, "latest_notification_error": nil,
		"log_group_arn":  "arn:aws:logs:eu-west-1:111111111111:log-group:trail-logs:*",
		"log_group_name": "trail-logs", "log_group_region": "eu-west-1", "log_group_account_id": "111111111111",
		"log_group_status": "found", "retention_in_days": int64(365), "retention_never_expires": false,
		"log_group_class": "STANDARD", "log_group_kms_key_id": nil, "log_group_stored_bytes": int64(4096), "metric_filter_count": int64(3),
		"cloudwatch_logs_role_arn": "arn:aws:iam::111111111111:role/to-logs",
		"is_multi_region_trail":    true, "is_organization_trail": false, "include_global_service_events": true,
		"log_file_validation_enabled": false, "has_custom_event_selectors": false, "has_insight_selectors": false,
		"kms_key_id": nil, "s3_bucket_name": "bucket", "s3_key_prefix": nil, "sns_topic_arn": nil,
		"exempt_reason": "tested here", "unscanned_regions": nil, "scan_error": nil, "trail_status_error": nil, "log_group_error": nil,
		"tags": map[string]any{"team": "security"}, "tags_src": []any{map[string]any{"Key": "team", "Value": "security"}}, "tags_error": nil,
		"account_name": nil, "management_events": "All", "event_selectors_error": nil, "failing_regions": nil,
		"sp_connection_name": "main",
	}, r)
}

func TestColumnsDecideWhatIsAsked(t *testing.T) {
	list := func(more map[string]int) map[string]int {
		want := map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17}
		for action, n := range more {
			want[action] = n
		}
		return want
	}
	cases := []struct {
		name    string
		columns []string
		want    map[string]int
	}{
		{"all but those that cost calls of their own", nil, list(map[string]int{getTrailStatus: 1, describeLogGroups: 1})},
		{"what DescribeTrails says", []string{"name", "log_group_arn"}, list(nil)},
		{"a status", []string{"is_logging"}, list(map[string]int{getTrailStatus: 1})},
		{"a retention", []string{"retention_in_days"}, list(map[string]int{describeLogGroups: 1})},
		{"the verdict", []string{"delivery_status"}, list(map[string]int{getTrailStatus: 1, describeLogGroups: 1})},
		{"the verdict and what it is made of", []string{"delivery_status", "is_logging", "log_group_status"}, list(map[string]int{getTrailStatus: 1, describeLogGroups: 1})},
		{"tags", []string{"tags"}, list(map[string]int{listTags: 1})},
		{"what the selectors record", []string{"management_events"}, list(map[string]int{getEventSelectors: 1})},
		{"and the error of that", []string{"management_events", "event_selectors_error"}, list(map[string]int{getEventSelectors: 1})},
		{"failing regions", []string{"failing_regions"}, list(map[string]int{getTrailStatus: 17})},
		{"what each region says", []string{"region_status"}, list(map[string]int{getTrailStatus: 17})},
		{"both, and the verdict", []string{"failing_regions", "region_status", "delivery_status", "is_logging"},
			list(map[string]int{getTrailStatus: 17, describeLogGroups: 1})},
		{"an account's name", []string{"account_name"}, list(nil)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, organization())
			require.Len(t, h.rows(request{columns: c.columns}), 1)
			h.costs(c.want)
		})
	}
}

func TestSelectingEverythingAsksEachThingOnce(t *testing.T) {
	h := start(t, organization())
	require.Len(t, h.rows(request{columns: h.everyColumnOf(table)}), 1)
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17, getTrailStatus: 17, describeLogGroups: 1,
		listTags: 1, getEventSelectors: 1})
}

func TestATrailWithoutALogGroupIsJudgedByDescribeTrailsAlone(t *testing.T) {
	org := organization()
	org.Accounts[0].Trails[0].CloudWatchLogsLogGroupARN = ""
	h := start(t, org)
	rows := h.rows(request{columns: []string{"delivery_status", "log_group_status", "retention_in_days", "retention_never_expires"}})
	require.Len(t, rows, 1)
	assert.Equal(t, "not_configured", rows[0]["delivery_status"])
	assert.Nil(t, rows[0]["log_group_status"])
	assert.Nil(t, rows[0]["retention_never_expires"])
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17})
}

func TestTheIdentityIsKeptFromQueryToQuery(t *testing.T) {
	h := start(t, organization())
	h.rows(request{columns: []string{"name"}})
	h.rows(request{columns: []string{"name"}})
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 34})
}

package check_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

const hostile = "a, \"b\"\nzürich 東京 <&> \x1b[31m"

func report() *check.Report {
	dimensions := func(account, region, status string) []check.Dimension {
		return []check.Dimension{{Key: "account_id", Value: account}, {Key: "region", Value: region}, {Key: "delivery_status", Value: status}}
	}
	return &check.Report{Groups: []check.Group{{ID: "ctcw.benchmark.b", Title: "B", Runs: []check.Run{
		{Control: mod.Control{Name: "one", Title: "One", Description: "About one", Severity: "low", Tags: map[string]string{"cis": "true"}},
			Results: []check.Result{
				{Resource: "arn:aws:cloudtrail:eu-west-1:111111111111:trail/t", Status: check.OK, Reason: "fine", Dimensions: dimensions("111111111111", "eu-west-1", "delivering")},
				{Resource: "arn:aws:::222222222222", Status: check.Alarm, Reason: hostile, Dimensions: dimensions("222222222222", "global", "no_trail")},
			}},
		{Control: mod.Control{Name: "two", Title: "Two", Tags: map[string]string{"plugin": "aws"}}},
	}}}}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, report().WriteTable(&b, 0))
	assert.Equal(t, `One (one)
 OK     111111111111  t (eu-west-1)  delivering  fine
 ALARM  222222222222  account        no_trail    a, "b"
                                                 zürich 東京 <&> �[31m
1 ok, 1 alarm

Two (two)
no row

All 2 controls: 1 ok, 1 alarm
`, b.String())
}

func TestPlan(t *testing.T) {
	m, err := mod.Load()
	require.NoError(t, err)
	plan, err := check.NewPlan(m, []string{"ctcw.benchmark.cis_v200", "control.log_group_exists", "cis_v200_3_4"}, nil)
	require.NoError(t, err)
	columns := plan.Columns([]string{"arn", "tags", "delivery_status", "s3_bucket_name", "log_group_status", "metric_filter_count"})
	assert.Equal(t, []string{"arn", "delivery_status", "log_group_status"}, columns, "only what the controls' SQL names is asked of AWS")
}

package check_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

const hostile = "a, \"b\"\nzürich 東京 <&> \x1b[31m"

func report() *check.Report {
	dimensions := func(account, region, status string) []check.Dimension {
		return []check.Dimension{{Key: "account_id", Value: account}, {Key: "region", Value: region}, {Key: "delivery_status", Value: status}}
	}
	return &check.Report{
		Runs: []check.Run{
			{Group: check.Group{ID: "ctcw.benchmark.b", Title: "B"}, Control: mod.Control{Name: "one", Title: "One", Description: "About one", Severity: "low", Tags: map[string]string{"cis": "true"}},
				Results: []check.Result{
					{Resource: "arn:aws:cloudtrail:eu-west-1:111111111111:trail/t", Status: check.OK, Reason: "fine", Dimensions: dimensions("111111111111", "eu-west-1", "delivering")},
					{Resource: "arn:aws:::222222222222", Status: check.Alarm, Reason: hostile, Dimensions: dimensions("222222222222", "global", "no_trail")},
				}},
			{Control: mod.Control{Name: "two", Title: "Two", Tags: map[string]string{"plugin": "aws"}}},
		},
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, report().WriteCSV(&b, output.CSVOptions{}))
	assert.Equal(t, "group_id,title,description,control_id,control_title,control_description,reason,resource,status,severity,account_id,region,delivery_status,cis,plugin\n"+
		"ctcw.benchmark.b,B,,control.one,One,About one,fine,arn:aws:cloudtrail:eu-west-1:111111111111:trail/t,ok,low,111111111111,eu-west-1,delivering,true,\n"+
		"ctcw.benchmark.b,B,,control.one,One,About one,\"a, \"\"b\"\"\nzürich 東京 <&> \x1b[31m\",arn:aws:::222222222222,alarm,low,222222222222,global,no_trail,true,\n", b.String())
	records, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, hostile, records[2][6], "what goes in comes out")
}

func TestWhatASpreadsheetWouldRunIsEscaped(t *testing.T) {
	r := report()
	r.Runs[0].Results[0].Reason = "=HYPERLINK(1)"
	var b bytes.Buffer
	require.NoError(t, r.WriteCSV(&b, output.CSVOptions{EscapeFormulas: true}))
	assert.Contains(t, b.String(), ",'=HYPERLINK(1),")
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, report().WriteJSON(&b))
	var got struct {
		Summary  struct{ Status map[string]int }
		Controls []struct{ Results []check.Result }
	}
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	assert.Equal(t, map[string]int{"ok": 1, "alarm": 1, "skip": 0, "info": 0, "error": 0}, got.Summary.Status)
	assert.Equal(t, hostile, got.Controls[0].Results[1].Reason)
	assert.Equal(t, []check.Result{}, got.Controls[1].Results, "a control without a row has an empty list")
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

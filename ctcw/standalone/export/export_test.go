package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/export"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// hostile is a text as AWS may return it, with what ends a cell, a tag or a line in one of the formats.
const hostile = "a, \"b\"\nzürich 東京 <script>&|`*_] \x1b[31m ]]>"

const trail = "arn:aws-cn:cloudtrail:cn-north-1:111111111111:trail/t"

func report() *check.Report {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	dimensions := func(account, region string) []check.Dimension {
		return []check.Dimension{{Key: "account_id", Value: account}, {Key: "region", Value: region}}
	}
	one := check.Run{
		Control: mod.Control{Name: "one", Title: "One", Description: "About one", Severity: "high", Tags: map[string]string{
			"cis": "true", "cis_version": "v2.0.0", "cis_item_id": "3.4", "nist_800_53_rev_5": "true", "nist_800_53_rev_5_item_id": "AU-2, AC-2(4)"}},
		Results: []check.Result{
			{Resource: "arn:aws-us-gov:::222222222222", Status: check.Alarm, Reason: hostile, Dimensions: dimensions("222222222222", "global"),
				AccountName: hostile, CheckedAt: at, Remediation: "aws logs create-log-group --log-group-name '<a|b>' && " + strings.Repeat("x", 600)},
			{Resource: trail, Status: check.Error, Reason: "denied", Dimensions: dimensions("333333333333", "cn-north-1"), CheckedAt: at},
			{Resource: trail, Status: check.OK, Reason: "fine", Dimensions: dimensions("111111111111", "cn-north-1"), CheckedAt: at},
		},
	}
	two := check.Run{Control: mod.Control{Name: "two", Title: "Two", Tags: map[string]string{"plugin": "aws"}}}
	return &check.Report{
		Groups: []check.Group{
			{ID: "ctcw.benchmark.b", Title: "B", Description: "Both", Tags: map[string]string{"type": "Benchmark"}, Runs: []check.Run{one, two}},
			{ID: "ctcw.benchmark.c", Title: "C", Runs: []check.Run{one}},
		},
		About: check.About{
			Version: "1.2.3", Callers: []string{"arn:aws:iam::111111111111:role/audit"}, Source: "profile audit", Asked: []string{"ctcw.benchmark.b", "ctcw.benchmark.c"},
			Variables: []check.Variable{{Name: "max_delivery_age_hours", Value: "24"}}, Started: at, Finished: at.Add(2 * time.Second),
			Accounts: []check.Account{{ID: "111111111111"}, {ID: "222222222222", Name: hostile}, {ID: "333333333333", Unread: "denied"}},
		},
	}
}

func written(t *testing.T, name string, r *check.Report) []byte {
	t.Helper()
	format, err := export.ForFile(name, output.CSVOptions{})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, format.Write(&b, r))
	return b.Bytes()
}

func TestEveryFormatSaysWhatItIsWorth(t *testing.T) {
	for _, f := range export.Formats(output.CSVOptions{}) {
		text := string(written(t, "x"+f.Suffix, report()))
		has := func(part string) bool { return strings.Contains(text, part) }
		assert.True(t, has("333333333333"), "%s: the account that was not readable", f.Suffix)
		for _, part := range []string{"2026-11-21T09:00:0", "arn:aws:iam::111111111111:role/audit", "1.2.3", "24", "3 accounts through profile audit"} {
			assert.True(t, has(part), "%s: %s", f.Suffix, part)
		}
		if f.Suffix == ".html" || f.Suffix == ".md" || f.Suffix == ".junit.xml" {
			assert.False(t, has("<script>"), "%s: a text from AWS is text", f.Suffix)
		}
	}
}

func TestAReportWithoutARowIsWritten(t *testing.T) {
	for _, f := range export.Formats(output.CSVOptions{}) {
		text := written(t, "x"+f.Suffix, &check.Report{Groups: []check.Group{{ID: "ctcw.benchmark.b", Title: "B"}}})
		if strings.HasSuffix(f.Suffix, ".json") {
			assert.True(t, json.Valid(text), f.Suffix)
		}
	}
}

func TestForFile(t *testing.T) {
	for name, suffix := range map[string]string{"a.b.csv": ".csv", "a.json": ".json", "a.asff.json": ".asff.json", "dir/x.ocsf.json": ".ocsf.json", "r.junit.xml": ".junit.xml"} {
		f, err := export.ForFile(name, output.CSVOptions{})
		require.NoError(t, err)
		assert.Equal(t, suffix, f.Suffix)
	}
	_, err := export.ForFile("x.xml", output.CSVOptions{})
	assert.ErrorContains(t, err, `--export "x.xml": the name must end in one of .csv .asff.json .ocsf.json .oscal.json .json .html .md .junit.xml`)
}

func TestCSV(t *testing.T) {
	records, err := csv.NewReader(bytes.NewReader(written(t, "x.csv", report()))).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, "group_id,title,description,control_id,control_title,control_description,reason,resource,status,severity,"+
		"account_id,region,cis,cis_item_id,cis_version,nist_800_53_rev_5,nist_800_53_rev_5_item_id,plugin,type,"+
		"account_name,checked_at,remediation,checked_by,ctcw_version,variables,scope,complete", strings.Join(records[0], ","))
	require.Len(t, records, 7, "a control in two benchmarks is in both")
	row := map[string]string{}
	for i, name := range records[0] {
		row[name] = records[3][i]
	}
	assert.Equal(t, "ctcw.benchmark.b", row["group_id"])
	assert.Equal(t, "Both", row["description"])
	assert.Equal(t, "control.one", row["control_id"])
	assert.Equal(t, "2026-11-21T09:00:00Z", row["checked_at"])
	assert.Equal(t, "false", row["complete"])
	assert.Equal(t, "max_delivery_age_hours=24", row["variables"])
	assert.Equal(t, "3 accounts through profile audit, every enabled region", row["scope"])
}

func TestWhatASpreadsheetWouldRunIsEscaped(t *testing.T) {
	r := report()
	r.Groups[0].Runs[0].Results[0].Reason = "=HYPERLINK(1)"
	format, err := export.ForFile("x.csv", output.CSVOptions{EscapeFormulas: true})
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, format.Write(&b, r))
	assert.Contains(t, b.String(), ",'=HYPERLINK(1),")
}

func TestJSONHasPowerpipesShape(t *testing.T) {
	var root map[string]any
	require.NoError(t, json.Unmarshal(written(t, "x.json", report()), &root))
	assert.Equal(t, "root_result_group", root["group_id"])
	around := root["groups"].([]any)[0].(map[string]any)
	assert.Equal(t, "ctcw.benchmark.root", around["group_id"], "Powerpipe puts several benchmarks into one of its own")
	assert.Nil(t, around["controls"])
	b := around["groups"].([]any)[0].(map[string]any)
	assert.Equal(t, map[string]any{"alarm": 1.0, "ok": 1.0, "info": 0.0, "skip": 0.0, "error": 1.0}, b["summary"].(map[string]any)["status"])
	assert.Equal(t, map[string]any{"alarm": 2.0, "ok": 2.0, "info": 0.0, "skip": 0.0, "error": 2.0}, root["summary"].(map[string]any)["status"])
	control := b["controls"].([]any)[0].(map[string]any)
	assert.Equal(t, hostile, control["results"].([]any)[0].(map[string]any)["reason"], "what goes in comes out")
	assert.Equal(t, []any{}, b["controls"].([]any)[1].(map[string]any)["results"], "a control without a row has an empty list")
	assert.Equal(t, false, root["ctcw"].(map[string]any)["complete"])

	alone := report()
	alone.Groups = []check.Group{{ID: "ctcw.control.one", Title: "One", Runs: alone.Groups[0].Runs[:1]}}
	require.NoError(t, json.Unmarshal(written(t, "x.json", alone), &root))
	assert.Equal(t, []any{}, root["groups"], "a control by itself is in the root")
	assert.Len(t, root["controls"], 1)
}

func TestASFF(t *testing.T) {
	var findings []map[string]any
	require.NoError(t, json.Unmarshal(written(t, "x.asff.json", report()), &findings))
	require.Len(t, findings, 3, "a control in two benchmarks is one finding")
	assert.Equal(t, "arn:aws-us-gov:securityhub:us-gov-west-1:222222222222:product/222222222222/default", findings[0]["ProductArn"], "an account is of no region: the partition's main one")
	assert.Equal(t, "arn:aws-cn:securityhub:cn-north-1:333333333333:product/333333333333/default", findings[1]["ProductArn"])
	assert.NotEqual(t, findings[1]["Id"], findings[2]["Id"], "one trail seen from two accounts is two findings")
	assert.Equal(t, "HIGH", findings[0]["Severity"].(map[string]any)["Label"])
	assert.Equal(t, []any{"CIS AWS Foundations Benchmark v2.0.0 3.4", "NIST SP 800-53 Rev. 5 AU-2", "NIST SP 800-53 Rev. 5 AC-2(4)"}, findings[0]["Compliance"].(map[string]any)["RelatedRequirements"])
	text := findings[0]["Remediation"].(map[string]any)["Recommendation"].(map[string]any)["Text"].(string)
	assert.Equal(t, "The command is in the product field ctcw/Remediation.", text, "a command is whole or not there")
}

func TestUIDsAreTheSameInEveryRun(t *testing.T) {
	later := report()
	later.About.Started, later.About.Finished = later.About.Started.Add(time.Hour), later.About.Finished.Add(time.Hour)
	uids := func(r *check.Report) (all []string) {
		var findings []struct {
			Info struct{ UID string } `json:"finding_info"`
		}
		require.NoError(t, json.Unmarshal(written(t, "x.ocsf.json", r), &findings))
		for _, f := range findings {
			all = append(all, f.Info.UID)
		}
		return all
	}
	assert.Equal(t, uids(report()), uids(later))
	assert.Len(t, uids(later), 3)
}

// TestSeveralResultsOnOneResource: an event class each, say. Security Hub would keep the last of one Id.
func TestSeveralResultsOnOneResource(t *testing.T) {
	r := report()
	run := &r.Groups[0].Runs[0]
	run.Results = []check.Result{run.Results[2], run.Results[2]}
	run.Results[1].Dimensions = append(run.Results[1].Dimensions[:1:1], check.Dimension{Key: "event_class", Value: "root_usage"})
	var findings []struct{ ID string }
	require.NoError(t, json.Unmarshal(written(t, "x.asff.json", r), &findings))
	assert.NotEqual(t, findings[0].ID, findings[1].ID)
}

func TestJUnitIsWellFormed(t *testing.T) {
	text := written(t, "x.junit.xml", report())
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := decoder.Token(); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
	}
	assert.Contains(t, string(text), `<testsuites name="ctcw" tests="3" failures="1" errors="1" time="2.000">`)
}

package check_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/days"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
)

var ctx = context.Background()

// fixture is a mod with a control over each table, and one over two.
func fixture() *mod.Mod {
	const status, told, arrival = "cloudtrail_cloudwatch_status", "cloudtrail_cloudwatch_alarm_status", "cloudtrail_cloudwatch_arrival"
	tables := map[string][]string{"first": {status}, "names": {status}, "told": {told}, "arrive": {arrival}, "both": {told, status}}
	m := &mod.Mod{}
	var all []string
	for name, sql := range map[string]string{
		"first": `/* not cloudtrail_cloudwatch_arrival */ select coalesce(arn, title) as resource, case delivery_status when 'delivering' then 'ok' else 'alarm' end as status,
			status_reason as reason, account_id, region from cloudtrail_cloudwatch_status`,
		"names": `select coalesce(arn, title) as resource, 'ok' as status, coalesce(name, 'none') as reason, account_id, region from cloudtrail_cloudwatch_status`,
		"told": `select coalesce(arn, title) as resource, case alarm_status when 'monitored' then 'ok' when 'unknown' then 'error' else 'alarm' end as status,
			status_reason as reason, account_id, region from cloudtrail_cloudwatch_alarm_status where event_class = 'root_usage'`,
		"arrive": `select coalesce(arn, title) as resource, 'info' as status, arrival_status as reason, account_id, region from cloudtrail_cloudwatch_arrival`,
		"both": `select t.arn as resource, 'ok' as status, t.delivery_status || a.alarm_status as reason, t.account_id, t.region
			from cloudtrail_cloudwatch_status t join cloudtrail_cloudwatch_alarm_status a on a.arn = t.arn and a.account_id = t.account_id`,
	} {
		m.Controls = append(m.Controls, mod.Control{Name: name, Title: name, SQL: sql, Tables: tables[name]})
		all = append(all, name)
	}
	m.Benchmarks = []mod.Benchmark{{Name: "all", Title: "All", Controls: all}}
	return m
}

func planOf(t *testing.T, m *mod.Mod, names ...string) *check.Plan {
	t.Helper()
	p, err := check.NewPlan(m, names, nil)
	require.NoError(t, err)
	return p
}

// TestACheckCostsWhatItsControlsAsk counts the calls of each control by itself, and of all together.
func TestACheckCostsWhatItsControlsAsk(t *testing.T) {
	org := sample.Large(3, 1, time.Now())
	o := days.Serve(t, org)
	cost := func(names ...string) map[string]int {
		e := o.Engine(time.Now())
		o.Server.ResetCalls()
		report, err := planOf(t, fixture(), names...).Run(ctx, e)
		require.NoError(t, err)
		assert.Len(t, report.About.Accounts, 3, names)
		for _, run := range report.Runs() {
			assert.NotEmpty(t, run.Results, run.Control.Name)
			for _, r := range run.Results {
				assert.NotZero(t, r.CheckedAt, run.Control.Name)
				assert.NotEmpty(t, r.AccountName, run.Control.Name)
			}
		}
		calls := map[string]int{}
		for call, n := range o.Server.Calls().ByCall() {
			calls[call.Action] += n
		}
		return calls
	}
	first, told, arrive, all := cost("first"), cost("told"), cost("arrive"), cost("all")
	for _, action := range []string{"logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms", "cloudtrail:GetEventSelectors", "logs:DescribeLogStreams"} {
		assert.Zero(t, first[action], action)
	}
	assert.NotZero(t, told["logs:DescribeMetricFilters"])
	assert.Zero(t, told["logs:DescribeLogStreams"])
	assert.NotZero(t, arrive["logs:DescribeLogStreams"])
	assert.Zero(t, arrive["logs:DescribeMetricFilters"])
	assert.Zero(t, arrive["cloudtrail:GetTrailStatus"], "what the control does not ask for")
	together := map[string]int{}
	for _, one := range []map[string]int{first, told, arrive} {
		for action, n := range one {
			together[action] = max(together[action], n)
		}
	}
	assert.Equal(t, together, all, "all tables together ask for each thing once")
}

// TestAPlanRunsAgain, and each report keeps its own results.
func TestAPlanRunsAgain(t *testing.T) {
	o := days.Serve(t, sample.Large(1, 1, time.Now()))
	plan := planOf(t, fixture(), "first")
	before, err := plan.Run(ctx, o.Engine(time.Now()))
	require.NoError(t, err)
	o.Server.Update(func(org *sample.Organization) { org.Accounts[0].Trails[0].Status.Logging = false })
	after, err := plan.Run(ctx, o.Engine(time.Now()))
	require.NoError(t, err)
	assert.Equal(t, check.Summary{check.OK: 1}, before.Summary())
	assert.Equal(t, check.Summary{check.Alarm: 1}, after.Summary())
}

// TestARunOfAnEarlierVersion lacks tables.
func TestARunOfAnEarlierVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	for _, statement := range []string{
		"create table ctcw_snapshot (taken_at timestamp, source text, version text, row_count integer)",
		"insert into ctcw_snapshot values ('2026-06-01T00:00:00Z', 'ctcw.spc', '0.1.0', 1)",
		"create table cloudtrail_cloudwatch_status (account_id text, arn text, title text, name text, region text, delivery_status text, status_reason text)",
		"insert into cloudtrail_cloudwatch_status values ('111111111111', 'arn:aws:cloudtrail:us-east-1:111111111111:trail/t', 't', 't', 'us-east-1', 'delivering', 'fine')",
	} {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
	file, err := evidence.OpenFile(ctx, path)
	require.NoError(t, err)
	defer file.Close()
	assert.NoError(t, planOf(t, fixture(), "first").ReadableIn(path, file.Latest()))
	err = planOf(t, fixture(), "all").ReadableIn(path, file.Latest())
	assert.ErrorContains(t, err, path+" has no table cloudtrail_cloudwatch_a")
	assert.ErrorContains(t, err, "it was taken by version 0.1.0; take a new snapshot, or choose other controls")
	e, err := file.Engine(file.Latest())
	require.NoError(t, err)
	defer e.Close()
	report, err := planOf(t, fixture(), "first").Run(ctx, e)
	require.NoError(t, err)
	assert.Equal(t, check.OK, report.Runs()[0].Results[0].Status)
}

// TestNoCellIsBetterThanItsControl: from v5.0.0 on CIS asks for an event more than alarm_status does.
func TestNoCellIsBetterThanItsControl(t *testing.T) {
	o := days.Serve(t, sample.Demo(time.Now()))
	m, err := mod.Load()
	require.NoError(t, err)
	for _, benchmark := range []string{"cis_v400", "cis_v600"} {
		report, err := planOf(t, m, benchmark).Run(ctx, o.Engine(time.Now()))
		require.NoError(t, err)
		for _, cell := range report.Cells {
			assert.Equal(t, cell.Status == check.OK, cell.Alarm == alarm.Monitored, "%s: %v", benchmark, cell)
		}
	}
}

// TestMatrix draws the sample organization, whose trails are broken in every way, in one scan.
func TestMatrix(t *testing.T) {
	o := days.Serve(t, sample.Demo(time.Now()))
	m, err := mod.Load()
	require.NoError(t, err)
	report, err := planOf(t, m, "cis_v200").Run(ctx, o.Engine(time.Now()))
	require.NoError(t, err)
	var whole bytes.Buffer
	require.NoError(t, report.WriteTable(&whole, check.View{Width: 80}))
	assert.LessOrEqual(t, strings.Count(whole.String(), "\n"), 100, "two screens of 50 lines")
	for i := range report.Groups[0].Runs { // whose reasons have times
		if run := &report.Groups[0].Runs[i]; run.Control.Name == "cis_v200_3_4" {
			run.Results = run.Results[:0]
		}
	}
	for _, width := range []int{0, 60, 80} {
		for _, color := range []bool{false, true} {
			var b bytes.Buffer
			require.NoError(t, report.WriteTable(&b, check.View{Width: width, Color: color, Layout: check.Matrix}))
			file := filepath.Join("testdata", fmt.Sprintf("matrix-%d.txt", width))
			if color {
				file = filepath.Join("testdata", fmt.Sprintf("matrix-%d-color.txt", width))
			}
			if *update {
				require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), b.String(), "%s: go test ./ctcw/standalone/check -update writes it", file)
			for line := range strings.SplitSeq(b.String(), "\n") {
				if width > 0 {
					assert.LessOrEqual(t, text.StringWidthWithoutEscSequences(line), width, line)
				}
			}
			assert.Equal(t, 1, strings.Count(b.String(), fmt.Sprint(report.Summary()[check.Alarm], " alarm")), "one summary")
		}
	}
	drawn := func(v check.View, cells []check.Cell) bool {
		one := *report
		one.Cells = cells
		var b bytes.Buffer
		require.NoError(t, one.WriteTable(&b, v))
		return strings.Contains(b.String(), "Is anyone told?")
	}
	classes := slices.DeleteFunc(slices.Clone(report.Cells), func(c check.Cell) bool { return c.Account != report.Cells[0].Account })
	accounts := slices.DeleteFunc(slices.Clone(report.Cells), func(c check.Cell) bool { return c.Class != report.Cells[0].Class })
	assert.True(t, drawn(check.View{}, report.Cells), "several accounts and classes")
	assert.False(t, drawn(check.View{Fix: true}, report.Cells), "a matrix has no place for commands")
	assert.False(t, drawn(check.View{Layout: check.List}, report.Cells))
	assert.True(t, drawn(check.View{Layout: check.Matrix, Fix: true}, report.Cells), "asked for")
	assert.Len(t, classes, 15)
	assert.False(t, drawn(check.View{}, classes), "one account")
	assert.False(t, drawn(check.View{}, accounts), "one class")
	assert.False(t, drawn(check.View{Layout: check.Matrix}, nil), "nothing to draw")
	for _, cell := range report.Cells {
		assert.NotEmpty(t, cell.Alarm, cell)
	}
	assert.Len(t, report.Cells, 15*len(report.About.Accounts))
	var remedied int
	for _, run := range report.Runs() {
		for _, r := range run.Results {
			if run.Control.Name != "cis_v200_3_4" && r.Remediation != "" {
				remedied++
			}
		}
	}
	assert.NotZero(t, remedied, "an alarm has the commands that mend its chain")
}

// TestMissingAccounts: where the list of accounts breaks off, no control may be content with those that it has, above all
// not because the account that was to list them is in order.
func TestMissingAccounts(t *testing.T) {
	o := days.Serve(t, sample.Large(24, 1, time.Now()))
	o.Server.Inject(sample.Fault{Action: "organizations:ListAccounts", Kind: sample.AccessDenied, After: 1})
	m, err := mod.Load()
	require.NoError(t, err)
	var names []string
	for _, c := range m.Everywhere() {
		names = append(names, c.Name)
	}
	report, err := planOf(t, m, names...).Run(ctx, o.Engine(time.Now()))
	require.NoError(t, err)
	for _, run := range report.Runs() {
		says := slices.ContainsFunc(run.Results, func(r check.Result) bool {
			return r.Status == check.Error && strings.Contains(r.Reason, "cannot list the organization's accounts after the first 20")
		})
		assert.True(t, says, "%s: %v", run.Control.Name, run.Summary())
	}
	assert.False(t, report.About.Complete())
	assert.Equal(t, "incomplete: accounts are missing that could not be listed", report.About.Completeness())
}

package timeline_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/days"
)

var ctx = context.Background()

// on is a time of the week of the tests.
func on(day int) time.Time { return time.Date(2026, 7, day, 5, 17, 0, 0, time.UTC) }

func account(n int) string { return fmt.Sprintf("1%011d", n) }

func trail(n int) string {
	return "arn:aws:cloudtrail:us-east-1:" + account(n) + ":trail/trail-1"
}

func plan(t *testing.T, vars map[string]string, names ...string) *check.Plan {
	t.Helper()
	m, err := mod.Load()
	require.NoError(t, err)
	p, err := check.NewPlan(m, names, vars)
	require.NoError(t, err)
	return p
}

// week is a file of a run on each of the first days of July but the fifth. On the second the trail of account 2 is
// stopped, and started again on the fourth. On the third account 5 joins, without a trail. On the fourth account 4 may
// not be read. On the sixth account 3 has left.
func week(t *testing.T) *evidence.File {
	t.Helper()
	org := sample.Large(4, 1, time.Now())
	o := days.Serve(t, org)
	o.Exempt("arn:aws:cloudtrail:*:"+account(1)+":trail/*", "The SIEM reads this trail from S3 (SEC-1)")
	path := filepath.Join(t.TempDir(), "week.db")
	o.Append(path, on(1))
	o.Server.Update(func(org *sample.Organization) { org.Account(account(2)).Trails[0].Status.Logging = false })
	o.Append(path, on(2))
	o.Server.Update(func(org *sample.Organization) {
		org.Accounts = append(org.Accounts, &sample.Account{ID: account(5), Roles: []sample.Role{{Name: "OrganizationAccountAccessRole"}}})
	})
	o.Append(path, on(3))
	o.Server.Update(func(org *sample.Organization) {
		org.Account(account(2)).Trails[0].Status.Logging = true
		org.Account(account(4)).Roles[0].Denied = true
	})
	assert.False(t, o.Append(path, on(4)).Complete, "an account may not be read")
	o.Server.Update(func(org *sample.Organization) {
		org.Account(account(4)).Roles[0].Denied = false
		org.Accounts = append(org.Accounts[:2:2], org.Accounts[3:]...)
	})
	assert.True(t, o.Append(path, on(6)).Complete)
	file, err := evidence.OpenFile(ctx, path)
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	return file
}

func TestDiffNamesWhatChanged(t *testing.T) {
	file := week(t)
	p := plan(t, nil, "cis_v200_3_4")
	for _, c := range []struct {
		from, to int
		want     []string
	}{
		{1, 2, []string{"worse 2 trail-1 (us-east-1) ok → alarm"}},
		{2, 3, []string{"new 5 the account  → alarm"}},
		{3, 4, []string{"mended 2 trail-1 (us-east-1) alarm → ok", "worse 4 the account  → error", "unread 4 trail-1 (us-east-1) ok → "}},
		{4, 5, []string{"gone 3 trail-1 (us-east-1) ok → ", "new 4 trail-1 (us-east-1)  → ok", "mended 4 the account error → "}},
		{1, 5, []string{"gone 3 trail-1 (us-east-1) ok → ", "new 5 the account  → alarm"}},
	} {
		changes, err := timeline.Diff(ctx, file, p, file.Runs[c.from-1], file.Runs[c.to-1])
		require.NoError(t, err)
		var got []string
		bad := false
		for _, x := range changes {
			got = append(got, fmt.Sprintf("%s %s %s %s → %s", x.Kind, x.Account[len(x.Account)-1:], timeline.Short(x.Resource), x.Before, x.After))
			bad = bad || x.Bad()
			assert.NotEmpty(t, x.Reason)
		}
		assert.Equal(t, c.want, got, "runs %d and %d", c.from, c.to)
		assert.Equal(t, c.to != 5 || c.from == 1, bad, "runs %d and %d", c.from, c.to)
	}
}

// TestDiffNamesAnotherCause of the same verdict: who is called for one has other things to mend for the other.
func TestDiffNamesAnotherCause(t *testing.T) {
	o := days.Serve(t, sample.Large(3, 1, time.Now()))
	o.Exempt("arn:aws:cloudtrail:*:"+account(1)+":trail/*", "The SIEM reads this trail from S3 (SEC-1)")
	path := filepath.Join(t.TempDir(), "causes.db")
	o.Server.Update(func(org *sample.Organization) {
		for _, n := range []int{1, 2} {
			org.Account(account(n)).Trails[0].Status.LatestCloudWatchLogsDelivery = time.Time{}
		}
	})
	o.Append(path, on(1))
	o.Append(path, on(2))
	o.Server.Update(func(org *sample.Organization) {
		for _, n := range []int{1, 2} {
			org.Account(account(n)).Trails[0].Status.Logging = false
		}
	})
	o.Append(path, on(3))
	file, err := evidence.OpenFile(ctx, path)
	require.NoError(t, err)
	defer file.Close()
	p := plan(t, nil, "cis_v200_3_4", "log_group_retention_365")
	changes, err := timeline.Diff(ctx, file, p, file.Runs[0], file.Runs[1])
	require.NoError(t, err)
	assert.Empty(t, changes)
	changes, err = timeline.Diff(ctx, file, p, file.Runs[1], file.Runs[2])
	require.NoError(t, err)
	require.Len(t, changes, 1, "neither what is exempt nor what goes by another column")
	c := changes[0]
	assert.Equal(t, timeline.Key{Account: account(2), Resource: trail(2), Control: "cis_v200_3_4"}, timeline.Key{Account: c.Account, Resource: c.Resource, Control: c.Control})
	assert.Equal(t, []any{timeline.Changed, check.Alarm, check.Alarm, "never_delivered", "logging_stopped"}, []any{c.Kind, c.Before, c.After, c.Was, c.Is})
	assert.Contains(t, c.Reason, "The trail is not logging")
	assert.False(t, c.Bad(), "it was an alarm, and is one")
}

func TestReport(t *testing.T) {
	file := week(t)
	r, err := timeline.Build(ctx, file, plan(t, nil, "cis_v200_3_4"), on(1), on(7))
	require.NoError(t, err)
	assert.Len(t, r.Runs, 5)
	assert.Len(t, r.Days, 7)

	t.Run("gaps begin and end with the runs that found them", func(t *testing.T) {
		type gap struct {
			account              string
			status               check.Status
			lastGood, from, till time.Time
			open                 bool
			owner                string
		}
		var got []gap
		for _, g := range r.Gaps {
			got = append(got, gap{g.Account, g.Status, g.LastGood, g.From, g.Until, g.Open, g.Owner})
		}
		assert.Equal(t, []gap{
			{account(2), check.Alarm, on(1), on(2), on(4), false, "account " + account(2)},
			{account(5), check.Alarm, time.Time{}, on(3), on(6), true, "account " + account(5)},
			{account(4), check.Error, time.Time{}, on(4), on(6), false, "whoever lets this scan read account " + account(4)},
		}, got)
		assert.Contains(t, r.Gaps[0].Cause, "The trail is not logging")
	})
	t.Run("days", func(t *testing.T) {
		strips := map[string]timeline.Strip{}
		for _, a := range r.Accounts {
			for _, res := range a.Resources {
				strips[a.ID[len(a.ID)-1:]+" "+res.Name] = res.Strip
			}
		}
		const good, alarm, none, late, absent, skip = timeline.Good, timeline.Finding, timeline.NoRun, timeline.Incomplete, timeline.Absent, timeline.Exempt
		assert.Equal(t, map[string]timeline.Strip{
			"1 trail-1 (us-east-1)": {skip, skip, skip, late, none, skip, none},
			"2 trail-1 (us-east-1)": {good, alarm, alarm, late, none, good, none},
			"3 trail-1 (us-east-1)": {good, good, good, late, none, absent, none},
			"4 trail-1 (us-east-1)": {good, good, good, timeline.NotRead, none, good, none},
			"4 the account":         {absent, absent, absent, timeline.Failed, none, absent, none},
			"5 the account":         {absent, absent, alarm, alarm, none, alarm, none},
		}, strips, "a day without a complete run is not good, nor is one without a run")
	})
	t.Run("exemptions with reasons", func(t *testing.T) {
		assert.Equal(t, []timeline.Exemption{{Account: account(1), Name: "account-0001", Resource: trail(1), Reason: "The SIEM reads this trail from S3 (SEC-1)", From: on(1), Until: on(6)}}, r.Exemptions)
	})
	t.Run("a period without a run", func(t *testing.T) {
		_, err := timeline.Build(ctx, file, plan(t, nil), on(20), on(21))
		assert.ErrorContains(t, err, "has no run from 2026-07-20 to 2026-07-21")
	})
}

// TestCheckFromEqualsWhatCheckSaidThen holds every cell of check over a file against check over AWS in the same moment.
func TestCheckFromEqualsWhatCheckSaidThen(t *testing.T) {
	o := days.Serve(t, sample.Demo(time.Now().Add(-time.Hour))) // no age is about to become another number of days
	path := filepath.Join(t.TempDir(), "runs.db")
	var then []*check.Report
	for day := 1; day <= 3; day++ {
		if day == 2 {
			o.Server.Update(func(org *sample.Organization) { org.Account("acme-security").Trails[0].Status.Logging = false })
		}
		e := o.Engine(on(day))
		report, err := plan(t, nil).Run(ctx, e)
		require.NoError(t, err)
		then = append(then, report)
		o.Append(path, on(day))
	}
	file, err := evidence.OpenFile(ctx, path)
	require.NoError(t, err)
	defer file.Close()
	judge := func(day int, vars map[string]string) *check.Report {
		run, err := file.Find(on(day).Add(time.Hour).Format(time.RFC3339))
		require.NoError(t, err)
		e, err := file.Engine(run)
		require.NoError(t, err)
		defer e.Close()
		report, err := plan(t, vars).Run(ctx, e)
		require.NoError(t, err)
		return report
	}
	for day := 1; day <= 3; day++ {
		assert.Equal(t, cells(then[day-1]), cells(judge(day, nil)), "day %d", day)
	}
	assert.NotEqual(t, cells(then[0]), cells(then[1]))
	strict := judge(1, map[string]string{"max_delivery_age_hours": "0"})
	assert.NotEqual(t, then[0].Summary(), strict.Summary(), "other variables judge anew")
}

// cells are all that a report says of resources.
func cells(r *check.Report) []string {
	var all []string
	for _, run := range r.Runs() {
		for _, x := range run.Results {
			all = append(all, fmt.Sprintf("%s|%s|%s|%s|%v|%s|%s|%s", run.Control.Name, x.Resource, x.Status, x.Reason, x.Dimensions, x.AccountName, x.CheckedAt, x.Remediation))
		}
	}
	return all
}

// TestMissingAccounts: of 22 accounts the second run lists 20. What becomes of the others is not known then, and nothing of
// them is gone, or mended.
func TestMissingAccounts(t *testing.T) {
	o := days.Serve(t, sample.Large(22, 1, time.Now()))
	path := filepath.Join(t.TempDir(), "missing.db")
	o.Server.Update(func(org *sample.Organization) {
		org.Account(account(21)).Trails[0].Status.Logging = false
		org.Account(account(22)).Trails = nil
	})
	assert.True(t, o.Append(path, on(1)).Complete)
	mend := o.Server.Inject(sample.Fault{Action: "organizations:ListAccounts", Kind: sample.RepeatingToken})
	run := o.Append(path, on(2))
	mend()
	assert.Equal(t, "accounts that could not be listed", run.Missing())
	said := overTime(t, path)["over_time_changes"]
	assert.Contains(t, said, trail(21)+" error: Was logging_stopped; the last run could not list every account, and lacks this one.")
	assert.Contains(t, said, "arn:aws:::"+account(22)+" error: Was no_trail; the last run could not list every account, and lacks this one.")
	o.Append(path, on(3))
	file, err := evidence.OpenFile(ctx, path)
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	p := plan(t, nil, "cis_v200_3_4")

	changes, err := timeline.Diff(ctx, file, p, file.Runs[0], file.Runs[1])
	require.NoError(t, err)
	unread := map[string]bool{}
	for _, c := range changes {
		if c.Account == account(1) {
			assert.True(t, c.Bad(), "it could not list the others")
			continue
		}
		assert.Equal(t, timeline.Unread, c.Kind, c)
		assert.Contains(t, c.Reason, "after the first 20")
		unread[c.Account] = true
	}
	assert.Equal(t, map[string]bool{account(21): true, account(22): true}, unread)

	r, err := timeline.Build(ctx, file, p, on(1), on(3))
	require.NoError(t, err)
	for _, a := range r.Accounts {
		for _, res := range a.Resources {
			if a.ID == account(21) || a.ID == account(22) {
				assert.Equal(t, timeline.NotRead, res.Strip[1], res.ARN)
			}
		}
	}
	for _, g := range r.Gaps {
		if g.Account != account(1) {
			assert.True(t, g.Open, g)
			assert.False(t, g.Gone, g)
			assert.Equal(t, on(1), g.From)
		}
	}
}

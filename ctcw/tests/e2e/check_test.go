package e2e

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// table reads a CSV with a header.
func table(t *testing.T, text string) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// verdicts are the lines "control resource account status", which do not change with time.
func verdicts(rows []map[string]string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(strings.Join([]string{r["control_id"], r["account_id"], r["resource"], r["status"]}, " ") + "\n")
	}
	return b.String()
}

func TestCheckDemo(t *testing.T) {
	got := ctcw(t, nil, "check", "--demo", "--output", "csv")
	assert.Equal(t, 2, got.code, "the worst row is an error")
	assert.Empty(t, got.stderr)
	rows := table(t, got.stdout)
	golden(t, "check.txt", verdicts(rows))
	for _, r := range rows {
		for _, column := range []string{"resource", "status", "reason", "account_id", "region", "title", "control_title"} {
			assert.NotEmpty(t, r[column], "%s of %v", column, r)
		}
	}

	strict := map[string]map[string]string{}
	for _, r := range rows {
		if r["control_id"] == "control.cis_v200_3_4" {
			strict[r["account_id"]+" "+r["resource"]] = r
		}
	}
	const organizationTrail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/acme-organization"
	for _, c := range []struct{ row, status, reason string }{
		{"191919191919 arn:aws:::191919191919", "alarm", "No trail is visible"},
		{"141414141414 arn:aws:::141414141414", "error", "explicit deny in a service control policy"},
		{"333344445555 arn:aws:cloudtrail:us-east-1:333344445555:trail/siem-direct", "skip", "The SIEM reads this trail from S3"},
		{"444455556666 " + organizationTrail, "ok", "delivered to CloudWatch Logs"},
		{"171717171717 " + organizationTrail, "info", "only its owner can mend it"},
		{"202020202020 arn:aws:::202020202020", "skip", "SUSPENDED"},
	} {
		require.Contains(t, strict, c.row)
		assert.Equal(t, c.status, strict[c.row]["status"], c.row)
		assert.Contains(t, strict[c.row]["reason"], c.reason, c.row)
	}
}

var timeOfDay = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\b\d+ days ago`) // a day more or less, by the clocks

// TestMakeDemo prints what "make demo" does.
func TestMakeDemo(t *testing.T) {
	makefile, err := os.ReadFile("../../../Makefile")
	require.NoError(t, err)
	_, line, found := strings.Cut(string(makefile), "$(BINARY) check ")
	require.True(t, found)
	line, _, _ = strings.Cut(line, " ||")
	got := ctcw(t, nil, append([]string{"check"}, strings.Fields(line)...)...)
	assert.Equal(t, 2, got.code, got.stderr)
	golden(t, "make-demo.txt", timeOfDay.ReplaceAllString(got.stdout, "TIME"))
	assert.Equal(t, 1, strings.Count(got.stdout, "in 21 accounts"), "one summary")
}

// TestTheDemoShowsEveryAlarmStatus, and what the CSV of CIS v6.0.0 says of them.
func TestTheDemoShowsEveryAlarmStatus(t *testing.T) {
	got := ctcw(t, nil, "query", "--demo", "--output", "csv", "--header=false", "select distinct alarm_status from cloudtrail_cloudwatch_alarm_status order by 1")
	require.Zero(t, got.code, got.stderr)
	every := []string{"alarm_disabled", "filter_misses_events", "filter_too_wide", "monitored", "no_action", "no_alarm", "no_filter", "no_subscriber",
		"no_trail", "not_delivering", "not_recorded", "partial_scope", "unknown"}
	assert.Equal(t, every, lines(got.stdout))
	got = ctcw(t, nil, "query", "--demo", "--output", "csv", "--header=false", "select distinct arrival_status from cloudtrail_cloudwatch_arrival order by 1")
	assert.Equal(t, []string{"arriving", "empty", "quiet", "unknown"}, lines(got.stdout), got.stderr)

	got = ctcw(t, nil, "check", "--demo", "cis_v600", "--output", "csv")
	assert.Equal(t, 2, got.code, got.stderr)
	controls, statuses := map[string]bool{}, map[string]bool{}
	for _, r := range table(t, got.stdout) {
		controls[r["control_id"]] = true
		statuses[r["alarm_status"]] = true
	}
	assert.Len(t, controls, 15)
	for _, status := range every {
		assert.True(t, statuses[status], status)
	}
}

func TestCheckPrintsTheSameAsTableAndJSON(t *testing.T) {
	asTable := ctcw(t, nil, "check", "--demo")
	assert.Equal(t, 2, asTable.code)
	asJSON := ctcw(t, nil, "check", "--demo", "--output", "json")
	assert.Equal(t, 2, asJSON.code)
	type control struct {
		ControlID string `json:"control_id"`
		Title     string
		Results   []struct {
			Resource, Status, Reason string
			Dimensions               []struct{ Key, Value string }
		}
	}
	var report struct {
		Summary struct{ Status map[string]int }
		Groups  []struct{ Controls []control }
	}
	require.NoError(t, json.Unmarshal([]byte(asJSON.stdout), &report))
	require.Len(t, report.Groups, 1)
	require.Len(t, report.Groups[0].Controls, 6)
	total := 0
	for _, c := range report.Groups[0].Controls {
		assert.NotEmpty(t, c.Results)
		for _, r := range c.Results {
			total++
			assert.Equal(t, "account_id", r.Dimensions[0].Key)
		}
	}
	counted := 0
	for _, n := range report.Summary.Status {
		counted += n
	}
	assert.Equal(t, total, counted)
	assert.Contains(t, asTable.stdout, " ok in 21 accounts, 6 controls\n")
}

func TestExitCodes(t *testing.T) {
	config := func(account string) []string {
		server, org := serve(t)
		a := org.Account(account)
		return []string{"AWS_ACCESS_KEY_ID=" + a.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + a.SecretAccessKey, "AWS_ENDPOINT_URL=" + server.URL()}
	}
	assert.Equal(t, 0, ctcw(t, config("acme-management"), "check", "cis_v200_3_4").code)
	assert.Equal(t, 1, ctcw(t, config("payments-staging"), "check", "cis_v200_3_4").code)
	assert.Equal(t, 2, ctcw(t, config("hr-records"), "check", "cis_v200_3_4").code)
	assert.Equal(t, 0, ctcw(t, config("mobile-backend"), "check", "cis_v200_3_4").code, "a delivery error is no CIS alarm")
	assert.Equal(t, 1, ctcw(t, config("mobile-backend"), "check", "delivery_healthy").code)
	assert.Equal(t, 3, ctcw(t, nil, "check").code, "no credentials")
}

// TestAnOrganizationTrailWithoutALogGroupIsItsOwnersToMend is row 2b of the verdict table, from a member's AWS on.
func TestAnOrganizationTrailWithoutALogGroupIsItsOwnersToMend(t *testing.T) {
	server, org := serve(t)
	server.Update(func(org *sample.Organization) { org.Account(org.Management).Trails[0].CloudWatchLogsLogGroupARN = "" })
	for account, want := range map[string]string{"acme-management": "alarm", "acme-security": "info"} {
		a := org.Account(account)
		env := []string{"AWS_ACCESS_KEY_ID=" + a.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + a.SecretAccessKey, "AWS_ENDPOINT_URL=" + server.URL()}
		got := ctcw(t, env, "check", "cis_v200_3_4", "foundational_security_cloudtrail_5", "--output", "csv")
		count := 0
		for _, row := range table(t, got.stdout) {
			if strings.HasSuffix(row["resource"], "trail/acme-organization") {
				count++
				assert.Equal(t, want, row["status"], "%s in %s", row["control_id"], account)
			}
		}
		assert.Equal(t, 2, count, got.stderr)
	}
}

func TestCheckAsksOncForAllControls(t *testing.T) {
	server, org := serve(t)
	a := org.Account("payments-prod")
	env := []string{"AWS_ACCESS_KEY_ID=" + a.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + a.SecretAccessKey, "AWS_ENDPOINT_URL=" + server.URL()}
	ctcw(t, env, "check", "cis_v200_3_4")
	assert.Equal(t, 17+3+1, server.Calls().Total()-server.Calls().Of("ec2:DescribeRegions")-server.Calls().Of("logs:DescribeLogGroups"), "no call of other tables")
	server.ResetCalls()
	ctcw(t, env, "check")
	assert.Equal(t, 1, server.Calls().Of("sts:GetCallerIdentity"))
	assert.Equal(t, 17, server.Calls().Of("cloudtrail:DescribeTrails"))
	assert.Equal(t, 3, server.Calls().Of("cloudtrail:GetTrailStatus"))
	assert.Equal(t, 2, server.Calls().Of("logs:DescribeLogGroups"))
	assert.Equal(t, 0, server.Calls().Of("cloudtrail:ListTags"), "no control reads tags")
}

func TestVariablesReachTheControls(t *testing.T) {
	statuses := func(args ...string) string {
		got := ctcw(t, nil, append([]string{"check", "--demo", "--output", "csv"}, args...)...)
		return verdicts(table(t, got.stdout))
	}
	assert.Contains(t, statuses("cis_v200_3_4"), "888899990000 arn:aws:cloudtrail:us-east-1:888899990000:trail/lake-events alarm")
	assert.Contains(t, statuses("cis_v200_3_4", "--var", "max_delivery_age_hours=240"), "888899990000 arn:aws:cloudtrail:us-east-1:888899990000:trail/lake-events ok")
	assert.Contains(t, statuses("log_group_retention_365", "--var", "min_retention_days=30"), "trail/payments-data-events ok")
}

func TestExports(t *testing.T) {
	dir := t.TempDir()
	asCSV, asJSON := filepath.Join(dir, "out.csv"), filepath.Join(dir, "out.json")
	got := ctcw(t, nil, "check", "--demo", "cis_v200", "--export", asCSV, "--export", asJSON)
	assert.Equal(t, 2, got.code)
	text, err := os.ReadFile(asCSV)
	require.NoError(t, err)
	assert.NotEmpty(t, table(t, string(text)))
	text, err = os.ReadFile(asJSON)
	require.NoError(t, err)
	assert.True(t, json.Valid(text))
}

// TestOnlyRegularFilesAreWritten: as root, a rename over a device node is a machine without it.
func TestOnlyRegularFilesAreWritten(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	require.NoError(t, os.WriteFile(target, []byte("untouched"), 0o644))
	link, pipe, open := filepath.Join(dir, "link.csv"), filepath.Join(dir, "pipe.csv"), filepath.Join(dir, "open.csv")
	require.NoError(t, os.Symlink(target, link))
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for path, kind := range map[string]string{link: "link", pipe: "pipe"} {
		for _, args := range [][]string{{"check", "--demo", "cis_v200", "--export", path}, {"snapshot", "--demo", "--force", path}} {
			got := ctcw(t, nil, args...)
			assert.Equal(t, 3, got.code, args)
			assert.Equal(t, "Error: cannot write "+path+": it is a "+kind+"\n", got.stderr, args)
			assert.Empty(t, got.stdout)
		}
	}
	text, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Equal(t, "untouched", string(text))

	for _, args := range [][]string{{"check", "--demo", "cis_v200", "--export", open}, {"snapshot", "--demo", "--force", open}} {
		require.NoError(t, os.WriteFile(open, []byte("old"), 0o644))
		ctcw(t, nil, args...)
		info, err := os.Stat(open)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), args)
		assert.Greater(t, info.Size(), int64(3), args)
	}
}

func TestCheckFailuresAreOneClearLine(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder.csv")
	require.NoError(t, os.Mkdir(folder, 0o700))
	for want, args := range map[string][]string{
		`there is no control or benchmark "quagga"; there are cis_v200_3_4, `:                                                           {"check", "--demo", "quagga"},
		`there is no control or benchmark "cis_v201" (did you mean "cis_v200"?)`:                                                        {"check", "--demo", "cis_v201"},
		`there is no variable "max_delivery_age" (did you mean "max_delivery_age_hours"?); there are max_delivery_age_hours, min_reten`: {"check", "--demo", "--var", "max_delivery_age=1"},
		"variable max_delivery_age_hours: -1 is below 0":                                                                                {"check", "--demo", "--var", "max_delivery_age_hours=-1"},
		`variable max_delivery_age_hours: "a day" is not a number`:                                                                      {"check", "--demo", "--var", "max_delivery_age_hours=a day"},
		`--var "x" is not name=value`:                                                                                                   {"check", "--demo", "--var", "x"},
		`--export "x.xlsx": the name must end in one of .csv `:                                                                          {"check", "--demo", "--export", "x.xlsx"},
		`control cis_v200_3_4_as_published runs in Postgres only`:                                                                       {"check", "--demo", "cis_v200_3_4_as_published"},
		`--output "xml" is not a format`:                                                                                                {"check", "--demo", "--output", "xml"},
		`snapshot takes one argument`:                                                                                                   {"snapshot", "--demo"},
		`mod takes one argument`:                                                                                                        {"mod"},
		"cannot write " + folder + ": it is a folder":                                                                                   {"check", "--demo", "--export", folder},
		`there is no folder nowhere`:                                                                                                    {"snapshot", "--demo", "nowhere/s.db"},
	} {
		got := ctcw(t, nil, args...)
		assert.Equal(t, 3, got.code, args)
		assert.Empty(t, got.stdout)
		assert.Len(t, lines(got.stderr), 1, got.stderr)
		assert.Contains(t, got.stderr, want)
	}
}

// TestTheHelpOfCheckNamesEveryControl in few lines: those that are numbered one after the other by the first and the last.
func TestTheHelpOfCheckNamesEveryControl(t *testing.T) {
	got := ctcw(t, nil, "check", "--help")
	require.Zero(t, got.code, got.stderr)
	m, err := mod.Load()
	require.NoError(t, err)
	listed := map[string]bool{}
	for _, to := range regexp.MustCompile(`\b(cis_v\d+_\d+_)(\d+) to (cis_v\d+_\d+_)(\d+)\b`).FindAllStringSubmatch(got.stdout, -1) {
		require.Equal(t, to[1], to[3])
		first, err := strconv.Atoi(to[2])
		require.NoError(t, err)
		last, err := strconv.Atoi(to[4])
		require.NoError(t, err)
		for n := first; n <= last; n++ {
			listed[to[1]+strconv.Itoa(n)] = true
		}
	}
	for _, name := range regexp.MustCompile(`\w+`).FindAllString(got.stdout, -1) {
		listed[name] = true
	}
	for _, b := range m.Benchmarks {
		assert.True(t, listed[b.Name], b.Name)
	}
	for _, c := range m.Controls {
		assert.True(t, listed[c.Name], c.Name)
	}
	assert.Less(t, len(lines(got.stdout)), 100)
}

func TestASnapshotGivesTheVerdictsOfCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	got := ctcw(t, nil, "snapshot", "--demo", path)
	require.Zero(t, got.code, got.stderr)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()
	var source string
	var rows int
	require.NoError(t, db.QueryRow("select source, row_count from ctcw_snapshot where taken_at > '2026'").Scan(&source, &rows))
	assert.Equal(t, "the sample organization", source)
	for _, table := range []string{"status", "alarm_status", "arrival"} {
		var n int
		require.NoError(t, db.QueryRow("select count(*) from cloudtrail_cloudwatch_"+table).Scan(&n))
		assert.NotZero(t, n, table)
		rows -= n
	}
	assert.Zero(t, rows, "every table is in it")

	m, err := mod.Load()
	require.NoError(t, err)
	want := map[string]bool{}
	for _, line := range lines(verdicts(table(t, ctcw(t, nil, "check", "--demo", "--output", "csv").stdout))) {
		want[line] = true
	}
	have := map[string]bool{}
	for _, name := range m.Benchmarks[0].Controls {
		for _, c := range m.Controls {
			if c.Name != name {
				continue
			}
			query, args, err := c.Query(nil)
			require.NoError(t, err)
			result, err := db.Query("select resource, status, account_id from ("+strings.TrimSuffix(strings.TrimSpace(query), ";")+")", args...)
			require.NoError(t, err)
			for result.Next() {
				var resource, status, account string
				require.NoError(t, result.Scan(&resource, &status, &account))
				have["control."+c.Name+" "+account+" "+resource+" "+status] = true
			}
			require.NoError(t, result.Err())
		}
	}
	assert.Equal(t, want, have)

	t.Run("an existing file is kept without --force", func(t *testing.T) {
		got := ctcw(t, nil, "snapshot", "--demo", path)
		assert.Equal(t, 3, got.code)
		assert.Contains(t, got.stderr, "the file exists already: use --force to replace it")
		assert.Zero(t, ctcw(t, nil, "snapshot", "--demo", "--force", path).code)
	})
	t.Run("a snapshot that fails leaves no file", func(t *testing.T) {
		dir := t.TempDir()
		assert.Equal(t, 3, ctcw(t, nil, "snapshot", filepath.Join(dir, "s.db")).code)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, left)
	})
}

func TestTheModIsWrittenAndChangesAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mod")
	got := ctcw(t, nil, "mod", dir)
	require.Zero(t, got.code, got.stderr)
	assert.FileExists(t, filepath.Join(dir, "mod.pp"))
	assert.FileExists(t, filepath.Join(dir, "queries", "cis_3_4.sql"))
	assert.Contains(t, ctcw(t, nil, "mod", dir).stderr, "Wrote 0 files")

	changed := filepath.Join(dir, "queries", "cis_3_4.sql")
	require.NoError(t, os.WriteFile(changed, []byte("select 1"), 0o644))
	got = ctcw(t, nil, "mod", dir)
	assert.Equal(t, 3, got.code)
	assert.Contains(t, got.stderr, "was changed: use --force to replace it")
	assert.Zero(t, ctcw(t, nil, "mod", "--force", dir).code)
	text, err := os.ReadFile(changed)
	require.NoError(t, err)
	assert.NotEqual(t, "select 1", string(text))
}

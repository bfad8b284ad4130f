package mod

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	_ "modernc.org/sqlite"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/pgtest"
)

const table = "cloudtrail_cloudwatch_status"

// engine is one of the two that the one SQL text is for.
type engine interface {
	Load(table string, columns []pgtest.Column, rows []map[string]any)
	Query(sql string, args ...any) ([]map[string]any, error)
}

func eachEngine(t *testing.T, test func(t *testing.T, name string, db engine)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite", newSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, "postgres", pgtest.Start(t)) })
}

// columnOf is the column of the verdict table of the design that a control has.
var columnOf = map[string]int{
	"cloudtrail_trail_integrated_with_logs": 0,
	"cis_v120_2_4":                          0, "cis_v130_3_4": 0, "cis_v140_3_4": 0, "cis_v150_3_4": 0, "cis_v200_3_4": 0,
	"foundational_security_cloudtrail_5": 1,
	"delivery_healthy":                   2,
	"log_group_exists":                   3,
	"log_group_retention_365":            4,
	"cis_v200_3_4_as_published":          5,
}

func TestVerdictTable(t *testing.T) {
	list := examples()
	results := map[string]map[string][]map[string]any{} // by control and engine
	eachEngine(t, func(t *testing.T, name string, db engine) {
		db.Load(table, columns(), rowsOf(list))
		for _, c := range controls(t) {
			if !slices.Equal(c.Tables, []string{table}) || c.RunsOnly {
				continue
			}
			if c.PostgresOnly && name == "sqlite" {
				_, err := db.Query(c.SQL)
				assert.Error(t, err, "%s: SQLite must not answer what it does not understand", c.Name)
				continue
			}
			rows := run(t, db, c, nil)
			if results[c.Name] == nil {
				results[c.Name] = map[string][]map[string]any{}
			}
			results[c.Name][name] = rows
			verdicts := byAccount(rows)
			for _, e := range list {
				if column, ok := columnOf[c.Name]; ok {
					assert.Equal(t, strings.Fields(e.want)[column], letter(verdicts[e.account()]), "row %s, %s", e.name, c.Name)
				}
			}
		}
	})
	for control, of := range results {
		if len(of) == 2 {
			assert.ElementsMatch(t, of["sqlite"], of["postgres"], control)
		}
	}
}

// TestAsPublishedPassesWhatIsBroken shows what the strict rule is for.
func TestAsPublishedPassesWhatIsBroken(t *testing.T) {
	var missed []string
	for _, e := range examples() {
		if want := strings.Fields(e.want); want[0] == "A" && want[5] == "O" {
			missed = append(missed, e.name)
		}
	}
	for _, row := range []string{"4", "5", "8", "9"} {
		assert.Contains(t, missed, row)
	}
}

func TestAllRegionsScanned(t *testing.T) {
	other := delivering("000000000001").row()
	other["arn"] = "arn:aws:cloudtrail:eu-west-1:000000000001:trail/second"
	partly := delivering("000000000002")
	partly.ScanError = "AccessDeniedException: not authorized (in eu-west-3; 2 regions failed)"
	partly.Unscanned = map[string]string{"eu-west-3": "AccessDeniedException", "us-west-2": "AuthFailure"}
	nothing := delivering("000000000003")
	nothing.Trail, nothing.Status, nothing.Listed, nothing.LogGroup = nil, nil, 0, ""
	nothing.ScanError = "AccessDeniedException: denied"
	rows := []map[string]any{delivering("000000000001").row(), other, partly.row(), nothing.row()}

	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(table, columns(), rows)
		got := run(t, db, control(t, "all_regions_scanned"), nil)
		assert.ElementsMatch(t, []map[string]any{
			{"resource": "arn:aws:::000000000001", "status": "ok", "account_id": "000000000001", "region": "global",
				"reason": "Every enabled region was listed."},
			{"resource": "arn:aws:::000000000002", "status": "info", "account_id": "000000000002", "region": "global",
				"reason": "Not scanned: eu-west-3 AccessDeniedException, us-west-2 AuthFailure. AccessDeniedException: not authorized (in eu-west-3; 2 regions failed)"},
			{"resource": "arn:aws:::000000000003", "status": "error", "account_id": "000000000003", "region": "global",
				"reason": "No region of this account could be listed: AccessDeniedException: denied."},
		}, got)
	})
}

func TestReasonsNameTheCause(t *testing.T) {
	const only = "The trail belongs to account 999988887777; only its owner can "
	cases := []struct{ control, row, reason string }{
		{"cis_v200_3_4", "7", "CloudTrail delivers to CloudWatch Logs, but reports AccessDenied."},
		{"cis_v200_3_4", "9", "Log group trails does not exist in region eu-west-1."},
		{"cis_v200_3_4", "12", "GetTrailStatus failed, so delivery cannot be judged: AccessDeniedException: not authorized."},
		{"cis_v200_3_4", "15", only + "mend it."},
		{"cis_v200_3_4", "17", "No trail is visible in this account; a trail that covers all regions would be visible in any of them."},
		{"cis_v200_3_4", "18", "No region of this account could be listed: AccessDeniedException: explicit deny in a service control policy."},
		{"cis_v200_3_4", "19", "Exempt: goes to the SIEM, see SEC-42"},
		{"foundational_security_cloudtrail_5", "3", "Log group trails is configured."},
		{"foundational_security_cloudtrail_5", "2b", only + "mend it."},
		{"delivery_healthy", "7", "reports AccessDenied."},
		{"delivery_healthy", "14, delivery error", only + "mend it."},
		{"log_group_exists", "8", "Log group trails exists in region eu-west-1."},
		{"log_group_exists", "10", "Log group trails belongs to account 999988887777, which this connection cannot ask."},
		{"log_group_exists", "11", "Log group trails could not be read: AccessDeniedException: not authorized"},
		{"log_group_exists", "14", only + "look after it."},
		{"log_group_exists", "a log group ARN that says nothing", "Log group nonsense could not be read: "},
		{"log_group_exists", "stopped, and its log group deleted", "Log group trails does not exist in region eu-west-1."},
		{"log_group_retention_365", "15", only + "mend it."},
		{"log_group_retention_365", "20, under 365", "Log group trails keeps its events for 364 days, fewer than 365."},
		{"log_group_retention_365", "20, never expires", "Log group trails keeps its events for ever."},
		{"log_group_retention_365", "14, the owner's log group is readable, short retention", only + "look after it."},
		{"log_group_retention_365", "14, the log group is this account's, short retention",
			"The log group is this account's, though the trail belongs to account 999988887777."},
	}
	list := examples()
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(table, columns(), rowsOf(list))
		for _, c := range cases {
			i := slices.IndexFunc(list, func(e example) bool { return e.name == c.row })
			require.GreaterOrEqual(t, i, 0, c.row)
			row := byAccount(run(t, db, control(t, c.control), nil))[list[i].account()]
			assert.Contains(t, row["reason"], c.reason, "%s of row %s", c.control, c.row)
		}
	})
}

func TestVariables(t *testing.T) {
	at := func(age time.Duration, change func(*parts)) map[string]any {
		p := delivering(fmt.Sprintf("%012d", int(age.Hours())))
		p.Status.LatestCloudWatchLogs = p.CheckedAt.Add(-age)
		change(&p)
		return p.row()
	}
	rows := []map[string]any{
		at(8*time.Hour, func(p *parts) { p.RetentionInDays = 90 }),
		at(20*time.Hour, func(p *parts) { p.RetentionInDays = 89 }),
		at(21*time.Hour, func(p *parts) { p.Trail.OwnerAccountID = owner }),
		at(22*time.Hour, func(p *parts) { p.Status.CloudWatchLogsError = "AccessDenied" }),
		at(23*time.Hour, func(p *parts) { p.Trail.OwnerAccountID, p.Status.CloudWatchLogsError = owner, "AccessDenied" }),
		at(30*time.Hour, func(p *parts) { p.RetentionInDays = 400 }),
		at(31*time.Hour, func(p *parts) { p.Status.CloudWatchLogsError = "AccessDenied" }),
		at(72*time.Hour, func(*parts) {}),
	}
	cases := []struct {
		control, variable, value string
		want                     string // by age
		reasons                  map[int]string
	}{
		{"cis_v200_3_4", "max_delivery_age_hours", "", "O O O O O A A A", nil},
		{"cis_v200_3_4", "max_delivery_age_hours", "12", "O A I A I A A A", map[int]string{
			1: "No delivery within 12 hours: CloudTrail delivered to CloudWatch Logs at ",
			2: " The trail belongs to account 999988887777; only its owner can mend it.",
			4: "No delivery within 12 hours: CloudTrail delivers to CloudWatch Logs, but reports AccessDenied. The trail belongs to account ",
			5: "The latest delivery to CloudWatch Logs was 30 hours ago; ",
		}},
		{"cis_v200_3_4", "max_delivery_age_hours", "7.5", "A A I A I A A A", map[int]string{0: "No delivery within 7.5 hours: "}},
		{"cis_v200_3_4", "max_delivery_age_hours", "48", "O O O O O O O A", map[int]string{
			5: "The latest delivery to CloudWatch Logs was 30 hours ago; ",
		}},
		{"delivery_healthy", "max_delivery_age_hours", "12", "O A I A I A A A", map[int]string{3: "No delivery within 12 hours: "}},
		{"delivery_healthy", "max_delivery_age_hours", "48", "O O O A I O A A", map[int]string{6: "(reported error: AccessDenied)"}},
		{"log_group_retention_365", "min_retention_days", "90", "O A O O O O O O", map[int]string{1: "for 89 days, fewer than 90."}},
		{"log_group_retention_365", "min_retention_days", "400", "A A A A A O A A", nil},
	}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(table, columns(), rows)
		for _, c := range cases {
			vars := map[string]string{}
			if c.value != "" {
				vars[c.variable] = c.value
			}
			verdicts := byAccount(run(t, db, control(t, c.control), vars))
			for i, row := range rows {
				got := verdicts[row["account_id"].(string)]
				assert.Equal(t, strings.Fields(c.want)[i], letter(got), "%s, %s = %s, row %d", c.control, c.variable, c.value, i)
				assert.Contains(t, got["reason"], c.reasons[i])
			}
		}
	})
}

func TestFilesRunAsTheyAre(t *testing.T) {
	list := examples()
	eachEngine(t, func(t *testing.T, name string, db engine) {
		db.Load(table, columns(), rowsOf(list))
		for _, c := range controls(t) {
			if !slices.Equal(c.Tables, []string{table}) || c.RunsOnly {
				continue
			}
			if c.PostgresOnly && name == "sqlite" {
				continue
			}
			file := c.Name
			if column, ok := columnOf[c.Name]; ok && column == 0 {
				file = "cis_3_4"
			}
			text, err := files.ReadFile("queries/" + file + ".sql")
			require.NoError(t, err)
			got, err := db.Query(string(text))
			require.NoError(t, err, file)
			assert.ElementsMatch(t, run(t, db, c, nil), got, file)
		}
	})
}

// TestDashboard runs every query of the dashboard over no row, one trail, and all examples many times over.
func TestDashboard(t *testing.T) {
	queries := dashboardQueries(t, "dashboard.pp")
	require.NotEmpty(t, queries)
	many := slices.Repeat(rowsOf(examples()), 50) // made once: their reasons name the second
	fixtures := map[string][]map[string]any{
		"no_row":    {},
		"one_row":   {delivering("000000000001").row()},
		"many_rows": many,
	}
	strict := map[string]float64{}
	for _, e := range examples() {
		strict[e.want[:1]]++
	}
	cards := map[string]map[string]float64{
		"no_row":    {"Trails": 0, "Delivering": 0, "Alarms": 0, "Not readable": 0, "Accounts": 0, "Without a trail": 0},
		"one_row":   {"Trails": 1, "Delivering": 1, "Alarms": 0, "Not readable": 0, "Accounts": 1, "Without a trail": 0},
		"many_rows": {"Alarms": 50 * strict["A"], "Not readable": 50 * strict["E"], "Accounts": float64(len(examples()))},
	}
	results := map[string][][]map[string]any{}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		for name, rows := range fixtures {
			db.Load(name, columns(), rows)
			values := map[string]float64{} // of the cards
			for _, q := range queries {
				got, err := db.Query(strings.ReplaceAll(q.sql, table, name))
				require.NoError(t, err, q.sql)
				if q.kind == "card" {
					require.Len(t, got, 1)
					values[got[0]["label"].(string)] = got[0]["value"].(float64)
				}
				for _, row := range got {
					if row["Trail"] == "no trail" {
						assert.Equal(t, "no_trail", row["Problem"], "an account that could not be read may well have one")
					}
				}
				key := name + q.sql
				results[key] = append(results[key], got)
			}
			assert.Subset(t, values, cards[name], name)
		}
	})
	for _, of := range results {
		if len(of) == 2 {
			assert.Equal(t, of[0], of[1])
		}
	}
}

// TestTheDashboardOverTimeSaysThatNothingChanged, where Powerpipe would draw an empty panel.
func TestTheDashboardOverTimeSaysThatNothingChanged(t *testing.T) {
	queries := dashboardQueries(t, "over_time.pp")
	of := func(column string) string {
		i := slices.IndexFunc(queries, func(q dashboardQuery) bool { return strings.Contains(q.sql, `as "`+column+`"`) })
		require.GreaterOrEqual(t, i, 0)
		return queries[i].sql
	}
	good, exempt := delivering("000000000001").row(), delivering("000000000002").row()
	for _, c := range []struct {
		name, status, changed, found string
		runs                         int
	}{
		{"one run", "delivering", "None: There is one run, and none before it.", "None: No trail and no account had a gap.", 1},
		{"the same", "delivering", "None: Each is as it was in the run before.", "None: No trail and no account had a gap.", 2},
		{"worse", "stale", good["arn"].(string) + ": alarm: Was delivering, is stale. The test says so.", good["arn"].(string) + ": alarm: 1 gap, ", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := newSQLite(t)
			var runs, history []map[string]any
			for run := 1; run <= c.runs; run++ {
				runs = append(runs, map[string]any{"run_id": run, "checked_at": fmt.Sprintf("2026-07-0%d 05:17:00", run), "complete": true, "not_readable": "{}"})
				for _, of := range []map[string]any{good, exempt} {
					row := maps.Clone(of)
					row["run_id"] = run
					if run == 2 {
						row["delivery_status"], row["status_reason"] = c.status, "The test says so."
						if c.status == "stale" {
							row["cloudwatch_logs_delivery_age_hours"] = 48.0
						}
					}
					if row["account_id"] == exempt["account_id"] {
						row["exempt_reason"] = "SEC-1"
					}
					history = append(history, row)
				}
			}
			id := pgtest.Column{Name: "run_id", Type: "bigint"}
			db.Load("cloudtrail_cloudwatch_status_history", append(columns(), id), history)
			db.Load("ctcw_run", []pgtest.Column{id, {Name: "checked_at", Type: "text"}, {Name: "complete", Type: "boolean"}, {Name: "not_readable", Type: "text"}}, runs)
			for column, want := range map[string]string{"What changed": c.changed, "What was found": c.found} {
				got, err := db.Query(of(column))
				require.NoError(t, err)
				require.Len(t, got, 1, "%s: %v", column, got)
				assert.Contains(t, fmt.Sprint(got[0]["Trail or account"], ": ", got[0][column]), want)
			}
		})
	}
}

// TestTheDashboardsCommandsAreForOneAccount: who pastes one may be signed in anywhere.
func TestTheDashboardsCommandsAreForOneAccount(t *testing.T) {
	short := delivering("000000000001")
	short.RetentionInDays, short.Trail.LogGroupName = 30, "-trails"
	queries := dashboardQueries(t, "dashboard.pp")
	i := slices.IndexFunc(queries, func(q dashboardQuery) bool { return strings.Contains(q.sql, `as "Remediation"`) })
	require.GreaterOrEqual(t, i, 0)
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(table, columns(), []map[string]any{short.row()})
		got, err := db.Query(queries[i].sql)
		require.NoError(t, err)
		require.Len(t, got, 1)
		assert.Equal(t, `test "$(aws sts get-caller-identity --query Account --output text --region eu-west-1)" = 000000000001`+
			` && aws logs put-retention-policy --log-group-name='-trails' --retention-in-days 365 --region eu-west-1`, got[0]["Remediation"])
	})
}

// run returns the rows of a control, having checked what Powerpipe and the ASFF export ask of any row.
func run(t *testing.T, db engine, c Control, vars map[string]string) []map[string]any {
	t.Helper()
	text, args, err := c.Query(vars)
	require.NoError(t, err)
	rows, err := db.Query(text, args...)
	require.NoError(t, err, c.Name)
	for _, row := range rows {
		for _, column := range []string{"resource", "reason", "account_id", "region"} {
			assert.NotEmpty(t, row[column], "%s of %v in %s", column, row, c.Name)
		}
		assert.LessOrEqual(t, strings.Count(fmt.Sprint(row["reason"]), "its owner"), 1, row["reason"])
		assert.Contains(t, []any{"ok", "alarm", "info", "skip", "error"}, row["status"])
	}
	return rows
}

func letter(row map[string]any) string {
	if row == nil {
		return "-"
	}
	return strings.ToUpper(row["status"].(string)[:1])
}

func byAccount(rows []map[string]any) map[string]map[string]any {
	accounts := map[string]map[string]any{}
	for _, row := range rows {
		accounts[row["account_id"].(string)] = row
	}
	return accounts
}

func rowsOf(list []example) []map[string]any {
	var rows []map[string]any
	for _, e := range list {
		rows = append(rows, e.row)
	}
	return rows
}

func controls(t *testing.T) []Control {
	t.Helper()
	m, err := Load()
	require.NoError(t, err)
	return m.Controls
}

func control(t *testing.T, name string) Control {
	t.Helper()
	list := controls(t)
	i := slices.IndexFunc(list, func(c Control) bool { return c.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return list[i]
}

// columns are those of the plugin's first table.
func columns() []pgtest.Column { return columnsOf(table) }

// columnsOf are those of a table of the plugin.
func columnsOf(table string) []pgtest.Column {
	types := map[proto.ColumnType]string{
		proto.ColumnType_STRING:    "text",
		proto.ColumnType_BOOL:      "boolean",
		proto.ColumnType_INT:       "bigint",
		proto.ColumnType_DOUBLE:    "double precision",
		proto.ColumnType_TIMESTAMP: "timestamptz",
		proto.ColumnType_JSON:      "jsonb",
	}
	var list []pgtest.Column
	for _, c := range ctcw.Plugin(context.Background()).TableMap[table].Columns {
		list = append(list, pgtest.Column{Name: c.Name, Type: types[c.Type]})
	}
	return list
}

type sqlite struct {
	t  *testing.T
	db *sql.DB
}

func newSQLite(t *testing.T) sqlite {
	db, err := sql.Open("sqlite", t.TempDir()+"/snapshot.db")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return sqlite{t, db}
}

func (s sqlite) Load(table string, columns []pgtest.Column, rows []map[string]any) {
	s.t.Helper()
	var definitions, marks []string
	for _, c := range columns {
		definitions = append(definitions, c.Name+" "+c.Type)
		marks = append(marks, "?")
	}
	_, err := s.db.Exec(fmt.Sprintf("create table %s (%s)", table, strings.Join(definitions, ", ")))
	require.NoError(s.t, err)
	tx, err := s.db.Begin()
	require.NoError(s.t, err)
	for _, row := range rows {
		var values []any
		for _, c := range columns {
			values = append(values, s.value(row[c.Name]))
		}
		_, err := tx.Exec(fmt.Sprintf("insert into %s values (%s)", table, strings.Join(marks, ", ")), values...)
		require.NoError(s.t, err)
	}
	require.NoError(s.t, tx.Commit())
}

// value is what a snapshot holds: times and JSON are text there.
func (s sqlite) value(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.RFC3339)
	case map[string]string, map[string]any, []string:
		data, err := json.Marshal(v)
		require.NoError(s.t, err)
		return string(data)
	default:
		return v
	}
}

func (s sqlite) Query(text string, args ...any) ([]map[string]any, error) {
	rows, err := s.db.Query(text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for rows.Next() {
		values := make([]any, len(names))
		pointers := make([]any, len(names))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, name := range names {
			row[name] = values[i]
			if n, ok := values[i].(int64); ok {
				row[name] = float64(n) // as JSON has it, which is how Postgres answers here
			}
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

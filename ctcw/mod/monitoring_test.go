package mod

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod/monitoring"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

const alarmTable = "cloudtrail_cloudwatch_alarm_status"

func TestGeneratedFilesAreCurrent(t *testing.T) {
	generated, err := monitoring.Files()
	require.NoError(t, err)
	for _, path := range slices.Sorted(maps.Keys(generated)) {
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.True(t, string(generated[path]) == string(got), "%s is stale: go generate ./ctcw/mod", path)
	}
}

// TestEveryItemOfEveryVersion: the controls are those of the classes' items, beside 3.4, and share a query for each class.
func TestEveryItemOfEveryVersion(t *testing.T) {
	m, err := Load()
	require.NoError(t, err)
	queries := map[string]bool{}
	for _, version := range event.Versions {
		id := "cis_" + strings.ReplaceAll(version, ".", "")
		i := slices.IndexFunc(m.Benchmarks, func(b Benchmark) bool { return b.Name == id })
		require.GreaterOrEqual(t, i, 0, id)
		var want []string
		switch version {
		case "v1.2.0":
			want = []string{"cis_v120_2_4"}
		case "v1.3.0", "v1.4.0", "v1.5.0", "v2.0.0":
			want = []string{id + "_3_4"}
		}
		for _, class := range event.Classes() {
			item, ok := class.Items[version]
			if !ok {
				continue
			}
			name := id + "_" + strings.ReplaceAll(item, ".", "_")
			want = append(want, name)
			c := control(t, name)
			assert.Equal(t, []string{alarmTable}, c.Tables, name)
			assert.Equal(t, class.Name, c.Tags["event_class"], name)
			assert.Contains(t, c.SQL, "event_class = '"+class.Name+"'", name)
			assert.Equal(t, class.Name == "security_group_changes" && version >= "v5.0.0", strings.Contains(c.SQL, "missing_events as text"), name)
			queries[c.SQL] = true
		}
		assert.Equal(t, want, m.Benchmarks[i].Controls, id)
	}
	assert.Len(t, queries, len(event.Classes())+1, "one for each class, and security groups from v5.0.0 on")
}

// watch is a trail as an account sees it, and how far the events of a class get.
type watch struct {
	status  alarm.Status
	owner   string   // of the trail; "" is the account itself
	group   string   // account of the log group; "" is the trail's owner
	exempt  string   // why
	missing []string // events
	account bool     // the row is about the account itself
}

// monitored are cases of accounts, and the verdict on each: of the class, and of v5.0.0 and later.
type monitored struct {
	name   string
	want   string // status of a class; after a space that of security groups in v5.0.0, where it differs
	reason string // holds this
	trails []watch
}

func monitoredCases() []monitored {
	const siem = "goes to the SIEM"
	mended := "The trail belongs to account " + owner + "; only its owner can mend it."
	list := []monitored{
		{"exempt class or account", "S", "Exempt: " + siem, []watch{{status: alarm.NoFilter, exempt: siem}}},
		{"every trail is exempt", "S", "Exempt: " + siem, []watch{{status: alarm.NoFilter, exempt: "a copy"}, {status: alarm.NoAlarm, owner: owner, exempt: siem}}},
		{"exempt, and monitored", "S", "Exempt: " + siem, []watch{{status: alarm.Monitored, exempt: siem}}},
		{"exempt, and not readable", "S", "Exempt: " + siem, []watch{{status: alarm.Unknown, exempt: siem, account: true}}},
		{"monitored", "O", "says monitored", []watch{{status: alarm.Monitored}}},
		{"one of two trails is monitored", "O", "says monitored", []watch{{status: alarm.NoFilter}, {status: alarm.Monitored}}},
		{"monitored by the organization's trail", "O", "says monitored", []watch{{status: alarm.Monitored, owner: owner}}},
		{"own trail unknown, the organization's monitored", "O", "says monitored", []watch{{status: alarm.Unknown}, {status: alarm.Monitored, owner: owner}}},
		{"an exempt trail is monitored, the other is not", "O", "says monitored", []watch{{status: alarm.Monitored, exempt: siem}, {status: alarm.NoFilter}}},
		{"monitored, but for what v5.0.0 asks", "O A", "says monitored", []watch{{status: alarm.Monitored, missing: []string{"ModifySecurityGroupRules"}}}},
		{"the organization's trail is, but for what v5.0.0 asks", "O I", "says monitored", []watch{{status: alarm.Monitored, owner: owner, missing: []string{"ModifySecurityGroupRules"}}}},
		{"one without, one with what v5.0.0 asks", "O", "says monitored", []watch{
			{status: alarm.Monitored, missing: []string{"ModifySecurityGroupRules"}}, {status: alarm.Monitored, owner: owner}}},
		{"own trail unknown", "E", "says unknown", []watch{{status: alarm.Unknown}}},
		{"own trail unknown, another broken", "E", "says unknown", []watch{{status: alarm.NoSubscriber}, {status: alarm.Unknown}}},
		{"own and foreign trail unknown", "E", "says unknown of trail 0", []watch{{status: alarm.Unknown}, {status: alarm.Unknown, owner: owner}}},
		{"account not readable", "E", "says unknown", []watch{{status: alarm.Unknown, account: true}}},
		{"foreign trail unknown", "I", "says unknown", []watch{{status: alarm.Unknown, owner: owner}}},
		{"own trail broken, foreign unknown", "I", "says unknown of trail 1", []watch{{status: alarm.NoSubscriber}, {status: alarm.Unknown, owner: owner}}},
		{"own trail unknown but exempt, another broken", "A", "says no_filter", []watch{{status: alarm.Unknown, exempt: siem}, {status: alarm.NoFilter}}},
		{"foreign trail unknown but exempt, own broken", "A", "says no_filter", []watch{{status: alarm.Unknown, owner: owner, exempt: siem}, {status: alarm.NoFilter}}},
		{"no own trail, the owner's is broken", "I", "says no_alarm of trail 0. " + mended, []watch{{status: alarm.NoAlarm, owner: owner}}},
		{"own trail exempt, the owner's is broken", "I", mended, []watch{{status: alarm.NoFilter, exempt: siem}, {status: alarm.NoAlarm, owner: owner}}},
		{"the owner's trail does not deliver, log group here", "I", mended, []watch{{status: alarm.NotDelivering, owner: owner, group: "self"}}},
		{"the owner's trail, its log group here has no filter", "A",
			"says no_filter of trail 0. The log group is this account's, though the trail belongs to account " + owner + ".",
			[]watch{{status: alarm.NoFilter, owner: owner, group: "self"}}},
		{"the owner's trail, its log group elsewhere", "I", mended, []watch{{status: alarm.NoFilter, owner: owner, group: "555566667777"}}},
		{"no trail", "A", "says no_trail", []watch{{status: alarm.NoTrail, account: true}}},
		{"own and foreign broken, own further", "A", "says no_subscriber of trail 0", []watch{{status: alarm.NoSubscriber}, {status: alarm.NoFilter, owner: owner}}},
		{"own and foreign broken, foreign further", "A", "says no_subscriber of trail 1. " + mended + " No trail of this account's own gets further.", []watch{{status: alarm.NoFilter}, {status: alarm.NoSubscriber, owner: owner}}},
		{"own and foreign broken alike", "A", "says no_filter of trail 0", []watch{{status: alarm.NoFilter}, {status: alarm.NoFilter, owner: owner}}},
		{"a status that nobody knows", "E", "says new", []watch{{status: "new"}}},
	}
	// How far the trails get decides which of two is named.
	for i, s := range alarm.Statuses[1 : len(alarm.Statuses)-1] {
		list = append(list, monitored{string(s), "A", "says " + string(s), []watch{{status: s}}})
		if i > 0 {
			list = append(list, monitored{string(s) + " after the one before", "A", "says " + string(s) + " of trail 1", []watch{{status: alarm.Statuses[i]}, {status: s}}})
		}
	}
	return list
}

func (m monitored) rows(account, class string) []map[string]any {
	var rows []map[string]any
	for i, w := range m.trails {
		row := map[string]any{
			"account_id": account, "partition": "aws", "event_class": class, "alarm_status": string(w.status),
			"status_reason": fmt.Sprintf("The test says %s of trail %d.", w.status, i),
			"exempt_reason": text(w.exempt), "missing_events": append([]string{}, w.missing...),
		}
		if !w.account {
			of := account
			if w.owner != "" {
				of = w.owner
			}
			group := of
			switch w.group {
			case "":
			case "self":
				group = account
			default:
				group = w.group
			}
			row["arn"] = fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:%s:trail/t%d", of, i)
			row["trail_account_id"], row["log_group_account_id"], row["region"] = of, group, "eu-west-1"
			if w.owner != "" && w.status != alarm.Monitored {
				row["status_reason"] = row["status_reason"].(string) + " The trail belongs to account " + w.owner + "; only its owner can mend it."
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// TestMonitoringItems runs the query of every class over every case, in both engines: each class sees its own cases, in
// another order than the others'.
func TestMonitoringItems(t *testing.T) {
	cases := monitoredCases()
	var rows []map[string]any
	at := func(class, i int) string { return fmt.Sprintf("%012d", (i+class*7)%len(cases)+1) }
	for n, class := range event.Classes() {
		for i, c := range cases {
			rows = append(rows, c.rows(at(n, i), class.Name)...)
		}
	}
	results := map[string][][]map[string]any{}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		db.Load(alarmTable, columnsOf(alarmTable), rows)
		for n, class := range event.Classes() {
			for _, name := range []string{"cis_v200_" + strings.ReplaceAll(class.Items["v2.0.0"], ".", "_"), "cis_v600_" + strings.ReplaceAll(class.Items["v6.0.0"], ".", "_")} {
				c := control(t, name)
				got := run(t, db, c, nil)
				require.Len(t, got, len(cases), "%s: one row for each account", name)
				results[name] = append(results[name], got)
				verdicts := byAccount(got)
				for i, want := range cases {
					row := verdicts[at(n, i)]
					letters := strings.Fields(want.want)
					expected := letters[0]
					if class.Name == "security_group_changes" && strings.HasPrefix(name, "cis_v600") {
						expected = letters[len(letters)-1]
					}
					assert.Equal(t, expected, letter(row), "%s: %s", name, want.name)
					assert.Contains(t, row["reason"], want.reason, "%s: %s", name, want.name)
					assert.Equal(t, "arn:aws:::"+at(n, i), row["resource"])
					assert.Equal(t, "global", row["region"])
				}
			}
		}
	})
	for name, of := range results {
		if len(of) == 2 {
			assert.Equal(t, of[0], of[1], name)
		}
	}
}

// TestMonitoringDashboard runs every query of the dashboard over no row, and over every case, in both engines.
func TestMonitoringDashboard(t *testing.T) {
	cases := monitoredCases()
	var alarms []map[string]any
	for i, c := range cases {
		for _, class := range event.Classes() {
			alarms = append(alarms, c.rows(fmt.Sprintf("%012d", i+1), class.Name)...)
		}
	}
	var arrivals []map[string]any
	for i, status := range []string{"arriving", "quiet", "empty", "unknown", "arriving"} {
		arrivals = append(arrivals, map[string]any{
			"account_id": owner, "partition": "aws", "source_account_id": fmt.Sprintf("%012d", 1+i%4), "stream_region": fmt.Sprintf("eu-west-%d", i+1),
			"arrival_status": status, "status_reason": "The test says " + status + ".",
		})
	}
	arrivals = append(arrivals, map[string]any{
		"account_id": owner, "partition": "aws", "source_account_id": "000000000001", "stream_region": "us-west-2",
		"arrival_status": "unknown", "status_reason": "The test says unknown.",
	})
	queries := dashboardQueries(t, "monitoring.pp")
	require.Len(t, queries, 9)
	results := map[string][][]map[string]any{}
	eachEngine(t, func(t *testing.T, _ string, db engine) {
		for name, rows := range map[string][][]map[string]any{"none": {{}, {}, {}}, "all": {alarms, arrivals, rowsOf(examples())}} {
			for i, of := range []string{alarmTable, arrivalTable, table} {
				db.Load(of+"_"+name, columnsOf(of), rows[i])
			}
			for i, q := range queries {
				text := q.sql
				for _, of := range []string{alarmTable, arrivalTable} {
					text = strings.ReplaceAll(text, of, of+"_"+name)
				}
				got, err := db.Query(strings.ReplaceAll(text, table+"\n", table+"_"+name+"\n"))
				require.NoError(t, err, q.sql)
				key := fmt.Sprintf("%s %d", name, i)
				results[key] = append(results[key], got)
				if q.kind == "card" {
					require.Len(t, got, 1)
					assert.Equal(t, name == "none", got[0]["value"].(float64) == 0, "%s: %v", name, got)
				}
			}
		}
	})
	for key, of := range results {
		if len(of) == 2 {
			assert.Equal(t, of[0], of[1], key)
		}
	}
	matrix := results["all 4"][0]
	require.Len(t, matrix, len(cases))
	signs, heads := map[string]float64{}, map[string]string{}
	for _, m := range regexp.MustCompile(`event_class = '(\w+)' then shown else '' end\) as "([^"]+)"`).FindAllStringSubmatch(queries[4].sql, -1) {
		heads[m[1]] = m[2]
	}
	require.Len(t, heads, len(event.Classes()))
	for i, row := range matrix {
		require.Len(t, row, 2+len(event.Classes()), "no two classes have one name")
		assert.Equal(t, fmt.Sprintf("%012d", i+1), row["Account"])
		for _, class := range event.Classes() {
			signs[row[heads[class.Name]].(string)]++
		}
	}
	assert.ElementsMatch(t, []string{"🟢", "🟠", "🔴", "⚪", "➖"}, slices.Collect(maps.Keys(signs)))
	assert.Equal(t, signs["🟠"]+signs["🔴"], results["all 1"][0][0]["value"], "nobody is told, whoever has to mend it")
	assert.Equal(t, signs["⚪"], results["all 2"][0][0]["value"], "not known, whosever the trail is")
	assert.Equal(t, []map[string]any{
		{"arrival": "arriving", "accounts": 1.0}, {"arrival": "empty", "accounts": 1.0}, {"arrival": "quiet", "accounts": 1.0}, {"arrival": "unknown", "accounts": 1.0},
	}, results["all 6"][0])
	assert.Len(t, results["all 7"][0], 4)
	var told float64
	for i, row := range matrix {
		ended := slices.ContainsFunc(results["all 8"][0], func(end map[string]any) bool { return end["Account"] == row["Account"] })
		good, exempt := true, true
		for _, head := range heads {
			good = good && (row[head] == "🟢" || row[head] == "➖")
			exempt = exempt && row[head] == "➖"
		}
		if good && !ended && !exempt {
			told++
		}
		assert.False(t, exempt && ended, "%d: %v", i, row)
	}
	assert.NotZero(t, told)
	assert.Equal(t, told, results["all 0"][0][0]["value"], "nobody is told in an account that is exempt")
}

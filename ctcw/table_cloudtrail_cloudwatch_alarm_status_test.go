package ctcw_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

const (
	alarmTable = "cloudtrail_cloudwatch_alarm_status"

	describeMetricFilters = "logs:DescribeMetricFilters"
	describeAlarms        = "cloudwatch:DescribeAlarms"
	listAlarmMuteRules    = "cloudwatch:ListAlarmMuteRules"
	getAlarmMuteRule      = "cloudwatch:GetAlarmMuteRule"
	getTopicAttributes    = "sns:GetTopicAttributes"

	// changes is the class that most of the tests here are about, and pattern what matches it.
	changes = "cloudtrail_changes"
	pattern = `{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }`
)

// monitored is an organization of one account whose trail is watched for every class of events.
type monitored struct {
	org     *sample.Organization
	account *sample.Account
	trail   *sample.Trail
	group   *sample.LogGroup
	*sample.Monitoring
}

func monitoredOrganization() *monitored {
	org := organization()
	a := org.Accounts[0]
	return &monitored{org, a, a.Trails[0], a.LogGroups[0], org.Monitor(a, a.LogGroups[0], now)}
}

// alarmRows asks for all columns of the rows of a class.
func (h *harness) alarmRows(class string) []row {
	h.t.Helper()
	return h.rows(request{table: alarmTable, where: map[string][]string{"event_class": {class}}})
}

func (h *harness) alarmRow(class string) row {
	h.t.Helper()
	rows := h.alarmRows(class)
	require.Len(h.t, rows, 1)
	return rows[0]
}

func TestEveryColumnOfAClassThatIsMonitored(t *testing.T) {
	m := monitoredOrganization()
	m.Topic.Pending = 2
	h := start(t, m.org, `exempt = { "111111111111/cloudtrail_*" = "tested here" }`)
	r := h.alarmRow(changes)

	assert.WithinDuration(t, time.Now(), r["checked_at"].(time.Time), time.Minute)
	chains := r["chains"].([]any)
	require.Len(t, chains, 1)
	assert.Equal(t, "monitored", chains[0].(map[string]any)["status"])
	for _, seenAbove := range []string{"checked_at", "chains", "_ctx", "sp_ctx"} {
		delete(r, seenAbove)
	}
	const topic = "arn:aws:sns:eu-west-1:111111111111:security-alarms"
	assert.Equal(t, row{
		"arn": trailARN, "name": "trail", "title": "trail", "akas": []any{trailARN},
		"home_region": "eu-west-1", "region": "eu-west-1", "partition": "aws",
		"account_id": "111111111111", "trail_account_id": "111111111111", "account_name": nil,
		"event_class": changes,
		"cis_items": map[string]any{"v1.2.0": "3.5", "v1.3.0": "4.5", "v1.4.0": "4.5", "v1.5.0": "4.5", "v2.0.0": "4.5", "v3.0.0": "4.5",
			"v4.0.0": "4.5", "v5.0.0": "4.5", "v6.0.0": "5.5"},
		"alarm_status":    "monitored",
		"status_reason":   "Filter cloudtrail_changes and alarm trail-logs/cloudtrail_changes tell topic " + topic + ", which has 1 confirmed subscription.",
		"remediation":     nil,
		"delivery_status": "delivering", "is_multi_region_trail": true, "management_events": "All",
		"log_group_arn":  "arn:aws:logs:eu-west-1:111111111111:log-group:trail-logs:*",
		"log_group_name": "trail-logs", "log_group_region": "eu-west-1", "log_group_account_id": "111111111111",
		"filter_name": changes, "filter_pattern": m.Filters[changes].Pattern, "metric_namespace": "CIS/trail-logs", "metric_name": changes,
		"missing_events": []any{},
		"alarm_name":     "trail-logs/cloudtrail_changes", "alarm_arn": "arn:aws:cloudwatch:eu-west-1:111111111111:alarm:trail-logs/cloudtrail_changes",
		"alarm_state": "OK", "alarm_actions_enabled": true, "alarm_actions": []any{topic}, "alarm_fires_on_first_event": true,
		"topic_arn": topic, "subscriptions_confirmed": int64(1), "subscriptions_pending": int64(2),
		"event_selectors_error": nil, "metric_filter_error": nil, "alarm_error": nil, "topic_error": nil, "trail_status_error": nil,
		"scan_error": nil, "unscanned_regions": nil, "exempt_reason": "tested here",
		"sp_connection_name": "main",
	}, r)
}

func TestEveryClassIsMonitoredWhereAllIsRight(t *testing.T) {
	h := start(t, monitoredOrganization().org)
	rows := h.rows(request{table: alarmTable})
	require.Len(t, rows, 15)
	for class, r := range by(rows, "event_class") {
		assert.Equal(t, "monitored", r["alarm_status"], "%s: %s", class, r["status_reason"])
		assert.Empty(t, r["missing_events"], class)
		assert.Equal(t, true, r["alarm_fires_on_first_event"], class)
	}
	h.costs(wholeChain(nil))
}

// wholeChain is what it costs to follow the whole chain of one account with one trail.
func wholeChain(more map[string]int) map[string]int {
	want := map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17, getTrailStatus: 1, describeLogGroups: 1,
		getEventSelectors: 1, describeMetricFilters: 1, describeAlarms: 1, listAlarmMuteRules: 1, getTopicAttributes: 1}
	maps.Copy(want, more)
	return want
}

func TestColumnsDecideWhatIsAskedOfTheChain(t *testing.T) {
	list := map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17}
	with := func(more ...string) map[string]int {
		want := maps.Clone(list)
		for _, action := range more {
			want[action] = 1
		}
		return want
	}
	cases := []struct {
		name    string
		columns []string
		want    map[string]int
	}{
		{"all", nil, wholeChain(nil)},
		{"what DescribeTrails says", []string{"name", "event_class", "cis_items", "log_group_arn", "is_multi_region_trail", "exempt_reason"}, list},
		{"what the selectors record", []string{"management_events"}, with(getEventSelectors)},
		{"delivery", []string{"delivery_status"}, with(getTrailStatus, describeLogGroups)},
		{"the verdict", []string{"alarm_status"}, wholeChain(nil)},
		{"a part of the chain", []string{"filter_pattern"}, wholeChain(nil)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, monitoredOrganization().org)
			require.Len(t, h.rows(request{table: alarmTable, columns: c.columns}), 15)
			h.costs(c.want)
		})
	}
}

func TestKeyColumnsOfTheChain(t *testing.T) {
	cases := []struct {
		name   string
		where  map[string][]string
		rows   int
		trails int // DescribeTrails
	}{
		{"none", nil, 45, 17},
		{"event_class", map[string][]string{"event_class": {changes}}, 3, 17},
		{"event_class in", map[string][]string{"event_class": {changes, "vpc_changes", "mars_changes"}}, 6, 17},
		{"a class that does not exist", map[string][]string{"event_class": {"mars_changes"}}, 0, 17},
		{"class and region", map[string][]string{"event_class": {changes}, "region": {"eu-west-1"}}, 1, 1},
		{"class and name", map[string][]string{"event_class": {changes}, "name": {"local"}}, 2, 17},
		{"arn", map[string][]string{"arn": {trailARN}}, 15, 1},
		{"home_region in", map[string][]string{"home_region": {"us-east-1", "ap-south-1"}}, 30, 2},
		{"another account_id", map[string][]string{"account_id": {"222222222222"}}, 0, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h := start(t, threeTrails())
			assert.Len(t, h.rows(request{table: alarmTable, columns: []string{"arn", "event_class"}, where: c.where}), c.rows)
			assert.Equal(t, c.trails, h.endpoint.Calls().Of(describeTrails))
		})
	}
}

// A class that is not asked for costs nothing, and one costs as much as all.
func TestOneClassCostsNoMoreThanAll(t *testing.T) {
	h := start(t, monitoredOrganization().org)
	h.alarmRow(changes)
	h.costs(wholeChain(nil))
}

func TestEveryMembersRowsFollowTheOwnersChain(t *testing.T) {
	org := company(39)
	organizationTrail(org)
	owner := org.Accounts[0]
	org.Monitor(owner, owner.LogGroups[0], now)
	for _, a := range org.Accounts[1:] {
		a.OrganizationTrailStatus = sample.StatusNotFound
	}
	first := start(t, org, everyAccount)
	require.Len(t, first.rows(request{}), 40)
	h := start(t, org, everyAccount)
	rows := h.rows(request{table: alarmTable})
	require.Len(t, rows, 40*15)
	for _, r := range rows {
		assert.Equal(t, "monitored", r["alarm_status"], "%s %s: %s", r["account_id"], r["event_class"], r["status_reason"])
		assert.Equal(t, owner.ID, r["log_group_account_id"])
		assert.Equal(t, "arn:aws:sns:eu-west-1:"+owner.ID+":security-alarms", r["topic_arn"])
		assert.Equal(t, "All", r["management_events"])
	}
	assert.LessOrEqual(t, h.endpoint.Calls().Total(), first.endpoint.Calls().Total()+40)
	h.costs(map[string]int{getCallerIdentity: 1, listAccounts: 2, assumeRole: 39, describeRegions: 40, describeTrails: 40 * 17, getTrailStatus: 1,
		describeLogGroups: 1, getEventSelectors: 1, describeMetricFilters: 1, describeAlarms: 1, listAlarmMuteRules: 1, getTopicAttributes: 1})
}

func TestMembersWhoseOwnerIsOutOfReachAreUnknown(t *testing.T) {
	org := company(3)
	organizationTrail(org)
	org.DelegatedAdmins = []string{"100000000001"}
	org.Monitor(org.Accounts[0], org.Accounts[0].LogGroups[0], now)
	h := start(t, org)
	h.configure(&proto.ConnectionConfig{Connection: "members", Config: h.config(org.Accounts[1], "accounts = [\"*\"]\nskip_accounts = [\"100000000000\"]", `role_name = "audit"`)})
	rows := h.rows(request{table: alarmTable, connections: []string{"members"}})
	require.Len(t, rows, 3*15)
	for _, r := range rows {
		assert.Equal(t, "unknown", r["alarm_status"])
		assert.Contains(t, r["status_reason"], "which this connection cannot ask")
		assert.Contains(t, r["metric_filter_error"], "NotInReach: the log group is in account 100000000000")
		assert.Contains(t, r["alarm_error"], "NotInReach: ")
		assert.Nil(t, r["remediation"])
	}
}

// Filters that differ in how they are written match the same events.
func TestAFilterIsJudgedByWhatItMatches(t *testing.T) {
	without := func(event string) string { return strings.Replace(pattern, " || ($.eventName = "+event+")", "", 1) }
	cases := []struct {
		name, pattern string
		want          row
		reason        string
	}{
		{"as CIS publishes it", pattern, row{"alarm_status": "monitored"}, ""},
		{"reordered", `{ ($.eventName = StopLogging) || ($.eventName = StartLogging) || ($.eventName = DeleteTrail) || ($.eventName = UpdateTrail) || ($.eventName = CreateTrail) }`,
			row{"alarm_status": "monitored"}, ""},
		{"quoted", `{ ($.eventName = "CreateTrail") || ($.eventName = "UpdateTrail") || ($.eventName = "DeleteTrail") || ($.eventName = "StartLogging") || ($.eventName = "StopLogging") }`,
			row{"alarm_status": "monitored"}, ""},
		{"some quoted, no parentheses", `{ $.eventName = CreateTrail || $.eventName = "UpdateTrail" || $.eventName = DeleteTrail || $.eventName = "StartLogging" || $.eventName = StopLogging }`,
			row{"alarm_status": "monitored"}, ""},
		{"wildcards", `{ $.eventName = "*Trail" || $.eventName = "*Logging" }`, row{"alarm_status": "monitored"}, ""},
		{"no spaces", `{($.eventName=CreateTrail)||($.eventName=UpdateTrail)||($.eventName=DeleteTrail)||($.eventName=StartLogging)||($.eventName=StopLogging)}`,
			row{"alarm_status": "monitored"}, ""},
		{"more than asked", strings.Replace(pattern, "{ ", `{ ($.eventName = PutEventSelectors) || `, 1), row{"alarm_status": "monitored"}, ""},
		{"with a source", `{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = *Trail) || ($.eventName = *Logging)) }`, row{"alarm_status": "monitored"}, ""},
		{"one event missing", without("StopLogging"), row{"alarm_status": "filter_misses_events", "missing_events": []any{"StopLogging"}}, "matches StopLogging"},
		{"one event misspelt", strings.Replace(pattern, "DeleteTrail", "DeleteTrial", 1), row{"alarm_status": "filter_misses_events", "missing_events": []any{"DeleteTrail"}}, "matches DeleteTrail"},
		{"one event in other letters", strings.Replace(pattern, "DeleteTrail", "deletetrail", 1), row{"alarm_status": "filter_misses_events", "missing_events": []any{"DeleteTrail"}}, "DeleteTrail"},
		{"one region only", `{ ($.awsRegion = "us-east-1") && (($.eventName = *Trail) || ($.eventName = *Logging)) }`, row{"alarm_status": "filter_misses_events"}, ""},
		{"everything", `{ $.eventName = "*" }`, row{"alarm_status": "filter_too_wide"}, ""},
		{"everything, the empty pattern", ``, row{"alarm_status": "filter_too_wide"}, ""},
		{"nothing of it", `{ $.eventName = "ConsoleLogin" }`, row{"alarm_status": "no_filter", "filter_name": nil}, ""},
		{"changes of one trail only", `{ $.requestParameters.name = "other" && ($.eventName = *Trail || $.eventName = *Logging) }`, row{}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := monitoredOrganization()
			m.Filters[changes].Pattern = c.pattern
			r := start(t, m.org).alarmRow(changes)
			assert.Equal(t, c.want, subset(r, c.want), r["status_reason"])
			assert.Contains(t, r["status_reason"], c.reason)
			switch {
			case c.want["alarm_status"] == "monitored":
				assert.Empty(t, r["missing_events"])
			default:
				assert.NotEqual(t, "monitored", r["alarm_status"])
				assert.NotEmpty(t, r["missing_events"])
			}
		})
	}
}

func TestEventsSplitOverTwoFilters(t *testing.T) {
	m := monitoredOrganization()
	m.Filters[changes].Pattern = `{ $.eventName = "*Trail" }`
	more := *m.Filters[changes]
	more.Name, more.Pattern = "logging", `{ $.eventName = "*Logging" }`
	m.group.MetricFilters = append(m.group.MetricFilters, &more)
	r := start(t, m.org).alarmRow(changes)
	assert.Equal(t, "monitored", r["alarm_status"], r["status_reason"])
	assert.Empty(t, r["missing_events"])
	assert.Len(t, r["chains"], 2)
}

// What is broken beside the filter: never monitored, and said where.
func TestAChainThatIsBrokenBehindTheFilter(t *testing.T) {
	cases := []struct {
		name   string
		change func(*monitored)
		want   row
		reason string
	}{
		{"a metric of that name in another namespace", func(m *monitored) { m.Alarms[changes].Namespace = "Other" },
			row{"alarm_status": "no_alarm", "alarm_name": nil, "metric_namespace": "CIS/trail-logs"}, ""},
		{"an alarm in another region", func(m *monitored) { m.Alarms[changes].Region = "us-east-1" }, row{"alarm_status": "no_alarm"}, ""},
		{"an alarm in another account", func(m *monitored) {
			other := account("222222222222", "other")
			moved := *m.Alarms[changes]
			other.Alarms = []*sample.Alarm{&moved}
			m.account.Alarms = slices.DeleteFunc(m.account.Alarms, func(a *sample.Alarm) bool { return a == m.Alarms[changes] })
			m.org.Accounts = append(m.org.Accounts, other)
		}, row{"alarm_status": "no_alarm"}, ""},
		{"an alarm that fewer events fire", func(m *monitored) { m.Alarms[changes].Comparison = "LessThanThreshold" }, row{"alarm_status": "no_alarm"}, ""},
		{"a dimension that the filter does not publish", func(m *monitored) { m.Alarms[changes].Dimensions = map[string]string{"a": "b"} }, row{"alarm_status": "no_alarm"}, ""},
		{"actions disabled", func(m *monitored) { m.Alarms[changes].ActionsDisabled = true },
			row{"alarm_status": "alarm_disabled", "alarm_actions_enabled": false}, ""},
		{"a mute rule", func(m *monitored) {
			m.account.MuteRules = []*sample.MuteRule{{Name: "quiet", Region: "eu-west-1", Alarms: []string{m.Alarms[changes].Name}, Expression: "cron(0 2 * * *)", Duration: "PT4H"}}
		}, row{"alarm_status": "alarm_disabled", "alarm_actions_enabled": true}, "quiet"},
		{"no action", func(m *monitored) { m.Alarms[changes].AlarmActions = nil }, row{"alarm_status": "no_action", "alarm_actions": []any{}}, ""},
		{"an action that tells nobody", func(m *monitored) {
			m.Alarms[changes].AlarmActions = []string{"arn:aws:automate:eu-west-1:ec2:reboot"}
		}, row{"alarm_status": "no_action"}, ""},
		{"told when all is well again", func(m *monitored) {
			a := m.Alarms[changes]
			a.OKActions, a.AlarmActions = a.AlarmActions, nil
		}, row{"alarm_status": "no_action"}, ""},
		{"a pending subscription", func(m *monitored) { m.Topic.Confirmed, m.Topic.Pending = 0, 1 },
			row{"alarm_status": "no_subscriber", "subscriptions_confirmed": int64(0), "subscriptions_pending": int64(1)}, ""},
		{"no subscription", func(m *monitored) { m.Topic.Confirmed = 0 },
			row{"alarm_status": "no_subscriber", "subscriptions_confirmed": int64(0), "subscriptions_pending": int64(0)}, ""},
		{"a deleted topic", func(m *monitored) { m.account.Topics = nil }, row{"alarm_status": "no_subscriber", "subscriptions_confirmed": nil, "topic_error": nil}, "does not exist."},
		{"a topic of an account that cannot be asked", func(m *monitored) {
			m.Alarms[changes].AlarmActions = []string{"arn:aws:sns:eu-west-1:999999999999:elsewhere"}
		}, row{"alarm_status": "unknown", "subscriptions_confirmed": nil,
			"topic_error": "NotInReach: the topic is in account 999999999999, which this connection cannot ask"}, "999999999999"},
		{"a trail of one region", func(m *monitored) { m.trail.MultiRegion = false }, row{"alarm_status": "partial_scope"}, ""},
		{"a trail that records no writes", func(m *monitored) {
			m.trail.EventSelectors = []sample.EventSelector{{ReadWriteType: "ReadOnly", IncludeManagementEvents: true}}
		}, row{"alarm_status": "not_recorded", "management_events": "ReadOnly"}, ""},
		{"a trail that is stopped", func(m *monitored) { m.trail.Status.Logging = false }, row{"alarm_status": "not_delivering", "delivery_status": "logging_stopped"}, ""},
		{"a trail without a log group", func(m *monitored) { m.trail.CloudWatchLogsLogGroupARN = "" },
			row{"alarm_status": "not_delivering", "delivery_status": "not_configured", "log_group_name": nil, "chains": []any{}}, ""},
		{"a log group that is gone", func(m *monitored) { m.account.LogGroups = nil }, row{"alarm_status": "not_delivering", "delivery_status": "log_group_missing"}, ""},
		{"a log group in another region", func(m *monitored) { m.group.Region = "us-east-1" }, row{"alarm_status": "not_delivering"}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := monitoredOrganization()
			c.change(m)
			r := start(t, m.org).alarmRow(changes)
			assert.Equal(t, c.want, subset(r, c.want), r["status_reason"])
			assert.Contains(t, r["status_reason"], c.reason)
			assert.NotEmpty(t, r["missing_events"], "what reaches nobody")
			// A mute rule ends, and somebody wanted it.
			mends := c.want["alarm_status"] != "unknown" && c.name != "a mute rule"
			assert.Equal(t, mends, r["remediation"] != nil)
		})
	}
}

func TestATopicOfAnotherAccountIsAskedThere(t *testing.T) {
	for name, confirmed := range map[string]int{"monitored": 1, "no_subscriber": 0} {
		org := company(1)
		owner, soc := org.Accounts[0], org.Accounts[1]
		m := org.Monitor(owner, owner.LogGroups[0], now)
		soc.Topics = []*sample.Topic{{Name: "soc", Region: "us-east-1", Confirmed: confirmed}}
		m.Alarms[changes].AlarmActions = []string{org.TopicARN(soc.ID, "us-east-1", "soc")}
		h := start(t, org, everyAccount)
		r := by(h.alarmRows(changes), "account_id")[owner.ID]
		assert.Equal(t, name, r["alarm_status"], r["status_reason"])
		assert.Equal(t, 1, h.endpoint.Calls().In(soc.ID, "us-east-1").Of(getTopicAttributes))
	}
}

func TestCompositeAndMetricMathAlarmsAreFound(t *testing.T) {
	composite := func(m *monitored) *sample.CompositeAlarm {
		a := m.Alarms[changes]
		c := &sample.CompositeAlarm{Name: "all", Region: a.Region, Rule: fmt.Sprintf("ALARM(%q)", a.Name), AlarmActions: a.AlarmActions}
		a.AlarmActions = nil
		m.account.CompositeAlarms = []*sample.CompositeAlarm{c}
		return c
	}
	math := func(m *monitored, expression string) {
		a := m.Alarms[changes]
		a.Metrics = []sample.MetricQuery{{ID: "e", Expression: expression, ReturnData: true}, {ID: "m", Namespace: a.Namespace, MetricName: a.MetricName}}
		a.Namespace, a.MetricName = "", ""
	}
	cases := []struct {
		name   string
		change func(*monitored)
		want   row
	}{
		{"composite", func(m *monitored) { composite(m) }, row{"alarm_status": "monitored", "alarm_name": "all"}},
		{"composite by ARN", func(m *monitored) {
			composite(m).Rule = `ALARM("` + m.org.AlarmARN(m.account.ID, "eu-west-1", m.Alarms[changes].Name) + `")`
		}, row{"alarm_status": "monitored", "alarm_name": "all"}},
		{"composite of composites", func(m *monitored) {
			inner := composite(m)
			outer := &sample.CompositeAlarm{Name: "outer", Region: inner.Region, Rule: "ALARM(all)", AlarmActions: inner.AlarmActions}
			inner.AlarmActions = nil
			m.account.CompositeAlarms = append(m.account.CompositeAlarms, outer)
		}, row{"alarm_status": "monitored", "alarm_name": "outer"}},
		{"composite, disabled", func(m *monitored) { composite(m).ActionsDisabled = true }, row{"alarm_status": "alarm_disabled", "alarm_name": "all"}},
		{"composite, muted", func(m *monitored) {
			composite(m)
			m.account.MuteRules = []*sample.MuteRule{{Name: "quiet", Region: "eu-west-1", Alarms: []string{"all"}}}
		}, row{"alarm_status": "alarm_disabled", "alarm_name": "all"}},
		{"composite in another region", func(m *monitored) { composite(m).Region = "us-east-1" }, row{"alarm_status": "no_action"}},
		{"metric math", func(m *monitored) { math(m, "FILL(m, 0)") }, row{"alarm_status": "monitored", "alarm_name": "trail-logs/cloudtrail_changes"}},
		{"metric math of another metric", func(m *monitored) {
			math(m, "FILL(m, 0)")
			m.Alarms[changes].Metrics[1].MetricName = "other"
		}, row{"alarm_status": "no_alarm"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := monitoredOrganization()
			c.change(m)
			h := start(t, m.org)
			r := h.alarmRow(changes)
			assert.Equal(t, c.want, subset(r, c.want), r["status_reason"])
			assert.Equal(t, 1, h.endpoint.Calls().Of(describeAlarms))
		})
	}
}

func TestMetricMathIsReadFromAlarmsOfSeveralPages(t *testing.T) {
	m := monitoredOrganization()
	for i := range 250 {
		m.account.Alarms = append(m.account.Alarms, &sample.Alarm{Name: fmt.Sprintf("a-%03d", i), Region: "eu-west-1", Namespace: "n", MetricName: "m"})
	}
	for i := range 60 {
		m.group.MetricFilters = append(m.group.MetricFilters, &sample.MetricFilter{Name: fmt.Sprintf("a-%03d", i), Pattern: "x", Metric: sample.Metric{Namespace: "n", Name: "m"}})
	}
	h := start(t, m.org)
	assert.Equal(t, "monitored", h.alarmRow(changes)["alarm_status"])
	h.costs(wholeChain(map[string]int{describeAlarms: 3, describeMetricFilters: 2}))
}

func TestAlarmsThatTakeMoreThanOneEvent(t *testing.T) {
	m := monitoredOrganization()
	m.Alarms[changes].Threshold = 5
	r := start(t, m.org).alarmRow(changes)
	assert.Equal(t, "monitored", r["alarm_status"])
	assert.Equal(t, false, r["alarm_fires_on_first_event"])
	assert.Contains(t, r["status_reason"], "It takes more than one event in a period.")
}

func TestLogAlarmsAreNamedAndNotJudged(t *testing.T) {
	m := monitoredOrganization()
	m.group.MetricFilters = nil
	m.account.LogAlarms = []*sample.LogAlarm{{Name: "watches-trails", Region: "eu-west-1", LogGroups: []string{"trail-logs"}, Query: "filter eventName like /Trail/"}}
	r := start(t, m.org).alarmRow(changes)
	assert.Equal(t, "no_filter", r["alarm_status"])
	assert.Contains(t, r["status_reason"], "What log alarm watches-trails watches is not judged.")
}

func TestAnEndpointWithoutMuteRulesAndLogAlarms(t *testing.T) {
	h := start(t, monitoredOrganization().org)
	h.endpoint.Inject(sample.Fault{Action: "cloudwatch:*", Kind: sample.BeforeLogAlarms})
	rows := h.rows(request{table: alarmTable})
	require.Len(t, rows, 15)
	for _, r := range rows {
		assert.Equal(t, "monitored", r["alarm_status"], r["status_reason"])
		assert.Nil(t, r["alarm_error"])
	}
	h.costs(wholeChain(map[string]int{describeAlarms: 2}))
}

func TestExemptClasses(t *testing.T) {
	m := monitoredOrganization()
	m.group.MetricFilters = nil
	other := account("222222222222", "other")
	m.org.Accounts = append(m.org.Accounts, other)
	h := start(t, m.org, `exempt = { "vpc_changes" = "a SIEM", "111111111111/root_*" = "only here", "222222222222/nacl_changes" = "only there", "*:trail/none" = "no such trail" }`)
	rows := by(h.rows(request{table: alarmTable, connections: []string{"main"}}), "event_class")
	there := by(h.rows(request{table: alarmTable, connections: []string{"other"}}), "event_class")
	require.Len(t, rows, 15)
	for _, c := range event.Classes() {
		want, wantThere := any(nil), any(nil)
		switch c.Name {
		case "vpc_changes":
			want, wantThere = "a SIEM", "a SIEM"
		case "root_usage":
			want = "only here"
		case "nacl_changes":
			wantThere = "only there"
		}
		assert.Equal(t, want, rows[c.Name]["exempt_reason"], c.Name)
		assert.Equal(t, wantThere, there[c.Name]["exempt_reason"], c.Name)
		assert.Equal(t, "no_filter", rows[c.Name]["alarm_status"], "the fact stands")
		assert.Equal(t, want != nil, rows[c.Name]["remediation"] == nil, c.Name)
	}
}

func TestAnAccountWithoutATrailHasARowForEachClass(t *testing.T) {
	org := organization()
	org.Accounts[0].Trails = nil
	h := start(t, org)
	rows := h.rows(request{table: alarmTable})
	require.Len(t, by(rows, "event_class"), 15)
	for _, r := range rows {
		want := row{"alarm_status": "no_trail", "delivery_status": "no_trail", "arn": nil, "account_id": "111111111111", "chains": nil, "management_events": nil}
		assert.Equal(t, want, subset(r, want))
		assert.NotNil(t, r["remediation"])
		assert.NotEmpty(t, r["missing_events"])
	}
	h.costs(map[string]int{getCallerIdentity: 1, describeRegions: 1, describeTrails: 17})
}

func TestAnAccountThatCannotBeReadHasARowForEachClass(t *testing.T) {
	org := company(1)
	org.Accounts[1].Roles[0].Denied = true
	h := start(t, org, everyAccount)
	rows := h.rows(request{table: alarmTable, where: map[string][]string{"account_id": {memberID}}})
	require.Len(t, by(rows, "event_class"), 15)
	for _, r := range rows {
		want := row{"alarm_status": "unknown", "delivery_status": "unknown", "arn": nil, "remediation": nil}
		assert.Equal(t, want, subset(r, want))
		assert.Contains(t, r["scan_error"], "AccessDenied: ")
		assert.Contains(t, r["status_reason"], "AccessDenied")
	}
}

// Two trails of one account share a log group, and only one of them brings the events of the whole organization.
func TestATrailOfTheOrganizationAndOneOfTheAccountInOneLogGroup(t *testing.T) {
	org := company(1)
	organizationTrail(org)
	owner := org.Accounts[0]
	single := *owner.Trails[0]
	single.Name, single.Organization = "single", false
	owner.Trails = append(owner.Trails, &single)
	m := org.Monitor(owner, owner.LogGroups[0], now)
	m.Filters[changes].FieldSelectionCriteria = `@aws.account = "` + owner.ID + `"`
	h := start(t, org, everyAccount)
	for range 5 { // whichever is asked about first
		rows := by(h.rows(request{table: alarmTable, where: map[string][]string{"event_class": {changes}, "account_id": {owner.ID}}}), "name")
		assert.Equal(t, "monitored", rows["single"]["alarm_status"], rows["single"]["status_reason"])
		assert.NotEqual(t, "monitored", rows["own"]["alarm_status"], rows["own"]["status_reason"])
	}
}

// What is right would be monitored, and what may not be asked for cannot be said to be missing.
func TestWhatMayNotBeAskedOfTheChainIsUnknown(t *testing.T) {
	for action, column := range map[string]string{
		getEventSelectors: "event_selectors_error", describeMetricFilters: "metric_filter_error", describeAlarms: "alarm_error", getTopicAttributes: "topic_error",
	} {
		h := start(t, monitoredOrganization().org)
		h.endpoint.Inject(sample.Fault{Action: action, Kind: sample.AccessDenied})
		r := h.alarmRow(changes)
		assert.Equal(t, "unknown", r["alarm_status"], "%s: %s", action, r["status_reason"])
		assert.Contains(t, r["status_reason"], "is not authorized to perform", action)
		for _, other := range []string{"event_selectors_error", "metric_filter_error", "alarm_error", "topic_error"} {
			assert.Equal(t, other == column, r[other] != nil, "%s: %s", action, other)
		}
	}
}

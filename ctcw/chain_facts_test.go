package ctcw_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// Each thing that AWS says of selectors, filters, alarms and topics and that a verdict hangs on gets as far as the
// verdict. What the verdict makes of it is tested where it is made.
func TestWhatAWSSaysOfTheChainReachesItsVerdict(t *testing.T) {
	alarm := func(change func(*sample.Alarm)) func(*monitored) {
		return func(m *monitored) { change(m.Alarms[changes]) }
	}
	filter := func(change func(*sample.MetricFilter)) func(*monitored) {
		return func(m *monitored) { change(m.Filters[changes]) }
	}
	composite := func(change func(*sample.CompositeAlarm)) func(*monitored) {
		return func(m *monitored) {
			a := m.Alarms[changes]
			c := &sample.CompositeAlarm{Name: "all", Region: a.Region, Rule: `ALARM("` + a.Name + `")`, AlarmActions: a.AlarmActions}
			a.AlarmActions = nil
			change(c)
			m.account.CompositeAlarms = append(m.account.CompositeAlarms, c)
		}
	}
	math := func(change func(*monitored, []sample.MetricQuery)) func(*monitored) {
		return func(m *monitored) {
			a := m.Alarms[changes]
			a.Metrics = []sample.MetricQuery{{ID: "e", Expression: "FILL(m, 0)", ReturnData: true}, {ID: "m", Namespace: a.Namespace, MetricName: a.MetricName}}
			change(m, a.Metrics)
			a.Namespace, a.MetricName = "", ""
		}
	}
	basic := func(s sample.EventSelector) func(*monitored) {
		return func(m *monitored) { m.trail.EventSelectors = []sample.EventSelector{s} }
	}
	advanced := func(fields ...sample.FieldSelector) func(*monitored) {
		return func(m *monitored) {
			m.trail.AdvancedEventSelectors = []sample.AdvancedEventSelector{{FieldSelectors: append([]sample.FieldSelector{
				{Field: "eventCategory", Equals: []string{"Management"}},
			}, fields...)}}
		}
	}
	zero, one := 0.0, 1.0
	for name, c := range map[string]struct {
		change func(*monitored)
		want   row
		reason string
	}{
		"a filter on transformed logs": {filter(func(f *sample.MetricFilter) { f.ApplyOnTransformedLogs = true }), row{"alarm_status": "unknown"}, "applied on transformed logs"},
		"criteria":                     {filter(func(f *sample.MetricFilter) { f.FieldSelectionCriteria = `@aws.account = "999999999999"` }), row{"alarm_status": "no_filter"}, ""},
		"system fields":                {filter(func(f *sample.MetricFilter) { f.EmitSystemFieldDimensions = []string{"@aws.region"} }), row{"alarm_status": "no_alarm"}, "with dimensions only"},
		"a default value":              {filter(func(f *sample.MetricFilter) { f.Metric.Default = &one }), row{"alarm_status": "no_alarm"}, "is in ALARM without any event"},
		"dimensions of a filter": {filter(func(f *sample.MetricFilter) { f.Metric.Dimensions = map[string]string{"Name": "$.eventName"} }),
			row{"alarm_status": "no_alarm"}, "with dimensions only"},
		"the value of an event": {filter(func(f *sample.MetricFilter) { f.Metric.Value = "0" }), row{"alarm_status": "no_alarm"}, "however many events come"},
		"a unit on both sides":  {func(m *monitored) { m.Filters[changes].Metric.Unit, m.Alarms[changes].Unit = "Count", "Count" }, row{"alarm_status": "monitored"}, ""},
		"the alarm's unit":      {alarm(func(a *sample.Alarm) { a.Unit = "Count" }), row{"alarm_status": "no_alarm"}, "asks for unit Count"},
		"missing data breaches": {alarm(func(a *sample.Alarm) { a.TreatMissingData = "breaching" }), row{"alarm_status": "no_alarm"}, "is in ALARM without any event"},
		"a percentile": {func(m *monitored) {
			m.Alarms[changes].ExtendedStatistic, m.Filters[changes].Metric.Default = "p99", &zero
		}, row{"alarm_status": "monitored", "alarm_fires_on_first_event": false}, ""},
		"a statistic": {func(m *monitored) {
			m.Alarms[changes].Statistic, m.Filters[changes].Metric.Default = "SampleCount", &zero
		}, row{"alarm_status": "no_alarm"}, "is in ALARM without any event"},
		"the period": {func(m *monitored) {
			m.Alarms[changes].Statistic, m.Alarms[changes].Period, m.Filters[changes].Metric.Default = "Average", 60, &zero
		}, row{"alarm_status": "monitored", "alarm_fires_on_first_event": true}, ""},
		"several periods":    {alarm(func(a *sample.Alarm) { a.EvaluationPeriods = 3 }), row{"alarm_status": "monitored", "alarm_fires_on_first_event": false}, ""},
		"one of the periods": {alarm(func(a *sample.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 1 }), row{"alarm_status": "monitored", "alarm_fires_on_first_event": true}, ""},
		"anomaly detection": {math(func(m *monitored, q []sample.MetricQuery) {
			a := m.Alarms[changes]
			a.ThresholdMetricID, a.Comparison, a.EvaluationPeriods = "band", "GreaterThanUpperThreshold", 2
			q[1].ReturnData = true
			a.Metrics = []sample.MetricQuery{q[1], {ID: "band", Expression: "ANOMALY_DETECTION_BAND(m, 2)", ReturnData: true}}
		}), row{"alarm_status": "monitored", "alarm_fires_on_first_event": false}, ""},
		"PromQL":                             {alarm(func(a *sample.Alarm) { a.PromQL = "sum(" + changes + ")" }), row{"alarm_status": "unknown"}, ""},
		"metric math":                        {math(func(*monitored, []sample.MetricQuery) {}), row{"alarm_status": "monitored"}, ""},
		"metric math over another account's": {math(func(_ *monitored, q []sample.MetricQuery) { q[1].AccountID = "999999999999" }), row{"alarm_status": "no_alarm"}, ""},
		"metric math of which another is alarmed": {math(func(m *monitored, q []sample.MetricQuery) {
			q[0].ReturnData = false
			m.Alarms[changes].Metrics = append([]sample.MetricQuery{{ID: "other", Namespace: "Other", MetricName: "other", ReturnData: true}}, q...)
		}), row{"alarm_status": "no_alarm"}, ""},
		"suppressed now": {composite(func(c *sample.CompositeAlarm) { c.SuppressedBy = "WaitPeriod" }), row{"alarm_status": "alarm_disabled"}, "suppressed now (WaitPeriod)"},
		"a suppressor in ALARM": {func(m *monitored) {
			composite(func(c *sample.CompositeAlarm) { c.Suppressor = "deployment" })(m)
			m.account.Alarms = append(m.account.Alarms, &sample.Alarm{Name: "deployment", Region: "eu-west-1", Namespace: "n", MetricName: "m", State: "ALARM"})
		}, row{"alarm_status": "alarm_disabled"}, "deployment"},
		"no management events": {basic(sample.EventSelector{IncludeManagementEvents: false}), row{"alarm_status": "not_recorded", "management_events": "None"}, ""},
		"a source that is left out": {func(m *monitored) {
			basic(sample.EventSelector{IncludeManagementEvents: true, ExcludeManagementEventSources: []string{"cloudtrail.amazonaws.com"}})(m)
		}, row{"alarm_status": "not_recorded"}, ""},
		"advanced, all":             {advanced(), row{"alarm_status": "monitored"}, ""},
		"advanced, reads":           {advanced(sample.FieldSelector{Field: "readOnly", Equals: []string{"true"}}), row{"alarm_status": "not_recorded"}, ""},
		"advanced, another source":  {advanced(sample.FieldSelector{Field: "eventSource", Equals: []string{"kms.amazonaws.com"}}), row{"alarm_status": "not_recorded"}, ""},
		"advanced, not this source": {advanced(sample.FieldSelector{Field: "eventSource", NotEquals: []string{"cloudtrail.amazonaws.com"}}), row{"alarm_status": "not_recorded"}, ""},
		"advanced, begins":          {advanced(sample.FieldSelector{Field: "eventSource", StartsWith: []string{"kms"}}), row{"alarm_status": "not_recorded"}, ""},
		"advanced, begins not":      {advanced(sample.FieldSelector{Field: "eventSource", NotStartsWith: []string{"cloudtrail"}}), row{"alarm_status": "not_recorded"}, ""},
		"advanced, ends":            {advanced(sample.FieldSelector{Field: "eventSource", EndsWith: []string{".example.com"}}), row{"alarm_status": "not_recorded"}, ""},
		"advanced, ends not":        {advanced(sample.FieldSelector{Field: "eventSource", NotEndsWith: []string{".amazonaws.com"}}), row{"alarm_status": "not_recorded"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := monitoredOrganization()
			c.change(m)
			r := start(t, m.org).alarmRow(changes)
			require.Equal(t, c.want, subset(r, c.want), r["status_reason"])
			assert.Contains(t, r["status_reason"], c.reason)
		})
	}
}

// twoRegions has two log groups of one name, with the same filters, in two regions of an account. What else there is,
// is in one of them.
func twoRegions() *monitored {
	m := monitoredOrganization()
	m.org.Arrive(m.trail, m.group, now, []string{m.account.ID}, []string{"eu-west-1"})
	there := *m.group
	there.Region, there.Streams = "us-east-1", nil
	m.account.LogGroups = append(m.account.LogGroups, &there)
	second := *m.trail
	second.Name, second.HomeRegion = "second", "us-east-1"
	second.CloudWatchLogsLogGroupARN = m.org.LogGroupARN(m.account.ID, "us-east-1", m.group.Name)
	m.account.Trails = append(m.account.Trails, &second)
	return m
}

func TestEachRegionHasItsOwnAlarms(t *testing.T) {
	rows := by(start(t, twoRegions().org).alarmRows(changes), "name")
	assert.Equal(t, "monitored", rows["trail"]["alarm_status"], rows["trail"]["status_reason"])
	assert.Equal(t, "no_alarm", rows["second"]["alarm_status"], rows["second"]["status_reason"])
}

func TestEachRegionHasItsOwnStreams(t *testing.T) {
	rows := by(start(t, twoRegions().org).rows(request{table: arrivalTable}), "name")
	assert.Equal(t, "arriving", rows["trail"]["arrival_status"], rows["trail"]["status_reason"])
	assert.Equal(t, "empty", rows["second"]["arrival_status"], rows["second"]["status_reason"])
}

// Trails of one name in two regions of an account are two trails.
func TestTrailsOfOneNameRecordEachTheirOwn(t *testing.T) {
	m := twoRegions()
	second := m.account.Trails[1]
	second.Name = m.trail.Name
	second.EventSelectors = []sample.EventSelector{{ReadWriteType: "ReadOnly", IncludeManagementEvents: true}}
	rows := by(start(t, m.org).alarmRows(changes), "home_region")
	assert.Equal(t, "All", rows["eu-west-1"]["management_events"])
	assert.Equal(t, "ReadOnly", rows["us-east-1"]["management_events"])
}

// An exemption of a trail is one of all its classes, and is what is said of them.
func TestAnExemptTrailIsExemptInEveryClass(t *testing.T) {
	h := start(t, monitoredOrganization().org, `exempt = { "`+trailARN+`" = "this trail", "vpc_changes" = "a SIEM" }`)
	for class, r := range by(h.rows(request{table: alarmTable}), "event_class") {
		assert.Equal(t, "this trail", r["exempt_reason"], class)
	}
}

func TestOnlyTheOwnerMendsAnOrganizationTrailsChain(t *testing.T) {
	org := company(1)
	organizationTrail(org)
	org.Monitor(org.Accounts[0], org.Accounts[0].LogGroups[0], now)
	org.Accounts[0].Trails[0].EventSelectors = []sample.EventSelector{{ReadWriteType: "ReadOnly", IncludeManagementEvents: true}}
	rows := by(start(t, org, everyAccount).alarmRows(changes), "account_id")
	for account, mends := range map[string]bool{"100000000000": true, "100000000001": false} {
		r := rows[account]
		assert.Equal(t, "not_recorded", r["alarm_status"], account)
		assert.Equal(t, mends, r["remediation"] != nil, "%s: %v", account, r["remediation"])
		assert.Equal(t, !mends, strings.Contains(r["status_reason"].(string), "only its owner can mend it"), r["status_reason"])
	}
}

func TestATrailStatusThatMayNotBeAskedForIsSaidInTheChain(t *testing.T) {
	h := start(t, monitoredOrganization().org)
	h.endpoint.Inject(sample.Fault{Action: getTrailStatus, Kind: sample.AccessDenied})
	r := h.alarmRow(changes)
	assert.Equal(t, "unknown", r["alarm_status"], r["status_reason"])
	assert.Contains(t, r["trail_status_error"], "is not authorized to perform")
}

// Answers that are a success and say nothing are no answers: neither of what is there nor of what is not.
func TestAnAnswerThatSaysNothingOfTheChainIsUnknown(t *testing.T) {
	for _, kind := range []sample.FaultKind{sample.EmptyBody, sample.NullValues} {
		for action, column := range map[string]string{
			getEventSelectors: "event_selectors_error", describeMetricFilters: "metric_filter_error", describeAlarms: "alarm_error",
			getTopicAttributes: "topic_error", describeLogStreams: "log_stream_error",
		} {
			asked := request{table: alarmTable, where: map[string][]string{"event_class": {changes}}}
			status := "alarm_status"
			if action == describeLogStreams {
				asked, status = request{table: arrivalTable}, "arrival_status"
			}
			m := monitoredOrganization()
			m.org.Arrive(m.trail, m.group, now, []string{m.account.ID}, []string{"eu-west-1"})
			h := start(t, m.org)
			h.endpoint.Inject(sample.Fault{Action: action, Kind: kind})
			for _, r := range h.rows(asked) {
				assert.Equal(t, "unknown", r[status], "%s %d: %s", action, kind, r["status_reason"])
				assert.Contains(t, r[column], "InvalidResponse", "%s %d", action, kind)
			}
		}
	}
}

func TestAnAdvancedSelectorThatSaysNothingIsUnknown(t *testing.T) {
	m := monitoredOrganization()
	m.trail.AdvancedEventSelectors = []sample.AdvancedEventSelector{{FieldSelectors: []sample.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}}}
	h := start(t, m.org)
	assert.Equal(t, "monitored", h.alarmRow(changes)["alarm_status"])
	h.endpoint.Inject(sample.Fault{Action: getEventSelectors, Kind: sample.NullValues})
	r := h.alarmRow(changes)
	assert.Equal(t, "unknown", r["alarm_status"], r["status_reason"])
	assert.Contains(t, r["event_selectors_error"], "InvalidResponse")
}

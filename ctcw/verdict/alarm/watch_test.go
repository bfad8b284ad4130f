package alarm_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
)

func zero() *float64 { return new(float64) }

// TestMetricIdentity: a metric is a namespace, a name and dimensions.
func TestMetricIdentity(t *testing.T) {
	first := func(f *facts) *alarm.MetricAlarm { return &f.group.MetricAlarms[0] }
	transformation := func(f *facts) *alarm.Transformation { return &f.group.Filters[0].Transformations[0] }
	check(t, []test{
		{"another namespace", func(f *facts) { first(f).Namespace = "LogMetrics" }, alarm.NoAlarm,
			"metric CIS/changes of filter changes: alarm changes-alarm watches a metric of that name in namespace LogMetrics."},
		{"another name", func(f *facts) { first(f).MetricName = "Changes" }, alarm.NoAlarm, "metric CIS/changes of filter changes."},
		{"the alarm has dimensions", func(f *facts) { first(f).Dimensions = map[string]string{"Region": "eu-west-1"} }, alarm.NoAlarm,
			"watches other dimensions of that metric"},
		{"the filter has dimensions", func(f *facts) {
			transformation(f).Dimensions = map[string]string{"EventName": "$.eventName"}
		}, alarm.NoAlarm, "the filter publishes it with dimensions only"},
		{"both have the dimension, for one event", func(f *facts) {
			transformation(f).Dimensions = map[string]string{"EventName": "$.eventName"}
			first(f).Dimensions = map[string]string{"EventName": "StopLogging"}
		}, alarm.NoAlarm, "Other events of the class get further (1 of 5)."},
		{"an alarm for each value of the dimension", func(f *facts) {
			transformation(f).Dimensions = map[string]string{"EventName": "$.eventName"}
			f.group.MetricAlarms = nil
			for _, name := range class.Names(0) {
				a := watching("changes")
				a.Name, a.Dimensions = name, map[string]string{"EventName": name}
				f.group.MetricAlarms = append(f.group.MetricAlarms, a)
			}
		}, alarm.Monitored, ""},
		{"the dimension is the account", func(f *facts) {
			transformation(f).Dimensions = map[string]string{"Account": "$.recipientAccountId"}
			first(f).Dimensions = map[string]string{"Account": account}
		}, alarm.Monitored, ""},
		{"the dimension is another account", func(f *facts) {
			transformation(f).Dimensions = map[string]string{"Account": "$.recipientAccountId"}
			first(f).Dimensions = map[string]string{"Account": member}
		}, alarm.NoAlarm, ""},
		{"the dimension is an account of the organization", func(f *facts) {
			f.group.Organization = true
			transformation(f).Dimensions = map[string]string{"Account": "$.recipientAccountId"}
			first(f).Dimensions = map[string]string{"Account": account}
		}, alarm.Unknown, "watches some of the metric's dimensions"},
		{"the event has no such field", func(f *facts) {
			transformation(f).Dimensions = map[string]string{"Code": "$.errorCode"}
		}, alarm.Unknown, "watches some of the metric's dimensions"},
		{"system fields become dimensions, the alarm has none", func(f *facts) {
			f.group.Filters[0].EmitSystemFieldDimensions = []string{"@aws.region"}
		}, alarm.NoAlarm, "with dimensions only"},
		{"system fields become dimensions, the alarm has the group's", func(f *facts) {
			f.group.Filters[0].EmitSystemFieldDimensions = []string{"@aws.account"}
			first(f).Dimensions = map[string]string{"@aws.account": account}
		}, alarm.Monitored, ""},
		{"system fields become dimensions, of the event or of the group", func(f *facts) {
			f.group.Filters[0].EmitSystemFieldDimensions = []string{"@aws.account", "@aws.region"}
			first(f).Dimensions = map[string]string{"@aws.account": account, "@aws.region": region}
		}, alarm.Unknown, ""},
		{"a system field that is not known", func(f *facts) {
			f.group.Filters[0].EmitSystemFieldDimensions = []string{"@aws.zone"}
			first(f).Dimensions = map[string]string{"@aws.zone": "a"}
		}, alarm.Unknown, ""},
		{"another unit", func(f *facts) { first(f).Unit = "Count" }, alarm.NoAlarm, "asks for unit Count, and the filter publishes unit None"},
		{"the same unit", func(f *facts) { first(f).Unit, transformation(f).Unit = "Count", "Count" }, alarm.Monitored, ""},
		{"the second metric of the filter", func(f *facts) {
			f.group.Filters[0].Transformations = append([]alarm.Transformation{{Namespace: "Other", MetricName: "x", Value: "1"}}, f.group.Filters[0].Transformations...)
		}, alarm.Monitored, ""},
	})
}

// TestDirection: an alarm counts if it goes to ALARM as more events come, and not without them.
func TestDirection(t *testing.T) {
	type setting = func(a *alarm.MetricAlarm, m *alarm.Transformation)
	cases := []struct {
		name   string
		change setting
		want   alarm.Status
		first  bool
		reason string
	}{
		{"at least one", func(*alarm.MetricAlarm, *alarm.Transformation) {}, alarm.Monitored, true, ""},
		{"more than none", func(a *alarm.MetricAlarm, _ *alarm.Transformation) {
			a.ComparisonOperator, a.Threshold = "GreaterThanThreshold", 0
		}, alarm.Monitored, true, ""},
		{"more than one", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.ComparisonOperator = "GreaterThanThreshold" },
			alarm.Monitored, false, "It takes more than one event in a period."},
		{"ten", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.Threshold = 10 }, alarm.Monitored, false, "more than one event"},
		{"ten, each counts for ten", func(a *alarm.MetricAlarm, m *alarm.Transformation) { a.Threshold, m.Value = 10, "10" }, alarm.Monitored, true, ""},
		{"fewer than one", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.ComparisonOperator = "LessThanThreshold" },
			alarm.NoAlarm, false, "does not go to ALARM however many events come (LessThanThreshold 1)"},
		{"at most none", func(a *alarm.MetricAlarm, _ *alarm.Transformation) {
			a.ComparisonOperator, a.Threshold, a.TreatMissingData = "LessThanOrEqualToThreshold", 0, "breaching"
		}, alarm.NoAlarm, false, ""},
		{"fewer than five, though one event is fewer too", func(a *alarm.MetricAlarm, _ *alarm.Transformation) {
			a.ComparisonOperator, a.Threshold, a.TreatMissingData = "LessThanThreshold", 5, "notBreaching"
		}, alarm.NoAlarm, false, ""},
		{"at least none", func(a *alarm.MetricAlarm, m *alarm.Transformation) { a.Threshold, m.DefaultValue = 0, zero() },
			alarm.NoAlarm, false, "is in ALARM without any event"},
		{"at least none, without a default value", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.Threshold = 0 }, alarm.Monitored, true, ""},
		{"missing data breaches", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.TreatMissingData = "breaching" },
			alarm.NoAlarm, false, "is in ALARM without any event"},
		{"missing data breaches, but none is missing", func(a *alarm.MetricAlarm, m *alarm.Transformation) {
			a.TreatMissingData, m.DefaultValue = "breaching", zero()
		}, alarm.Monitored, true, ""},
		{"missing data is ignored", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.TreatMissingData = "ignore" }, alarm.Monitored, true, ""},
		{"the default value breaches", func(a *alarm.MetricAlarm, m *alarm.Transformation) { one := 1.0; m.DefaultValue = &one },
			alarm.NoAlarm, false, "is in ALARM without any event"},
		{"events count for nothing", func(_ *alarm.MetricAlarm, m *alarm.Transformation) { m.Value = "0" }, alarm.NoAlarm, false, "however many events come"},
		{"events count for nothing, but samples do", func(a *alarm.MetricAlarm, m *alarm.Transformation) { m.Value, a.Statistic = "0", "SampleCount" },
			alarm.Monitored, true, ""},
		{"samples, of which the default value is one", func(a *alarm.MetricAlarm, m *alarm.Transformation) {
			a.Statistic, m.DefaultValue = "SampleCount", zero()
		},
			alarm.NoAlarm, false, "is in ALARM without any event"},
		{"events count down, and fewer alarms", func(a *alarm.MetricAlarm, m *alarm.Transformation) {
			m.Value, a.ComparisonOperator, a.Threshold = "-1", "LessThanThreshold", 0
		}, alarm.Monitored, true, ""},
		{"average", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.Statistic = "Average" }, alarm.Monitored, true, ""},
		{"average, with a default value", func(a *alarm.MetricAlarm, m *alarm.Transformation) { a.Statistic, m.DefaultValue = "Average", zero() },
			alarm.Monitored, false, "more than one event"},
		{"average over a minute, with a default value", func(a *alarm.MetricAlarm, m *alarm.Transformation) {
			a.Statistic, a.Period, m.DefaultValue = "Average", 60, zero()
		}, alarm.Monitored, true, ""},
		{"average of more than one", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.Statistic, a.Threshold = "Average", 2 },
			alarm.NoAlarm, false, "however many events come"},
		{"maximum", func(a *alarm.MetricAlarm, m *alarm.Transformation) { a.Statistic, m.DefaultValue = "Maximum", zero() }, alarm.Monitored, true, ""},
		{"minimum, with a default value", func(a *alarm.MetricAlarm, m *alarm.Transformation) { a.Statistic, m.DefaultValue = "Minimum", zero() },
			alarm.Monitored, false, ""},
		{"a percentile", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.Statistic = "p99" }, alarm.Monitored, true, ""},
		{"a percentile, with a default value", func(a *alarm.MetricAlarm, m *alarm.Transformation) { a.Statistic, m.DefaultValue = "p99", zero() },
			alarm.Monitored, false, ""},
		{"a statistic that is not understood", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.Statistic = "PR(1:)" },
			alarm.Unknown, false, "a statistic or an expression that is not understood"},
		{"an operator that is not known", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.ComparisonOperator = "Similar" }, alarm.NoAlarm, false, ""},
		{"two of three periods", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 2 },
			alarm.Monitored, false, ""},
		{"one of three periods", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 1 },
			alarm.Monitored, true, ""},
		{"three periods", func(a *alarm.MetricAlarm, _ *alarm.Transformation) { a.EvaluationPeriods = 3 }, alarm.Monitored, false, ""},
		{"the value is a field that is no number", func(_ *alarm.MetricAlarm, m *alarm.Transformation) { m.Value = "$.eventVersion" },
			alarm.Unknown, false, "a metric whose value comes from the event"},
		{"the value is a field that the events do not have", func(_ *alarm.MetricAlarm, m *alarm.Transformation) { m.Value = "$.size" },
			alarm.NoAlarm, false, "the events have no such field"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := monitored(class)
			c.change(&f.group.MetricAlarms[0], &f.group.Filters[0].Transformations[0])
			v := f.verdict(class)
			assert.Equal(t, c.want, v.Status, v.Reason)
			assert.Contains(t, v.Reason, c.reason)
			if v.Status == alarm.Monitored {
				assert.Equal(t, c.first, *v.Chain.FiresOnFirstEvent)
			}
			sound(t, v)
		})
	}
}

// math makes the alarm one on an expression; m1 is the filter's metric, m2 another.
func math(f *facts, expression string) *alarm.MetricAlarm {
	a := &f.group.MetricAlarms[0]
	a.Namespace, a.MetricName, a.Statistic = "", "", ""
	a.Metrics = []alarm.MetricQuery{
		{ID: "m1", Namespace: "CIS", MetricName: "changes", Statistic: "Sum", Period: 300},
		{ID: "m2", Namespace: "CIS", MetricName: "other", Statistic: "Sum", Period: 300},
		{ID: "e1", Expression: expression, ReturnData: true},
	}
	return a
}

func TestMetricMath(t *testing.T) {
	for expression, want := range map[string]alarm.Status{
		"SUM([m1,m2] * 2)":             alarm.Monitored,
		"SUM([m1,m2] + [m2,m1])":       alarm.Monitored,
		"SUM([m1,m2] + [m2])":          alarm.Monitored,
		"SUM(ABS(-[m1, m2]))":          alarm.Monitored,
		"m1 + 0 * TIME_SERIES(5)":      alarm.Monitored,
		"LAST([m2, m1])":               alarm.Monitored,
		"RUNNING_SUM(FILL(m1, 0))":     alarm.Monitored,
		"SUM(FILL(METRICS(), REPEAT))": alarm.Monitored,
		"m1 != 0":                      alarm.Monitored,
		"m1 || m2":                     alarm.Monitored,
		"2 - 1 <= m1":                  alarm.Monitored,
		"SUM(-[m1, m2])":               alarm.Unknown, // the wrong way, but with another metric in it
		"m1 <= 0":                      alarm.NoAlarm,
		"m1 < 1":                       alarm.NoAlarm,
		"IF(m1)":                       alarm.Unknown,
		"FILL(m1)":                     alarm.Unknown,
		"ABS(m1, m2)":                  alarm.Unknown,
		"FIRST(m1)":                    alarm.Unknown,
		"METRIC_COUNT(m1) + m1":        alarm.Unknown,
		"TIME_SERIES(m1)":              alarm.Unknown,
		"DIFF([m1])":                   alarm.Unknown,
		"RUNNING_SUM([m1])":            alarm.Unknown,
		"NEW([m1])":                    alarm.Unknown,
		"m1 + nobody":                  alarm.Unknown,
		"m1 + 'text'":                  alarm.Unknown,
		"(m1":                          alarm.Unknown,
		"[m1":                          alarm.Unknown,
		"[m1 m2]":                      alarm.Unknown,
		"ABS(m1":                       alarm.Unknown,
		"m1 'open":                     alarm.Unknown,
		"m1 + 1.2.3":                   alarm.Unknown,
		strings.Repeat("(", 300) + "m1" + strings.Repeat(")", 300): alarm.Unknown,
		"":                                    alarm.NoAlarm,
		"m1":                                  alarm.Monitored,
		"m1 + m2":                             alarm.Monitored,
		"m1+m2*0":                             alarm.Monitored,
		"SUM(METRICS())":                      alarm.Monitored,
		`SUM(METRICS("m1"))`:                  alarm.Monitored,
		"SUM([m1, m2])":                       alarm.Monitored,
		"SUM([METRICS(\"m\"),m1])":            alarm.Monitored,
		"MAX([m1,m2])":                        alarm.Monitored,
		"AVG([m1,m2])":                        alarm.Monitored,
		"FILL(m1, 0)":                         alarm.Monitored,
		"FILL(METRICS(), 0)":                  alarm.Unknown, // a list, which no alarm can be on
		"SUM(FILL(METRICS(), 0))":             alarm.Monitored,
		"FILL(m1, REPEAT)":                    alarm.Monitored,
		"IF(m1 > 0, 1, 0)":                    alarm.Monitored,
		"IF(m1 >= 1 OR m2 >= 1, 1, 0)":        alarm.Monitored,
		"IF(FILL(m1,0) > 0 && m2 == 0, 1, 0)": alarm.Unknown,
		"IF(m1, m1)":                          alarm.Monitored,
		"(m1)":                                alarm.Monitored,
		"2 * (m1 - 0) / 2":                    alarm.Monitored,
		"m1 ^ 2":                              alarm.Monitored,
		"ABS(-m1)":                            alarm.Monitored,
		"CEIL(m1) + FLOOR(m1)":                alarm.Monitored,
		"LOG10(m1) + 1":                       alarm.Monitored,
		"FIRST([m1, m2])":                     alarm.Monitored,
		"RUNNING_SUM(m1)":                     alarm.Monitored,
		"m1 / METRIC_COUNT(METRICS())":        alarm.Monitored,
		"RATE(FILL(m1, 0)) * 300":             alarm.Monitored,
		"m1 > 0":                              alarm.Monitored,

		"m2":                   alarm.NoAlarm, // does not use it
		"SUM(METRICS(\"m2\"))": alarm.NoAlarm,
		"TIME_SERIES(1)":       alarm.NoAlarm,
		"-m1":                  alarm.NoAlarm, // the wrong way
		"0 - m1":               alarm.NoAlarm,
		"m1 * 0":               alarm.NoAlarm,
		"IF(m1 > 0, 0, 1)":     alarm.NoAlarm,
		"FILL(m1, 1)":          alarm.NoAlarm, // ALARM without any event
		"1 / m1":               alarm.NoAlarm,

		"m1 / m2":                     alarm.Unknown, // depends on the other
		"IF(m1 > 0 AND m2 > 0, 1, 0)": alarm.Unknown,
		"MIN([m1,m2])*0+m2":           alarm.Unknown,
		"m1 + FILL(m2, 1)":            alarm.Unknown,
		"SUM(m1)":                     alarm.Unknown, // not understood
		"DIFF(m1)":                    alarm.Unknown,
		"STDDEV(m1)":                  alarm.Unknown,
		"m1 +":                        alarm.Unknown,
		"m1 ~ m2":                     alarm.Unknown,
		`SEARCH('changes', 'Sum')`:    alarm.NoAlarm, // no alarm can be on it, and it does not use the list
		"e1 + m1":                     alarm.Unknown, // a circle
	} {
		t.Run(expression, func(t *testing.T) {
			f := monitored(class)
			math(f, expression)
			v := f.verdict(class)
			assert.Equal(t, want, v.Status, v.Reason)
			sound(t, v)
		})
	}
}

func TestAlarmsOnExpressions(t *testing.T) {
	check(t, []test{
		{"an expression of an expression", func(f *facts) {
			a := math(f, "m1 + m2")
			a.Metrics[2].ReturnData = false
			a.Metrics = append(a.Metrics, alarm.MetricQuery{ID: "e2", Expression: "e1 * 2", ReturnData: true})
		}, alarm.Monitored, ""},
		{"expressions of expressions of expressions, each many times", func(f *facts) {
			a := math(f, strings.Repeat("m1+", 500)+"m1")
			a.Metrics[2].ReturnData = false
			for i := range 12 {
				sum := strings.Repeat(fmt.Sprintf("e%d+", i+1), 500) + "0"
				a.Metrics = append(a.Metrics, alarm.MetricQuery{ID: fmt.Sprintf("e%d", i+2), Expression: sum, ReturnData: i == 11})
			}
		}, alarm.Monitored, ""},
		{"the metric is in the list, another is alarmed", func(f *facts) {
			a := math(f, "m1 + m2")
			a.Metrics[1].ReturnData, a.Metrics[2].ReturnData = true, false
		}, alarm.NoAlarm, "has the metric in its list, but what it compares does not use it"},
		{"a list of one metric", func(f *facts) {
			a := math(f, "")
			a.Metrics = a.Metrics[:1]
			a.Metrics[0].ReturnData = true
		}, alarm.Monitored, ""},
		{"nothing is returned", func(f *facts) { math(f, "m1").Metrics[2].ReturnData = false }, alarm.Unknown, "none of its metrics is returned"},
		{"a metric of another account", func(f *facts) { math(f, "m1").Metrics[0].AccountID = member }, alarm.NoAlarm,
			"watches a metric of that name in account 210987654321"},
		{"a metric of this account, by its id", func(f *facts) { math(f, "m1").Metrics[0].AccountID = account }, alarm.Monitored, ""},
		{"another namespace", func(f *facts) { math(f, "m1").Metrics[0].Namespace = "x" }, alarm.NoAlarm, "in namespace x"},
		{"the period of the alarm", func(f *facts) { math(f, "m1").Metrics[0].Period = 0 }, alarm.Monitored, ""},
		{"an anomaly detection band, above", func(f *facts) {
			band(f, "GreaterThanUpperThreshold")
		}, alarm.Monitored, "It takes more than one event in a period."},
		{"an anomaly detection band, both", func(f *facts) { band(f, "LessThanLowerOrGreaterThanUpperThreshold") }, alarm.Monitored, ""},
		{"an anomaly detection band, below", func(f *facts) { band(f, "LessThanLowerThreshold") }, alarm.NoAlarm, "LessThanLowerThreshold"},
		{"an anomaly detection band around the opposite", func(f *facts) {
			band(f, "GreaterThanUpperThreshold").Metrics[1] = alarm.MetricQuery{ID: "e1", Expression: "-m1", ReturnData: true}
			f.group.MetricAlarms[0].Metrics[0].ReturnData = false
		}, alarm.NoAlarm, ""},
		{"Metrics Insights over the namespace", func(f *facts) { insight(f, `SELECT SUM(changes) FROM CIS`) }, alarm.Monitored, ""},
		{"Metrics Insights, quoted, without dimensions", func(f *facts) { insight(f, `select SUM("changes") from SCHEMA("CIS")`) }, alarm.Monitored, ""},
		{"Metrics Insights, with dimensions that the filter does not have", func(f *facts) {
			insight(f, `SELECT SUM(changes) FROM SCHEMA(CIS, Region)`)
		}, alarm.NoAlarm, ""},
		{"Metrics Insights over all dimensions", func(f *facts) {
			insight(f, `SELECT COUNT(changes) FROM "CIS"`)
			f.group.Filters[0].Transformations[0].Dimensions = map[string]string{"User": "$.userIdentity.type"}
		}, alarm.Monitored, ""},
		{"Metrics Insights over another metric", func(f *facts) { insight(f, `SELECT SUM(other) FROM CIS`) }, alarm.NoAlarm, ""},
		{"Metrics Insights with a condition", func(f *facts) { insight(f, `SELECT SUM(changes) FROM CIS WHERE Region = 'x'`) }, alarm.Unknown, ""},
		{"a PromQL query that names the metric", func(f *facts) { promQL(f, `sum(changes) > 0`) }, alarm.Unknown, "is on a PromQL query, which is not judged"},
		{"a PromQL query on something else", func(f *facts) { promQL(f, `up == 0`) }, alarm.NoAlarm, ""},
	})
}

func band(f *facts, operator string) *alarm.MetricAlarm {
	a := math(f, "")
	a.ComparisonOperator, a.Threshold, a.ThresholdMetricID = operator, 0, "ad1"
	a.Metrics = []alarm.MetricQuery{a.Metrics[0], {ID: "x", Namespace: "CIS", MetricName: "other", Statistic: "Sum"},
		{ID: "ad1", Expression: "ANOMALY_DETECTION_BAND(m1, 2)", ReturnData: true}}
	a.Metrics[0].ReturnData = true
	return a
}

func insight(f *facts, query string) {
	a := math(f, "")
	a.Metrics = []alarm.MetricQuery{{ID: "q1", Expression: query, ReturnData: true, Period: 300}}
}

func promQL(f *facts, query string) {
	a := &f.group.MetricAlarms[0]
	a.Namespace, a.MetricName, a.Query = "", "", query
}

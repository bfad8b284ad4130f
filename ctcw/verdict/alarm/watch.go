package alarm

import (
	"fmt"
	"strings"
)

// watch is what an alarm makes of a metric.
type watch struct {
	fires tri    // whether it goes to ALARM as more events come, and not without them
	first bool   // whether one event in a period is enough
	calm  string // its state while no event comes
	why   string // why not, or why it is not known; empty for an alarm on something else
}

// watches judges a metric alarm of the account: the right metric, and the direction that more events go.
func (a MetricAlarm) watches(m metric, account string) watch {
	if a.Query != "" {
		if strings.Contains(a.Query, m.name) {
			return watch{fires: maybe, why: "is on a PromQL query, which is not judged"}
		}
		return watch{}
	}
	q, mentioned := a.queries(m, account)
	if !mentioned {
		return watch{}
	}
	if w, ok := q.identity(); !ok {
		return w
	}
	if m.priced == no {
		return watch{why: "gets no data: the events have no such field for the metric's value"}
	}
	return q.judge().and(q.same)
}

func (w watch) and(same tri) watch {
	if same == maybe && w.fires == yes {
		w.fires, w.why = maybe, "watches some of the metric's dimensions, and which the events have is not known"
	}
	return w
}

// query is an alarm's metrics and expressions beside the metric that the filter publishes.
type query struct {
	alarm   MetricAlarm
	metric  metric
	queries []MetricQuery
	ours    []tri // by query: whether it is the filter's metric
	same    tri   // whether any is
	near    string
}

// queries brings an alarm on one metric into the form of an alarm on an expression, and looks for ours.
func (a MetricAlarm) queries(m metric, account string) (q query, mentioned bool) {
	q = query{alarm: a, metric: m, queries: a.Metrics}
	if len(a.Metrics) == 0 {
		q.queries = []MetricQuery{{
			ID: "m", ReturnData: true, Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions,
			Statistic: a.Statistic, Unit: a.Unit, Period: a.Period,
		}}
	}
	q.ours = make([]tri, len(q.queries))
	for i, e := range q.queries {
		if e.Expression != "" {
			if insight, ok := insights(e.Expression); ok {
				mentioned = mentioned || strings.Contains(e.Expression, m.name)
				q.ours[i] = insight.selects(m)
			}
		} else if e.MetricName == m.name {
			mentioned = true
			q.ours[i] = q.is(e, account)
		}
		q.same = q.same.or(q.ours[i])
	}
	return q, mentioned
}

// is compares one metric of the alarm with the filter's; near keeps what is different about it.
func (q *query) is(e MetricQuery, account string) tri {
	m := q.metric
	dimensions := m.dimensioned(e.Dimensions)
	switch {
	case e.Namespace != m.namespace:
		q.near = fmt.Sprintf("watches a metric of that name in namespace %s", e.Namespace)
	case e.AccountID != "" && e.AccountID != account:
		q.near = fmt.Sprintf("watches a metric of that name in account %s", e.AccountID)
	case dimensions == no && len(e.Dimensions) > 0:
		q.near = "watches other dimensions of that metric"
	case dimensions == no:
		q.near = "watches the metric without dimensions, and the filter publishes it with dimensions only"
	case e.Unit != "" && e.Unit != m.unit:
		q.near = fmt.Sprintf("asks for unit %s, and the filter publishes unit %s", e.Unit, m.unit)
	default:
		return dimensions
	}
	return no
}

func (q query) identity() (watch, bool) {
	if q.same == no {
		return watch{why: q.near}, false
	}
	return watch{}, true
}

// judge lets no event come, then one, then many.
func (q query) judge() watch {
	x, err := q.expression()
	if err != nil {
		return watch{fires: maybe, why: "is on an expression that is not understood (" + err.Error() + ")"}
	}
	if !x.uses {
		return watch{why: "has the metric in its list, but what it compares does not use it"}
	}
	if q.metric.priced == maybe {
		return watch{fires: maybe, why: "is on a metric whose value comes from the event, which is not a number there"}
	}
	if q.alarm.ThresholdMetricID != "" {
		return q.band(x)
	}
	one, known := x.at(1)
	lots, knownLots := x.at(many)
	if !knownLots {
		return watch{fires: maybe, why: "is on a statistic or an expression that is not understood"}
	}
	breach := func(p point) bool { return p.ok && breaches(q.alarm.ComparisonOperator, p.value, q.alarm.Threshold) }
	w := watch{calm: q.alarm.calm(lots[0])}
	switch {
	case !breach(lots[1]):
		w.why = fmt.Sprintf("does not go to ALARM however many events come (%s %g)", q.alarm.ComparisonOperator, q.alarm.Threshold)
	case breach(lots[0]) || !lots[0].ok && q.alarm.TreatMissingData == "breaching":
		w.why = "is in ALARM without any event, so an event changes nothing"
	default:
		w.fires, w.first = yes, known && breach(one[1]) && q.alarm.datapoints() == 1
	}
	if w.fires == no && x.others {
		w.fires, w.why = maybe, "is on an expression with other metrics too, and whether the events alone fire it depends on these"
	}
	return w
}

// band judges an alarm on what is unusual: if more events raise the value, enough of them lift it above the band.
func (q query) band(x expression) watch {
	lots, known := x.at(many)
	if !known {
		return watch{fires: maybe, why: "is on an expression that is not understood"}
	}
	rises := lots[1].ok && lots[1].value > lots[0].value // without data, that is 0
	switch q.alarm.ComparisonOperator {
	case "GreaterThanUpperThreshold", "LessThanLowerOrGreaterThanUpperThreshold":
		if rises {
			return watch{fires: yes, calm: q.alarm.calm(lots[0])}
		}
	}
	return watch{why: "does not go to ALARM when more events come (" + q.alarm.ComparisonOperator + ")"}
}

// calm is the alarm's state after a quiet time.
func (a MetricAlarm) calm(p point) string {
	if p.ok || a.TreatMissingData == "notBreaching" || a.TreatMissingData == "ignore" {
		return "OK"
	}
	return "INSUFFICIENT_DATA"
}

// datapoints is how many periods must breach.
func (a MetricAlarm) datapoints() int {
	return max(1, cmp(a.DatapointsToAlarm, a.EvaluationPeriods))
}

func cmp(n, otherwise int) int {
	if n != 0 {
		return n
	}
	return otherwise
}

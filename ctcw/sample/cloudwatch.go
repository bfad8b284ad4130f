package sample

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// cloudwatchAPI is how CloudWatch is addressed.
const cloudwatchAPI = "GraniteServiceVersion20100801"

var cloudwatch = newCBORService("monitoring", map[string]operation{
	"DescribeAlarms":     {action: "cloudwatch:DescribeAlarms", set: AlarmActions, run: valued(describeAlarms), resource: allAlarms},
	"ListAlarmMuteRules": {action: "cloudwatch:ListAlarmMuteRules", set: AlarmActions, run: valued(listAlarmMuteRules), resource: allMuteRules},
	"GetAlarmMuteRule":   {action: "cloudwatch:GetAlarmMuteRule", set: AlarmActions, run: valued(getAlarmMuteRule), resource: muteRuleAsked},
})

// Sizes of a page of DescribeAlarms and ListAlarmMuteRules.
const (
	defaultRecords = 50
	maxRecords     = 100
)

// Kinds of alarms, as requests name them. Answers have a list for each, whose name has an s more.
const (
	metricAlarm    = "MetricAlarm"
	compositeAlarm = "CompositeAlarm"
	logAlarm       = "LogAlarm"
)

func describeAlarms(q *request, in values) (values, *apiError) {
	kinds := in.texts("AlarmTypes")
	if len(kinds) == 0 {
		kinds = []string{metricAlarm}
	}
	names, prefix, state, action := in.texts("AlarmNames"), in.text("AlarmNamePrefix"), in.text("StateValue"), in.text("ActionPrefix")
	if e := q.checkAlarms(in, kinds, names, prefix); e != nil {
		return nil, e
	}
	page, e := q.page(in)
	if e != nil {
		return nil, e
	}

	lists := map[string]cbor.List{metricAlarm: {}, compositeAlarm: {}, logAlarm: {}}
	alarms := q.caller.alarms[q.region]
	next := page.take(len(alarms), func(i int) (string, bool) {
		a := &alarms[i]
		return a.name, slices.Contains(kinds, a.kind) && (len(names) == 0 || slices.Contains(names, a.name)) &&
			strings.HasPrefix(a.name, prefix) && (state == "" || state == a.state) &&
			(action == "" || slices.ContainsFunc(a.actions, func(arn string) bool { return strings.HasPrefix(arn, action) }))
	}, func(i int) {
		lists[alarms[i].kind] = append(lists[alarms[i].kind], cbor.EncodeRaw(alarms[i].description))
	})
	if q.fault == HugePage {
		for i := range hugePage {
			a := Alarm{Name: fmt.Sprintf("huge-%04d", i+1), Region: q.region, Namespace: "huge", MetricName: "huge"}
			lists[metricAlarm] = append(lists[metricAlarm], cbor.Map(describeAlarm(q.organization(), q.caller.id, &a)))
		}
	}
	out := values{}
	for kind, list := range lists {
		out[kind+"s"] = list
	}
	out.set("NextToken", next)
	return out, nil
}

// checkAlarms refuses what DescribeAlarms does not take.
func (q *request) checkAlarms(in values, kinds, names []string, prefix string) *apiError {
	known := []string{compositeAlarm, metricAlarm, logAlarm}
	if q.fault == BeforeLogAlarms {
		known = known[:2]
	}
	for _, kind := range kinds {
		if !slices.Contains(known, kind) {
			return invalid(codeValidation, "1 validation error detected: Value '["+strings.Join(kinds, ", ")+"]' at 'alarmTypes' failed to "+
				"satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: ["+strings.Join(known, ", ")+"]]")
		}
	}
	if len(names) > maxRecords {
		return invalid(codeValidation, "1 validation error detected: Value at 'alarmNames' failed to satisfy constraint: "+
			"Member must have length less than or equal to "+strconv.Itoa(maxRecords))
	}
	if len(names) > 0 && prefix != "" {
		return invalid(codeValidation, "AlarmNamePrefix and AlarmNames cannot be specified together")
	}
	for _, member := range []string{"ChildrenOfAlarmName", "ParentsOfAlarmName"} {
		if in.text(member) != "" {
			return invalid("InvalidParameterValueException", "The sample endpoint does not serve "+member)
		}
	}
	return nil
}

func listAlarmMuteRules(q *request, in values) (values, *apiError) {
	if q.fault == BeforeLogAlarms {
		return nil, &q.service.unknownOperation
	}
	page, e := q.page(in)
	if e != nil {
		return nil, e
	}
	name, statuses := in.text("AlarmName"), in.texts("Statuses")
	summaries := cbor.List{}
	rules := q.caller.muteRules[q.region]
	next := page.take(len(rules), func(i int) (string, bool) {
		r := &rules[i]
		return r.Name, (name == "" || slices.Contains(r.Alarms, name)) && (len(statuses) == 0 || slices.Contains(statuses, r.Status))
	}, func(i int) {
		summaries = append(summaries, cbor.Map(summarizeMuteRule(q.organization(), q.caller.id, &rules[i])))
	})
	if q.fault == HugePage {
		for i := range hugePage {
			r := MuteRule{Name: fmt.Sprintf("huge-%04d", i+1), Region: q.region, Status: statusExpired}
			summaries = append(summaries, cbor.Map(summarizeMuteRule(q.organization(), q.caller.id, &r)))
		}
	}
	out := values{"AlarmMuteRuleSummaries": summaries}
	out.set("NextToken", next)
	return out, nil
}

func getAlarmMuteRule(q *request, in values) (values, *apiError) {
	if q.fault == BeforeLogAlarms {
		return nil, &q.service.unknownOperation
	}
	name := in.text("AlarmMuteRuleName")
	rules := q.caller.muteRules[q.region]
	i := slices.IndexFunc(rules, func(r MuteRule) bool { return r.Name == name })
	if i < 0 {
		return nil, &apiError{http.StatusNotFound, codeResourceNotFound, "The alarm mute rule " + name + " does not exist."}
	}
	return describeMuteRule(q.organization(), q.caller.id, &rules[i]), nil
}

// tokenMark is what tokens begin with, before the name of the last record.
const tokenMark = "after:"

// recordPage is the page that a request wants.
type recordPage struct {
	size      int
	after     string // the name of the last record of the page before
	repeating bool
}

func (q *request) page(in values) (recordPage, *apiError) {
	p := recordPage{size: defaultRecords, repeating: q.fault == RepeatingToken}
	if n, found := in.number("MaxRecords"); found {
		if n < 1 || n > maxRecords {
			return p, invalid(codeValidation, "1 validation error detected: Value '"+strconv.Itoa(n)+
				"' at 'maxRecords' failed to satisfy constraint: Member must have value between 1 and "+strconv.Itoa(maxRecords))
		}
		p.size = n
	}
	if token := in.text("NextToken"); token != "" && !p.repeating {
		text, err := base64.StdEncoding.DecodeString(token)
		name, found := strings.CutPrefix(string(text), tokenMark)
		if err != nil || !found {
			return p, invalid("InvalidNextToken", "The specified next token is not valid.")
		}
		p.after = name
	}
	return p, nil
}

// take gives the records of the page to add, of count records that are sorted by name, and returns the token of the next page.
func (p recordPage) take(count int, wants func(i int) (name string, wanted bool), add func(i int)) (next string) {
	taken, last := 0, ""
	for i := range count {
		name, wanted := wants(i)
		if name <= p.after || !wanted {
			continue
		}
		if taken == p.size {
			next = base64.StdEncoding.EncodeToString([]byte(tokenMark + last))
			break
		}
		add(i)
		taken, last = taken+1, name
	}
	if p.repeating {
		return repeatingToken
	}
	return next
}

// allAlarms is the resource that AWS names when it denies DescribeAlarms.
func allAlarms(q *request) string {
	return q.organization().AlarmARN(q.caller.id, q.region, "*")
}

func allMuteRules(q *request) string {
	return q.organization().MuteRuleARN(q.caller.id, q.region, "*")
}

func muteRuleAsked(q *request) string {
	in, e := q.values()
	if e != nil {
		return ""
	}
	return q.organization().MuteRuleARN(q.caller.id, q.region, in.text("AlarmMuteRuleName"))
}

// organization is as much of the organization as ARNs need.
func (q *request) organization() *Organization {
	return &Organization{Partition: q.index.partition}
}

// alarm is an alarm in the index.
type alarm struct {
	name, kind, state string
	actions           []string
	description       []byte // CBOR
}

// indexAlarms makes an account's alarms ready to be served, by region and sorted by name.
func indexAlarms(org *Organization, a *Account) map[string][]alarm {
	if len(a.Alarms)+len(a.CompositeAlarms)+len(a.LogAlarms) == 0 {
		return nil
	}
	alarms := make(map[string][]alarm)
	add := func(region, name, kind, state string, description values, actions ...[]string) {
		alarms[region] = append(alarms[region], alarm{
			name: name, kind: kind, state: cmp.Or(state, stateOK), actions: slices.Concat(actions...), description: cbor.Encode(cbor.Map(description)),
		})
	}
	for _, m := range a.Alarms {
		add(m.Region, m.Name, metricAlarm, m.State, describeAlarm(org, a.ID, m), m.AlarmActions, m.OKActions, m.InsufficientDataActions)
	}
	for _, c := range a.CompositeAlarms {
		add(c.Region, c.Name, compositeAlarm, c.State, describeComposite(org, a.ID, c), c.AlarmActions, c.OKActions, c.InsufficientDataActions)
	}
	for _, l := range a.LogAlarms {
		add(l.Region, l.Name, logAlarm, l.State, describeLogAlarm(org, a.ID, l), l.AlarmActions, l.OKActions, l.InsufficientDataActions)
	}
	for _, list := range alarms {
		slices.SortFunc(list, func(a, b alarm) int { return cmp.Compare(a.name, b.name) })
	}
	return alarms
}

// indexMuteRules copies an account's mute rules, by region and sorted by name.
func indexMuteRules(a *Account) map[string][]MuteRule {
	if len(a.MuteRules) == 0 {
		return nil
	}
	rules := make(map[string][]MuteRule)
	for _, r := range a.MuteRules {
		rule := *r
		rule.Status = cmp.Or(rule.Status, statusActiveRule)
		rule.Alarms = slices.Clone(rule.Alarms)
		rules[r.Region] = append(rules[r.Region], rule)
	}
	for _, list := range rules {
		slices.SortFunc(list, func(a, b MuteRule) int { return cmp.Compare(a.Name, b.Name) })
	}
	return rules
}

// Values of AWS that are the defaults here.
const (
	stateOK          = "OK"
	atLeast          = "GreaterThanOrEqualToThreshold"
	statusActiveRule = "ACTIVE"
	statusExpired    = "EXPIRED"
)

// describeAlarm is a metric alarm in the answer of DescribeAlarms.
func describeAlarm(org *Organization, account string, a *Alarm) values {
	v := values{
		"AlarmName":               cbor.String(a.Name),
		"AlarmArn":                cbor.String(org.AlarmARN(account, a.Region, a.Name)),
		"ActionsEnabled":          cbor.Bool(!a.ActionsDisabled),
		"AlarmActions":            textList(a.AlarmActions),
		"OKActions":               textList(a.OKActions),
		"InsufficientDataActions": textList(a.InsufficientDataActions),
		"StateValue":              cbor.String(cmp.Or(a.State, stateOK)),
		"Dimensions":              dimensions(a.Dimensions),
	}
	v.set("AlarmDescription", a.Description)
	v.set("StateReason", a.StateReason)
	v.set("TreatMissingData", a.TreatMissingData)
	v.setTime("StateUpdatedTimestamp", a.StateUpdated)
	v.setTime("StateTransitionedTimestamp", a.StateUpdated)
	v.setTime("AlarmConfigurationUpdatedTimestamp", a.Updated)
	if a.PromQL != "" {
		v["EvaluationCriteria"] = cbor.Map{"PromQLCriteria": cbor.Map{"Query": cbor.String(a.PromQL)}}
		return v
	}
	v.set("ComparisonOperator", cmp.Or(a.Comparison, atLeast))
	v.setNumber("EvaluationPeriods", cmp.Or(a.EvaluationPeriods, 1))
	v.setNumber("DatapointsToAlarm", a.DatapointsToAlarm)
	if a.ThresholdMetricID != "" {
		v.set("ThresholdMetricId", a.ThresholdMetricID)
	} else {
		v["Threshold"] = cbor.Float64(a.Threshold)
	}
	if len(a.Metrics) > 0 {
		queries := make(cbor.List, len(a.Metrics))
		for i := range a.Metrics {
			queries[i] = cbor.Map(describeQuery(&a.Metrics[i]))
		}
		v["Metrics"] = queries
		return v
	}
	v.set("Namespace", a.Namespace)
	v.set("MetricName", a.MetricName)
	v.setNumber("Period", cmp.Or(a.Period, defaultPeriod))
	v.set("Unit", a.Unit)
	if a.ExtendedStatistic != "" {
		v.set("ExtendedStatistic", a.ExtendedStatistic)
	} else {
		v.set("Statistic", cmp.Or(a.Statistic, "Sum"))
	}
	return v
}

// defaultPeriod is the period of an alarm in seconds.
const defaultPeriod = 300

func describeQuery(m *MetricQuery) values {
	v := values{"Id": cbor.String(m.ID), "ReturnData": cbor.Bool(m.ReturnData)}
	v.set("Label", m.Label)
	v.set("AccountId", m.AccountID)
	v.set("Expression", m.Expression)
	if m.Expression != "" {
		v.setNumber("Period", m.Period)
		return v
	}
	metric := values{"Dimensions": dimensions(m.Dimensions)}
	metric.set("Namespace", m.Namespace)
	metric.set("MetricName", m.MetricName)
	stat := values{"Metric": cbor.Map(metric), "Stat": cbor.String(cmp.Or(m.Statistic, "Sum"))}
	stat.setNumber("Period", cmp.Or(m.Period, defaultPeriod))
	stat.set("Unit", m.Unit)
	v["MetricStat"] = cbor.Map(stat)
	return v
}

func dimensions(of map[string]string) cbor.List {
	list := cbor.List{}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		list = append(list, cbor.Map{"Name": cbor.String(name), "Value": cbor.String(of[name])})
	}
	return list
}

// describeComposite is a composite alarm in the answer of DescribeAlarms.
func describeComposite(org *Organization, account string, a *CompositeAlarm) values {
	v := values{
		"AlarmName":               cbor.String(a.Name),
		"AlarmArn":                cbor.String(org.AlarmARN(account, a.Region, a.Name)),
		"AlarmRule":               cbor.String(a.Rule),
		"ActionsEnabled":          cbor.Bool(!a.ActionsDisabled),
		"AlarmActions":            textList(a.AlarmActions),
		"OKActions":               textList(a.OKActions),
		"InsufficientDataActions": textList(a.InsufficientDataActions),
		"StateValue":              cbor.String(cmp.Or(a.State, stateOK)),
	}
	v.set("AlarmDescription", a.Description)
	v.set("StateReason", a.StateReason)
	v.setTime("StateUpdatedTimestamp", a.StateUpdated)
	v.setTime("StateTransitionedTimestamp", a.StateUpdated)
	v.setTime("AlarmConfigurationUpdatedTimestamp", a.Updated)
	if a.Suppressor != "" {
		v.set("ActionsSuppressor", a.Suppressor)
		v["ActionsSuppressorWaitPeriod"] = integer(int64(a.SuppressorWaitSeconds))
		v["ActionsSuppressorExtensionPeriod"] = integer(int64(a.SuppressorExtensionSeconds))
	}
	v.set("ActionsSuppressedBy", a.SuppressedBy)
	v.set("ActionsSuppressedReason", a.SuppressedReason)
	return v
}

// describeLogAlarm is a log alarm in the answer of DescribeAlarms.
func describeLogAlarm(org *Organization, account string, a *LogAlarm) values {
	v := values{
		"AlarmName":               cbor.String(a.Name),
		"AlarmArn":                cbor.String(org.AlarmARN(account, a.Region, a.Name)),
		"ActionsEnabled":          cbor.Bool(!a.ActionsDisabled),
		"AlarmActions":            textList(a.AlarmActions),
		"OKActions":               textList(a.OKActions),
		"InsufficientDataActions": textList(a.InsufficientDataActions),
		"StateValue":              cbor.String(cmp.Or(a.State, stateOK)),
		"ComparisonOperator":      cbor.String(cmp.Or(a.Comparison, atLeast)),
		"Threshold":               cbor.Float64(a.Threshold),
		"QueryResultsToAlarm":     cbor.Uint(1),
		"QueryResultsToEvaluate":  cbor.Uint(1),
		"ScheduledQueryConfiguration": cbor.Map{
			"QueryString":           cbor.String(a.Query),
			"AggregationExpression": cbor.String(cmp.Or(a.Aggregation, "count(*)")),
			"LogGroupIdentifiers":   textList(a.LogGroups),
			"ScheduledQueryRoleARN": cbor.String(cmp.Or(a.RoleARN, org.RoleARN(account, "CloudWatch_LogAlarms"))),
			"ScheduleConfiguration": cbor.Map{
				"ScheduleExpression": cbor.String("rate(5 minutes)"), "StartTimeOffset": cbor.Uint(defaultPeriod), "EndTimeOffset": cbor.Uint(0),
			},
		},
	}
	v.set("AlarmDescription", a.Description)
	v.set("StateReason", a.StateReason)
	v.setTime("StateUpdatedTimestamp", a.StateUpdated)
	v.setTime("StateTransitionedTimestamp", a.StateUpdated)
	v.setTime("AlarmConfigurationUpdatedTimestamp", a.Updated)
	return v
}

// summarizeMuteRule is a mute rule in the answer of ListAlarmMuteRules, which does not say for which alarms it is.
func summarizeMuteRule(org *Organization, account string, r *MuteRule) values {
	v := values{
		"AlarmMuteRuleArn": cbor.String(org.MuteRuleARN(account, r.Region, r.Name)),
		"Status":           cbor.String(r.Status),
		"MuteType":         cbor.String(r.kind()),
	}
	v.setTime("ExpireDate", r.Expire)
	v.setTime("LastUpdatedTimestamp", r.Updated)
	return v
}

// describeMuteRule is the answer of GetAlarmMuteRule.
func describeMuteRule(org *Organization, account string, r *MuteRule) values {
	v := summarizeMuteRule(org, account, r)
	v["Name"] = cbor.String(r.Name)
	v["MuteTargets"] = cbor.Map{"AlarmNames": textList(r.Alarms)}
	schedule := values{"Expression": cbor.String(r.Expression), "Duration": cbor.String(r.Duration)}
	schedule.set("Timezone", r.Timezone)
	v["Rule"] = cbor.Map{"Schedule": cbor.Map(schedule)}
	v.set("Description", r.Description)
	v.setTime("StartDate", r.Start)
	return v
}

// kind says whether the rule comes back.
func (r *MuteRule) kind() string {
	if strings.HasPrefix(r.Expression, "cron(") {
		return "RECURRING"
	}
	return "ONE_TIME"
}

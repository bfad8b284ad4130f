package sample_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

var everyKind = []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm, types.AlarmTypeLogAlarm}

// alarmNames are the names of metric, composite and log alarms, each kind with its letter before.
func alarmNames(out *cloudwatch.DescribeAlarmsOutput) []string {
	list := []string{}
	for _, a := range out.MetricAlarms {
		list = append(list, "m:"+*a.AlarmName)
	}
	for _, a := range out.CompositeAlarms {
		list = append(list, "c:"+*a.AlarmName)
	}
	for _, a := range out.LogAlarms {
		list = append(list, "l:"+*a.AlarmName)
	}
	return list
}

func TestDescribeAlarms(t *testing.T) {
	org := small()
	top := org.Account("top")
	top.Alarms = append(top.Alarms,
		&sample.Alarm{Name: "firing", Region: "us-east-1", State: "ALARM", OKActions: []string{"arn:aws:lambda:us-east-1:111111111111:function:f"}},
		&sample.Alarm{Name: "elsewhere", Region: "eu-west-1"})
	s := serve(t, org)
	c := as(t, s, top, "us-east-1").alarms
	tests := []struct {
		name string
		in   cloudwatch.DescribeAlarmsInput
		want []string
		code string
	}{
		{"metric alarms unless asked otherwise", cloudwatch.DescribeAlarmsInput{}, []string{"m:firing", "m:root"}, ""},
		{"of every kind", cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind}, []string{"m:firing", "m:root", "c:any", "l:logins"}, ""},
		{"composite", cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind[1:2]}, []string{"c:any"}, ""},
		{"log", cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind[2:]}, []string{"l:logins"}, ""},
		{"by name", cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind, AlarmNames: []string{"any", "root", "gone"}}, []string{"m:root", "c:any"}, ""},
		{"by prefix", cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind, AlarmNamePrefix: aws.String("a")}, []string{"c:any"}, ""},
		{"by state", cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind, StateValue: types.StateValueAlarm}, []string{"m:firing"}, ""},
		{"by action", cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind, ActionPrefix: aws.String("arn:aws:lambda:")}, []string{"m:firing"}, ""},
		{"type", cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{"SmokeAlarm"}}, nil, "ValidationError"},
		{"name and prefix", cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"any"}, AlarmNamePrefix: aws.String("a")}, nil, "ValidationError"},
		{"too many names", cloudwatch.DescribeAlarmsInput{AlarmNames: make([]string, 101)}, nil, "ValidationError"},
		{"page of none", cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(0)}, nil, "ValidationError"},
		{"page too large", cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(101)}, nil, "ValidationError"},
		{"token", cloudwatch.DescribeAlarmsInput{NextToken: aws.String("nonsense")}, nil, "InvalidNextToken"},
		{"parents", cloudwatch.DescribeAlarmsInput{ParentsOfAlarmName: aws.String("root")}, nil, "InvalidParameterValue"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := c.DescribeAlarms(t.Context(), &test.in)
			require.Equal(t, test.code, code(err))
			if err == nil {
				assert.Equal(t, test.want, alarmNames(out))
				assert.Nil(t, out.NextToken)
			}
		})
	}
	out, err := as(t, s, top, "eu-west-1").alarms.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind})
	require.NoError(t, err)
	assert.Equal(t, []string{"m:elsewhere"}, alarmNames(out))
}

// TestAlarmMembers looks at every member, in each of the protocols that CloudWatch speaks here.
func TestAlarmMembers(t *testing.T) {
	at := noon.Add(123 * time.Millisecond)
	org := small()
	top := org.Account("top")
	top.Alarms = []*sample.Alarm{
		{
			Name: "1", Region: "us-east-1", Description: "Someone used the root user", Namespace: "CIS", MetricName: "root",
			Dimensions: map[string]string{"b": "2", "a": "1"}, Statistic: "Maximum", Unit: "Count", Period: 60,
			Comparison: "GreaterThanThreshold", Threshold: -0.5, EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: "notBreaching",
			ActionsDisabled: true, AlarmActions: []string{topicARN}, OKActions: []string{"ok"}, InsufficientDataActions: []string{"none"},
			State: "INSUFFICIENT_DATA", StateReason: "Unchecked: Initial alarm creation", StateUpdated: at, Updated: noon,
		},
		{Name: "2", Region: "us-east-1", Namespace: "CIS", MetricName: "root", ExtendedStatistic: "p99"},
		{
			Name: "3", Region: "us-east-1", Metrics: []sample.MetricQuery{
				{ID: "sum", Expression: "a + b", Label: "both", ReturnData: true, Period: 60},
				{ID: "a", Namespace: "CIS", MetricName: "root", Dimensions: map[string]string{"x": "y"}, Unit: "None"},
				{ID: "b", Namespace: "CIS", MetricName: "logins", Statistic: "Maximum", Period: 60, AccountID: "222222222222"},
			},
			ThresholdMetricID: "band", Comparison: "GreaterThanUpperThreshold",
		},
		{Name: "4", Region: "us-east-1", PromQL: "up == 0"},
	}
	top.CompositeAlarms = []*sample.CompositeAlarm{{
		Name: "5", Region: "us-east-1", Description: "Any of them", Rule: `ALARM("1") OR ALARM("2")`, ActionsDisabled: true,
		AlarmActions: []string{topicARN}, OKActions: []string{"ok"}, InsufficientDataActions: []string{"none"},
		Suppressor: "maintenance", SuppressorWaitSeconds: 60, SuppressedBy: "Alarm", SuppressedReason: "maintenance is in ALARM",
		State: "ALARM", StateReason: "1 is in ALARM", StateUpdated: at, Updated: noon,
	}}
	top.LogAlarms = []*sample.LogAlarm{{
		Name: "6", Region: "us-east-1", Description: "Logins", Query: "filter eventName = 'ConsoleLogin'", LogGroups: []string{"trails/main"},
		Threshold: 1, AlarmActions: []string{topicARN}, StateUpdated: at, Updated: noon,
	}}
	arn := func(name string) *string {
		return aws.String("arn:aws:cloudwatch:us-east-1:111111111111:alarm:" + name)
	}
	text, number, yes, no := aws.String, aws.Int32, aws.Bool(true), aws.Bool(false)
	none := []string{}

	want := cloudwatch.DescribeAlarmsOutput{
		MetricAlarms: []types.MetricAlarm{
			{
				AlarmName: text("1"), AlarmArn: arn("1"), AlarmDescription: text("Someone used the root user"),
				Namespace: text("CIS"), MetricName: text("root"), Statistic: types.StatisticMaximum, Unit: types.StandardUnitCount,
				Dimensions: []types.Dimension{{Name: text("a"), Value: text("1")}, {Name: text("b"), Value: text("2")}},
				Period:     number(60), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, Threshold: aws.Float64(-0.5),
				EvaluationPeriods: number(3), DatapointsToAlarm: number(2), TreatMissingData: text("notBreaching"), ActionsEnabled: no,
				AlarmActions: []string{topicARN}, OKActions: []string{"ok"}, InsufficientDataActions: []string{"none"},
				StateValue: types.StateValueInsufficientData, StateReason: text("Unchecked: Initial alarm creation"),
				StateUpdatedTimestamp: &at, StateTransitionedTimestamp: &at, AlarmConfigurationUpdatedTimestamp: &noon,
			},
			{
				AlarmName: text("2"), AlarmArn: arn("2"), Namespace: text("CIS"), MetricName: text("root"), ExtendedStatistic: text("p99"),
				Dimensions: []types.Dimension{}, Period: number(300), Threshold: aws.Float64(0), EvaluationPeriods: number(1), ActionsEnabled: yes,
				ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold,
				AlarmActions:       none, OKActions: none, InsufficientDataActions: none, StateValue: types.StateValueOk,
			},
			{
				AlarmName: text("3"), AlarmArn: arn("3"), Dimensions: []types.Dimension{}, EvaluationPeriods: number(1), ActionsEnabled: yes,
				Metrics: []types.MetricDataQuery{
					{Id: text("sum"), Expression: text("a + b"), Label: text("both"), ReturnData: yes, Period: number(60)},
					{Id: text("a"), ReturnData: no, MetricStat: &types.MetricStat{
						Metric: &types.Metric{
							Namespace: text("CIS"), MetricName: text("root"), Dimensions: []types.Dimension{{Name: text("x"), Value: text("y")}},
						},
						Stat: text("Sum"), Period: number(300), Unit: types.StandardUnitNone,
					}},
					{Id: text("b"), ReturnData: no, AccountId: text("222222222222"), MetricStat: &types.MetricStat{
						Metric: &types.Metric{Namespace: text("CIS"), MetricName: text("logins"), Dimensions: []types.Dimension{}},
						Stat:   text("Maximum"), Period: number(60),
					}},
				},
				ThresholdMetricId: text("band"), ComparisonOperator: types.ComparisonOperatorGreaterThanUpperThreshold,
				AlarmActions: none, OKActions: none, InsufficientDataActions: none, StateValue: types.StateValueOk,
			},
			{
				AlarmName: text("4"), AlarmArn: arn("4"), Dimensions: []types.Dimension{}, ActionsEnabled: yes,
				EvaluationCriteria: &types.EvaluationCriteriaMemberPromQLCriteria{Value: types.AlarmPromQLCriteria{Query: text("up == 0")}},
				AlarmActions:       none, OKActions: none, InsufficientDataActions: none, StateValue: types.StateValueOk,
			},
		},
		CompositeAlarms: []types.CompositeAlarm{{
			AlarmName: text("5"), AlarmArn: arn("5"), AlarmDescription: text("Any of them"), AlarmRule: text(`ALARM("1") OR ALARM("2")`),
			ActionsEnabled: no, AlarmActions: []string{topicARN}, OKActions: []string{"ok"}, InsufficientDataActions: []string{"none"},
			ActionsSuppressor: text("maintenance"), ActionsSuppressorWaitPeriod: number(60), ActionsSuppressorExtensionPeriod: number(0),
			ActionsSuppressedBy: types.ActionsSuppressedByAlarm, ActionsSuppressedReason: text("maintenance is in ALARM"),
			StateValue: types.StateValueAlarm, StateReason: text("1 is in ALARM"),
			StateUpdatedTimestamp: &at, StateTransitionedTimestamp: &at, AlarmConfigurationUpdatedTimestamp: &noon,
		}},
		LogAlarms: []types.LogAlarm{{
			AlarmName: text("6"), AlarmArn: arn("6"), AlarmDescription: text("Logins"), ActionsEnabled: yes,
			AlarmActions: []string{topicARN}, OKActions: none, InsufficientDataActions: none,
			ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold, Threshold: aws.Float64(1),
			QueryResultsToAlarm: number(1), QueryResultsToEvaluate: number(1), StateValue: types.StateValueOk,
			ScheduledQueryConfiguration: &types.ScheduledQueryConfiguration{
				QueryString: text("filter eventName = 'ConsoleLogin'"), AggregationExpression: text("count(*)"),
				LogGroupIdentifiers: []string{"trails/main"}, ScheduledQueryRoleARN: text("arn:aws:iam::111111111111:role/CloudWatch_LogAlarms"),
				ScheduleConfiguration: &types.ScheduleConfiguration{
					ScheduleExpression: text("rate(5 minutes)"), StartTimeOffset: aws.Int64(300), EndTimeOffset: aws.Int64(0),
				},
			},
			StateUpdatedTimestamp: &at, StateTransitionedTimestamp: &at, AlarmConfigurationUpdatedTimestamp: &noon,
		}},
	}
	c := as(t, serve(t, org), top, "us-east-1").alarms
	for name, change := range map[string]func(*cloudwatch.Options){"CBOR": func(*cloudwatch.Options) {}, "JSON": speakJSON} {
		t.Run(name, func(t *testing.T) {
			out, err := c.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind}, change)
			require.NoError(t, err)
			for i := range out.MetricAlarms {
				a := &out.MetricAlarms[i]
				utc(a.StateUpdatedTimestamp, a.StateTransitionedTimestamp, a.AlarmConfigurationUpdatedTimestamp)
			}
			for i := range out.CompositeAlarms {
				a := &out.CompositeAlarms[i]
				utc(a.StateUpdatedTimestamp, a.StateTransitionedTimestamp, a.AlarmConfigurationUpdatedTimestamp)
			}
			for i := range out.LogAlarms {
				a := &out.LogAlarms[i]
				utc(a.StateUpdatedTimestamp, a.StateTransitionedTimestamp, a.AlarmConfigurationUpdatedTimestamp)
			}
			out.ResultMetadata = want.ResultMetadata
			assert.Equal(t, &want, out)
		})
	}
}

// utc puts times into the zone of the others here.
func utc(times ...*time.Time) {
	for _, t := range times {
		if t != nil {
			*t = t.UTC()
		}
	}
}

// speakJSON has the client speak AWS JSON, as botocore does with CloudWatch.
func speakJSON(o *cloudwatch.Options) {
	o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
}

// TestCloudWatchProtocols asks in each protocol: two are served, and AWS query is not.
func TestCloudWatchProtocols(t *testing.T) {
	org := small()
	s := serve(t, org)
	c := as(t, s, org.Account("top"), "us-east-1").alarms
	for name, test := range map[string]struct {
		change  func(*cloudwatch.Options)
		want    string
		missing string
	}{
		"CBOR":  {func(*cloudwatch.Options) {}, "", "ResourceNotFoundException"},
		"JSON":  {speakJSON, "", "ResourceNotFoundException"},
		"query": {func(o *cloudwatch.Options) { o.Protocol = awsquery.New(schemas.GraniteServiceVersion20100801) }, "InvalidAction", "InvalidAction"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.DescribeAlarms(t.Context(), nil, test.change)
			assert.Equal(t, test.want, code(err))
			_, err = c.GetAlarmMuteRule(t.Context(), &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: aws.String("gone")}, test.change)
			assert.Equal(t, test.missing, code(err))
		})
	}
	_, err := c.ListMetrics(t.Context(), nil)
	assert.Equal(t, "InvalidAction", code(err), "an operation that is not served")
	assert.Equal(t, 1, s.Calls().Of("monitoring:ListMetrics"))
}

func TestAlarmPages(t *testing.T) {
	org := small()
	top := org.Account("top")
	for i := range 101 {
		top.Alarms = append(top.Alarms, &sample.Alarm{Name: fmt.Sprintf("metric-%03d", 100-i), Region: "eu-west-1"})
		top.CompositeAlarms = append(top.CompositeAlarms, &sample.CompositeAlarm{Name: fmt.Sprintf("metric-%03d-composed", i), Region: "eu-west-1"})
		top.MuteRules = append(top.MuteRules, &sample.MuteRule{Name: fmt.Sprintf("rule-%03d", 100-i), Region: "eu-west-1", Alarms: []string{"all"}})
	}
	c := as(t, serve(t, org), top, "eu-west-1").alarms
	for size, want := range map[int32][]int{0: {50, 50, 50, 50, 2}, 100: {100, 100, 2}, 101 / 2: {50, 50, 50, 50, 2}} {
		in := &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind}
		if size > 0 {
			in.MaxRecords = &size
		}
		var sizes []int
		seen := map[string]bool{}
		for pages := cloudwatch.NewDescribeAlarmsPaginator(c, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			sizes = append(sizes, len(page.MetricAlarms)+len(page.CompositeAlarms))
			for _, name := range alarmNames(page) {
				seen[name] = true
			}
		}
		assert.Equal(t, want, sizes)
		assert.Len(t, seen, 202)
	}

	var sizes []int
	in := &cloudwatch.ListAlarmMuteRulesInput{AlarmName: aws.String("all")}
	for pages := cloudwatch.NewListAlarmMuteRulesPaginator(c, in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.AlarmMuteRuleSummaries))
	}
	assert.Equal(t, []int{50, 50, 1}, sizes)
}

func TestMuteRules(t *testing.T) {
	org := small()
	top := org.Account("top")
	top.MuteRules = []*sample.MuteRule{
		{
			Name: "nights", Region: "us-east-1", Description: "Nobody is there", Alarms: []string{"root", "any"}, Expression: "cron(0 22 * * *)",
			Duration: "PT8H", Timezone: "Europe/London", Start: noon, Expire: noon.Add(time.Hour), Updated: noon,
		},
		{Name: "deployment", Region: "us-east-1", Alarms: []string{"root"}, Status: "EXPIRED", Expression: "at(2026-03-14T12:00)", Duration: "PT1H"},
		{Name: "elsewhere", Region: "eu-west-1", Alarms: []string{"root"}},
	}
	c := as(t, serve(t, org), top, "us-east-1").alarms
	list := func(in cloudwatch.ListAlarmMuteRulesInput) []string {
		out, err := c.ListAlarmMuteRules(t.Context(), &in)
		require.NoError(t, err)
		found := []string{}
		for _, r := range out.AlarmMuteRuleSummaries {
			found = append(found, *r.AlarmMuteRuleArn+" "+string(r.Status)+" "+*r.MuteType)
		}
		return found
	}
	const prefix = "arn:aws:cloudwatch:us-east-1:111111111111:alarm-mute-rule:"
	const nights, deployment = prefix + "nights ACTIVE RECURRING", prefix + "deployment EXPIRED ONE_TIME"
	assert.Equal(t, []string{deployment, nights}, list(cloudwatch.ListAlarmMuteRulesInput{}))
	assert.Equal(t, []string{nights}, list(cloudwatch.ListAlarmMuteRulesInput{Statuses: []types.AlarmMuteRuleStatus{"ACTIVE", "SCHEDULED"}}))
	assert.Equal(t, []string{nights}, list(cloudwatch.ListAlarmMuteRulesInput{AlarmName: aws.String("any")}))
	assert.Equal(t, []string{}, list(cloudwatch.ListAlarmMuteRulesInput{AlarmName: aws.String("gone")}))

	out, err := c.GetAlarmMuteRule(t.Context(), &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: aws.String("nights")})
	require.NoError(t, err)
	utc(out.StartDate, out.ExpireDate, out.LastUpdatedTimestamp)
	later := noon.Add(time.Hour)
	assert.Equal(t, &cloudwatch.GetAlarmMuteRuleOutput{
		AlarmMuteRuleArn: aws.String(prefix + "nights"), Name: aws.String("nights"), Description: aws.String("Nobody is there"),
		MuteTargets: &types.MuteTargets{AlarmNames: []string{"root", "any"}}, MuteType: aws.String("RECURRING"),
		Rule: &types.Rule{Schedule: &types.Schedule{
			Expression: aws.String("cron(0 22 * * *)"), Duration: aws.String("PT8H"), Timezone: aws.String("Europe/London"),
		}},
		StartDate: &noon, ExpireDate: &later, LastUpdatedTimestamp: &noon, Status: types.AlarmMuteRuleStatusActive,
		ResultMetadata: out.ResultMetadata,
	}, out)

	_, err = c.GetAlarmMuteRule(t.Context(), &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: aws.String("elsewhere")})
	var missing *types.ResourceNotFoundException
	require.True(t, errors.As(err, &missing))
	assert.Equal(t, "The alarm mute rule elsewhere does not exist.", missing.ErrorMessage())
	_, err = c.ListAlarmMuteRules(t.Context(), &cloudwatch.ListAlarmMuteRulesInput{MaxRecords: aws.Int32(101)})
	assert.Equal(t, "ValidationError", code(err))
	_, err = c.ListAlarmMuteRules(t.Context(), &cloudwatch.ListAlarmMuteRulesInput{NextToken: aws.String("nonsense")})
	assert.Equal(t, "InvalidNextToken", code(err))
}

// TestBeforeLogAlarms asks what older CloudWatches and emulators do not know.
func TestBeforeLogAlarms(t *testing.T) {
	org := small()
	s := serve(t, org)
	defer s.Inject(sample.Fault{Kind: sample.BeforeLogAlarms})()
	c := as(t, s, org.Account("top"), "us-east-1")
	_, err := c.alarms.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind})
	assert.Equal(t, "ValidationError", code(err))
	assert.ErrorContains(t, err, "enum value set: [CompositeAlarm, MetricAlarm]")
	out, err := c.alarms.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind[:2]})
	require.NoError(t, err)
	assert.Equal(t, []string{"m:root", "c:any"}, alarmNames(out))
	calls := c.calls()
	for _, action := range []string{"cloudwatch:ListAlarmMuteRules", "cloudwatch:GetAlarmMuteRule"} {
		assert.Equal(t, "InvalidAction", code(calls[action](context.Background())), action)
	}
	assert.NoError(t, calls["cloudtrail:DescribeTrails"](context.Background()))
}

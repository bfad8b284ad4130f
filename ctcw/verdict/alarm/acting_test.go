package alarm_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
)

// TestKindsOfActions: SNS, Lambda and Systems Manager tell someone; EC2 and scaling tell nobody.
func TestKindsOfActions(t *testing.T) {
	for action, want := range map[string]alarm.Status{
		topic: alarm.Monitored,
		"arn:aws:lambda:eu-west-1:123456789012:function:page":                                            alarm.Monitored,
		"arn:aws:lambda:eu-west-1:123456789012:function:page:prod":                                       alarm.Monitored,
		"arn:aws:ssm:eu-west-1:123456789012:opsitem:1#CATEGORY=Security":                                 alarm.Monitored,
		"arn:aws:ssm-incidents::123456789012:responseplan/security":                                      alarm.Monitored,
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:page":                                        alarm.Monitored,
		"arn:aws:automate:eu-west-1:ec2:stop":                                                            alarm.NoAction,
		"arn:aws:swf:eu-west-1:123456789012:action/actions/AWS_EC2.InstanceId.Stop/1.0":                  alarm.NoAction,
		"arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:1:autoScalingGroupName/a:policyName/b": alarm.NoAction,
		"arn:aws:aiops:eu-west-1:123456789012:investigation-group:1":                                     alarm.NoAction,
		"not an ARN": alarm.NoAction,
	} {
		f := monitored(class)
		f.group.MetricAlarms[0].AlarmActions = []string{action}
		v := f.verdict(class)
		assert.Equal(t, want, v.Status, "%s: %s", action, v.Reason)
		assert.Equal(t, action, v.Chain.Action)
		sound(t, v)
	}
}

func TestActions(t *testing.T) {
	first := func(f *facts) *alarm.MetricAlarm { return &f.group.MetricAlarms[0] }
	check(t, []test{
		{"for other states only", func(f *facts) { first(f).AlarmActions, first(f).OtherActions = nil, []string{topic} }, alarm.NoAction,
			"Alarm changes-alarm has no action for the ALARM state, only for others."},
		{"one that tells nobody, and one that does", func(f *facts) {
			first(f).AlarmActions = []string{"arn:aws:automate:eu-west-1:ec2:stop", topic}
		}, alarm.Monitored, ""},
		{"one topic without subscribers, one function", func(f *facts) {
			f.group.Topics[topic] = alarm.Topic{}
			first(f).AlarmActions = []string{topic, "arn:aws:lambda:eu-west-1:123456789012:function:page"}
		}, alarm.Monitored, "tell arn:aws:lambda:eu-west-1:123456789012:function:page."},
		{"one topic that is gone, one that is not known", func(f *facts) {
			f.group.Topics[topic] = alarm.Topic{Gone: true}
			first(f).AlarmActions = []string{topic, "arn:aws:sns:eu-west-1:123456789012:unread"}
		}, alarm.Unknown, "Topic arn:aws:sns:eu-west-1:123456789012:unread of alarm changes-alarm was not read."},
		{"a topic in another account", func(f *facts) {
			const far = "arn:aws:sns:eu-west-1:210987654321:central"
			first(f).AlarmActions, f.group.Topics[far] = []string{far}, alarm.Topic{Confirmed: 1}
		}, alarm.Monitored, "which has 1 confirmed subscription."},
		{"an alarm without actions is disabled before it has none", func(f *facts) { first(f).ActionsEnabled, first(f).AlarmActions = false, nil }, alarm.AlarmDisabled, ""},
		{"muted", func(f *facts) { f.group.Muted = map[string]string{"changes-alarm": "night shift"} }, alarm.AlarmDisabled,
			"Alarm changes-alarm tells nobody: it is muted now by mute rule night shift."},
		{"another is muted", func(f *facts) { f.group.Muted = map[string]string{"other": "night shift"} }, alarm.Monitored, ""},
		{"in ALARM already", func(f *facts) { first(f).State = "ALARM" }, alarm.Monitored, ""},
		{"two alarms, one disabled", func(f *facts) {
			other := watching("changes")
			other.Name, other.ActionsEnabled = "a", false
			f.group.MetricAlarms = append(f.group.MetricAlarms, other)
		}, alarm.Monitored, ""},
		{"a log alarm is named, not judged", func(f *facts) { f.group.MetricAlarms, f.group.LogAlarms = nil, []string{"insights"} }, alarm.NoAlarm,
			"What log alarm insights watches is not judged."},
	})
}

const changesARN = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:changes-alarm"

// TestCompositeAlarms: one acts for a metric alarm that fires it alone.
func TestCompositeAlarms(t *testing.T) {
	for rule, want := range map[string]alarm.Status{
		`ALARM(changes-alarm)`:                                                           alarm.Monitored,
		`ALARM("changes-alarm")`:                                                         alarm.Monitored,
		`ALARM("` + changesARN + `")`:                                                    alarm.Monitored,
		`ALARM(` + changesARN + `)`:                                                      alarm.Monitored,
		`ALARM ( "changes-alarm" )`:                                                      alarm.Monitored,
		`ALARM("other") OR ALARM("changes-alarm")`:                                       alarm.Monitored,
		`(ALARM("other") OR ALARM("changes-alarm"))`:                                     alarm.Monitored,
		`ALARM(changes-alarm) AND NOT ALARM(other)`:                                      alarm.Monitored,
		`ALARM(changes-alarm) AND OK(other)`:                                             alarm.Monitored,
		`ALARM(changes-alarm) AND TRUE`:                                                  alarm.Monitored,
		`ALARM(changes-alarm) OR FALSE`:                                                  alarm.Monitored,
		`NOT (NOT ALARM(changes-alarm))`:                                                 alarm.Monitored,
		`NOT INSUFFICIENT_DATA(changes-alarm)`:                                           alarm.Monitored, // its state without data
		`AT_LEAST(1, ALARM, (changes-alarm, other))`:                                     alarm.Monitored,
		`AT_LEAST(50%, ALARM, ("changes-alarm", "other"))`:                               alarm.Monitored,
		`AT_LEAST(1, NOT OK, (other)) OR ALARM(changes-alarm)`:                           alarm.Monitored,
		`AT_LEAST("34%", ALARM, (changes-alarm, other, other2)) OR ALARM(changes-alarm)`: alarm.Monitored,
		`ALARM(changes-alarm) OR ALARM(nobody knows this)`:                               alarm.Unknown, // unquoted spaces
		`ALARM(changes-alarm) OR ALARM("no such alarm")`:                                 alarm.Unknown,

		`ALARM(other)`:                          alarm.NoAction,
		`ALARM(changes-alarm) AND ALARM(other)`: alarm.NoAction,
		`ALARM("other") OR ALARM("other") AND ALARM("changes-alarm")`: alarm.NoAction, // AND binds tighter
		`ALARM(changes-alarm) AND FALSE`:                              alarm.NoAction,
		`TRUE`:                                                        alarm.NoAction,
		`ALARM(changes-alarm) OR TRUE`:                                alarm.NoAction, // in ALARM without it
		`ALARM(changes-alarm) OR OK(other)`:                           alarm.NoAction,
		`OK(changes-alarm)`:                                           alarm.NoAction,
		`NOT ALARM(changes-alarm)`:                                    alarm.NoAction,
		`NOT OK(changes-alarm)`:                                       alarm.NoAction, // without data it is not OK either
		`AT_LEAST(2, ALARM, (changes-alarm, other))`:                  alarm.NoAction,
		`AT_LEAST(60%, ALARM, (changes-alarm, other))`:                alarm.NoAction,
		`INSUFFICIENT_DATA(changes-alarm)`:                            alarm.NoAction,

		`ALARM(changes-alarm) AND OK("no such alarm")`: alarm.Unknown,
		`ALARM(changes-alarm) XOR ALARM(other)`:        alarm.Unknown,
		`ALARM(changes-alarm`:                          alarm.Unknown,
		`ALARM(changes-alarm) ALARM(other)`:            alarm.Unknown,
		`ALARM()  OR ALARM(changes-alarm)`:             alarm.Unknown,
		`AT_LEAST(0, ALARM, (changes-alarm))`:          alarm.Unknown,
		`AT_LEAST(1, LOUD, (changes-alarm))`:           alarm.Unknown,
		`ALARM("changes-alarm`:                         alarm.Unknown,
		`ANYTHING(else)`:                               alarm.NoAction, // not understood, but it does not name the alarm
		``:                                             alarm.NoAction,
	} {
		t.Run(rule, func(t *testing.T) {
			f := monitored(class)
			composite(f, rule)
			other := watching("other")
			other.Name, other.ARN = "other", ""
			f.group.MetricAlarms = append(f.group.MetricAlarms, other)
			v := f.verdict(class)
			assert.Equal(t, want, v.Status, v.Reason)
			sound(t, v)
		})
	}
}

func TestCompositeAlarmsThatAct(t *testing.T) {
	const rule = `ALARM("changes-alarm")`
	check(t, []test{
		{"its actions are disabled", func(f *facts) { composite(f, rule).ActionsEnabled = false }, alarm.AlarmDisabled,
			"Alarm any-change tells nobody: its actions are disabled."},
		{"those of the metric alarm do not matter", func(f *facts) { composite(f, rule); f.group.MetricAlarms[0].ActionsEnabled = false }, alarm.Monitored,
			"Filter changes and alarm any-change tell topic"},
		{"that the metric alarm is muted does not matter", func(f *facts) {
			composite(f, rule)
			f.group.Muted = map[string]string{"changes-alarm": "x"}
		}, alarm.Monitored, ""},
		{"it is muted itself", func(f *facts) {
			composite(f, rule)
			f.group.Muted = map[string]string{"any-change": "maintenance"}
		}, alarm.AlarmDisabled, "it is muted now by mute rule maintenance"},
		{"suppressed now", func(f *facts) { composite(f, rule).SuppressedBy = "WaitPeriod" }, alarm.AlarmDisabled,
			"its actions are suppressed now (WaitPeriod)"},
		{"its suppressor is in ALARM", func(f *facts) {
			composite(f, rule).Suppressor = "deployment"
			f.group.MetricAlarms = append(f.group.MetricAlarms, alarm.MetricAlarm{Name: "deployment", State: "ALARM"})
		}, alarm.AlarmDisabled, "because alarm deployment is in ALARM"},
		{"its suppressor, by ARN, is in ALARM", func(f *facts) {
			composite(f, rule).Suppressor = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:deployment"
			f.group.MetricAlarms = append(f.group.MetricAlarms, alarm.MetricAlarm{Name: "deployment", ARN: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:deployment", State: "ALARM"})
		}, alarm.AlarmDisabled, "because alarm deployment is in ALARM"},
		{"its suppressor is OK", func(f *facts) {
			composite(f, rule).Suppressor = "deployment"
			f.group.MetricAlarms = append(f.group.MetricAlarms, alarm.MetricAlarm{Name: "deployment", State: "OK"})
		}, alarm.Monitored, ""},
		{"its rule is held back now", func(f *facts) {
			composite(f, rule+` AND NOT ALARM(deployment)`)
			f.group.MetricAlarms = append(f.group.MetricAlarms, alarm.MetricAlarm{Name: "deployment", State: "ALARM"})
		}, alarm.AlarmDisabled, "its rule is held back now by the state of other alarms"},
		{"no action", func(f *facts) { composite(f, rule).AlarmActions = nil }, alarm.NoAction, ""},
		{"no subscriber", func(f *facts) { composite(f, rule); f.group.Topics[topic] = alarm.Topic{} }, alarm.NoSubscriber, "of alarm any-change has no subscription"},
		{"a composite of a composite", func(f *facts) {
			composite(f, rule).AlarmActions = nil
			f.group.Composites = append(f.group.Composites, alarm.CompositeAlarm{
				Name: "top", Rule: `ALARM("any-change")`, ActionsEnabled: true, AlarmActions: []string{topic},
			})
		}, alarm.Monitored, "alarm top tell topic"},
		{"a composite of a composite that comes later in the list, and of the alarm", func(f *facts) {
			composite(f, `ALARM("changes-alarm") AND ALARM(middle)`)
			f.group.Composites = append(f.group.Composites, alarm.CompositeAlarm{Name: "middle", Rule: rule, ActionsEnabled: true})
		}, alarm.Monitored, ""},
		{"a composite that another holds back at the same time", func(f *facts) {
			composite(f, `ALARM("changes-alarm") AND NOT ALARM(middle)`)
			f.group.Composites = append(f.group.Composites, alarm.CompositeAlarm{Name: "middle", Rule: rule, ActionsEnabled: true})
		}, alarm.Unknown, "depends on alarms that fire at the same time"},
		{"a circle of composites", func(f *facts) {
			composite(f, rule+` OR ALARM(other)`)
			f.group.Composites = append(f.group.Composites, alarm.CompositeAlarm{Name: "other", Rule: `ALARM("any-change")`, ActionsEnabled: true})
		}, alarm.Monitored, ""},
		{"a broken rule of another composite", func(f *facts) {
			composite(f, rule)
			f.group.Composites = append(f.group.Composites, alarm.CompositeAlarm{Name: "other", Rule: `ALARM(x`, ActionsEnabled: true})
		}, alarm.Monitored, ""},
		{"a broken rule, and no action anyway", func(f *facts) { composite(f, `ALARM(changes-alarm`).AlarmActions = nil }, alarm.NoAction, ""},
	})

	f := monitored(class)
	composite(f, rule)
	v := f.verdict(class)
	assert.Equal(t, "any-change", v.Chain.AlarmName)
	assert.Equal(t, "changes-alarm", v.Chain.MetricAlarmName)
	assert.Equal(t, []string{topic}, v.Chain.AlarmActions)
	assert.True(t, *v.Chain.FiresOnFirstEvent)
	assert.Len(t, v.Chains, 1, "the composite alarm acts for the metric alarm")

	f.group.MetricAlarms[0].AlarmActions = []string{topic}
	assert.Len(t, f.verdict(class).Chains, 2, "both act")
}

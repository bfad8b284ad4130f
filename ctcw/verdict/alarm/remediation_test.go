package alarm_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

const guard = `test "$(aws sts get-caller-identity --query Account --output text --region eu-west-1)" = 123456789012 && `

func TestRemediationIsText(t *testing.T) {
	f := monitored(class)
	f.group.Filters = nil
	assert.Equal(t, guard+`: "${EMAIL:?set EMAIL to the address that is to be told}" && `+
		`aws sns create-topic --name ctcw-alarms --region eu-west-1 && `+
		`aws sns subscribe --topic-arn arn:aws:sns:eu-west-1:123456789012:ctcw-alarms --protocol email --notification-endpoint "$EMAIL" --region eu-west-1 && `+
		`aws logs put-metric-filter --log-group-name trail-logs --filter-name ctcw-cloudtrail-changes --filter-pattern '`+class.Pattern+`'`+
		` --metric-transformations metricName=cloudtrail_changes,metricNamespace=CISBenchmark,metricValue=1,defaultValue=0 --region eu-west-1 && `+
		`aws cloudwatch put-metric-alarm --alarm-name ctcw-cloudtrail-changes --namespace CISBenchmark --metric-name cloudtrail_changes`+
		` --statistic Sum --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold`+
		` --treat-missing-data notBreaching --actions-enabled --alarm-actions arn:aws:sns:eu-west-1:123456789012:ctcw-alarms --region eu-west-1`,
		f.verdict(class).Remediation)

	f = monitored(class)
	f.Trail.MultiRegion = false
	assert.Equal(t, guard+"aws cloudtrail update-trail --name arn:aws:cloudtrail:eu-west-1:123456789012:trail/main --is-multi-region-trail --region eu-west-1",
		f.verdict(class).Remediation)

	f = monitored(class)
	f.Delivery, f.DeliveryRemediation = delivery.LoggingStopped, "aws cloudtrail start-logging --name x"
	assert.Equal(t, "aws cloudtrail start-logging --name x", f.verdict(class).Remediation)

	f.Trail = nil
	f.Delivery, f.DeliveryRemediation = delivery.NoTrail, "aws cloudtrail create-trail --name x"
	assert.Equal(t, "aws cloudtrail create-trail --name x", f.verdict(class).Remediation)
}

func TestNothingToDo(t *testing.T) {
	for name, change := range map[string]func(*facts){
		"monitored":                 func(*facts) {},
		"unknown":                   func(f *facts) { f.group.AlarmsError = "denied" },
		"account not readable":      func(f *facts) { f.Trail, f.Delivery = nil, delivery.Unknown },
		"muted":                     func(f *facts) { f.group.Muted = map[string]string{"changes-alarm": "x"} },
		"suppressed":                func(f *facts) { composite(f, "ALARM(changes-alarm)").SuppressedBy = "Alarm" },
		"delivery without a remedy": func(f *facts) { f.Delivery = delivery.Stale },
		"the trail's owner must act": func(f *facts) {
			f.Trail.OwnerAccountID, f.group.Filters = member, nil
		},
		"the log group's owner must act": func(f *facts) { f.group.AccountID, f.group.Filters = member, nil },
	} {
		f := monitored(class)
		change(f)
		assert.Empty(t, f.verdict(class).Remediation, name)
	}
}

func TestForeignTrails(t *testing.T) {
	f := monitored(class)
	f.Trail.OwnerAccountID, f.group.AccountID = member, member
	v := f.verdict(class)
	assert.Equal(t, alarm.Monitored, v.Status, "a member is as well off as the owner")
	assert.NotContains(t, v.Reason, "only its owner")

	f.group.Filters = nil
	v = f.verdict(class)
	assert.Equal(t, alarm.NoFilter, v.Status)
	assert.Equal(t, "Log group trail-logs has no metric filter. The trail belongs to account 210987654321; only its owner can mend it.", v.Reason)

	f.Delivery, f.DeliveryReason = delivery.Stale, "Old. The trail belongs to account 210987654321; only its owner can mend it."
	assert.Equal(t, f.DeliveryReason, f.verdict(class).Reason, "said once")

	f = monitored(class)
	f.group.AccountID, f.group.Filters = member, nil
	assert.Contains(t, f.verdict(class).Reason, "The log group belongs to account 210987654321; only there can it be mended.")
}

// TestRemediationsMend gives a real shell each remediation, and applies the commands that it runs to the facts.
func TestRemediationsMend(t *testing.T) {
	first := func(f *facts) *alarm.MetricAlarm { return &f.group.MetricAlarms[0] }
	breaks := map[string]struct {
		change  func(*facts)
		without []string // commands that it does not need
	}{
		"no filter":  {func(f *facts) { f.group.Filters = nil }, nil},
		"misses one": {func(f *facts) { f.group.Filters[0].Pattern = "{ $.eventName = DeleteTrail }" }, nil},
		"too wide":   {func(f *facts) { f.group.Filters[0].Pattern = "" }, nil},
		"no alarm":   {func(f *facts) { f.group.MetricAlarms = nil }, []string{"put-metric-filter"}},
		"no alarm, dimensions": {func(f *facts) {
			f.group.Filters[0].Transformations[0].Dimensions = map[string]string{"R": "$.awsRegion"}
		}, nil},
		"no alarm, the value is a field": {func(f *facts) { f.group.Filters[0].Transformations[0].Value = "$.size" }, nil},
		"wrong direction":                {func(f *facts) { first(f).ComparisonOperator = "LessThanThreshold" }, []string{"put-metric-filter"}},
		"disabled":                       {func(f *facts) { first(f).ActionsEnabled = false }, []string{"put-metric-filter", "put-metric-alarm", "subscribe"}},
		"composite disabled":             {func(f *facts) { composite(f, "ALARM(changes-alarm)").ActionsEnabled = false }, []string{"put-metric-alarm"}},
		"no action":                      {func(f *facts) { first(f).AlarmActions = nil }, []string{"put-metric-filter"}},
		"no subscriber":                  {func(f *facts) { f.group.Topics[topic] = alarm.Topic{Pending: 1} }, []string{"put-metric-filter", "put-metric-alarm"}},
		"topic gone":                     {func(f *facts) { f.group.Topics[topic] = alarm.Topic{Gone: true} }, []string{"put-metric-alarm"}},
		"no subscriber in another account": {func(f *facts) {
			const far = "arn:aws:sns:eu-west-1:210987654321:central"
			first(f).AlarmActions, f.group.Topics[far] = []string{far}, alarm.Topic{}
		}, []string{"put-metric-filter"}},
		"one region": {func(f *facts) { f.Trail.MultiRegion = false }, nil},
		"read only":  {func(f *facts) { f.selectors.Basic[0].ReadWriteType = "ReadOnly" }, nil},
		"data events only": {func(f *facts) {
			f.selectors.Basic = []alarm.BasicSelector{{ReadWriteType: "WriteOnly", DataResources: []alarm.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3"}}}}}
		}, nil},
		"advanced selectors": {func(f *facts) {
			f.selectors = alarm.Selectors{Advanced: []alarm.AdvancedSelector{
				advanced(alarm.FieldSelector{Field: "readOnly", Equals: []string{"true"}}),
				{Name: "bucket's", Fields: []alarm.FieldSelector{{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.ARN", StartsWith: []string{"arn:aws:s3:::it's/"}}}},
			}}
		}, nil},
		"hostile names": {func(f *facts) {
			f.group.Name, f.group.Filters = `a b'$(touch pwned)"; rm -rf * #`+"`id`", nil
			f.Trail.ARN = "-" + f.group.Name
		}, nil},
		"hostile alarm": {func(f *facts) { first(f).ActionsEnabled, first(f).Name = false, `--x '$HOME`+"\\" }, nil},
	}
	for name, c := range breaks {
		t.Run(name, func(t *testing.T) {
			for _, class := range []*event.Class{class, event.ByName("root_usage"), event.ByName("organizations_changes")} {
				f := monitored(class)
				c.change(f)
				v := f.verdict(class)
				require.NotEqual(t, alarm.Monitored, v.Status)
				require.NotEmpty(t, v.Remediation, v.Reason)
				commands := runShell(t, v.Remediation, account, "EMAIL=somebody@example.com")
				for _, words := range commands {
					f.apply(t, words)
					assert.NotContains(t, c.without, words[1])
				}
				after := f.verdict(class)
				assert.Equal(t, alarm.Monitored, after.Status, "%s\n%s", v.Remediation, after.Reason)
				for _, words := range commands { // again: nothing changes
					f.apply(t, words)
				}
				assert.Equal(t, alarm.Monitored, f.verdict(class).Status)
			}
		})
	}
}

// TestRemediationsRefuse: nothing runs in another account, nor before the reader said who is to be told.
func TestRemediationsRefuse(t *testing.T) {
	f := monitored(class)
	f.group.Filters = nil
	text := f.verdict(class).Remediation
	assert.Empty(t, runShell(t, text, member, "EMAIL=somebody@example.com"))
	assert.Empty(t, runShell(t, text, account))
	assert.Len(t, runShell(t, text, account, "EMAIL=a b@example.com"), 4)
}

func TestFullSelectorsAreLeftAlone(t *testing.T) {
	f := monitored(class)
	data := alarm.BasicSelector{DataResources: []alarm.DataResource{{Type: "AWS::Lambda::Function", Values: []string{"arn:aws:lambda"}}}}
	f.selectors.Basic = slices.Repeat([]alarm.BasicSelector{data}, 5)
	v := f.verdict(class)
	assert.Equal(t, alarm.NotRecorded, v.Status)
	assert.Empty(t, v.Remediation, "a trail has five selectors at most, and all have data events")
}

// runShell returns the words of each aws command but that of the guard.
func runShell(t *testing.T, text, caller string, env ...string) [][]string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on PATH")
	}
	script := `aws() { if [ "$1" = sts ]; then echo ` + caller + `; else printf '%s\001' "$@"; printf '\002'; fi; }; ` + text
	cmd := exec.Command(sh, "-c", script)
	cmd.Env, cmd.Dir = env, t.TempDir()
	out, err := cmd.Output()
	if len(out) > 0 {
		require.NoError(t, err)
	}
	var commands [][]string
	for _, command := range strings.Split(strings.TrimSuffix(string(out), "\002"), "\002") {
		if command != "" {
			commands = append(commands, strings.Split(strings.TrimSuffix(command, "\001"), "\001"))
		}
	}
	return commands
}

// apply does to the facts what AWS does.
func (f *facts) apply(t *testing.T, words []string) {
	t.Helper()
	option := map[string]string{}
	for i := 2; i < len(words); i++ {
		name, value, tied := strings.Cut(strings.TrimPrefix(words[i], "--"), "=")
		if !tied && i+1 < len(words) && !strings.HasPrefix(words[i+1], "--") {
			i++
			value = words[i]
		}
		option[name] = value
	}
	require.NotEmpty(t, option["region"], words)
	switch words[0] + " " + words[1] {
	case "sns create-topic":
		arn := "arn:aws:sns:" + option["region"] + ":" + account + ":" + option["name"]
		if there, ok := f.group.Topics[arn]; !ok || there.Gone {
			f.group.Topics[arn] = alarm.Topic{}
		}
	case "sns subscribe":
		require.Contains(t, f.group.Topics, option["topic-arn"], "a topic that exists")
		require.Equal(t, "email somebody@example.com", option["protocol"]+" "+option["notification-endpoint"])
		f.group.Topics[option["topic-arn"]] = alarm.Topic{Confirmed: 1}
	case "logs put-metric-filter":
		require.Equal(t, f.group.Name, option["log-group-name"])
		require.LessOrEqual(t, len(option["filter-pattern"]), 1024)
		set := map[string]string{}
		for _, pair := range strings.Split(option["metric-transformations"], ",") {
			k, v, _ := strings.Cut(pair, "=")
			set[k] = v
		}
		made := filter(option["filter-name"], option["filter-pattern"])
		made.Transformations = []alarm.Transformation{{Namespace: set["metricNamespace"], MetricName: set["metricName"], Value: set["metricValue"], DefaultValue: zero()}}
		f.group.Filters = append(slices.DeleteFunc(f.group.Filters, func(x alarm.Filter) bool { return x.Name == made.Name }), made)
	case "cloudwatch put-metric-alarm":
		made := watching(option["metric-name"])
		made.Name, made.Namespace, made.AlarmActions = option["alarm-name"], option["namespace"], []string{option["alarm-actions"]}
		made.Statistic, made.ComparisonOperator, made.TreatMissingData = option["statistic"], option["comparison-operator"], option["treat-missing-data"]
		require.Equal(t, "1 300 1", option["threshold"]+" "+option["period"]+" "+option["evaluation-periods"])
		f.group.MetricAlarms = append(slices.DeleteFunc(f.group.MetricAlarms, func(x alarm.MetricAlarm) bool { return x.Name == made.Name }), made)
	case "cloudwatch enable-alarm-actions":
		for i := range f.group.MetricAlarms {
			f.group.MetricAlarms[i].ActionsEnabled = f.group.MetricAlarms[i].ActionsEnabled || f.group.MetricAlarms[i].Name == option["alarm-names"]
		}
		for i := range f.group.Composites {
			f.group.Composites[i].ActionsEnabled = f.group.Composites[i].ActionsEnabled || f.group.Composites[i].Name == option["alarm-names"]
		}
	case "cloudtrail update-trail":
		require.Equal(t, f.Trail.ARN, option["name"])
		f.Trail.MultiRegion = slices.Contains(words, "--is-multi-region-trail")
	case "cloudtrail put-event-selectors":
		require.Equal(t, f.Trail.ARN, option["trail-name"])
		f.putSelectors(t, option)
	default:
		t.Fatalf("unexpected command %q", words)
	}
}

// putSelectors replaces all selectors, as AWS does, and sees to it that those for data events are still there.
func (f *facts) putSelectors(t *testing.T, option map[string]string) {
	t.Helper()
	before := f.selectors
	f.selectors = alarm.Selectors{}
	if text := option["event-selectors"]; text != "" {
		require.NoError(t, json.Unmarshal([]byte(text), &f.selectors.Basic))
		for _, b := range before.Basic {
			if len(b.DataResources) > 0 {
				assert.Contains(t, text, b.DataResources[0].Values[0])
			}
		}
		return
	}
	var all []struct {
		Name           string
		FieldSelectors []alarm.FieldSelector
	}
	require.NoError(t, json.Unmarshal([]byte(option["advanced-event-selectors"]), &all))
	for _, a := range all {
		f.selectors.Advanced = append(f.selectors.Advanced, alarm.AdvancedSelector{Name: a.Name, Fields: a.FieldSelectors})
	}
	if before.Advanced[len(before.Advanced)-1].Name != "" {
		assert.Contains(t, f.selectors.Advanced, before.Advanced[len(before.Advanced)-1], "that for data events")
	}
}

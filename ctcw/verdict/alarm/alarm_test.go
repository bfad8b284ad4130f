package alarm_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

const (
	account = "123456789012"
	member  = "210987654321"
	region  = "eu-west-1"
	topic   = "arn:aws:sns:eu-west-1:123456789012:security"
)

// facts are a row's in the making: the group and the selectors are prepared when the row is judged.
type facts struct {
	alarm.Facts
	group     alarm.GroupFacts
	selectors alarm.Selectors
}

// class is what most tests judge; it has several events, and both shapes differ in region.
var class = event.ByName("cloudtrail_changes")

// monitored is a chain without a fault for one class; each case takes one thing away.
func monitored(c *event.Class) *facts {
	f := &facts{}
	f.AccountID = account
	f.Trail = &alarm.Trail{
		ARN: "arn:aws:cloudtrail:eu-west-1:123456789012:trail/main", Name: "main",
		OwnerAccountID: account, HomeRegion: region, MultiRegion: true,
	}
	f.Delivery, f.DeliveryReason = delivery.Delivering, "CloudTrail delivered to CloudWatch Logs at 2026-11-21T11:55:00Z."
	f.selectors.Basic = []alarm.BasicSelector{{ReadWriteType: "All", IncludeManagementEvents: true}}
	f.group = alarm.GroupFacts{
		Name: "trail-logs", Region: region, AccountID: account, Partition: "aws",
		Filters:      []alarm.Filter{filter("changes", c.Pattern)},
		MetricAlarms: []alarm.MetricAlarm{watching("changes")},
		Topics:       map[string]alarm.Topic{topic: {Confirmed: 2}},
	}
	return f
}

// filter publishes a metric of its own name.
func filter(name, pattern string) alarm.Filter {
	return alarm.Filter{Name: name, Pattern: pattern, Transformations: []alarm.Transformation{{Namespace: "CIS", MetricName: name, Value: "1"}}}
}

// watching is an alarm on such a metric, as CIS sets it up.
func watching(metric string) alarm.MetricAlarm {
	return alarm.MetricAlarm{
		Name: metric + "-alarm", ARN: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:" + metric + "-alarm", State: "OK",
		ActionsEnabled: true, AlarmActions: []string{topic},
		Namespace: "CIS", MetricName: metric, Statistic: "Sum", Period: 300,
		ComparisonOperator: "GreaterThanOrEqualToThreshold", Threshold: 1, EvaluationPeriods: 1,
	}
}

// composite is one that acts, on a metric alarm that does not.
func composite(f *facts, rule string) *alarm.CompositeAlarm {
	f.group.MetricAlarms[0].AlarmActions = nil
	f.group.Composites = []alarm.CompositeAlarm{{
		Name: "any-change", ARN: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:any-change", State: "OK",
		Rule: rule, ActionsEnabled: true, AlarmActions: []string{topic},
	}}
	return &f.group.Composites[0]
}

var patterns alarm.Patterns

func (f *facts) verdict(c *event.Class) alarm.Verdict {
	f.Recording = alarm.NewRecording(f.selectors)
	f.Group = alarm.NewGroup(f.group, &patterns)
	return alarm.Of(f.Facts, c)
}

// test is a case of the tables below.
type test struct {
	name   string
	change func(*facts)
	want   alarm.Status
	reason string // a part of it
}

func check(t *testing.T, cases []test) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := monitored(class)
			c.change(f)
			v := f.verdict(class)
			assert.Equal(t, c.want, v.Status, v.Reason)
			assert.Contains(t, v.Reason, c.reason)
			sound(t, v)
		})
	}
}

// sound is what holds for every verdict.
func sound(t *testing.T, v alarm.Verdict) {
	t.Helper()
	assert.Contains(t, alarm.Statuses, v.Status)
	assert.NotEmpty(t, v.Reason)
	assert.True(t, strings.HasSuffix(v.Reason, "."), v.Reason)
	assert.NotContains(t, v.Reason, "\n")
	assert.NotNil(t, v.MissingEvents)
	if v.Status == alarm.Monitored {
		assert.Empty(t, slices.DeleteFunc(slices.Clone(v.MissingEvents), func(s string) bool { return s == "ModifySecurityGroupRules" }))
		assert.Equal(t, alarm.Monitored, v.Chain.Status)
		assert.Empty(t, v.Remediation)
	}
	for _, c := range v.Chains {
		assert.Contains(t, alarm.Statuses, c.Status)
		assert.Equal(t, c.Status == alarm.Monitored, c.Reason == "", "%s: %q", c.Status, c.Reason)
	}
}

func TestRowsOfTheDesign(t *testing.T) {
	check(t, []test{
		{"monitored", func(*facts) {}, alarm.Monitored, "Filter changes and alarm changes-alarm tell topic " + topic + ", which has 2 confirmed subscriptions."},
		{"no_trail", func(f *facts) {
			f.Trail, f.Delivery, f.DeliveryReason = nil, delivery.NoTrail, "No trail is visible in this account."
		}, alarm.NoTrail, "No trail is visible"},
		{"unknown: the account could not be read", func(f *facts) {
			f.Trail, f.Delivery, f.DeliveryReason = nil, delivery.Unknown, "No region of this account could be listed: AccessDenied."
		}, alarm.Unknown, "No region of this account could be listed"},
		{"not_delivering: no log group", func(f *facts) {
			f.Delivery, f.DeliveryReason = delivery.NotConfigured, "No CloudWatch Logs log group is configured."
			f.group.FiltersError = "not asked"
		}, alarm.NotDelivering, "No CloudWatch Logs log group is configured."},
		{"not_delivering: stopped", func(f *facts) { f.Delivery, f.DeliveryReason = delivery.LoggingStopped, "" }, alarm.NotDelivering, "delivery_status is logging_stopped"},
		{"not_delivering: log group missing", func(f *facts) { f.Delivery = delivery.LogGroupMissing }, alarm.NotDelivering, ""},
		{"not_delivering: never", func(f *facts) { f.Delivery = delivery.NeverDelivered }, alarm.NotDelivering, ""},
		{"not_delivering: stale", func(f *facts) { f.Delivery = delivery.Stale }, alarm.NotDelivering, ""},
		{"monitored: degraded still delivers", func(f *facts) { f.Delivery = delivery.Degraded }, alarm.Monitored, ""},
		{"unknown: delivery could not be read", func(f *facts) {
			f.Delivery, f.DeliveryReason = delivery.Unknown, "GetTrailStatus failed, so delivery cannot be judged: AccessDenied."
		}, alarm.Unknown, "GetTrailStatus failed"},
		{"partial_scope", func(f *facts) { f.Trail.MultiRegion = false }, alarm.PartialScope, "Trail main covers region eu-west-1 only"},
		{"not_recorded", func(f *facts) { f.selectors.Basic[0].IncludeManagementEvents = false }, alarm.NotRecorded, "they record no management events"},
		{"unknown: selectors could not be read", func(f *facts) { f.selectors.Error = "AccessDeniedException: denied" },
			alarm.Unknown, "GetEventSelectors failed, so what the trail records is not known: AccessDeniedException: denied."},
		{"no_filter: none at all", func(f *facts) { f.group.Filters = nil }, alarm.NoFilter, "Log group trail-logs has no metric filter."},
		{"no_filter: for other events", func(f *facts) {
			f.group.Filters[0].Pattern = "{ $.eventName = RunInstances }"
		}, alarm.NoFilter, "Log group trail-logs has 1 metric filter, and none matches an event of cloudtrail_changes."},
		{"filter_misses_events: one is not in it", func(f *facts) {
			f.group.Filters[0].Pattern = without(class, "StopLogging")
		}, alarm.FilterMissesEvents, "No metric filter of log group trail-logs matches StopLogging; filter changes comes nearest."},
		{"filter_misses_events: one is misspelt", func(f *facts) {
			f.group.Filters[0].Pattern = strings.Replace(class.Pattern, "DeleteTrail", "DeleteTrial", 1)
		}, alarm.FilterMissesEvents, "matches DeleteTrail; "},
		{"filter_misses_events: one region only", func(f *facts) {
			f.group.Filters[0].Pattern = `{ ($.eventName = "*Trail" || $.eventName = "*Logging") && $.awsRegion = us-east-1 }`
		}, alarm.FilterMissesEvents, "matches CreateTrail, UpdateTrail, DeleteTrail, StartLogging, StopLogging (role in eu-central-1); filter changes comes nearest."},
		{"filter_too_wide", func(f *facts) { f.group.Filters[0].Pattern = "{ $.eventVersion = * }" }, alarm.FilterTooWide,
			"Filter changes matches DescribeInstances too, which comes all the time, so its alarm never leaves ALARM."},
		{"filter_too_wide: the empty pattern", func(f *facts) { f.group.Filters[0].Pattern = "" }, alarm.FilterTooWide, ""},
		{"unknown: filters could not be read", func(f *facts) { f.group.FiltersError = "AccessDeniedException: denied" }, alarm.Unknown,
			"DescribeMetricFilters of log group trail-logs failed: AccessDeniedException: denied."},
		{"unknown: a pattern could not be parsed", func(f *facts) { f.group.Filters[0].Pattern = "{ $.eventName == StopLogging }" }, alarm.Unknown,
			"What filter changes matches is not known: its pattern is not understood: character"},
		{"no_alarm", func(f *facts) { f.group.MetricAlarms = nil }, alarm.NoAlarm,
			"No alarm in account 123456789012, region eu-west-1 goes to ALARM with metric CIS/changes of filter changes."},
		{"unknown: alarms could not be read", func(f *facts) { f.group.AlarmsError = "Throttling: rate exceeded" }, alarm.Unknown,
			"DescribeAlarms in account 123456789012, region eu-west-1 failed: Throttling: rate exceeded."},
		{"alarm_disabled", func(f *facts) { f.group.MetricAlarms[0].ActionsEnabled = false }, alarm.AlarmDisabled,
			"Alarm changes-alarm tells nobody: its actions are disabled."},
		{"no_action", func(f *facts) { f.group.MetricAlarms[0].AlarmActions = nil }, alarm.NoAction, "Alarm changes-alarm has no action."},
		{"no_subscriber: none", func(f *facts) { f.group.Topics[topic] = alarm.Topic{} }, alarm.NoSubscriber,
			"Topic " + topic + " of alarm changes-alarm has no subscription."},
		{"no_subscriber: pending", func(f *facts) { f.group.Topics[topic] = alarm.Topic{Pending: 3} }, alarm.NoSubscriber,
			"has no confirmed subscription (3 pending)."},
		{"no_subscriber: gone", func(f *facts) { f.group.Topics[topic] = alarm.Topic{Gone: true} }, alarm.NoSubscriber, "does not exist."},
		{"unknown: topic could not be read", func(f *facts) { f.group.Topics[topic] = alarm.Topic{Error: "AuthorizationError: denied"} }, alarm.Unknown,
			"could not be read: AuthorizationError: denied."},
		{"unknown: topic was not asked for", func(f *facts) { f.group.Topics = nil }, alarm.Unknown, "was not read."},
	})
}

// without is the class's pattern without one of its events.
func without(c *event.Class, name string) string {
	return strings.NewReplacer("($.eventName = "+name+") || ", "", " || ($.eventName = "+name+")", "").Replace(c.Pattern)
}

// TestEveryClass: our own pattern is monitored in each class, and with each event left out it is that one.
func TestEveryClass(t *testing.T) {
	for _, c := range event.Classes() {
		v := monitored(c).verdict(c)
		assert.Equal(t, alarm.Monitored, v.Status, "%s: %s", c.Name, v.Reason)
		assert.Equal(t, []string{}, v.MissingEvents, c.Name)
		sound(t, v)
		if len(c.Sources) != 1 || c.Sources[0] == "signin.amazonaws.com" {
			continue
		}
		for _, name := range c.Names(event.Required) {
			f := monitored(c)
			f.group.Filters[0].Pattern = without(c, name)
			v := f.verdict(c)
			assert.Equal(t, alarm.FilterMissesEvents, v.Status, "%s without %s: %s", c.Name, name, v.Reason)
			assert.Equal(t, []string{name}, v.MissingEvents)
			assert.Contains(t, v.Reason, " matches "+name+";")
			sound(t, v)
		}
	}
}

// TestBreaksComeInOrder: of two breaks, the row says the one that comes first.
func TestBreaksComeInOrder(t *testing.T) {
	breaks := []struct {
		status alarm.Status
		change func(*facts)
	}{
		{alarm.NotDelivering, func(f *facts) { f.Delivery = delivery.Stale }},
		{alarm.PartialScope, func(f *facts) { f.Trail.MultiRegion = false }},
		{alarm.NotRecorded, func(f *facts) { f.selectors.Basic[0].ReadWriteType = "ReadOnly" }},
		{alarm.FilterMissesEvents, func(f *facts) { f.group.Filters[0].Pattern = without(class, "StopLogging") }},
		{alarm.NoAlarm, func(f *facts) { f.group.MetricAlarms[0].Namespace = "Other" }},
		{alarm.AlarmDisabled, func(f *facts) { f.group.MetricAlarms[0].ActionsEnabled = false }},
		{alarm.NoSubscriber, func(f *facts) { f.group.Topics[topic] = alarm.Topic{} }},
	}
	for i, first := range breaks {
		for _, second := range breaks[i+1:] {
			f := monitored(class)
			first.change(f)
			second.change(f)
			assert.Equal(t, first.status, f.verdict(class).Status, "%s before %s", first.status, second.status)
		}
	}
}

func TestMissingEvents(t *testing.T) {
	all := class.Names(event.Required)
	for name, c := range map[string]struct {
		change func(*facts)
		want   []string
	}{
		"none":               {func(*facts) {}, []string{}},
		"one is not matched": {func(f *facts) { f.group.Filters[0].Pattern = without(class, "CreateTrail") }, []string{"CreateTrail"}},
		"no subscriber":      {func(f *facts) { f.group.Topics[topic] = alarm.Topic{} }, all},
		"not delivering":     {func(f *facts) { f.Delivery = delivery.Stale }, all},
		"one region only":    {func(f *facts) { f.Trail.MultiRegion = false }, all},
		"not recorded":       {func(f *facts) { f.selectors.Basic[0].ReadWriteType = "ReadOnly" }, all},
		"not known":          {func(f *facts) { f.group.FiltersError = "denied" }, all},
		"no trail":           {func(f *facts) { f.Trail = nil }, all},
	} {
		f := monitored(class)
		c.change(f)
		assert.Equal(t, c.want, f.verdict(class).MissingEvents, name)
	}
}

func TestSecurityGroupRulesAreNamedOnly(t *testing.T) {
	c := event.ByName("security_group_changes")
	f := monitored(c)
	f.group.Filters[0].Pattern = without(c, "ModifySecurityGroupRules")
	v := f.verdict(c)
	assert.Equal(t, alarm.Monitored, v.Status, v.Reason)
	assert.Equal(t, []string{"ModifySecurityGroupRules"}, v.MissingEvents)
	assert.Contains(t, v.Reason, "ModifySecurityGroupRules reaches nobody; CIS asks for it from v5.0.0 on.")

	// What only an unread filter may match is not taken for covered.
	f.group.Filters = append(f.group.Filters, filter("unread", "{ $.eventName == ModifySecurityGroupRules }"))
	f.group.MetricAlarms = append(f.group.MetricAlarms, watching("unread"))
	v = f.verdict(c)
	assert.Equal(t, alarm.Monitored, v.Status, v.Reason)
	assert.Equal(t, []string{"ModifySecurityGroupRules"}, v.MissingEvents)
}

func TestClassicLinkIsNamedInTheReason(t *testing.T) {
	c := event.ByName("vpc_changes")
	f := monitored(c)
	for _, name := range c.Names(event.Gone) {
		f.group.Filters[0].Pattern = strings.Replace(f.group.Filters[0].Pattern, " || ($.eventName = "+name+")", "", 1)
	}
	v := f.verdict(c)
	assert.Equal(t, alarm.Monitored, v.Status, v.Reason)
	assert.Equal(t, []string{}, v.MissingEvents)
	assert.Contains(t, v.Reason, "EnableVpcClassicLink are not matched, and need not be: AWS has no ClassicLink any more.")
	assert.NotContains(t, monitored(c).verdict(c).Reason, "ClassicLink")

	f.group.Filters[0].Pattern = "{ $.eventName = EnableVpcClassicLink }"
	assert.Equal(t, alarm.NoFilter, f.verdict(c).Status, "a filter for what is gone is no filter")
}

func TestTwoFiltersCoverAClassTogether(t *testing.T) {
	f := monitored(class)
	f.group.Filters = []alarm.Filter{
		filter("trails", `{ $.eventName = "*Trail" && $.eventSource = cloudtrail* && $.readOnly IS FALSE }`),
		filter("logging", `{ ($.eventName = StartLogging) || ($.eventName = "StopLogging") }`),
	}
	f.group.MetricAlarms = []alarm.MetricAlarm{watching("trails"), watching("logging")}
	v := f.verdict(class)
	require.Equal(t, alarm.Monitored, v.Status, v.Reason)
	assert.Len(t, v.Chains, 2)

	f.group.MetricAlarms[1].ActionsEnabled = false
	v = f.verdict(class)
	assert.Equal(t, alarm.AlarmDisabled, v.Status, "the row says the least far")
	assert.Equal(t, []string{"StartLogging", "StopLogging"}, v.MissingEvents)
	assert.Equal(t, "logging", v.Chain.FilterName)
	assert.Contains(t, v.Reason, "Other events of the class get further (3 of 5).")
}

// TestTheBestChainCounts: a broken chain beside a whole one breaks nothing.
func TestTheBestChainCounts(t *testing.T) {
	f := monitored(class)
	wide := filter("everything", "")
	unread := filter("unread", "{ $.eventName == x }")
	f.group.Filters = append(f.group.Filters, wide, unread, filter("nobody", class.Pattern))
	f.group.MetricAlarms = append(f.group.MetricAlarms, watching("everything"), watching("unread"))
	f.group.MetricAlarms[0].AlarmActions = []string{"arn:aws:automate:eu-west-1:ec2:stop", "arn:aws:sns:eu-west-1:123456789012:gone", topic}
	f.group.Topics["arn:aws:sns:eu-west-1:123456789012:gone"] = alarm.Topic{Gone: true}
	v := f.verdict(class)
	assert.Equal(t, alarm.Monitored, v.Status, v.Reason)
	statuses := map[alarm.Status]int{}
	for _, c := range v.Chains {
		statuses[c.Status]++
	}
	assert.Equal(t, map[alarm.Status]int{
		alarm.Monitored: 1, alarm.NoAction: 1, alarm.NoSubscriber: 1, alarm.FilterTooWide: 1, alarm.Unknown: 1, alarm.NoAlarm: 1,
	}, statuses)
}

// TestWhatPeopleWrite: the text of a filter does not matter.
func TestWhatPeopleWrite(t *testing.T) {
	for name, pattern := range map[string]string{
		"another order":               "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = UpdateTrail) || ($.eventName = CreateTrail) }",
		"quoted":                      `{ ($.eventName = "StopLogging") || ($.eventName = "DeleteTrail") || ($.eventName = "StartLogging") || ($.eventName = "UpdateTrail") || ($.eventName = "CreateTrail") }`,
		"no spaces":                   `{($.eventName=StopLogging)||($.eventName=DeleteTrail)||($.eventName=StartLogging)||($.eventName=UpdateTrail)||($.eventName=CreateTrail)}`,
		"no parentheses, line breaks": "{ $.eventName = StopLogging ||\n $.eventName = DeleteTrail ||\n $.eventName = StartLogging || $.eventName = UpdateTrail || $.eventName = CreateTrail }",
		"wildcards":                   `{ ($.eventName = "*Trail") || ($.eventName = "*Logging") }`,
		"more than asked":             `{ $.eventSource = cloudtrail.amazonaws.com }`,
		"turned round":                `{ ($.eventSource = "cloudtrail.amazonaws.com") && ($.eventName != "LookupEvents") && ($.readOnly IS FALSE) }`,
		"a regular expression":        `{ $.eventName = %Trail$|^St[ao][rp]t?Logging% }`,
	} {
		f := monitored(class)
		f.group.Filters[0].Pattern = pattern
		v := f.verdict(class)
		assert.Equal(t, alarm.Monitored, v.Status, "%s: %s", name, v.Reason)
	}
}

func TestTopicsAreThoseThatMatter(t *testing.T) {
	f := monitored(class)
	f.group.MetricAlarms = append(f.group.MetricAlarms, watching("something else"))
	f.group.MetricAlarms[1].AlarmActions = []string{"arn:aws:sns:eu-west-1:123456789012:other"}
	f.group.Topics = nil
	assert.Equal(t, []string{topic}, alarm.NewGroup(f.group, nil).Topics())
	assert.Empty(t, alarm.NewGroup(alarm.GroupFacts{}, nil).Topics())
}

func TestTheChainThatDecides(t *testing.T) {
	v := monitored(class).verdict(class)
	enabled, first, confirmed, pending := true, true, 2, 0
	want := alarm.Chain{
		Status: alarm.Monitored, Events: class.Names(event.Required),
		FilterName: "changes", FilterPattern: class.Pattern, MetricNamespace: "CIS", MetricName: "changes",
		AlarmName: "changes-alarm", AlarmARN: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:changes-alarm", AlarmState: "OK",
		ActionsEnabled: &enabled, AlarmActions: []string{topic}, FiresOnFirstEvent: &first,
		Action: topic, TopicARN: topic, SubscriptionsConfirmed: &confirmed, SubscriptionsPending: &pending,
	}
	assert.Equal(t, want, *v.Chain)
	assert.Equal(t, []alarm.Chain{want}, v.Chains)
	assert.Equal(t, "All", v.ManagementEvents)

	f := monitored(class)
	f.group.Filters = nil
	v = f.verdict(class)
	assert.Nil(t, v.Chain)
	assert.Equal(t, []alarm.Chain{}, v.Chains)
}

// TestVerdictsDoNotDependOnOrder gives the same facts in another order.
func TestVerdictsDoNotDependOnOrder(t *testing.T) {
	f := monitored(class)
	f.group.Filters = append(f.group.Filters, filter("b", class.Pattern), filter("a", without(class, "StopLogging")))
	f.group.MetricAlarms = append(f.group.MetricAlarms, watching("b"), watching("a"))
	v := f.verdict(class)
	slices.Reverse(f.group.Filters)
	slices.Reverse(f.group.MetricAlarms)
	assert.Equal(t, v, f.verdict(class))
}

func TestGroupsDoNotChangeTheirFacts(t *testing.T) {
	f := monitored(class)
	f.group.Filters = append(f.group.Filters, filter("a", class.Pattern))
	before := slices.Clone(f.group.Filters)
	topics := maps.Clone(f.group.Topics)
	f.verdict(class)
	assert.Equal(t, before, f.group.Filters)
	assert.Equal(t, topics, f.group.Topics)
}

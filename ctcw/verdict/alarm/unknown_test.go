package alarm_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// faults each replace one fact by something that could not be read or understood.
var faults = map[string]func(*facts){
	"delivery":           func(f *facts) { f.Delivery = delivery.Unknown },
	"delivery not asked": func(f *facts) { f.Delivery = "" },
	"selectors":          func(f *facts) { f.selectors.Error = "denied" },
	"a selector's field": func(f *facts) {
		f.selectors.Basic, f.selectors.Advanced = nil, []alarm.AdvancedSelector{advanced(alarm.FieldSelector{Field: "new", Equals: []string{"x"}})}
	},
	"filters":             func(f *facts) { f.group.FiltersError = "denied" },
	"a pattern":           func(f *facts) { f.group.Filters[0].Pattern = "{ $.eventName" },
	"transformed logs":    func(f *facts) { f.group.Filters[0].ApplyOnTransformedLogs = true },
	"criteria":            func(f *facts) { f.group.Filters[0].FieldSelectionCriteria = "?" },
	"a metric's value":    func(f *facts) { f.group.Filters[0].Transformations[0].Value = "$.eventVersion" },
	"a dimension's value": func(f *facts) { f.group.Filters[0].Transformations[0].Dimensions = map[string]string{"x": "$.a[0]"} },
	"alarms":              func(f *facts) { f.group.AlarmsError = "denied" },
	"a statistic":         func(f *facts) { f.group.MetricAlarms[0].Statistic = "new" },
	"an expression":       func(f *facts) { math(f, "NEW(m1)") },
	"a query":             func(f *facts) { promQL(f, "changes") },
	"a rule":              func(f *facts) { composite(f, "NEW(changes-alarm)") },
	"a topic":             func(f *facts) { f.group.Topics[topic] = alarm.Topic{Error: "denied", Confirmed: 1} },
	"a topic not asked":   func(f *facts) { f.group.Topics = nil },
}

// TestOneFault: what is not known is never monitored; beside a break that no answer could mend it is the break, and
// beside another chain that is whole it does not matter.
func TestOneFault(t *testing.T) {
	const spare = "arn:aws:sns:eu-west-1:123456789012:spare"
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			for _, c := range event.Classes() {
				f := monitored(c)
				fault(f)
				v := f.verdict(c)
				assert.Equal(t, alarm.Unknown, v.Status, "%s: %s", c.Name, v.Reason)
				assert.Equal(t, c.Names(event.Required, event.Named), v.MissingEvents)
				sound(t, v)
			}

			early := map[string]bool{"delivery": true, "delivery not asked": true, "selectors": true, "a selector's field": true}
			f := monitored(class)
			fault(f)
			f.group.Filters = append(f.group.Filters, filter("second", class.Pattern))
			second := watching("second")
			second.AlarmActions = []string{spare}
			f.group.MetricAlarms = append(f.group.MetricAlarms, second)
			if f.group.Topics == nil {
				f.group.Topics = map[string]alarm.Topic{}
			}
			f.group.Topics[spare] = alarm.Topic{Confirmed: 1}
			if early[name] || f.group.FiltersError+f.group.AlarmsError != "" {
				assert.Equal(t, alarm.Unknown, f.verdict(class).Status)
			} else {
				assert.Equal(t, alarm.Monitored, f.verdict(class).Status, "the second chain is whole")
			}

			for status, broken := range map[alarm.Status]func(*facts){
				alarm.NotDelivering: func(f *facts) { f.Delivery = delivery.Stale },
				alarm.PartialScope:  func(f *facts) { f.Trail.MultiRegion = false },
				alarm.NotRecorded:   func(f *facts) { f.selectors = alarm.Selectors{Basic: []alarm.BasicSelector{basic("ReadOnly")}} },
			} {
				f := monitored(class)
				fault(f)
				broken(f)
				assert.Equal(t, status, f.verdict(class).Status, "no answer mends that")
			}
		})
	}
}

// TestKnownBreaksBesideWhatIsNotKnown: a denied call is not unknown where the rest of the chain is broken anyway.
func TestKnownBreaksBesideWhatIsNotKnown(t *testing.T) {
	check(t, []test{
		{"filters denied, no alarm in the region", func(f *facts) { f.group.FiltersError, f.group.MetricAlarms = "denied", nil }, alarm.NoAlarm,
			"could tell anybody, whatever the metric filters are, which could not be read: denied."},
		{"filters denied, the only alarm is disabled", func(f *facts) {
			f.group.FiltersError, f.group.MetricAlarms[0].ActionsEnabled = "denied", false
		}, alarm.AlarmDisabled, ""},
		{"filters denied, the only topic has no subscriber", func(f *facts) { f.group.FiltersError, f.group.Topics[topic] = "denied", alarm.Topic{} }, alarm.NoSubscriber, ""},
		{"filters denied, only alarms on AWS's own metrics", func(f *facts) { f.group.FiltersError, f.group.MetricAlarms[0].Namespace = "denied", "AWS/EC2" }, alarm.NoAlarm, ""},
		{"filters and alarms denied", func(f *facts) { f.group.FiltersError, f.group.AlarmsError = "denied", "denied" }, alarm.Unknown, ""},
		{"a pattern not understood, no alarm on its metric", func(f *facts) { f.group.Filters[0].Pattern, f.group.MetricAlarms = "{", nil }, alarm.NoAlarm, ""},
		{"a pattern not understood, but it can only miss what another misses too", func(f *facts) {
			f.group.Filters[0].Pattern = without(class, "StopLogging")
			f.group.Filters = append(f.group.Filters, filter("unread", "{"))
		}, alarm.NoAlarm, ""},
		{"alarms denied, an event missed", func(f *facts) {
			f.group.AlarmsError, f.group.Filters[0].Pattern = "denied", without(class, "StopLogging")
		}, alarm.FilterMissesEvents, ""},
		{"alarms denied, too wide", func(f *facts) { f.group.AlarmsError, f.group.Filters[0].Pattern = "denied", "" }, alarm.FilterTooWide, ""},
		{"delivery denied, no filter", func(f *facts) { f.Delivery, f.group.Filters = delivery.Unknown, nil }, alarm.NoFilter, ""},
		{"a topic denied, the alarm disabled", func(f *facts) {
			f.group.Topics[topic] = alarm.Topic{Error: "denied"}
			f.group.MetricAlarms[0].ActionsEnabled = false
		}, alarm.AlarmDisabled, ""},
		{"an expression not understood, without an action", func(f *facts) { math(f, "NEW(m1)").AlarmActions = nil }, alarm.NoAction, ""},
		{"the log group was not read", func(f *facts) {
			f.group = alarm.GroupFacts{FiltersError: "not reachable"}
			f.group.AlarmsError = "not reachable"
		}, alarm.Unknown, ""},
	})
}

func TestGroupThatWasNotRead(t *testing.T) {
	f := monitored(class)
	f.Recording = alarm.NewRecording(f.selectors)
	v := alarm.Of(f.Facts, class)
	assert.Equal(t, alarm.Unknown, v.Status)
	assert.Equal(t, "The trail's log group was not read.", v.Reason)
	assert.Equal(t, []alarm.Chain{}, v.Chains)
	f.Delivery, f.DeliveryReason = delivery.NotConfigured, "No CloudWatch Logs log group is configured."
	v = alarm.Of(f.Facts, class)
	assert.Equal(t, alarm.NotDelivering, v.Status)
	sound(t, v)
}

// doubt is a fact that is not known, and what it could turn out to be.
type doubt struct {
	unread  func(*facts)
	answers []func(*facts)
}

// TestEveryAnswer makes chains at random, leaves some facts open, and looks at every answer that they could have:
// monitored must hold for all of them, and a break for all too.
func TestEveryAnswer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[alarm.Status]int{}
	for range 400 {
		seed := random.Uint64()
		open := openFacts(rand.New(rand.NewPCG(seed, 0)))
		f := chains(rand.New(rand.NewPCG(seed, 1)))
		for _, d := range open {
			d.unread(f)
		}
		v := f.verdict(class)
		sound(t, v)
		seen[v.Status]++

		whole, total := 0, 1
		for _, d := range open {
			total *= len(d.answers)
		}
		for n := range total {
			answered := chains(rand.New(rand.NewPCG(seed, 1)))
			for rest, i := n, 0; i < len(open); i++ {
				open[i].answers[rest%len(open[i].answers)](answered)
				rest /= len(open[i].answers)
			}
			if answered.verdict(class).Status == alarm.Monitored {
				whole++
			}
		}
		switch v.Status {
		case alarm.Monitored:
			assert.Equal(t, total, whole, "seed %d: monitored, whatever the answers", seed)
		case alarm.Unknown:
			assert.Positive(t, whole, "seed %d: unknown, though no answer makes it whole: %s", seed, v.Reason)
		default:
			assert.Zero(t, whole, "seed %d: %s, though an answer makes it whole: %s", seed, v.Status, v.Reason)
		}
	}
	assert.Greater(t, seen[alarm.Unknown], 20, seen)
	assert.Greater(t, seen[alarm.Monitored], 20, seen)
	assert.Greater(t, len(seen), 6, seen)
}

const secondTopic = "arn:aws:sns:eu-west-1:123456789012:second"

// chains is two filters, an alarm on each, two topics, and a composite alarm, each in one state or another.
func chains(random *rand.Rand) *facts {
	f := monitored(class)
	pick := func(n int) bool { return random.IntN(n) == 0 }
	f.group.Filters = append(f.group.Filters, filter("second", class.Pattern))
	f.group.MetricAlarms = append(f.group.MetricAlarms, watching("second"))
	f.group.Topics[secondTopic] = alarm.Topic{Confirmed: 1}
	f.group.MetricAlarms[1].AlarmActions = []string{secondTopic}
	for i := range f.group.Filters {
		switch random.IntN(8) {
		case 0:
			f.group.Filters[i].Pattern = without(class, "StopLogging")
		case 1:
			f.group.Filters[i].Pattern = `{ $.eventName = "*Logging" }`
		case 2:
			f.group.Filters[i].Pattern = ""
		}
		a := &f.group.MetricAlarms[i]
		a.ActionsEnabled = !pick(8)
		if pick(8) {
			a.Namespace = "x"
		}
		if pick(6) {
			a.AlarmActions = nil
		}
	}
	if pick(6) {
		f.group.Topics[topic] = alarm.Topic{Pending: 1}
	}
	if pick(3) {
		f.group.Composites = []alarm.CompositeAlarm{{Name: "c", Rule: "ALARM(changes-alarm)", ActionsEnabled: !pick(4), AlarmActions: []string{secondTopic}}}
	}
	if pick(12) {
		f.Trail.MultiRegion = false
	}
	return f
}

// openFacts picks what is left open.
func openFacts(random *rand.Rand) []doubt {
	pattern := func(i int) doubt {
		set := func(text string) func(*facts) { return func(f *facts) { f.group.Filters[i].Pattern = text } }
		return doubt{set("{ $.new"), []func(*facts){set(class.Pattern), set("{ $.eventName = x }"), set(""), set(without(class, "StartLogging"))}}
	}
	told := func(arn string) doubt {
		set := func(to alarm.Topic) func(*facts) { return func(f *facts) { f.group.Topics[arn] = to } }
		return doubt{set(alarm.Topic{Error: "denied"}), []func(*facts){set(alarm.Topic{Confirmed: 1}), set(alarm.Topic{Gone: true})}}
	}
	all := []doubt{
		pattern(0), pattern(1), told(topic), told(secondTopic),
		{
			func(f *facts) { f.Delivery = delivery.Unknown },
			[]func(*facts){func(f *facts) { f.Delivery = delivery.Delivering }, func(f *facts) { f.Delivery = delivery.Stale }},
		},
		{
			func(f *facts) { f.selectors.Error = "denied" },
			[]func(*facts){func(*facts) {}, func(f *facts) { f.selectors.Basic[0].ReadWriteType = "ReadOnly" }},
		},
		{
			func(f *facts) { f.group.MetricAlarms[0].Statistic = "new" },
			[]func(*facts){func(*facts) {}, func(f *facts) { f.group.MetricAlarms[0].ComparisonOperator = "LessThanThreshold" }},
		},
		{
			func(f *facts) { setRule(f, "NEW(changes-alarm)") },
			[]func(*facts){func(f *facts) { setRule(f, "ALARM(changes-alarm)") }, func(f *facts) { setRule(f, "FALSE") }},
		},
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:random.IntN(4)]
}

func setRule(f *facts, rule string) {
	for i := range f.group.Composites {
		f.group.Composites[i].Rule = rule
	}
}

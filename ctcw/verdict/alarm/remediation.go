package alarm

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/shell"
)

// What a remediation makes has a name that is nobody else's: putting it again changes nothing of the user's.
const (
	prefix    = "ctcw-"
	namespace = "CISBenchmark"
	topicName = prefix + "alarms"
)

// remediation returns commands for a POSIX shell, each of which can be run again. They do nothing in another account
// than the one they are meant for, and nothing until the reader has said who is to be told.
func (r *row) remediation(s Status) string {
	t, g := r.facts.Trail, r.facts.Group
	if t.OwnerAccountID != "" && t.OwnerAccountID != r.facts.AccountID {
		return ""
	}
	switch s {
	case NotDelivering:
		return r.facts.DeliveryRemediation // which says itself where it may run
	case PartialScope:
		return guarded(r.facts.AccountID, t.HomeRegion, command("cloudtrail", "update-trail",
			option("name", t.ARN), "--is-multi-region-trail", option("region", t.HomeRegion)))
	case NotRecorded:
		return guarded(r.facts.AccountID, t.HomeRegion, r.facts.Recording.selectors.complete(t))
	case Unknown, Monitored:
		return ""
	}
	if g == nil || r.elsewhere() {
		return ""
	}
	return guarded(r.facts.AccountID, g.facts.Region, g.facts.mend(s, r.class, r.result.path))
}

// guarded lets a command run in this account only.
func guarded(account, region, command string) string {
	if command == "" {
		return ""
	}
	return shell.In(account, region, command)
}

func (f GroupFacts) mend(s Status, c *event.Class, p *path) string {
	region := option("region", f.Region)
	switch {
	case p == nil: // no filter, or none that could be read
	case s == AlarmDisabled && *p.chain.ActionsEnabled:
		return "" // muted or suppressed: that ends, and somebody wanted it
	case s == AlarmDisabled:
		return command("cloudwatch", "enable-alarm-actions", option("alarm-names", p.chain.AlarmName), region)
	case s == NoSubscriber && f.owns(p.chain.TopicARN):
		return f.topic(p.chain.TopicARN)
	}
	topic := f.arn("sns", topicName)
	ask := f.topic(topic) + " && "
	if p != nil && p.topic != nil && p.topic.Confirmed > 0 && f.owns(p.chain.TopicARN) {
		topic, ask = p.chain.TopicARN, ""
	}
	name := prefix + strings.ReplaceAll(c.Name, "_", "-")
	metric, filter := []string{namespace, c.Name}, f.filter(name, c)+" && "
	if p != nil && reach[s] >= reach[NoAlarm] && p.whole(c) {
		metric, filter = []string{p.metric.Namespace, p.metric.MetricName}, ""
	}
	return ask + filter + command("cloudwatch", "put-metric-alarm", option("alarm-name", name),
		option("namespace", metric[0]), option("metric-name", metric[1]),
		"--statistic Sum --period 300 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold",
		"--treat-missing-data notBreaching --actions-enabled", option("alarm-actions", topic), region)
}

// whole reports whether an alarm on the path's metric is told of the whole class, and of nothing every day.
func (p *path) whole(c *event.Class) bool {
	value, err := strconv.ParseFloat(p.metric.Value, 64)
	return err == nil && value >= 1 && (p.metric.DefaultValue == nil || *p.metric.DefaultValue == 0) &&
		len(p.metric.Dimensions)+len(p.filter.EmitSystemFieldDimensions) == 0 &&
		p.sight.usual == no && len(p.eventsMatched(c)) == len(c.Names(event.Required, event.Named))
}

// eventsMatched names what the filter surely matches, whatever follows it.
func (p *path) eventsMatched(c *event.Class) []string {
	q := path{carries: p.sight.classes[c]}
	return q.events(c)
}

func (f GroupFacts) filter(name string, c *event.Class) string {
	return command("logs", "put-metric-filter", option("log-group-name", f.Name), option("filter-name", name),
		option("filter-pattern", c.Pattern),
		option("metric-transformations", "metricName="+c.Name+",metricNamespace="+namespace+",metricValue=1,defaultValue=0"),
		option("region", f.Region))
}

// topic makes the topic, which does nothing where it exists, and subscribes the reader's address.
func (f GroupFacts) topic(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	region := option("region", parts[3])
	return `: "${EMAIL:?set EMAIL to the address that is to be told}" && ` +
		command("sns", "create-topic", option("name", parts[5]), region) + " && " +
		command("sns", "subscribe", option("topic-arn", arn), "--protocol email", `--notification-endpoint "$EMAIL"`, region)
}

func (f GroupFacts) arn(service, resource string) string {
	return strings.Join([]string{"arn", among(f.Partition, "aws"), service, f.Region, f.AccountID, resource}, ":")
}

// owns reports whether the SNS topic belongs to the log group's account.
func (f GroupFacts) owns(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[4] == f.AccountID
}

type basicJSON struct {
	ReadWriteType                 string
	IncludeManagementEvents       bool
	DataResources                 []DataResource
	ExcludeManagementEventSources []string
}

type advancedJSON struct {
	Name           string `json:",omitempty"`
	FieldSelectors []fieldJSON
}

type fieldJSON struct {
	Field         string
	Equals        []string `json:",omitempty"`
	StartsWith    []string `json:",omitempty"`
	EndsWith      []string `json:",omitempty"`
	NotEquals     []string `json:",omitempty"`
	NotStartsWith []string `json:",omitempty"`
	NotEndsWith   []string `json:",omitempty"`
}

// mostBasic is how many basic selectors a trail can have.
const mostBasic = 5

// complete sets the selectors so that all management events are recorded, and keeps those for data events.
func (s Selectors) complete(t *Trail) string {
	put := func(name string, selectors any) string {
		text, err := json.Marshal(selectors)
		if err != nil {
			return ""
		}
		return command("cloudtrail", "put-event-selectors", option("trail-name", t.ARN), option(name, string(text)), option("region", t.HomeRegion))
	}
	if len(s.Advanced) > 0 {
		all := []advancedJSON{{"Management events", []fieldJSON{{Field: "eventCategory", Equals: []string{"Management"}}}}}
		for _, a := range s.Advanced {
			if !a.admits("true") && !a.admits("false") {
				fields := make([]fieldJSON, len(a.Fields))
				for i, f := range a.Fields {
					fields[i] = fieldJSON(f)
				}
				all = append(all, advancedJSON{a.Name, fields})
			}
		}
		return put("advanced-event-selectors", all)
	}
	all := []basicJSON{{"All", true, []DataResource{}, []string{}}}
	for _, b := range s.Basic {
		if len(b.DataResources) > 0 {
			all = append(all, basicJSON{among(b.ReadWriteType, "All"), b.IncludeManagementEvents, b.DataResources, append([]string{}, b.ExcludeManagementEventSources...)})
		}
	}
	if len(all) > mostBasic {
		return ""
	}
	return put("event-selectors", all)
}

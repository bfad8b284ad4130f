package alarm

import (
	"slices"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// Chain is one filter × alarm × action that was considered for a class, as the column chains shows it. A filter
// whose metric no alarm watches is a chain that ends there.
type Chain struct {
	// Status is how far the chain brings the events that it carries, from filter_too_wide on; unknown where
	// something could not be read.
	Status Status `json:"status"`
	Reason string `json:"reason,omitempty"` // one sentence; empty when monitored
	// Events are those that the chain surely carries, named as in missing_events.
	Events []string `json:"events"`

	FilterName      string            `json:"filter_name"`
	FilterPattern   string            `json:"filter_pattern"`
	MetricNamespace string            `json:"metric_namespace"`
	MetricName      string            `json:"metric_name"`
	Dimensions      map[string]string `json:"dimensions,omitempty"` // name → field of the event

	// The alarm that acts, and the metric alarm that fires it when it is a composite one.
	AlarmName         string   `json:"alarm_name,omitempty"`
	AlarmARN          string   `json:"alarm_arn,omitempty"`
	AlarmState        string   `json:"alarm_state,omitempty"`
	ActionsEnabled    *bool    `json:"alarm_actions_enabled,omitempty"` // nil without an alarm
	AlarmActions      []string `json:"alarm_actions,omitempty"`
	FiresOnFirstEvent *bool    `json:"alarm_fires_on_first_event,omitempty"` // nil without an alarm, or where it is not known
	MetricAlarmName   string   `json:"metric_alarm_name,omitempty"`

	Action                 string `json:"action,omitempty"`
	TopicARN               string `json:"topic_arn,omitempty"` // the action, if it is an SNS topic
	SubscriptionsConfirmed *int   `json:"subscriptions_confirmed,omitempty"`
	SubscriptionsPending   *int   `json:"subscriptions_pending,omitempty"`
}

// path is a chain with what the verdict needs of it.
type path struct {
	chain   Chain
	filter  Filter
	metric  Transformation
	sight   sight
	carries []tri // by witness: whether the filter matches it, and what follows is about it
	span    span  // how far it brings what it carries
	first   bool
	topic   *Topic
	floor   bool // ends at the metric, and all that it carries goes on elsewhere
}

// paths returns the chains of all filters that may match any event of the class.
func (g *Group) paths(c *event.Class) []*path {
	var all []*path
	for i, filter := range g.facts.Filters {
		s := g.sights[i]
		if !matchesAny(c, s.classes[c]) {
			continue
		}
		for _, t := range filter.Transformations {
			all = append(all, g.pathsOf(c, filter, t, s)...)
		}
	}
	return all
}

func matchesAny(c *event.Class, matched []tri) bool {
	for i, w := range c.Witnesses {
		if w.Demand != event.Gone && matched[i] != no {
			return true
		}
	}
	return false
}

// pathsOf follows one metric of a filter. The witnesses may have different metrics, when the filter publishes
// dimensions; routes with the same alarm and action are one path.
func (g *Group) pathsOf(c *event.Class, f Filter, t Transformation, s sight) []*path {
	base := path{filter: f, metric: t, sight: s, chain: Chain{
		FilterName: f.Name, FilterPattern: f.Pattern, MetricNamespace: t.Namespace, MetricName: t.MetricName, Dimensions: t.Dimensions,
	}}
	floor := base
	floor.carries, floor.span = s.classes[c], exactly(NoAlarm)
	floor.chain.Reason = g.noAlarm(f, t, nil)
	if g.facts.AlarmsError != "" {
		floor.span = maybe.span(NoAlarm)
		floor.chain.Reason = "DescribeAlarms in " + g.place() + " failed: " + sentence(g.facts.AlarmsError)
	}
	type end struct {
		metricAlarm, alarm, action string
		span                       span // what is known of it may differ with the event's dimensions
	}
	found := map[end]*path{}
	var all []*path
	routes := g.routesAfter(f, t)
	for i := range c.Witnesses {
		if s.classes[c][i] == no {
			continue
		}
		list, near := routes(parsed().classes[c][i], c.Witnesses[i])
		if len(list) == 0 && len(near) > 0 {
			floor.chain.Reason = g.noAlarm(f, t, near)
		}
		for _, r := range list {
			key := end{r.alarm.Name, r.actor.name, r.action, r.span}
			p := found[key]
			if p == nil {
				p = base.with(r, len(c.Witnesses))
				found[key] = p
				all = append(all, p)
			}
			p.carries[i] = s.classes[c][i]
		}
	}
	floor.floor = true
	for i, matched := range floor.carries {
		alone := !slices.ContainsFunc(all, func(p *path) bool { return p.carries[i] != no })
		floor.floor = floor.floor && !(matched != no && alone)
	}
	all = append(all, &floor)
	for _, p := range all {
		p.finish(c)
	}
	return all
}

// routesAfter returns what follows the metric that an event has, which is looked for once.
func (g *Group) routesAfter(f Filter, t Transformation) func(parsedEvent, event.Witness) ([]route, []string) {
	if m, ok := t.plain(f); ok {
		all, near := g.routes(m)
		return func(parsedEvent, event.Witness) ([]route, []string) { return all, near }
	}
	type answer struct {
		routes []route
		near   []string
	}
	known := map[string]answer{}
	return func(e parsedEvent, w event.Witness) ([]route, []string) {
		m := g.facts.of(f, t, e, w)
		a, ok := known[m.key()]
		if !ok {
			a.routes, a.near = g.routes(m)
			known[m.key()] = a
		}
		return a.routes, a.near
	}
}

// with returns the path that goes on with a route.
func (p path) with(r route, witnesses int) *path {
	p.carries, p.span = make([]tri, witnesses), r.span
	p.first, p.topic = r.watch.first, r.topic
	c := &p.chain
	c.Reason = r.why
	c.AlarmName, c.AlarmARN, c.AlarmState = r.actor.name, r.actor.arn, r.actor.state
	c.ActionsEnabled, c.AlarmActions = &r.actor.enabled, r.actor.actions
	if r.watch.fires == yes {
		c.FiresOnFirstEvent = &r.watch.first
	}
	if r.actor.composite {
		c.MetricAlarmName = r.alarm.Name
	}
	c.Action = r.action
	if kindOfAction(r.action) == topicAction {
		c.TopicARN = r.action
	}
	if r.topic != nil && !r.topic.Gone {
		c.SubscriptionsConfirmed, c.SubscriptionsPending = &r.topic.Confirmed, &r.topic.Pending
	}
	return &p
}

// finish adds what is wrong with the filter itself.
func (p *path) finish(c *event.Class) {
	switch p.sight.usual {
	case yes:
		p.span = p.span.least(exactly(FilterTooWide))
		p.chain.Reason = "Filter " + p.filter.Name + " matches " + p.sight.example + " too, which comes all the time, so its alarm never leaves ALARM."
	case maybe:
		p.span = p.span.least(maybe.span(FilterTooWide))
	}
	p.chain.Status = p.span.status()
	p.chain.Events = p.events(c)
	if p.span.best == Monitored && (p.sight.usual == maybe || !slices.Contains(p.carries, yes)) {
		p.chain.Status = Unknown
	}
	if p.chain.Status == Unknown && p.sight.why != "" {
		p.chain.Reason = p.unseen()
	}
	if p.chain.Status == Monitored {
		p.chain.Reason = ""
	}
}

func (p *path) unseen() string {
	return "What filter " + p.filter.Name + " matches is not known: " + sentence(p.sight.why)
}

// events names what the path surely carries in all shapes.
func (p *path) events(c *event.Class) []string {
	names := []string{}
	for _, name := range c.Names(event.Required, event.Named) {
		all := true
		for i, w := range c.Witnesses {
			all = all && (w.Name != name || p.carries[i] == yes)
		}
		if all {
			names = append(names, name)
		}
	}
	return names
}

// covers counts the required witnesses that the path surely carries.
func (p *path) covers(c *event.Class) int {
	n := 0
	for i, w := range c.Witnesses {
		if w.Demand == event.Required && p.carries[i] == yes {
			n++
		}
	}
	return n
}

// deciding finds the first witness that gets least far, and returns the path that brings it furthest. Where a witness is carried by none, it is the path that carries most of the others.
func deciding(paths []*path, c *event.Class, r *result) *path {
	r.witness = slices.IndexFunc(c.Witnesses, func(w event.Witness) bool { return w.Demand == event.Required })
	for i, w := range c.Witnesses {
		if s := r.witnesses[i]; w.Demand == event.Required && s.best == r.span.best && (s.best != Monitored || s.worst == r.span.worst) {
			r.witness = i
			break
		}
	}
	carried := func(p *path) bool { return p.carries[r.witness] != no }
	none := !slices.ContainsFunc(paths, carried)
	var best *path
	for _, p := range paths {
		if (none || carried(p)) && (best == nil || slices.Compare(p.rank(c, none), best.rank(c, none)) > 0) {
			best = p
		}
	}
	return best
}

// rank compares paths by what is worth showing: how far they get, how surely, how much they carry, how soon they
// fire; how much they carry comes first where none carries the event that matters.
func (p *path) rank(c *event.Class, coverFirst bool) []int {
	cover := p.covers(c)
	rank := []int{reach[p.span.best], reach[p.span.worst], cover, len(p.chain.Events), 0}
	if p.first {
		rank[4] = 1
	}
	if coverFirst {
		rank = append([]int{cover}, rank...)
	}
	return rank
}

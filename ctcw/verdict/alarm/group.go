package alarm

import (
	"slices"
	"strings"
	"sync"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// Group is a log group and what hangs on it, judged once for all rows that share it. It can be used from
// several goroutines.
type Group struct {
	facts      GroupFacts
	sights     []sight // by filter
	composites *composites
	byMetric   map[string][]int // metric name → alarms on it
	complex    []int            // alarms on expressions and queries

	mu      sync.Mutex
	results map[*event.Class]*result
}

// NewGroup judges the facts of a log group. The facts must not change afterwards; patterns may be nil.
func NewGroup(f GroupFacts, patterns *Patterns) *Group {
	f.Filters = slices.SortedFunc(slices.Values(f.Filters), func(a, b Filter) int { return strings.Compare(a.Name, b.Name) })
	f.MetricAlarms = slices.SortedFunc(slices.Values(f.MetricAlarms), func(a, b MetricAlarm) int { return strings.Compare(a.Name, b.Name) })
	if f.FiltersError != "" {
		f.Filters = nil
	}
	if f.AlarmsError != "" {
		f.MetricAlarms, f.Composites, f.LogAlarms = nil, nil, nil
	}
	g := &Group{facts: f, byMetric: map[string][]int{}, results: map[*event.Class]*result{}}
	for _, filter := range f.Filters {
		g.sights = append(g.sights, f.see(filter, patterns))
	}
	for i, a := range f.MetricAlarms {
		if len(a.Metrics) > 0 || a.Query != "" {
			g.complex = append(g.complex, i)
		} else {
			g.byMetric[a.MetricName] = append(g.byMetric[a.MetricName], i)
		}
	}
	g.composites = newComposites(&g.facts)
	return g
}

// candidates are the alarms that may be on the metric: those on one of its name, and those on expressions.
func (g *Group) candidates(m metric) []int {
	return distinctInts(append(slices.Clone(g.byMetric[m.name]), g.complex...))
}

func distinctInts(all []int) []int {
	slices.Sort(all)
	return slices.Compact(all)
}

// Topics returns the ARNs of the SNS topics that the verdicts on the group depend on, sorted. Ask for these, put
// the answers into [GroupFacts.Topics], and make the group again.
func (g *Group) Topics() []string {
	var arns []string
	for _, c := range event.Classes() {
		for _, chain := range g.result(c).chains {
			if chain.TopicARN != "" {
				arns = append(arns, chain.TopicARN)
			}
		}
	}
	return distinct(arns...)
}

// result returns what the group does with a class. A nil group was not read.
func (g *Group) result(c *event.Class) *result {
	if g == nil {
		return notRead(c)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r, ok := g.results[c]
	if !ok {
		r = g.judge(c)
		g.results[c] = r
	}
	return r
}

// result is how far the events of a class get from the log group on.
type result struct {
	span      span
	witnesses []span // by witness
	chains    []Chain
	decides   *Chain // nil when nothing matches
	why       string // the reason for what decides
	path      *path  // that decides
	witness   int    // that gets least far
}

func notRead(c *event.Class) *result {
	return &result{
		span: maybe.span(NoFilter), witnesses: slices.Repeat([]span{maybe.span(NoFilter)}, len(c.Witnesses)),
		chains: []Chain{}, why: "The trail's log group was not read.",
	}
}

// judge follows all chains of a class.
func (g *Group) judge(c *event.Class) *result {
	if g.facts.FiltersError != "" {
		return g.withoutFilters(c)
	}
	paths := g.paths(c)
	r := &result{witnesses: make([]span, len(c.Witnesses)), chains: []Chain{}}
	unmatched := exactly(NoFilter)
	for i, w := range c.Witnesses {
		r.witnesses[i] = furthestOf(paths, i)
		if w.Demand != event.Gone {
			unmatched.worst = furthest(unmatched.worst, least(FilterMissesEvents, r.witnesses[i].worst))
			unmatched.best = furthest(unmatched.best, least(FilterMissesEvents, r.witnesses[i].best))
		}
	}
	r.span = exactly(Monitored)
	for i, w := range c.Witnesses {
		// Where no filter matches, it depends on the others what that is called.
		r.witnesses[i].worst = furthest(r.witnesses[i].worst, unmatched.worst)
		r.witnesses[i].best = furthest(r.witnesses[i].best, unmatched.best)
		if w.Demand == event.Required {
			r.span = r.span.least(r.witnesses[i])
		}
	}
	for _, p := range paths {
		if !p.floor {
			r.chains = append(r.chains, p.chain)
		}
	}
	r.path = deciding(paths, c, r)
	r.why = g.because(c, r)
	if r.path != nil {
		r.decides = &r.path.chain
	}
	return r
}

// furthestOf is how far the chain that gets furthest brings a witness; NoFilter where none matches it.
func furthestOf(paths []*path, i int) span {
	s := exactly(NoFilter)
	for _, p := range paths {
		switch p.carries[i] {
		case yes:
			s.worst = furthest(s.worst, p.span.worst)
			s.best = furthest(s.best, p.span.best)
		case maybe:
			s.best = furthest(s.best, p.span.best)
		}
	}
	return s
}

// withoutFilters is a log group whose metric filters could not be read: they may be right, unless no alarm of the
// region could tell anybody whatever it watches.
func (g *Group) withoutFilters(c *event.Class) *result {
	s := span{NoFilter, NoAlarm}
	why := "No alarm in " + g.place() + " could tell anybody, whatever the metric filters are, which could not be read: "
	if g.facts.AlarmsError != "" {
		s.best = Monitored
	}
	for _, a := range g.facts.MetricAlarms {
		if strings.HasPrefix(a.Namespace, "AWS/") {
			continue // metric filters cannot publish there
		}
		for _, r := range g.acting(a, watch{fires: maybe, calm: "OK"}) {
			s.best = furthest(s.best, r.span.best)
		}
	}
	if s.best == Monitored {
		why = "DescribeMetricFilters of log group " + g.facts.Name + " failed: "
	}
	return &result{
		span: s, witnesses: slices.Repeat([]span{s}, len(c.Witnesses)), chains: []Chain{},
		why: why + sentence(g.facts.FiltersError),
	}
}

func (g *Group) place() string { return "account " + g.facts.AccountID + ", region " + g.facts.Region }

package alarm

import (
	"fmt"
	"slices"
	"strings"
)

// actor is an alarm that does something when a metric alarm goes to ALARM: the alarm itself, or a composite one
// that it fires alone.
type actor struct {
	name, arn, state string
	enabled          bool
	actions, other   []string
	composite        bool

	acts    tri    // whether it goes to ALARM with the metric alarm
	why     string // why that is not known
	silence string // why it does nothing now; empty when it would act
}

// composites are the composite alarms of a region, their rules parsed once.
type composites struct {
	facts *GroupFacts
	rules []rule
	errs  []error
	refs  map[string][]int  // name or ARN of an alarm → the composites that refer to it
	now   map[string]string // name or ARN of an alarm → its state now
}

func newComposites(f *GroupFacts) *composites {
	c := &composites{facts: f, refs: map[string][]int{}, now: map[string]string{}}
	for _, a := range f.MetricAlarms {
		c.now[a.Name], c.now[a.ARN] = a.State, a.State
	}
	for i, a := range f.Composites {
		c.now[a.Name], c.now[a.ARN] = a.State, a.State
		r, err := parseRule(a.Rule)
		c.rules, c.errs = append(c.rules, r), append(c.errs, err)
		for _, ref := range r.refs {
			if err == nil && !slices.Contains(c.refs[ref], i) {
				c.refs[ref] = append(c.refs[ref], i)
			}
		}
	}
	return c
}

// actors returns who acts when the metric alarm, in the state calm before, goes to ALARM.
func (c *composites) actors(a MetricAlarm, calm string) []actor {
	all := []actor{{
		name: a.Name, arn: a.ARN, state: a.State, enabled: a.ActionsEnabled, actions: a.AlarmActions, other: a.OtherActions,
		acts: yes, silence: c.silence(a.Name, a.ActionsEnabled),
	}}
	f := fired{before: map[string]string{a.Name: calm, a.ARN: calm}, after: map[string]string{a.Name: "ALARM", a.ARN: "ALARM"}}
	var found []int
	for queue := []string{a.Name, a.ARN}; len(queue) > 0; queue = queue[1:] {
		for _, i := range c.parents(queue[0]) {
			if slices.Contains(found, i) {
				continue // once is enough; AWS does not evaluate a circle of composites either
			}
			if b := c.composite(i, f); b.acts != no {
				found = append(found, i)
				queue = append(queue, f.add(b)...)
			}
		}
	}
	for _, i := range found {
		// Again, now that all are known which fire with it.
		b := c.composite(i, f)
		if b.acts == no {
			b.acts, b.why = maybe, fmt.Sprintf("Whether composite alarm %s is fired depends on alarms that fire at the same time", b.name)
		}
		all = append(all, b)
	}
	slices.SortFunc(all[1:], func(a, b actor) int { return strings.Compare(a.name, b.name) })
	return all
}

// fired are the alarms that go to ALARM with a metric alarm, by name and by ARN, with their state before and
// after; an empty state is not known.
type fired struct{ before, after map[string]string }

func (f fired) add(b actor) []string {
	state := "ALARM"
	if b.acts == maybe {
		state = ""
	}
	for _, ref := range []string{b.name, b.arn} {
		f.before[ref], f.after[ref] = "OK", state
	}
	return []string{b.name, b.arn}
}

// in returns the states of a rule's alarms: of these, and of all others.
func in(these map[string]string, others states) states {
	return func(ref string) string {
		if s, ok := these[ref]; ok {
			return s
		}
		return others(ref)
	}
}

// parents are the composites that refer to an alarm, and those that may: their rule is not understood.
func (c *composites) parents(ref string) []int {
	if ref == "" {
		return nil
	}
	found := slices.Clone(c.refs[ref])
	for i, err := range c.errs {
		if err != nil && strings.Contains(c.facts.Composites[i].Rule, ref) {
			found = append(found, i)
		}
	}
	return found
}

func (c *composites) composite(i int, f fired) actor {
	a := c.facts.Composites[i]
	b := actor{
		name: a.Name, arn: a.ARN, state: a.State, enabled: a.ActionsEnabled, actions: a.AlarmActions, other: a.OtherActions,
		composite: true, silence: c.silence(a.Name, a.ActionsEnabled),
	}
	if err := c.errs[i]; err != nil {
		b.acts, b.why = maybe, fmt.Sprintf("The rule of composite alarm %s is not understood: %s", a.Name, err)
		return b
	}
	holds := c.rules[i].holds
	b.acts = holds(in(f.before, c.calm)).not().and(holds(in(f.after, c.calm)))
	if b.acts == maybe {
		b.why = fmt.Sprintf("Whether composite alarm %s is fired depends on alarms that are not known", a.Name)
	}
	switch {
	case b.acts == no || b.silence != "":
	case a.SuppressedBy != "":
		b.silence = fmt.Sprintf("its actions are suppressed now (%s)", a.SuppressedBy)
	case a.Suppressor != "" && c.now[a.Suppressor] == "ALARM":
		b.silence = fmt.Sprintf("its actions are suppressed now, because alarm %s is in ALARM", nameOf(a.Suppressor))
	case holds(in(f.after, c.state)) == no:
		b.silence = "its rule is held back now by the state of other alarms"
	}
	return b
}

func (c *composites) state(ref string) string { return c.now[ref] }

// calm is the state that an alarm has when nothing is wrong; empty for one that does not exist.
func (c *composites) calm(ref string) string {
	if _, ok := c.now[ref]; ok || slices.Contains(c.facts.LogAlarms, ref) {
		return "OK"
	}
	return ""
}

func (c *composites) silence(name string, enabled bool) string {
	if !enabled {
		return "its actions are disabled"
	}
	if rule, ok := c.facts.Muted[name]; ok {
		return fmt.Sprintf("it is muted now by mute rule %s", rule)
	}
	return ""
}

// nameOf returns the name in an alarm's ARN, or the name itself.
func nameOf(ref string) string {
	if _, name, ok := strings.Cut(ref, ":alarm:"); ok {
		return name
	}
	return ref
}

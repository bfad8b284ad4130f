package alarm

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

func (r *row) reason(s Status) string {
	t := r.facts.Trail
	text := r.cause(s)
	foreign := t.OwnerAccountID != "" && t.OwnerAccountID != r.facts.AccountID
	mend := fmt.Sprintf("The trail belongs to account %s; only its owner can mend it.", t.OwnerAccountID)
	switch {
	case s == Monitored || strings.Contains(text, mend):
	case foreign:
		text += " " + mend
	case reach[s] >= reach[NoFilter] && r.elsewhere():
		text += fmt.Sprintf(" The log group belongs to account %s; only there can it be mended.", r.facts.Group.facts.AccountID)
	}
	return text
}

// elsewhere reports whether the log group is in another account than the one that was asked.
func (r *row) elsewhere() bool {
	g := r.facts.Group
	return g != nil && g.facts.AccountID != "" && g.facts.AccountID != r.facts.AccountID
}

func (r *row) cause(s Status) string {
	switch s {
	case NotDelivering:
		return among(r.facts.DeliveryReason, fmt.Sprintf("Nothing reaches the log group: delivery_status is %s.", r.facts.Delivery))
	case PartialScope:
		return fmt.Sprintf("Trail %s covers region %s only, so nobody is told of what happens in others.", r.facts.Trail.Name, r.facts.Trail.HomeRegion)
	case NotRecorded:
		return r.leftOut()
	case Unknown:
		return r.unknown()
	default:
		return r.result.why
	}
}

func among(a, otherwise string) string {
	if a != "" {
		return a
	}
	return otherwise
}

// unknown names the first link that is not known.
func (r *row) unknown() string {
	switch {
	case delivered(r.facts.Delivery) == maybe:
		return among(r.facts.DeliveryReason, "Whether anything reaches the log group is not known.")
	case r.trail.worst == Monitored:
		return r.result.why
	case r.facts.Recording == nil:
		return "The trail's event selectors were not read."
	case r.facts.Recording.selectors.Error != "":
		return "GetEventSelectors failed, so what the trail records is not known: " + sentence(r.facts.Recording.selectors.Error)
	default:
		return fmt.Sprintf("Trail %s has event selectors on fields that are not understood.", r.facts.Trail.Name)
	}
}

// leftOut names the events that the trail does not record, and what keeps them out.
func (r *row) leftOut() string {
	var names, sources []string
	for i, w := range r.class.Witnesses {
		if w.Demand == event.Required && r.recorded[i] == no {
			names = append(names, w.Name)
			sources = append(sources, w.Source)
		}
	}
	names = unique(names)
	why := "they narrow the management events"
	switch kind := r.facts.Recording.ManagementEvents(); {
	case kind == "None":
		why = "they record no management events"
	case kind != "All":
		why = "of the management events they record " + kind
	case r.facts.Recording.selectors.exclude(sources):
		why = "they leave out " + list(unique(sources))
	}
	return fmt.Sprintf("Trail %s does not record %s: its event selectors say so, %s.", r.facts.Trail.Name, list(names), why)
}

// exclude reports whether a selector leaves out all of these event sources.
func (s Selectors) exclude(sources []string) bool {
	var excluded []string
	for _, b := range s.Basic {
		excluded = append(excluded, b.ExcludeManagementEventSources...)
	}
	for _, a := range s.Advanced {
		for _, f := range a.Fields {
			if f.Field == "eventSource" {
				excluded = append(excluded, f.NotEquals...)
			}
		}
	}
	return !slices.ContainsFunc(sources, func(source string) bool { return !slices.Contains(excluded, source) })
}

// because returns the reason of a class, from the log group on.
func (g *Group) because(c *event.Class, r *result) string {
	s := r.span.status()
	text := ""
	switch s {
	case NoFilter:
		text = fmt.Sprintf("Log group %s has %d metric %s, and none matches an event of %s.",
			g.facts.Name, len(g.facts.Filters), plural(len(g.facts.Filters), "filter"), c.Name)
		if len(g.facts.Filters) == 0 {
			text = fmt.Sprintf("Log group %s has no metric filter.", g.facts.Name)
		}
	case FilterMissesEvents:
		text = fmt.Sprintf("No metric filter of log group %s matches %s%s.", g.facts.Name, unmatched(c, r), nearest(r.path))
	case Monitored:
		text = reaches(r.path)
	case Unknown:
		text = r.path.chain.Reason
		if r.path.carries[r.witness] == maybe && r.path.sight.classes[c][r.witness] == maybe {
			text = r.path.unseen()
		}
	default:
		text = r.path.chain.Reason
		if n := behind(c, r); n > 0 {
			text += fmt.Sprintf(" Other events of the class get further (%d of %d).", n, len(c.Names(event.Required)))
		}
	}
	if s != Monitored && len(g.facts.LogAlarms) > 0 {
		text += fmt.Sprintf(" What log alarm %s watches is not judged.", list(g.facts.LogAlarms))
	}
	return text + notes(c, r)
}

// unmatched names the required events that no filter matches; with whose they are where only these are missed.
func unmatched(c *event.Class, r *result) string {
	var names []string
	shapes := map[string][]string{} // whose → names
	for _, name := range c.Names(event.Required) {
		var missed []string
		all := true
		for i, w := range c.Witnesses {
			if w.Name != name {
				continue
			}
			if r.witnesses[i].best == FilterMissesEvents {
				missed = append(missed, w.Shape)
			} else {
				all = false
			}
		}
		switch {
		case len(missed) > 0 && all:
			names = append(names, name)
		case len(missed) > 0:
			shapes[missed[0]] = append(shapes[missed[0]], name)
		}
	}
	var parts []string
	if len(names) > 0 {
		parts = append(parts, list(names))
	}
	for _, shape := range slices.Sorted(maps.Keys(shapes)) {
		parts = append(parts, fmt.Sprintf("%s (%s)", list(shapes[shape]), shape))
	}
	return strings.Join(parts, ", ")
}

func nearest(p *path) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("; filter %s comes nearest", p.filter.Name)
}

// behind counts the required events that get further than the class.
func behind(c *event.Class, r *result) int {
	n := 0
	for _, name := range c.Names(event.Required) {
		least := len(Statuses)
		for i, w := range c.Witnesses {
			if w.Name == name {
				least = min(least, reach[r.witnesses[i].best])
			}
		}
		if least > reach[r.span.best] {
			n++
		}
	}
	return n
}

func reaches(p *path) string {
	c := p.chain
	text := fmt.Sprintf("Filter %s and alarm %s tell ", c.FilterName, c.AlarmName)
	if c.TopicARN != "" {
		text += fmt.Sprintf("topic %s, which has %d confirmed %s.", c.TopicARN, *c.SubscriptionsConfirmed, plural(*c.SubscriptionsConfirmed, "subscription"))
	} else {
		text += c.Action + "."
	}
	if c.FiresOnFirstEvent != nil && !*c.FiresOnFirstEvent {
		text += " It takes more than one event in a period."
	}
	return text
}

// notes name the events that do not touch the status.
func notes(c *event.Class, r *result) string {
	if r.path == nil || r.span.best == NoFilter {
		return ""
	}
	var named, gone []string
	for i, w := range c.Witnesses {
		switch {
		case w.Demand == event.Named && r.witnesses[i].best != Monitored && r.span.best == Monitored:
			named = append(named, w.Name)
		case w.Demand == event.Gone && reach[r.witnesses[i].best] <= reach[FilterMissesEvents]:
			gone = append(gone, w.Name)
		}
	}
	text := ""
	if len(named) > 0 {
		text += fmt.Sprintf(" %s reaches nobody; CIS asks for it from v5.0.0 on.", list(unique(named)))
	}
	if len(gone) > 0 {
		text += fmt.Sprintf(" %s are not matched, and need not be: AWS has no ClassicLink any more.", list(unique(gone)))
	}
	return text
}

// noAlarm says that nothing watches the metric, and what comes near to it.
func (g *Group) noAlarm(f Filter, t Transformation, near []string) string {
	text := fmt.Sprintf("No alarm in %s goes to ALARM with metric %s/%s of filter %s", g.place(), t.Namespace, t.MetricName, f.Name)
	if len(near) > 0 {
		return text + ": " + near[0] + "."
	}
	return text + "."
}

// list joins names, of many the first few.
func list(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

func unique(names []string) []string {
	var once []string
	for _, n := range names {
		if !slices.Contains(once, n) {
			once = append(once, n)
		}
	}
	return once
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// sentence makes one line of text that came from AWS, and ends it.
func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		s = "an error without a text"
	}
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

package alarm

import (
	"fmt"
	"slices"
	"strings"
)

// route is what can happen after a metric: a metric alarm on it, who acts for it, and one action.
type route struct {
	alarm  MetricAlarm
	watch  watch
	actor  actor
	action string
	topic  *Topic // of an SNS action that was read

	span span   // how far it gets, given that the filter matches
	why  string // what breaks, or what is not known
}

// routes returns what can happen after a metric, and what is wrong with the alarms that come near to it.
func (g *Group) routes(m metric) ([]route, []string) {
	var all []route
	var near []string
	for _, i := range g.candidates(m) {
		a := g.facts.MetricAlarms[i]
		w := a.watches(m, g.facts.AccountID)
		if w.fires == no {
			if w.why != "" {
				near = append(near, fmt.Sprintf("alarm %s %s", a.Name, w.why))
			}
			continue
		}
		all = append(all, g.acting(a, w)...)
	}
	return all, near
}

// acting returns the routes from a metric alarm on. One that tells nobody by itself is left out where another acts
// for it, as composite alarms do: what counts then is that one, disabled or not.
func (g *Group) acting(a MetricAlarm, w watch) []route {
	var all, silent []route
	for _, b := range g.composites.actors(a, w.calm) {
		routes := g.actions(a, w, b)
		if slices.ContainsFunc(routes, func(r route) bool { return r.span.best != NoAction }) {
			all = append(all, routes...)
		} else {
			silent = append(silent, routes...)
		}
	}
	if len(all) == 0 {
		return silent
	}
	return all
}

// actions returns a route for each action of an alarm, one for an alarm without any.
func (g *Group) actions(a MetricAlarm, w watch, b actor) []route {
	base := route{alarm: a, watch: w, actor: b, span: exactly(NoAction), why: noAction(b)}
	if b.silence != "" {
		base.span, base.why = exactly(AlarmDisabled), fmt.Sprintf("Alarm %s tells nobody: %s.", b.name, b.silence)
	}
	all := []route{base}
	if len(b.actions) > 0 {
		all = make([]route, len(b.actions))
	}
	for i, action := range b.actions {
		all[i] = base
		all[i].action = action
		if kindOfAction(action) == topicAction {
			if t, ok := g.facts.Topics[action]; ok && t.Error == "" {
				all[i].topic = &t
			}
		}
		if b.silence == "" {
			all[i].span, all[i].why = g.facts.tells(b, action)
		}
	}
	for i := range all {
		all[i].doubt()
	}
	return all
}

// doubt lowers what is not sure.
func (r *route) doubt() {
	switch {
	case r.watch.fires == maybe:
		r.span.worst = NoAlarm
		r.why = r.because(fmt.Sprintf("Alarm %s %s.", r.alarm.Name, r.watch.why))
	case r.actor.acts == maybe:
		r.span.worst = NoAlarm
		r.why = r.because(sentence(r.actor.why))
	}
}

// because keeps the reason of a break that is sure.
func (r *route) because(doubt string) string {
	if r.span.best != Monitored {
		return r.why
	}
	return doubt
}

type actionKind int

const (
	silentAction actionKind = iota // EC2, Auto Scaling, and what is not known to tell anybody
	topicAction
	tellingAction // Lambda, Systems Manager
)

// kindOfAction goes by the service in the ARN, e.g. arn:aws:sns:eu-west-1:111122223333:alarms.
func kindOfAction(arn string) actionKind {
	parts := strings.SplitN(arn, ":", 4)
	if len(parts) < 4 {
		return silentAction
	}
	switch parts[2] {
	case "sns":
		return topicAction
	case "lambda", "ssm", "ssm-incidents":
		return tellingAction
	default:
		return silentAction
	}
}

// tells says whether an action of an alarm tells someone.
func (f GroupFacts) tells(b actor, action string) (span, string) {
	switch kindOfAction(action) {
	case tellingAction:
		return exactly(Monitored), ""
	case silentAction:
		return exactly(NoAction), noAction(b)
	}
	t, ok := f.Topics[action]
	switch {
	case !ok:
		return maybe.span(NoSubscriber), fmt.Sprintf("Topic %s of alarm %s was not read.", action, b.name)
	case t.Error != "":
		return maybe.span(NoSubscriber), fmt.Sprintf("Topic %s of alarm %s could not be read: %s", action, b.name, sentence(t.Error))
	case t.Gone:
		return exactly(NoSubscriber), fmt.Sprintf("Topic %s of alarm %s does not exist.", action, b.name)
	case t.Confirmed == 0 && t.Pending > 0:
		return exactly(NoSubscriber), fmt.Sprintf("Topic %s of alarm %s has no confirmed subscription (%d pending).", action, b.name, t.Pending)
	case t.Confirmed == 0:
		return exactly(NoSubscriber), fmt.Sprintf("Topic %s of alarm %s has no subscription.", action, b.name)
	default:
		return exactly(Monitored), ""
	}
}

func noAction(b actor) string {
	switch {
	case len(b.actions) > 0:
		return fmt.Sprintf("Alarm %s has no action that tells anybody: %s.", b.name, strings.Join(b.actions, ", "))
	case len(b.other) > 0:
		return fmt.Sprintf("Alarm %s has no action for the ALARM state, only for others.", b.name)
	default:
		return fmt.Sprintf("Alarm %s has no action.", b.name)
	}
}

// Package alarm decides what one row of cloudtrail_cloudwatch_alarm_status says: is anyone told when an
// event of a class happens?
//
// It is pure: facts in, verdict out, no clock, no network. It follows the chain trail → log group →
// metric filter → alarm → action with the witnesses of package event. A chain is filter × alarm ×
// action; for each witness the chain that gets furthest counts, and the row says the least far of these.
//
// What hangs on one log group is judged once, by [NewGroup], however many rows share it.
//
// What could not be read is carried as two answers, the worst and the best that it could turn out to be.
// A row is unknown only if both are possible: one that is broken at best says where.
package alarm

import (
	"slices"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// Status is the value of the column alarm_status.
type Status string

// The alarm statuses, from the start of the chain to its end.
const (
	// Unknown: something could not be read or parsed that could still make the chain whole.
	Unknown Status = "unknown"
	// NoTrail: no trail is visible.
	NoTrail Status = "no_trail"
	// NotDelivering: nothing reaches the log group.
	NotDelivering Status = "not_delivering"
	// PartialScope: the trail covers one region only.
	PartialScope Status = "partial_scope"
	// NotRecorded: the trail's selectors leave out events of the class.
	NotRecorded Status = "not_recorded"
	// NoFilter: no metric filter of the log group matches any witness.
	NoFilter Status = "no_filter"
	// FilterMissesEvents: some witnesses are matched by no filter.
	FilterMissesEvents Status = "filter_misses_events"
	// FilterTooWide: matched only by filters that match everyday events too.
	FilterTooWide Status = "filter_too_wide"
	// NoAlarm: no alarm watches the filter's metric in the direction that more events go.
	NoAlarm Status = "no_alarm"
	// AlarmDisabled: the alarm's actions are disabled, muted or suppressed now.
	AlarmDisabled Status = "alarm_disabled"
	// NoAction: nothing that the alarm does tells someone.
	NoAction Status = "no_action"
	// NoSubscriber: every action is an SNS topic that is gone or has no confirmed subscription.
	NoSubscriber Status = "no_subscriber"
	// Monitored: none of the above.
	Monitored Status = "monitored"
)

// Statuses lists every status in that order.
var Statuses = []Status{
	Unknown, NoTrail, NotDelivering, PartialScope, NotRecorded, NoFilter, FilterMissesEvents, FilterTooWide,
	NoAlarm, AlarmDisabled, NoAction, NoSubscriber, Monitored,
}

// reach is how far along the chain a status is.
var reach = func() map[Status]int {
	m := make(map[Status]int, len(Statuses))
	for i, s := range Statuses {
		m[s] = i
	}
	return m
}()

func least(a, b Status) Status {
	if reach[b] < reach[a] {
		return b
	}
	return a
}

func furthest(a, b Status) Status {
	if reach[b] > reach[a] {
		return b
	}
	return a
}

// span is how far something gets at worst and at best; the two differ where something is not known.
type span struct{ worst, best Status }

func exactly(s Status) span { return span{s, s} }

func (s span) least(t span) span { return span{least(s.worst, t.worst), least(s.best, t.best)} }

// status is what a column says: a break that no answer could mend is said, not that something is unknown.
func (s span) status() Status {
	if s.best == Monitored && s.worst != Monitored {
		return Unknown
	}
	return s.best
}

// Trail holds what DescribeTrails says of the trail.
type Trail struct {
	ARN            string
	Name           string
	OwnerAccountID string // account in the trail's ARN
	HomeRegion     string
	MultiRegion    bool
}

// Facts is everything a row is made of.
type Facts struct {
	AccountID string // account that was asked

	// The verdict of the first table on the same trail.
	Delivery            delivery.Status
	DeliveryReason      string
	DeliveryRemediation string

	Trail *Trail // nil: a row about the account itself
	// Recording is what the trail's event selectors let through; nil counts as not read.
	Recording *Recording
	// Group is what hangs on the trail's log group; nil when it has none, and else counts as not read.
	Group *Group
}

// Verdict is what the columns of a row show.
type Verdict struct {
	Status Status
	// Reason is one plain sentence naming the cause; never empty.
	Reason string
	// Remediation is a command for a POSIX shell that mends the cause; empty when there is nothing to
	// do, or nothing that this account can do.
	Remediation string
	// ManagementEvents is what the trail records: All, ReadOnly, WriteOnly, None; empty when not known.
	ManagementEvents string
	// MissingEvents names the events that are not known to reach somebody; not nil.
	MissingEvents []string
	// Chain decides the row; nil when no filter matches anything. Where the trail is the cause, it is the
	// chain that would decide if the trail were in order. Shared by rows: not to be changed.
	Chain *Chain
	// Chains are all that were considered for the class. Shared by rows: not to be changed.
	Chains []Chain
}

// Of returns the verdict on a row: a trail, or an account without one, and a class of events.
func Of(f Facts, c *event.Class) Verdict {
	if f.Trail == nil {
		return withoutTrail(f, c)
	}
	r := row{facts: f, class: c, result: f.Group.result(c), recorded: f.Recording.witnesses(c)}
	r.arrives = delivered(f.Delivery).span(NotDelivering).least(is(f.Trail.MultiRegion).span(PartialScope))
	r.trail = r.arrives.least(r.records())
	r.span = r.trail.least(r.result.span)
	v := Verdict{
		Status:           r.span.status(),
		ManagementEvents: f.Recording.ManagementEvents(),
		MissingEvents:    r.missing(),
		Chain:            r.result.decides,
		Chains:           r.result.chains,
	}
	v.Reason = r.reason(v.Status)
	v.Remediation = r.remediation(v.Status)
	return v
}

func withoutTrail(f Facts, c *event.Class) Verdict {
	v := Verdict{
		Status: NoTrail, Reason: f.DeliveryReason, MissingEvents: c.Names(event.Required, event.Named),
		Remediation: f.DeliveryRemediation,
	}
	if f.Delivery != delivery.NoTrail {
		v.Status = Unknown
	}
	if v.Reason == "" {
		v.Reason = "No trail is visible in this account."
	}
	return v
}

// row is one verdict in the making.
type row struct {
	facts    Facts
	class    *event.Class
	result   *result // of the log group
	recorded []tri   // by witness
	arrives  span    // whether all that is recorded reaches the log group
	trail    span    // how far the trail lets the events get; Monitored where it is in order
	span     span
}

// records says whether the trail records the class.
func (r *row) records() span {
	s := exactly(Monitored)
	for i, w := range r.class.Witnesses {
		if w.Demand == event.Required {
			s = s.least(r.recorded[i].span(NotRecorded))
		}
	}
	return s
}

func delivered(s delivery.Status) tri {
	switch s {
	case delivery.Delivering, delivery.Degraded:
		return yes
	case delivery.Unknown, "":
		return maybe
	default:
		return no
	}
}

// missing names the events that are not known to reach somebody.
func (r *row) missing() []string {
	names := []string{}
	for i, w := range r.class.Witnesses {
		if w.Demand == event.Gone || slices.Contains(names, w.Name) {
			continue
		}
		if r.arrives.worst != Monitored || r.recorded[i] != yes || r.result.witnesses[i].worst != Monitored {
			names = append(names, w.Name)
		}
	}
	return names
}

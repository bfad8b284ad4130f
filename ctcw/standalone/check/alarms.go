package check

import (
	"slices"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// alarmRow is what the table of alarms says of a trail and a class of events.
type alarmRow struct {
	account, name, resource     string
	class, status               string
	reason, remediation, exempt string
}

func newAlarmRow(resource string, record map[string]string) alarmRow {
	return alarmRow{
		account: record["account_id"], name: record["account_name"], resource: resource, class: record["event_class"],
		status: record["alarm_status"], reason: record["status_reason"], remediation: record["remediation"], exempt: record["exempt_reason"],
	}
}

// alarm returns the row that decided a control's result: that of the same account, class and trail. Where the result does
// not name the trail it is the one whose reason the result repeats.
func (f *facts) alarm(r Result, c mod.Control) *alarmRow {
	class := classOf(r, c)
	var found *alarmRow
	for i, a := range f.alarms {
		if a.account != r.Dimension("account_id") || class != "" && a.class != class {
			continue
		}
		if r.named(a.resource) && class != "" {
			return &f.alarms[i]
		}
		if says := a.reason != "" && strings.Contains(r.Reason, a.reason); says && (found == nil || r.named(a.resource)) {
			found = &f.alarms[i]
		}
	}
	return found
}

// named reports whether a result is about a trail, or about an account without one.
func (r Result) named(resource string) bool {
	if trail := r.Dimension("trail_arn"); trail != "" {
		return trail == resource
	}
	return r.Resource == resource
}

// classOf returns the class of events that a control is about: its result says so, or its SQL names it.
func classOf(r Result, c mod.Control) string {
	if class := r.Dimension("event_class"); class != "" {
		return class
	}
	words := wordsOf(c)
	for _, class := range event.Classes() {
		if slices.Contains(words, class.Name) {
			return class.Name
		}
	}
	return ""
}

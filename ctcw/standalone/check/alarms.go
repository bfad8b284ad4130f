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

// alarm returns the row that decided a control's result: that of the same account and class whose reason the result
// repeats, of the same trail where the result is about one.
func (f *facts) alarm(r Result, c mod.Control) *alarmRow {
	class := classOf(r, c)
	var found *alarmRow
	for i, a := range f.alarms {
		if a.account != r.Dimension("account_id") || class != "" && a.class != class {
			continue
		}
		switch says := a.reason != "" && strings.Contains(r.Reason, a.reason); {
		case says && a.resource == r.Resource:
			return &f.alarms[i]
		case says && found == nil:
			found = &f.alarms[i]
		}
	}
	return found
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

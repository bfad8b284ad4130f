package alarm

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// Selectors is what GetEventSelectors says of a trail: basic selectors, or advanced ones. With neither, the
// trail records all management events, which is CloudTrail's default.
type Selectors struct {
	Basic    []BasicSelector
	Advanced []AdvancedSelector
	Error    string // code and message; the selectors do not count then
}

// BasicSelector records events; what any selector of a trail records is recorded.
type BasicSelector struct {
	ReadWriteType                 string // All, ReadOnly, WriteOnly; empty means All
	IncludeManagementEvents       bool   // AWS's default is true
	ExcludeManagementEventSources []string
	DataResources                 []DataResource // data events; kept when a remediation sets the selectors anew
}

// DataResource names resources whose data events are recorded.
type DataResource struct {
	Type   string
	Values []string
}

// AdvancedSelector records the events that pass all its fields.
type AdvancedSelector struct {
	Name   string
	Fields []FieldSelector
}

// FieldSelector is a condition on one field. Of Equals, StartsWith and EndsWith one must hold, of the others
// all ("How CloudTrail evaluates multiple conditions for a field" in its user guide).
type FieldSelector struct {
	Field string // e.g. eventCategory, readOnly, eventSource

	Equals, StartsWith, EndsWith          []string
	NotEquals, NotStartsWith, NotEndsWith []string
}

// Recording is a trail's selectors, judged once for all rows of the trail.
type Recording struct {
	selectors Selectors
	classes   sync.Map // *event.Class → []tri
}

// NewRecording returns what a trail with these selectors records.
func NewRecording(s Selectors) *Recording { return &Recording{selectors: s} }

// ManagementEvents is the value of the column management_events: All, ReadOnly, WriteOnly, None; empty when
// the selectors could not be read. Excluded event sources do not show in it.
func (r *Recording) ManagementEvents() string {
	if r == nil || r.selectors.Error != "" {
		return ""
	}
	reads, writes := r.kinds()
	switch {
	case reads && writes:
		return "All"
	case reads:
		return "ReadOnly"
	case writes:
		return "WriteOnly"
	default:
		return "None"
	}
}

func (r *Recording) kinds() (reads, writes bool) {
	s := r.selectors
	if len(s.Basic)+len(s.Advanced) == 0 {
		return true, true
	}
	for _, b := range s.Basic {
		reads = reads || b.IncludeManagementEvents && b.ReadWriteType != "WriteOnly"
		writes = writes || b.IncludeManagementEvents && b.ReadWriteType != "ReadOnly"
	}
	for _, a := range s.Advanced {
		reads = reads || a.admits("true")
		writes = writes || a.admits("false")
	}
	return reads, writes
}

// admits reports whether the selector is for management events, and readOnly may have this value.
func (a AdvancedSelector) admits(readOnly string) bool {
	management := false
	for _, f := range a.Fields {
		switch f.Field {
		case "eventCategory":
			management = f.holds("Management")
		case "readOnly":
			if !f.holds(readOnly) {
				return false
			}
		}
	}
	return management
}

// witnesses says of each witness of the class whether the trail records it.
func (r *Recording) witnesses(c *event.Class) []tri {
	if r == nil || r.selectors.Error != "" {
		return slices.Repeat([]tri{maybe}, len(c.Witnesses))
	}
	if known, ok := r.classes.Load(c); ok {
		return known.([]tri)
	}
	recorded := make([]tri, len(c.Witnesses))
	for i, w := range c.Witnesses {
		recorded[i] = r.selectors.record(w)
	}
	r.classes.Store(c, recorded)
	return recorded
}

func (s Selectors) record(w event.Witness) tri {
	if len(s.Basic)+len(s.Advanced) == 0 {
		return yes
	}
	recorded := no
	for _, b := range s.Basic {
		recorded = recorded.or(is(b.record(w)))
	}
	for _, a := range s.Advanced {
		recorded = recorded.or(a.record(w))
	}
	return recorded
}

func (b BasicSelector) record(w event.Witness) bool {
	return b.IncludeManagementEvents &&
		b.ReadWriteType != map[bool]string{true: "WriteOnly", false: "ReadOnly"}[w.ReadOnly] &&
		!slices.Contains(b.ExcludeManagementEventSources, w.Source)
}

func (a AdvancedSelector) record(w event.Witness) tri {
	recorded, management := yes, false
	for _, f := range a.Fields {
		switch f.Field {
		case "eventCategory":
			management = f.holds("Management")
		case "readOnly":
			recorded = recorded.and(is(f.holds(strconv.FormatBool(w.ReadOnly))))
		case "eventSource":
			recorded = recorded.and(is(f.holds(w.Source)))
		case "eventName":
			recorded = recorded.and(is(f.holds(w.EventName)))
		case "eventType":
			recorded = recorded.and(is(f.holds(w.Type)))
		case "userIdentity.arn":
			recorded = recorded.and(is(f.holds(w.IdentityARN)))
		default:
			// resources.* and the like are not for management events, and AWS may add fields.
			recorded = recorded.and(maybe)
		}
	}
	return recorded.and(is(management))
}

func (f FieldSelector) holds(value string) bool {
	selects := len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) == 0 ||
		slices.Contains(f.Equals, value) || anyOf(f.StartsWith, value, strings.HasPrefix) || anyOf(f.EndsWith, value, strings.HasSuffix)
	deselects := slices.Contains(f.NotEquals, value) ||
		anyOf(f.NotStartsWith, value, strings.HasPrefix) || anyOf(f.NotEndsWith, value, strings.HasSuffix)
	return selects && !deselects
}

func anyOf(parts []string, value string, has func(s, part string) bool) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return has(value, part) })
}

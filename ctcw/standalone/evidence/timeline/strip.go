package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// State is what a day was for a resource.
type State string

// The states, the worst last. Only Good is good: a day without a complete run never is.
const (
	Absent     State = "absent"     // it was not there, or nothing was judged
	Good       State = "good"       // every run found it in order, and one of them was complete
	Exempt     State = "skip"       // it does not apply, or is exempt
	Info       State = "info"       // only somebody else can mend it
	Incomplete State = "incomplete" // found in order, but no run of the day was complete
	NoRun      State = "none"       // nobody looked
	NotRead    State = "unread"     // the account could not be read, or not be listed
	Failed     State = "error"      // a verdict could not be given
	Finding    State = "alarm"
)

var states = []State{Absent, Good, Exempt, Info, Incomplete, NoRun, NotRead, Failed, Finding}

func (s State) rank() int { return slices.Index(states, s) }

var dayOf = map[check.Status]State{check.OK: Good, check.Skip: Exempt, check.Info: Info, check.Error: Failed, check.Alarm: Finding}

// Strip is a state for each day of the period.
type Strip []State

// strip returns the days of a track.
func (r *Report) strip(t *Track) Strip {
	strip := make(Strip, len(r.Days))
	for i := range strip {
		strip[i] = Absent
	}
	span := 0
	for i, run := range r.Runs {
		for span < len(t.Spans) && t.Spans[span].last < i {
			span++
		}
		state := Absent
		switch {
		case span < len(t.Spans) && t.Spans[span].first <= i:
			state = dayOf[t.Spans[span].Status]
		case r.unseen(i, t.Key):
			state = NotRead
		}
		day := r.day(run)
		if state.rank() > strip[day].rank() {
			strip[day] = state
		}
	}
	for i, day := range r.Days {
		switch {
		case day.Runs == 0:
			strip[i] = NoRun
		case day.Complete == 0 && strip[i] != Absent && strip[i].rank() < Incomplete.rank():
			strip[i] = Incomplete
		}
	}
	return strip
}

// worst returns the worse of two strips, day by day.
func (s Strip) worst(other Strip) Strip {
	if s == nil {
		return slices.Clone(other)
	}
	for i, state := range other {
		if state.rank() > s[i].rank() {
			s[i] = state
		}
	}
	return s
}

// Count returns how many days have each state.
func (s Strip) Count() map[State]int {
	n := map[State]int{}
	for _, state := range s {
		n[state]++
	}
	return n
}

func (s Strip) findings() int {
	n := s.Count()
	return n[Finding]*1000 + n[Failed] + n[NotRead]
}

// Segment is a number of days of the same state.
type Segment struct {
	State State
	First int // day
	Days  int
}

// Segments returns the strip run by run.
func (s Strip) Segments() []Segment {
	var all []Segment
	for i, state := range s {
		if n := len(all); n > 0 && all[n-1].State == state {
			all[n-1].Days++
			continue
		}
		all = append(all, Segment{state, i, 1})
	}
	return all
}

// Words are what a person calls a state.
var Words = map[State]string{
	Absent: "not there", Good: "good", Exempt: "exempt or not applicable", Info: "for somebody else to mend", Incomplete: "no complete run",
	NoRun: "no run", NotRead: "account not readable", Failed: "not known", Finding: "alarm",
}

// Describe says a strip in words.
func (r *Report) Describe(s Strip) string {
	n := s.Count()
	var parts []string
	for _, state := range slices.Backward(states) {
		if n[state] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", Words[state], amount.Of(n[state], "day")))
		}
	}
	return strings.Join(parts, ", ")
}

// Dates says which days a segment has.
func (r *Report) Dates(s Segment) string {
	first, last := r.Days[s.First].Date, r.Days[s.First+s.Days-1].Date
	if s.Days == 1 {
		return first.Format(time.DateOnly)
	}
	return first.Format(time.DateOnly) + " to " + last.Format(time.DateOnly)
}

// exemption returns the reason of a verdict that is one: the controls say "Exempt: " in front of it.
func exemption(s Span) (string, bool) {
	reason, ok := strings.CutPrefix(s.Reason, "Exempt: ")
	return reason, ok && s.Status == check.Skip
}

// Package arrival decides what one row of cloudtrail_cloudwatch_arrival says: do the events of an account and a region
// arrive in a trail's log group?
//
// It is pure: facts in, verdict out, no clock, no network.
package arrival

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Status is the value of the column arrival_status.
type Status string

// The arrival statuses.
const (
	// Unknown: the log group's streams could not be read, or date the latest event in the future.
	Unknown Status = "unknown"
	// Empty: there is no stream, none with an event, or no such log group.
	Empty Status = "empty"
	// Quiet: the latest event is older than [MaxEventAge].
	Quiet Status = "quiet"
	// Arriving: none of the above.
	Arriving Status = "arriving"
)

// Statuses lists every status in the order in which they are decided.
var Statuses = []Status{Unknown, Empty, Quiet, Arriving}

// MaxEventAge is how old the latest event may be.
const MaxEventAge = 24 * time.Hour

// maxClockSkew is how far an event may lie ahead of the time of the check.
const maxClockSkew = 15 * time.Minute

// Stream is a log stream that CloudTrail writes. Times are zero where there is no event.
type Stream struct {
	Name                                     string
	FirstEvent, LatestEvent, LatestIngestion time.Time
}

// Source is what a stream's name says: whose events of which region are in it. CloudTrail's guide calls the region that
// of the trail, an older edition that of the events.
type Source struct{ AccountID, Region string }

// streamName is ACCOUNT_CloudTrail_REGION, for an organization trail with the organization's id before it, and with a
// number behind where there are several.
var streamName = regexp.MustCompile(`^(?:o-[a-z0-9]+_)?([0-9]{12})_CloudTrail_([a-z]{2,}(?:-[a-z]+)+-[0-9]+)(?:_[0-9]+)?$`)

// SourceOf reads a stream's name; false when it is none of CloudTrail's.
func SourceOf(stream string) (Source, bool) {
	m := streamName.FindStringSubmatch(stream)
	if m == nil {
		return Source{}, false
	}
	return Source{m[1], m[2]}, true
}

// Arrivals are what arrives from one source, all its streams together.
type Arrivals struct {
	Source
	Streams                                  int
	FirstEvent, LatestEvent, LatestIngestion time.Time
}

// Sort gathers the streams of a log group by source, sorted, and counts those that are not CloudTrail's.
func Sort(streams []Stream) (arrivals []Arrivals, foreign int) {
	bySource := map[Source]*Arrivals{}
	for _, s := range streams {
		source, ok := SourceOf(s.Name)
		if !ok {
			foreign++
			continue
		}
		a := bySource[source]
		if a == nil {
			a = &Arrivals{Source: source}
			bySource[source] = a
		}
		a.Streams++
		if !s.FirstEvent.IsZero() && (a.FirstEvent.IsZero() || s.FirstEvent.Before(a.FirstEvent)) {
			a.FirstEvent = s.FirstEvent
		}
		a.LatestEvent = later(a.LatestEvent, s.LatestEvent)
		a.LatestIngestion = later(a.LatestIngestion, s.LatestIngestion)
	}
	for _, a := range bySource {
		arrivals = append(arrivals, *a)
	}
	slices.SortFunc(arrivals, func(a, b Arrivals) int {
		if by := strings.Compare(a.AccountID, b.AccountID); by != 0 {
			return by
		}
		return strings.Compare(a.Region, b.Region)
	})
	return arrivals, foreign
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Facts is everything a verdict is made of.
type Facts struct {
	CheckedAt time.Time
	LogGroup  string // its name
	Error     string // why the streams could not be read, code and message; nothing else counts then
	Missing   bool   // there is no such log group
	Arrivals  Arrivals
}

// Verdict is what the columns arrival_status and status_reason show.
type Verdict struct {
	Status Status
	Reason string // one plain sentence; never empty
}

// Of returns the verdict on the facts.
func Of(f Facts) Verdict {
	a := f.Arrivals
	whose := "account " + a.AccountID
	if a.Region != "" {
		whose += " in region " + a.Region
	}
	age := f.CheckedAt.Sub(a.LatestEvent)
	stamp := a.LatestEvent.UTC().Format(time.RFC3339)
	switch {
	case f.Error != "":
		return Verdict{Unknown, "The log streams could not be read: " + sentence(f.Error)}
	case f.Missing:
		return Verdict{Empty, fmt.Sprintf("Log group %s does not exist.", f.LogGroup)}
	case a.Streams == 0:
		return Verdict{Empty, fmt.Sprintf("Log group %s has no stream of %s: its events never arrived.", f.LogGroup, whose)}
	case a.LatestEvent.IsZero():
		return Verdict{Empty, fmt.Sprintf("The streams of %s hold no event.", whose)}
	case age < -maxClockSkew:
		return Verdict{Unknown, fmt.Sprintf("The latest event of %s is dated %s, which is yet to come.", whose, stamp)}
	case age > MaxEventAge:
		return Verdict{Quiet, fmt.Sprintf("The latest event of %s arrived %s ago, at %s.", whose, words(age), stamp)}
	default:
		return Verdict{Arriving, fmt.Sprintf("Events of %s arrive, the latest at %s.", whose, stamp)}
	}
}

// words says how long in words that a person uses.
func words(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%.0f hours", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

func sentence(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

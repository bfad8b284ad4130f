package alarm

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/pattern"
)

// Patterns remembers which witnesses a pattern matches, by its text: accounts that were set up alike share
// them. It can be used from several goroutines. The zero value is ready; nil remembers nothing.
type Patterns struct {
	known sync.Map // text → *matches
}

// matches is what one pattern matches; where it cannot be parsed, err says why and in which place.
type matches struct {
	sight
	everyday []tri
	err      error
}

func (p *Patterns) of(text string) *matches {
	if p == nil {
		return match(text)
	}
	if m, ok := p.known.Load(text); ok {
		return m.(*matches)
	}
	m, _ := p.known.LoadOrStore(text, match(text))
	return m.(*matches)
}

func match(text string) *matches {
	p, err := pattern.Parse(text)
	if err != nil {
		return &matches{err: err}
	}
	m := &matches{everyday: matchAll(p, parsed().everyday), sight: sight{classes: make(map[*event.Class][]tri, len(event.Classes()))}}
	for c, events := range parsed().classes {
		m.classes[c] = matchAll(p, events)
	}
	m.look(m.everyday)
	return m
}

func matchAll(p *pattern.Pattern, events []parsedEvent) []tri {
	all := make([]tri, len(events))
	for i, e := range events {
		all[i] = is(p.Matches(e.event))
	}
	return all
}

type parsedEvent struct {
	event  pattern.Event
	fields map[string]any
}

type parsedEvents struct {
	classes  map[*event.Class][]parsedEvent
	everyday []parsedEvent
}

var parsed = sync.OnceValue(func() parsedEvents {
	all := parsedEvents{classes: map[*event.Class][]parsedEvent{}, everyday: parse(event.Everyday())}
	for _, c := range event.Classes() {
		all.classes[c] = parse(c.Witnesses)
	}
	return all
})

func parse(witnesses []event.Witness) []parsedEvent {
	events := make([]parsedEvent, len(witnesses))
	for i, w := range witnesses {
		e, err := pattern.ParseEvent(w.JSON)
		if err == nil {
			err = json.Unmarshal(w.JSON, &events[i].fields)
		}
		if err != nil {
			panic(err) // the witnesses are ours
		}
		events[i].event = e
	}
	return events
}

// field returns what a selector such as $.userIdentity.type selects; only plain names are understood.
func (e parsedEvent) field(selector string) (value any, found, understood bool) {
	path, ok := strings.CutPrefix(selector, "$.")
	if !ok || strings.ContainsAny(path, `[]"'*`) {
		return nil, false, false
	}
	value = e.fields
	for _, name := range strings.Split(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false, true
		}
		if value, found = object[name]; !found {
			return nil, false, true
		}
	}
	return value, true, true
}

// sight is what one filter of a group sees. Filters with the same pattern share it.
type sight struct {
	classes map[*event.Class][]tri
	usual   tri    // whether it matches any everyday event
	example string // which
	why     string // why something is maybe
}

// look finds the everyday event that is surest to be matched.
func (s *sight) look(everyday []tri) {
	for i, w := range event.Everyday() {
		if everyday[i] > s.usual {
			s.usual, s.example = everyday[i], w.Name
		}
	}
}

// see narrows what the pattern matches to what the filter does.
func (f GroupFacts) see(filter Filter, p *Patterns) sight {
	m := p.of(f.general(filter.Pattern))
	if m.err == nil && !filter.ApplyOnTransformedLogs && filter.FieldSelectionCriteria == "" {
		return m.sight
	}
	n := narrowing{facts: f, known: yes}
	if filter.FieldSelectionCriteria != "" {
		criteria, err := parseCriteria(filter.FieldSelectionCriteria)
		if n.criteria = criteria; err != nil {
			n.criteria, n.known, n.why = nil, maybe, "its field selection criteria are not understood ("+err.Error()+")"
		}
	}
	if filter.ApplyOnTransformedLogs {
		n.blind, n.why = true, "it is applied on transformed logs, which are not known here"
	}
	if m.err != nil {
		n.blind, n.why = true, "its pattern is not understood: "+m.err.Error()
	}
	s := sight{classes: make(map[*event.Class][]tri, len(event.Classes()))}
	for _, c := range event.Classes() {
		s.classes[c] = n.narrow(m.classes[c], c.Witnesses)
	}
	s.look(n.narrow(m.everyday, event.Everyday()))
	s.why = n.why
	return s
}

// narrowing is what keeps a filter from matching all that its pattern does.
type narrowing struct {
	facts    GroupFacts
	blind    bool // what the pattern matches is not known
	known    tri  // maybe where the criteria are not understood
	criteria criterion
	why      string
}

func (n *narrowing) narrow(matched []tri, witnesses []event.Witness) []tri {
	all := make([]tri, len(witnesses))
	for i, w := range witnesses {
		all[i] = maybe
		if !n.blind {
			all[i] = matched[i].and(n.known)
		}
		if all[i] != no && n.criteria != nil {
			allowed := n.facts.admits(n.criteria, w)
			if allowed == maybe && n.why == "" {
				n.why = "its field selection criteria may leave out some of the events: AWS does not say which account and region an event of CloudTrail counts for"
			}
			all[i] = all[i].and(allowed)
		}
	}
	return all
}

// general writes a pattern that names accounts for the account of the witnesses, which stands for the log group's.
// Where events of a whole organization arrive, no account stands for all of them.
func (f GroupFacts) general(pattern string) string {
	if f.AccountID == event.Account && !f.Organization {
		return pattern
	}
	pattern = strings.ReplaceAll(pattern, event.Account, "000000000000")
	if f.Organization || f.AccountID == "" {
		return pattern
	}
	return strings.ReplaceAll(pattern, f.AccountID, event.Account)
}

// otherAccount stands for the account of an event that an organization trail brings.
const otherAccount = "another account"

// accounts that events come from.
func (f GroupFacts) accounts() []string {
	if f.Organization {
		return []string{f.AccountID, otherAccount}
	}
	return []string{f.AccountID}
}

// admits evaluates the criteria. AWS calls @aws.account and @aws.region the source of an event, which can be
// the log group's own, or the event's: only where both say the same is it known.
func (f GroupFacts) admits(c criterion, w event.Witness) tri {
	return agreed(c([]string{f.AccountID}, []string{f.Region}), c(f.accounts(), []string{w.Region}))
}

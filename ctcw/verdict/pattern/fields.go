package pattern

import (
	"encoding/json"
	"slices"
	"strings"
)

// fieldsForm is the pattern of an event whose fields are separated by spaces: [ip, user, ..., status = 4*, bytes].
type fieldsForm []field

// field is one field of the event, or any number of them.
type field struct {
	name      string // "..." for any number, empty for one without a name
	condition expr   // nil if there is none
}

const ellipsis = "..."

// matches follows what was observed: an ellipsis stands for any number of fields, none too. Without one, the last
// field takes the rest of the line, and there must be one for each.
func (f fieldsForm) matches(e Event) bool {
	words := split(e.text)
	gap := slices.IndexFunc(f, func(field field) bool { return field.name == ellipsis })
	if gap >= 0 {
		front, back := f[:gap], f[gap+1:]
		return len(words) >= len(front)+len(back) && front.hold(words) && back.hold(words[len(words)-len(back):])
	}
	if last := len(f) - 1; last >= 0 && len(words) > len(f) {
		words[last].text = strings.TrimRight(e.text[words[last].start:], " \t\r\n")
	}
	return len(words) >= len(f) && f.hold(words)
}

// hold reports whether the conditions of the fields are true of the first words.
func (f fieldsForm) hold(words []word) bool {
	for i, field := range f {
		if field.condition != nil && !field.condition.holds(words[i].text) {
			return false
		}
	}
	return true
}

// word is a field of an event.
type word struct {
	text  string // without the quotes or brackets around it
	start int    // where it starts in the event
}

// split divides a line at white space. What stands in double quotes or brackets is one field (the guide); a quote
// that is never closed is a character like others (observed). That a quote inside of a field is one too is not
// described: a JSON text is divided at its spaces, then.
func split(line string) []word {
	var words []word
	s := &scanner{text: line}
	for s.space(); !s.end(); s.space() {
		start := s.pos
		if text, ok := s.group(); ok {
			words = append(words, word{text, start})
			continue
		}
		words = append(words, word{s.run(func(c byte) bool { return !isSpace(c) }), start})
	}
	return words
}

// group steps over a text in double quotes or brackets that ends where its field does.
func (s *scanner) group() (string, bool) {
	rest := s.text[s.pos:]
	closing := map[byte]string{'"': `"`, '[': `]`}[rest[0]]
	if closing == "" {
		return "", false
	}
	length := strings.Index(rest[1:], closing)
	if end := length + 2; length >= 0 && (end == len(rest) || isSpace(rest[end])) {
		s.pos += end
		return rest[1 : end-1], true
	}
	return "", false
}

func (f fieldsForm) String() string {
	parts := make([]string, len(f))
	for i, field := range f {
		parts[i] = field.name
		if field.condition != nil {
			parts[i] = field.condition.String()
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// fields reads the names of the fields and their conditions.
func (s *scanner) fields() (form, error) {
	s.pos++
	if s.space(); s.take("]") {
		return fieldsForm{}, nil
	}
	var f fieldsForm
	seen := map[string]bool{}
	for {
		s.space()
		start := s.pos
		next, err := s.field()
		if err != nil {
			return nil, err
		}
		// Observed: "Duplicate field '...'", whatever the name.
		if next.name != "" && seen[next.name] {
			return nil, s.failAt(start, "the field %s is there twice", next.name)
		}
		seen[next.name] = true
		f = append(f, next)
		if s.space(); s.take("]") {
			return f, nil
		}
		if !s.take(",") {
			return nil, s.fail("a comma or the closing ] is missing before %s", s.here())
		}
	}
}

// field reads up to the next comma. The guide of 2021 has an empty field, as in [..., status=4*,].
func (s *scanner) field() (field, error) {
	if s.take(ellipsis) {
		return field{name: ellipsis}, nil
	}
	if c := s.peek(); c == ',' || c == ']' {
		return field{}, nil
	}
	if c := s.peek(); c != '(' {
		start := s.pos
		name := s.run(isName)
		if name == "" {
			return field{}, s.fail("the name of a field is missing before %s", s.here())
		}
		if s.space(); s.peek() == ',' || s.peek() == ']' {
			return field{name: name}, nil
		}
		s.pos = start
	}
	var f field
	e, err := s.expr(func() (expr, error) { return s.fieldCondition(&f.name) })
	f.condition = e
	return f, err
}

// fieldComparison is a condition such as status = 4*.
type fieldComparison struct {
	field    string
	relation string
	value    value
}

// holds takes the text for a number if it looks like one: an event's fields have no types.
func (c fieldComparison) holds(of any) bool {
	text, _ := of.(string)
	if _, ok := parseDecimal(text); ok {
		return c.value.compare(json.Number(text), c.relation)
	}
	return c.value.compare(text, c.relation)
}

func (c fieldComparison) String() string {
	return c.field + " " + c.relation + " " + c.value.String()
}

// fieldCondition reads one comparison. All comparisons in one place are about the same field.
func (s *scanner) fieldCondition(field *string) (expr, error) {
	start := s.pos
	name := s.run(isName)
	switch {
	case name == "":
		return nil, s.fail("the name of a field is missing before %s", s.here())
	case *field == "":
		*field = name
	case *field != name:
		return nil, s.failAt(start, "this condition is about %s, not about %s", *field, name)
	}
	s.space()
	relation, ok := s.relation()
	if !ok {
		return nil, s.fail("=, !=, <, <=, > or >= is missing before %s", s.here())
	}
	v, err := s.value(relation)
	if err != nil {
		return nil, err
	}
	return fieldComparison{name, relation, v}, nil
}

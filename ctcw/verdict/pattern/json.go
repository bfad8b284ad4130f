package pattern

import (
	"strconv"
	"strings"
)

// jsonForm is the pattern of an event that is a JSON object: { $.eventName = "DeleteTrail" }.
type jsonForm struct{ expr }

// matches is false of what is not a JSON object, NOT EXISTS too (observed).
func (f jsonForm) matches(e Event) bool { return e.root != nil && f.holds(e.root) }

func (f jsonForm) String() string { return "{ " + f.expr.String() + " }" }

func (s *scanner) json() (form, error) {
	s.pos++
	e, err := s.expr(s.condition)
	if err != nil {
		return nil, err
	}
	if s.space(); !s.take("}") {
		return nil, s.fail("&&, || or the closing } is missing before %s", s.here())
	}
	return jsonForm{e}, nil
}

// comparison is a condition such as $.eventName = "DeleteTrail".
type comparison struct {
	selector selector
	relation string
	value    value
}

func (c comparison) holds(root any) bool {
	return c.selector.some(root, func(have any) bool { return c.value.compare(have, c.relation) })
}

func (c comparison) String() string {
	return c.selector.String() + " " + c.relation + " " + c.value.String()
}

// state is a condition in words: a selector and IS NULL, IS TRUE, IS FALSE or NOT EXISTS.
type state struct {
	selector selector
	words    string
}

const (
	isNull    = "IS NULL"
	isTrue    = "IS TRUE"
	isFalse   = "IS FALSE"
	notExists = "NOT EXISTS"
)

func (c state) holds(root any) bool {
	switch c.words {
	case notExists:
		return !c.selector.some(root, func(any) bool { return true })
	case isNull:
		return c.selector.some(root, null)
	default:
		return c.selector.some(root, func(have any) bool { return have == (c.words == isTrue) })
	}
}

// null is true of null and, observed, of an array that has a null in it.
func null(have any) bool {
	array, _ := have.([]any)
	for _, element := range array {
		if element == nil {
			return true
		}
	}
	return have == nil
}

func (c state) String() string { return c.selector.String() + " " + c.words }

// condition reads one comparison or state.
func (s *scanner) condition() (expr, error) {
	start := s.pos
	at, err := s.selector()
	if err != nil {
		return nil, err
	}
	after := s.pos
	s.space()
	relation, ok := s.relation()
	if !ok {
		if s.pos == after {
			return nil, s.noRelation()
		}
		if relation, err = s.words(); err != nil {
			return nil, err
		}
	}
	if at.wildcard() && (relation == "!=" || relation == notExists) {
		return nil, s.failAt(start, "AWS does not say whether %s after a wildcard is about one or about all", relation)
	}
	if !ok {
		return state{at, relation}, nil
	}
	s.space()
	start = s.pos
	v, err := s.value(relation)
	if err != nil {
		return nil, err
	}
	if strings.EqualFold(s.text[start:s.pos], "null") {
		// Observed: "= null" is refused.
		return nil, s.failAt(start, "a property is not compared with null; AWS writes IS NULL")
	}
	return comparison{at, relation, v}, nil
}

func (s *scanner) noRelation() error {
	return s.fail("=, !=, <, <=, >, >=, IS or NOT EXISTS is missing before %s", s.here())
}

// words reads IS NULL, IS TRUE, IS FALSE or NOT EXISTS, in capital letters as the guide has them.
func (s *scanner) words() (string, error) {
	start := s.pos
	first, second := s.run(isName), ""
	s.space()
	place := s.pos
	if first == "IS" || first == "NOT" {
		second = s.run(isName)
	}
	switch words := first + " " + second; {
	case words == isNull || words == isTrue || words == isFalse || words == notExists:
		return words, nil
	case first == "IS":
		return "", s.failAt(place, "after IS comes NULL, TRUE or FALSE")
	case first == "NOT":
		return "", s.failAt(place, "after NOT comes EXISTS")
	case first == "EXISTS":
		return "", s.failAt(start, "AWS has no EXISTS, only NOT EXISTS")
	}
	s.pos = start
	return "", s.noRelation()
}

// selector names places in a JSON object, several if it has a wildcard.
type selector []step

// step leads from a value to those inside it. It is one of a property, an element and all.
type step struct {
	kind  stepKind
	name  string
	index int
}

type stepKind int

const (
	property stepKind = iota
	element
	all // "You can use the JSON wildcard to select any array element or any JSON object field."
)

func (s selector) wildcard() bool {
	for _, step := range s {
		if step.kind == all {
			return true
		}
	}
	return false
}

// some reports whether the test is true of something that the selector points at.
func (s selector) some(of any, test func(any) bool) bool {
	if len(s) == 0 {
		return test(of)
	}
	array, _ := of.([]any)
	object, _ := of.(map[string]any)
	switch first, rest := s[0], s[1:]; first.kind {
	case element:
		return first.index < len(array) && rest.some(array[first.index], test)
	case all:
		// Observed: [*] is true of the fields of an object too.
		for _, inner := range array {
			if rest.some(inner, test) {
				return true
			}
		}
		for _, inner := range object {
			if rest.some(inner, test) {
				return true
			}
		}
		return false
	default:
		inner, ok := object[first.name]
		return ok && rest.some(inner, test)
	}
}

func (s selector) String() string {
	var b strings.Builder
	b.WriteString("$")
	for i, step := range s {
		switch {
		case step.kind == element:
			b.WriteString("[" + strconv.Itoa(step.index) + "]")
		case step.kind == all && i == 0:
			b.WriteString(".*")
		case step.kind == all:
			b.WriteString("[*]")
		case step.name != "" && strings.TrimFunc(step.name, func(r rune) bool { return r < 128 && isName(byte(r)) }) == "":
			b.WriteString("." + step.name)
		default:
			b.WriteString(".['" + step.name + "']")
		}
	}
	return b.String()
}

// selector reads $.userIdentity.type, $.resources[0].ARN, $.resources[*].ARN, $.* or $.['cluster.name'].
func (s *scanner) selector() (selector, error) {
	start := s.pos
	if !s.take("$.") {
		if s.take("$") {
			return nil, s.fail("a point is missing between $ and %s", s.here())
		}
		return nil, s.fail("a condition starts with $. but here is %s", s.here())
	}
	var at selector
	for dot := true; dot || s.peek() == '['; dot = s.take(".") {
		step, err := s.step(dot)
		if err != nil {
			return nil, err
		}
		if step.kind == all {
			if at.wildcard() {
				return nil, s.failAt(start, "AWS allows one wildcard in a selector")
			}
			if s.wildcards++; s.wildcards > 3 {
				return nil, s.failAt(start, "AWS allows three wildcards in a pattern, this is the fourth")
			}
		}
		at = append(at, step)
	}
	return at, nil
}

// step reads what follows a point, or else an opening bracket.
func (s *scanner) step(dot bool) (step, error) {
	open := s.pos
	switch {
	case dot && s.take("*"):
		return step{kind: all}, nil
	case s.take("['"):
		name := s.run(func(c byte) bool { return c != '\'' && c != '\\' })
		if !s.take("']") {
			return step{}, s.failAt(open, "'] is missing after this name, or a backslash is in it")
		}
		return step{name: name}, nil
	case !dot && s.take("[*]"):
		return step{kind: all}, nil
	case !dot:
		s.pos++
		index, err := strconv.Atoi(s.run(isDigit))
		if err != nil || !s.take("]") {
			return step{}, s.failAt(open, "between these brackets belongs the number of an element, an asterisk, or a name in single quotes")
		}
		return step{kind: element, index: index}, nil
	}
	name := s.run(isName)
	if name == "" {
		return step{}, s.fail("the name of a property is missing before %s", s.here())
	}
	return step{name: name}, nil
}

package pattern

import (
	"encoding/json"
	"regexp"
	"strings"
)

// value is what a property or a field is compared with.
type value struct {
	text   string         // as it stands in the pattern, without quotes
	number *decimal       // set when the text is a number without quotes
	regex  *regexp.Regexp // set when the text is a regular expression
}

func (v value) String() string {
	switch {
	case v.regex != nil:
		return "%" + v.text + "%"
	case v.number != nil:
		return v.text
	default:
		return quote(v.text)
	}
}

// is reports whether the text equals the value, whose asterisk at either end stands for any text. An asterisk
// inside stands for itself: the guide of 2021 says that Ev*ent only matches the actual string Ev*ent.
func (v value) is(text string) bool {
	if v.regex != nil {
		return v.regex.MatchString(text)
	}
	want, before := strings.CutPrefix(v.text, "*")
	want, after := strings.CutSuffix(want, "*")
	switch {
	case before && after:
		return strings.Contains(text, want)
	case before:
		return strings.HasSuffix(text, want)
	case after:
		return strings.HasPrefix(text, want)
	default:
		return text == want
	}
}

// compare reports whether what an event has is in the relation to the value. Observed:
//
//   - Only strings and numbers are compared. Of null, true, false, an array and an object nothing is true, != neither.
//   - A number without quotes is compared by size with a number: 1 equals 1.0 and 1e0.
//   - Otherwise the texts are compared: 1 equals "1" but not "1.0", and "1" in quotes equals the number 1 but not 1.0.
//   - <, <=, > and >= are not true of a string, whatever it says.
//
// That a wildcard and a regular expression look at a number's text too follows from the guide ("Use the asterisk as a
// wild card to match numbers").
func (v value) compare(have any, relation string) bool {
	switch have := have.(type) {
	case json.Number:
		if v.number == nil {
			return v.compareText(have.String(), relation)
		}
		number, ok := parseDecimal(have.String())
		return ok && inOrder(number.compare(*v.number), relation)
	case string:
		return v.compareText(have, relation)
	default:
		return false
	}
}

func (v value) compareText(text, relation string) bool {
	switch relation {
	case "=":
		return v.is(text)
	case "!=":
		return !v.is(text)
	default:
		return false
	}
}

func inOrder(order int, relation string) bool {
	switch relation {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default:
		return order >= 0
	}
}

// relation reads one of the six.
func (s *scanner) relation() (string, bool) {
	for _, relation := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if s.take(relation) {
			return relation, true
		}
	}
	return "", false
}

// value reads what follows the relation.
func (s *scanner) value(relation string) (value, error) {
	s.space()
	start := s.pos
	var v value
	var err error
	switch s.peek() {
	case '"':
		v.text, err = s.quoted()
	case '%':
		// "There is a limit of 2 regex for each filter pattern when creating a delimited or JSON filter pattern."
		if s.regexes++; s.regexes > 2 {
			return value{}, s.fail("AWS allows two regular expressions in a pattern, this is the third")
		}
		v.text, v.regex, err = s.regex()
	default:
		v, err = s.bare()
	}
	if err != nil {
		return value{}, err
	}
	if relation != "=" && relation != "!=" && v.number == nil {
		return value{}, s.failAt(start, "%s compares numbers only", relation)
	}
	return v, nil
}

// bare reads a value without quotes, which is a number if it looks like one.
func (s *scanner) bare() (value, error) {
	start := s.pos
	v := value{text: s.run(isBare)}
	switch {
	case v.text == "":
		return value{}, s.fail("a value is missing before %s", s.here())
	case !s.end() && !isSpace(s.peek()) && !strings.ContainsRune(")]}&|,", rune(s.peek())):
		return value{}, s.fail("a value with %s in it must stand in double quotes", s.here())
	}
	if number, ok := parseDecimal(v.text); ok {
		v.number = &number
	} else if strings.Trim(strings.TrimLeft(v.text, "+-"), "0123456789") == "." {
		return value{}, s.failAt(start, "a number has digits before and after its point")
	}
	return v, nil
}

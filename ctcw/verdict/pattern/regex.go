package pattern

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// What the guide lets stand in a regular expression besides letters and digits. A space is not in its list, but in
// its example %^starting|^initializing|^shutting down%. An older edition does not have the colon.
const (
	regexSymbols   = ":_#=@/;,- "
	regexOperators = `^$?[]{}|\*+.`
)

// regex reads a regular expression between percent signs.
//
// Only what the guide describes is taken, and only where all common engines agree on what it means. So it can be
// handed to Go's, which is linear in time; {,n} alone has to be written differently for it.
func (s *scanner) regex() (text string, compiled *regexp.Regexp, err error) {
	open := s.pos
	s.pos++
	start := s.pos
	var goText strings.Builder
	repeatable := false // whether what was read last may be followed by ?, *, + or {
	for s.peek() != '%' {
		from, prefix := s.pos, ""
		switch c := s.peek(); {
		case s.end():
			return "", nil, s.failAt(open, "this percent sign is never closed")
		case c == '\\':
			err, repeatable = s.regexEscape(), true
		case c == '[':
			err, repeatable = s.regexClass(), true
		case c == ']' || c == '}':
			err = s.fail("a backslash is missing before %s, or what it closes", s.here())
		case c == '?' || c == '*' || c == '+' || c == '{':
			if !repeatable {
				return "", nil, s.fail("there is nothing that %s could repeat", s.here())
			}
			err, repeatable = s.regexRepetition(), false
			if strings.HasPrefix(s.text[from:s.pos], "{,") {
				from, prefix = from+1, "{0"
			}
		case c == '^' || c == '$' || c == '|':
			s.pos++
			repeatable = false
		case c == '.' || isAlphanumeric(c) || strings.IndexByte(regexSymbols, c) >= 0:
			s.pos++
			repeatable = true
		default:
			err = s.fail("AWS does not allow %s in a regular expression", s.here())
		}
		if err != nil {
			return "", nil, err
		}
		goText.WriteString(prefix + s.text[from:s.pos])
	}
	text = s.text[start:s.pos]
	s.pos++
	if text == "" {
		return "", nil, s.failAt(open, "the regular expression is empty")
	}
	// "Matches any single character", so a line feed too: the flag s.
	compiled, err = regexp.Compile("(?s)" + goText.String())
	if err != nil {
		what := err.Error()
		if bad, ok := err.(*syntax.Error); ok {
			what = bad.Code.String()
		}
		return "", nil, s.failAt(open, "the regular expression is not valid: %s", what)
	}
	return text, compiled, nil
}

// regexEscape reads a backslash and what belongs to it.
func (s *scanner) regexEscape() error {
	s.pos++
	switch c := s.peek(); {
	case s.end():
		return s.fail("something is missing after the backslash")
	case strings.IndexByte("dDsSwW", c) >= 0, strings.IndexByte(regexOperators, c) >= 0, strings.IndexByte(regexSymbols, c) >= 0:
		s.pos++
		return nil
	case c == 'x':
		s.pos++
		for i := range 2 {
			if !isHex(s.peek()) || i == 0 && s.peek() > '7' {
				return s.fail(`after \x come two hexadecimal digits, 00 to 7F`)
			}
			s.pos++
		}
		return nil
	default:
		return s.fail("AWS does not describe a backslash before %s in a regular expression", s.here())
	}
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// regexClass reads [...]. Engines differ about an empty class and about an opening bracket in it.
func (s *scanner) regexClass() error {
	open := s.pos
	s.pos++
	s.take("^")
	for first := true; ; first = false {
		switch c := s.peek(); {
		case s.end() || c == '%':
			return s.failAt(open, "this bracket is never closed")
		case c == ']' && first:
			return s.fail("the brackets are empty")
		case c == ']':
			s.pos++
			return nil
		case c == '\\':
			if err := s.regexEscape(); err != nil {
				return err
			}
		case c != '[' && (isAlphanumeric(c) || strings.IndexByte(regexSymbols, c) >= 0 || strings.IndexByte(regexOperators, c) >= 0):
			s.pos++
		default:
			return s.fail("AWS does not describe %s in brackets", s.here())
		}
	}
}

// regexRepetition reads ?, *, +, {n}, {n,}, {,n} or {m,n}.
func (s *scanner) regexRepetition() error {
	if !s.take("{") {
		s.pos++
		return nil
	}
	least := s.run(isDigit)
	most := ""
	if s.take(",") {
		most = s.run(isDigit)
	}
	if least == "" && most == "" || !s.take("}") {
		return s.fail("in braces stand one or two numbers, with a comma between them, not %s", s.here())
	}
	return nil
}

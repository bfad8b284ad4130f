package pattern

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scanner walks over the text of a pattern.
type scanner struct {
	text string
	pos  int // of the next byte

	depth     int // open parentheses
	wildcards int // selectors with a wildcard
	regexes   int // regular expressions in a JSON or a space-delimited pattern
}

// fail makes the error about what stands at the scanner's place.
func (s *scanner) fail(format string, args ...any) error { return s.failAt(s.pos, format, args...) }

func (s *scanner) failAt(pos int, format string, args ...any) error {
	return &SyntaxError{Offset: utf8.RuneCountInString(s.text[:pos]) + 1, What: fmt.Sprintf(format, args...)}
}

// here names what stands at the scanner's place, for an error.
func (s *scanner) here() string {
	if s.end() {
		return "the end"
	}
	r, _ := utf8.DecodeRuneInString(s.text[s.pos:])
	return strconv.Quote(string(r))
}

func (s *scanner) end() bool { return s.pos == len(s.text) }

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.end() {
		return 0
	}
	return s.text[s.pos]
}

// take steps over the token if it comes next.
func (s *scanner) take(token string) bool {
	if !strings.HasPrefix(s.text[s.pos:], token) {
		return false
	}
	s.pos += len(token)
	return true
}

// run steps over the bytes that belong, and returns them.
func (s *scanner) run(belongs func(byte) bool) string {
	start := s.pos
	for !s.end() && belongs(s.text[s.pos]) {
		s.pos++
	}
	return s.text[start:s.pos]
}

// space steps over white space, which may stand between any two tokens.
func (s *scanner) space() { s.run(isSpace) }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlphanumeric(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) }

// isWord is true of what AWS's guide lets stand in a term without quotes.
func isWord(c byte) bool { return isAlphanumeric(c) || c == '_' }

// isName is true of what AWS's guide lets stand in the name of a property. The CDK holds field names to the same.
func isName(c byte) bool { return isWord(c) || c == '-' }

// isBare is true of what may stand in a value without quotes. The guide names letters, digits and the underscore,
// and has examples with an asterisk, a point, and a sign before a number; a hyphen cannot mean anything else there
// either.
func isBare(c byte) bool { return isName(c) || c == '*' || c == '.' || c == '+' }

// quoted reads a text in double quotes. AWS's CDK, which quotes every text, writes \" and \\ in it and no other
// escape.
func (s *scanner) quoted() (string, error) {
	open := s.pos
	s.pos++
	var text strings.Builder
	for !s.end() {
		switch c := s.text[s.pos]; c {
		case '"':
			s.pos++
			return text.String(), nil
		case '\\':
			if next := strings.TrimPrefix(s.text[s.pos:], `\`); next == "" || next[0] != '"' && next[0] != '\\' {
				return "", s.fail(`after a backslash in quotes comes another one or a double quote`)
			}
			s.pos++
			text.WriteByte(s.text[s.pos])
		default:
			text.WriteByte(c)
		}
		s.pos++
	}
	return "", s.failAt(open, "this double quote is never closed")
}

// quote is the inverse of [scanner.quoted].
func quote(text string) string { return `"` + escape.Replace(text) + `"` }

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

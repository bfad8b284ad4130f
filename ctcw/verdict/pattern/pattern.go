// Package pattern understands the filter pattern of a CloudWatch Logs metric filter: [Parse] reads one, and
// [Pattern.Matches] says whether a CloudTrail event matches it.
//
// It knows what AWS's guide says ("Filter pattern syntax for metric filters, subscription filters, filter log
// events, and Live Tail" in the CloudWatch Logs user guide), and, where the guide is silent or mistaken, what AWS
// answered. "Observed" in a comment is such an answer: TestMetricFilter in us-east-1 on 2026-09-13, recorded by
// others in github.com/radkawar/stackd, testdata/aws/logs/filters.json.
//
// What is in neither is a [SyntaxError] with the place, although AWS may take it: a pattern that is not understood
// must be said, not guessed.
//
// The parser is written by hand: a pure package imports only the standard library, and the place and the words of
// an error matter here.
package pattern

import (
	"fmt"
	"unicode/utf8"
)

// Pattern is a parsed filter pattern. It does not change, so that it can be used from several goroutines.
type Pattern struct {
	form form
}

// form is one of the three kinds of patterns: [jsonForm], [fieldsForm], [termsForm].
type form interface {
	matches(Event) bool
	String() string
}

// Matches reports whether a metric filter with this pattern counts the event.
func (p *Pattern) Matches(e Event) bool { return p.form.matches(e) }

// String returns the pattern in one fixed spelling. What it returns parses into an equal pattern.
func (p *Pattern) String() string { return p.form.String() }

// SyntaxError says why a pattern could not be read.
type SyntaxError struct {
	Offset int    // the character at which it went wrong, 1 for the first
	What   string // what is wrong there, in one line
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("character %d: %s", e.Offset, e.What) }

// Parse reads a filter pattern as DescribeMetricFilters returns it. Its error is a [*SyntaxError].
func Parse(text string) (*Pattern, error) {
	s := &scanner{text: text}
	if s.pos = validUTF8(text); !s.end() {
		return nil, s.fail("this is not UTF-8")
	}
	s.pos = 0
	s.space()
	read := s.terms
	switch s.peek() {
	case '{':
		read = s.json
	case '[':
		read = s.fields
	}
	f, err := read()
	if err != nil {
		return nil, err
	}
	if s.space(); !s.end() {
		return nil, s.fail("nothing may follow the pattern, but here is %s", s.here())
	}
	return &Pattern{f}, nil
}

// validUTF8 returns the length of the text up to its first byte that is not UTF-8.
func validUTF8(text string) int {
	for i, r := range text {
		if _, size := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
			return i
		}
	}
	return len(text)
}

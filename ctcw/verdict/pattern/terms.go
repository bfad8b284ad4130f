package pattern

import "strings"

// termsForm is the pattern of words: ERROR "exact phrase" -without ?any ?of %regular expression%.
type termsForm struct {
	all  []value // all of these
	none []value // none of these
	any  []value // at least one of these, if there are some
}

func (f termsForm) matches(e Event) bool {
	for _, term := range f.all {
		if !term.in(e.text) {
			return false
		}
	}
	for _, term := range f.none {
		if term.in(e.text) {
			return false
		}
	}
	for _, term := range f.any {
		if term.in(e.text) {
			return true
		}
	}
	return len(f.any) == 0
}

// in reports whether the text contains the term; an asterisk stands for itself here.
//
// The guide says that " ", a space in quotes, matches everything. Observed: it matches what has a space in it.
func (v value) in(text string) bool {
	if v.regex != nil {
		return v.regex.MatchString(text)
	}
	return strings.Contains(text, v.text)
}

func (f termsForm) String() string {
	var parts []string
	for _, term := range f.all {
		parts = append(parts, term.String())
	}
	for _, term := range f.none {
		parts = append(parts, "-"+term.String())
	}
	for _, term := range f.any {
		parts = append(parts, "?"+term.String())
	}
	return strings.Join(parts, " ")
}

// terms reads words up to the end. None at all match everything (observed).
func (s *scanner) terms() (form, error) {
	var f termsForm
	for s.space(); !s.end(); s.space() {
		list := &f.all
		switch {
		case s.take("-"):
			list = &f.none
			// The guide of 2021 has the example "ERROR" - "Exiting".
			s.space()
		case s.take("?"):
			list = &f.any
		}
		term, err := s.term()
		if err != nil {
			return nil, err
		}
		*list = append(*list, term)
	}
	// "If you combine ? with other filter patterns, all question mark terms will be ignored."
	if len(f.all)+len(f.none) > 0 {
		f.any = nil
	}
	return f, nil
}

func (s *scanner) term() (value, error) {
	var v value
	var err error
	start := s.pos
	switch s.peek() {
	case '"':
		v.text, err = s.quoted()
	case '%':
		v.text, v.regex, err = s.regex()
	default:
		v.text = s.run(isWord)
	}
	switch {
	case err != nil:
		return value{}, err
	case s.pos == start && (s.end() || isSpace(s.peek())):
		return value{}, s.fail("a term is missing before %s", s.here())
	case !s.end() && !isSpace(s.peek()):
		// Observed: ERR* is refused. The guide: "Enclose terms that include non-alphanumeric characters in double quotes."
		return value{}, s.fail("a term with %s in it must stand in double quotes", s.here())
	}
	return v, nil
}

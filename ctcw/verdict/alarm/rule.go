package alarm

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// rule is a parsed AlarmRule of a composite alarm: ALARM("name or ARN"), OK(…), INSUFFICIENT_DATA(…), TRUE, FALSE,
// AND, OR, NOT, parentheses, and AT_LEAST(2 or 50%, ALARM or NOT ALARM, (one, two, three)) ("Composite alarms" in
// the CloudWatch user guide). AND binds tighter than OR.
type rule struct {
	holds func(states) tri
	refs  []string // names and ARNs in it
}

// states returns the state of the alarm with that name or ARN; empty when it is not known.
type states func(ref string) string

func (s states) is(ref, state string) tri {
	switch s(ref) {
	case "":
		return maybe
	case state:
		return yes
	default:
		return no
	}
}

func parseRule(text string) (rule, error) {
	p := &ruleParser{text: text}
	holds, err := p.or()
	if err == nil && p.peek() != "" {
		err = p.unexpected()
	}
	return rule{holds, p.refs}, err
}

type ruleParser struct {
	text  string
	pos   int
	depth int
	refs  []string
}

// peek returns the next word: a name, a quoted reference, a parenthesis, a comma; empty at the end.
func (p *ruleParser) peek() string {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
	rest := p.text[p.pos:]
	switch {
	case rest == "":
		return ""
	case strings.IndexByte("(),", rest[0]) >= 0:
		return rest[:1]
	case rest[0] == '"':
		for i := 1; i < len(rest); i++ {
			switch rest[i] {
			case '\\':
				i++
			case '"':
				return rest[:i+1]
			}
		}
		return rest
	}
	if i := strings.IndexAny(rest, " \t\r\n(),"); i > 0 {
		return rest[:i]
	}
	return rest
}

func (p *ruleParser) unexpected() error {
	if w := p.peek(); w != "" {
		return fmt.Errorf("character %d: %q is not expected", p.pos+1, w)
	}
	return errors.New("the rule ends too early")
}

func (p *ruleParser) take(word string) bool {
	if w := p.peek(); w == "" || w != word {
		return false
	}
	p.pos += len(word)
	return true
}

func (p *ruleParser) or() (func(states) tri, error) { return p.list("OR", p.and, tri.or) }

func (p *ruleParser) and() (func(states) tri, error) { return p.list("AND", p.term, tri.and) }

func (p *ruleParser) list(operator string, term func() (func(states) tri, error), join func(tri, tri) tri) (func(states) tri, error) {
	first, err := term()
	if err != nil {
		return nil, err
	}
	all := []func(states) tri{first}
	for p.take(operator) {
		next, err := term()
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	return func(s states) tri {
		answer := all[0](s)
		for _, f := range all[1:] {
			answer = join(answer, f(s))
		}
		return answer
	}, nil
}

func (p *ruleParser) term() (func(states) tri, error) {
	if p.depth++; p.depth > deepest {
		return nil, errors.New("the rule is nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("NOT"):
		f, err := p.term()
		return func(s states) tri { return f(s).not() }, err
	case p.take("("):
		f, err := p.or()
		if err == nil && !p.take(")") {
			err = p.unexpected()
		}
		return f, err
	case p.take("TRUE"):
		return func(states) tri { return yes }, nil
	case p.take("FALSE"):
		return func(states) tri { return no }, nil
	case p.take("AT_LEAST"):
		return p.atLeast()
	}
	for _, state := range alarmStates {
		if p.take(state) {
			refs, err := p.references()
			if err == nil && len(refs) != 1 {
				err = p.unexpected()
			}
			return func(s states) tri { return s.is(refs[0], state) }, err
		}
	}
	return nil, p.unexpected()
}

var alarmStates = []string{"ALARM", "OK", "INSUFFICIENT_DATA"}

// references reads a list of names and ARNs in parentheses.
func (p *ruleParser) references() ([]string, error) {
	if !p.take("(") {
		return nil, p.unexpected()
	}
	var refs []string
	for {
		w := p.peek()
		if w == "" || len(w) == 1 && strings.IndexByte("(),\"", w[0]) >= 0 {
			return nil, p.unexpected()
		}
		ref := w
		if w[0] == '"' {
			if w[len(w)-1] != '"' {
				return nil, errors.New("a quote is not closed")
			}
			ref = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(w[1 : len(w)-1])
		}
		p.pos += len(w)
		refs = append(refs, ref)
		if p.take(")") {
			p.refs = append(p.refs, refs...)
			return refs, nil
		}
		if !p.take(",") {
			return nil, p.unexpected()
		}
	}
}

func (p *ruleParser) atLeast() (func(states) tri, error) {
	if !p.take("(") {
		return nil, p.unexpected()
	}
	amount := strings.Trim(p.peek(), `"`)
	p.pos += len(p.peek())
	number, percent := strings.CutSuffix(amount, "%")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || !p.take(",") {
		return nil, fmt.Errorf("%q is not an amount for AT_LEAST", amount)
	}
	negative := p.take("NOT")
	state := p.peek()
	if !slices.Contains(alarmStates, state) {
		return nil, p.unexpected()
	}
	p.pos += len(state)
	if !p.take(",") {
		return nil, p.unexpected()
	}
	refs, err := p.references()
	if err == nil && !p.take(")") {
		err = p.unexpected()
	}
	if percent {
		n = int(math.Ceil(float64(n) * float64(len(refs)) / 100))
	}
	return func(s states) tri {
		sure, possible := 0, 0
		for _, ref := range refs {
			t := s.is(ref, state)
			if negative {
				t = t.not()
			}
			if t == yes {
				sure++
			}
			if t != no {
				possible++
			}
		}
		switch {
		case sure >= n:
			return yes
		case possible >= n:
			return maybe
		default:
			return no
		}
	}, err
}

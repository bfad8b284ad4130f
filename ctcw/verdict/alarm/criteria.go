package alarm

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// criterion is a parsed fieldSelectionCriteria: =, !=, IN and NOT IN on @aws.account and @aws.region, with AND,
// OR and parentheses ("PutMetricFilter" in the API reference).
type criterion func(account, region []string) tri

// parseCriteria reads what PutMetricFilter took; AND binds tighter than OR.
func parseCriteria(text string) (criterion, error) {
	p := &criteriaParser{words: criteriaWords(text)}
	c, err := p.or()
	if err == nil && p.next() != "" {
		err = fmt.Errorf("%q is not understood", p.next())
	}
	return c, err
}

type criteriaParser struct {
	words []string
	pos   int
}

func (p *criteriaParser) next() string {
	if p.pos < len(p.words) {
		return p.words[p.pos]
	}
	return ""
}

func (p *criteriaParser) take(words ...string) bool {
	for i, w := range words {
		if p.pos+i >= len(p.words) || !strings.EqualFold(p.words[p.pos+i], w) {
			return false
		}
	}
	p.pos += len(words)
	return true
}

func (p *criteriaParser) or() (criterion, error) {
	return p.list(p.and, tri.or, "OR", "||")
}

func (p *criteriaParser) and() (criterion, error) {
	return p.list(p.term, tri.and, "AND", "&&")
}

func (p *criteriaParser) list(term func() (criterion, error), join func(tri, tri) tri, operators ...string) (criterion, error) {
	all, err := term()
	for err == nil && slices.ContainsFunc(operators, func(o string) bool { return p.take(o) }) {
		left := all
		var right criterion
		if right, err = term(); err == nil {
			all = func(a, r []string) tri { return join(left(a, r), right(a, r)) }
		}
	}
	return all, err
}

func (p *criteriaParser) term() (criterion, error) {
	if p.take("(") {
		c, err := p.or()
		if err == nil && !p.take(")") {
			err = errors.New("a closing parenthesis is missing")
		}
		return c, err
	}
	field := p.next()
	if field != "@aws.account" && field != "@aws.region" {
		return nil, fmt.Errorf("%q is not a system field", field)
	}
	p.pos++
	negative, list := false, false
	switch {
	case p.take("="):
	case p.take("!="):
		negative = true
	case p.take("IN"):
		list = true
	case p.take("NOT", "IN"):
		negative, list = true, true
	default:
		return nil, fmt.Errorf("%q is not an operator", p.next())
	}
	values, err := p.values(list)
	return func(account, region []string) tri {
		of := account
		if field == "@aws.region" {
			of = region
		}
		among := make([]tri, len(of))
		for i, v := range of {
			among[i] = is(slices.Contains(values, v) != negative)
		}
		return agreed(among...)
	}, err
}

func (p *criteriaParser) values(list bool) ([]string, error) {
	if !list {
		return p.value(nil)
	}
	if !p.take("[") {
		return nil, errors.New("a list is missing")
	}
	var values []string
	for {
		var err error
		if values, err = p.value(values); err != nil {
			return nil, err
		}
		if p.take("]") {
			return values, nil
		}
		if !p.take(",") {
			return nil, errors.New("the list does not end")
		}
	}
}

func (p *criteriaParser) value(values []string) ([]string, error) {
	w := p.next()
	if len(w) < 2 || w[0] != '"' && w[0] != '\'' {
		return nil, fmt.Errorf("%q is not a quoted value", w)
	}
	p.pos++
	return append(values, w[1:len(w)-1]), nil
}

// criteriaWords cuts the text at white space and around operators; a quoted value stays one word.
func criteriaWords(text string) []string {
	var words []string
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
			continue
		case c == '"' || c == '\'':
			if n := strings.IndexByte(text[end:], c); n >= 0 {
				end += n + 1
			}
		case strings.IndexByte("()[],=", c) >= 0:
		case c == '!' || c == '&' || c == '|':
			end = min(i+2, len(text))
		default:
			for end < len(text) && strings.IndexByte("()[],=!&| \t\r\n\"'", text[end]) < 0 {
				end++
			}
		}
		words = append(words, text[i:end])
		i = end
	}
	return words
}

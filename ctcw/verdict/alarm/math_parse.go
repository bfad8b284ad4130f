package alarm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// node is a parsed metric math expression ("Using math expressions with CloudWatch metrics").
type node struct {
	kind     nodeKind
	name     string // an id, a function, an operator, a text
	number   float64
	children []node
}

type nodeKind int

const (
	numberNode nodeKind = iota
	textNode
	idNode // an id, or a word such as REPEAT
	callNode
	listNode
	operatorNode // one child: the unary minus
)

// parseMath reads an expression.
func parseMath(text string) (node, error) {
	words, err := mathWords(text)
	if err != nil {
		return node{}, err
	}
	p := &mathParser{words: words}
	n, err := p.binary(0)
	if err == nil && p.pos < len(p.words) {
		err = p.unexpected()
	}
	return n, err
}

type mathParser struct {
	words []string
	pos   int
	depth int
}

// mathLevels are the operators, the loosest first.
var mathLevels = [][]string{{"OR", "||"}, {"AND", "&&"}, {"==", "!=", "<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/"}, {"^"}}

const deepest = 200 // nested parentheses; AWS allows an expression of 2048 characters

func (p *mathParser) unexpected() error {
	if p.pos < len(p.words) {
		return fmt.Errorf("%q is not expected here", p.words[p.pos])
	}
	return errors.New("the expression ends too early")
}

func (p *mathParser) take(words ...string) string {
	for _, w := range words {
		if p.pos < len(p.words) && p.words[p.pos] == w {
			p.pos++
			return w
		}
	}
	return ""
}

func (p *mathParser) binary(level int) (node, error) {
	if level == len(mathLevels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		operator := p.take(mathLevels[level]...)
		if operator == "" {
			break
		}
		var right node
		right, err = p.binary(level + 1)
		left = node{kind: operatorNode, name: operator, children: []node{left, right}}
	}
	return left, err
}

func (p *mathParser) unary() (node, error) {
	if p.depth++; p.depth > deepest {
		return node{}, errors.New("the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	if p.take("-") != "" {
		n, err := p.unary()
		return node{kind: operatorNode, name: "-", children: []node{n}}, err
	}
	return p.primary()
}

func (p *mathParser) primary() (node, error) {
	if p.pos >= len(p.words) {
		return node{}, p.unexpected()
	}
	word := p.words[p.pos]
	p.pos++
	switch c := word[0]; {
	case word == "(":
		n, err := p.binary(0)
		if err == nil && p.take(")") == "" {
			err = p.unexpected()
		}
		return n, err
	case word == "[":
		items, err := p.items("]")
		return node{kind: listNode, children: items}, err
	case c == '"' || c == '\'':
		return node{kind: textNode, name: word[1 : len(word)-1]}, nil
	case c >= '0' && c <= '9' || c == '.':
		number, err := strconv.ParseFloat(word, 64)
		return node{kind: numberNode, number: number}, err
	case isLetter(c):
		if p.take("(") == "" {
			return node{kind: idNode, name: word}, nil
		}
		arguments, err := p.items(")")
		return node{kind: callNode, name: word, children: arguments}, err
	}
	p.pos--
	return node{}, p.unexpected()
}

func (p *mathParser) items(end string) ([]node, error) {
	var items []node
	if p.take(end) != "" {
		return nil, nil
	}
	for {
		n, err := p.binary(0)
		if err != nil {
			return nil, err
		}
		items = append(items, n)
		if p.take(end) != "" {
			return items, nil
		}
		if p.take(",") == "" {
			return nil, p.unexpected()
		}
	}
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func isWord(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' }

func mathWords(text string) ([]string, error) {
	var words []string
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
			continue
		case c == '"' || c == '\'':
			n := strings.IndexByte(text[end:], c)
			if n < 0 {
				return nil, errors.New("a quote is not closed")
			}
			end += n + 1
		case isLetter(c):
			for end < len(text) && isWord(text[end]) {
				end++
			}
		case c >= '0' && c <= '9' || c == '.':
			for end < len(text) && (isWord(text[end]) || text[end] == '.') {
				end++
			}
		default:
			if two := text[i:min(i+2, len(text))]; strings.Contains(" == != <= >= && || ", " "+two+" ") {
				end = i + 2
			} else if strings.IndexByte("+-*/^<>()[],", c) < 0 {
				return nil, fmt.Errorf("%q is not understood", string(c))
			}
		}
		words = append(words, text[i:end])
		i = end
	}
	return words, nil
}

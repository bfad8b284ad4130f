package pattern

import "strings"

// maxDepth is how deep parentheses may be nested. The 1,024 characters that AWS allows a pattern cannot nest
// deeper, and a longer text must not exhaust the stack.
const maxDepth = 512

// expr is a condition, or several that are joined.
type expr interface {
	// holds reports whether the condition is true of the event's JSON, or of the text of a field.
	holds(of any) bool
	String() string
}

// allOf is conditions joined by &&, anyOf by ||. Each has two parts at least, none of its own kind.
type (
	allOf []expr
	anyOf []expr
)

func (a allOf) holds(of any) bool {
	for _, part := range a {
		if !part.holds(of) {
			return false
		}
	}
	return true
}

func (a anyOf) holds(of any) bool {
	for _, part := range a {
		if part.holds(of) {
			return true
		}
	}
	return false
}

func (a allOf) String() string {
	parts := make([]string, len(a))
	for i, part := range a {
		parts[i] = part.String()
		if _, ok := part.(anyOf); ok {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " && ")
}

func (a anyOf) String() string {
	parts := make([]string, len(a))
	for i, part := range a {
		parts[i] = part.String()
	}
	return strings.Join(parts, " || ")
}

// expr reads conditions joined by && and ||, of which && binds first.
func (s *scanner) expr(condition func() (expr, error)) (expr, error) {
	var parts anyOf
	for {
		part, err := s.conjunction(condition)
		if err != nil {
			return nil, err
		}
		if inner, ok := part.(anyOf); ok {
			parts = append(parts, inner...)
		} else {
			parts = append(parts, part)
		}
		if s.space(); !s.take("||") {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

func (s *scanner) conjunction(condition func() (expr, error)) (expr, error) {
	var parts allOf
	for {
		part, err := s.operand(condition)
		if err != nil {
			return nil, err
		}
		if inner, ok := part.(allOf); ok {
			parts = append(parts, inner...)
		} else {
			parts = append(parts, part)
		}
		if s.space(); !s.take("&&") {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return parts, nil
}

// operand reads a condition, or a whole expression in parentheses.
func (s *scanner) operand(condition func() (expr, error)) (expr, error) {
	s.space()
	open := s.pos
	if !s.take("(") {
		return condition()
	}
	if s.depth++; s.depth > maxDepth {
		return nil, s.failAt(open, "more than %d parentheses are open", maxDepth)
	}
	inner, err := s.expr(condition)
	if err != nil {
		return nil, err
	}
	s.depth--
	if s.space(); !s.take(")") {
		return nil, s.fail("&&, || or a closing parenthesis is missing before %s", s.here())
	}
	return inner, nil
}

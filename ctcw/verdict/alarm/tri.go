package alarm

// tri is an answer that may not be known.
type tri int8

const (
	no tri = iota
	maybe
	yes
)

func is(b bool) tri {
	if b {
		return yes
	}
	return no
}

func (t tri) not() tri { return yes - t }

func (t tri) and(u tri) tri { return min(t, u) }

func (t tri) or(u tri) tri { return max(t, u) }

// span is a chain that breaks at the status if the answer is no.
func (t tri) span(broken Status) span {
	switch t {
	case yes:
		return exactly(Monitored)
	case no:
		return exactly(broken)
	default:
		return span{broken, Monitored}
	}
}

// agreed is yes or no if all answers are, else maybe.
func agreed(answers ...tri) tri {
	all := answers[0]
	for _, a := range answers[1:] {
		if a != all {
			return maybe
		}
	}
	return all
}

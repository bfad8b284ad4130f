package alarm

import (
	"fmt"
	"math"
)

// call evaluates a function. SUM and the like of one series are over all its data, of which an alarm sees more
// than two periods, so they are not judged; AWS advises against them in alarms.
func (e evaluation) call(n node) (value, error) {
	if n.name == "METRICS" {
		all := value{list: true}
		for _, id := range e.metrics(n) {
			v, err := e.id(id)
			if err != nil {
				return value{}, err
			}
			all.many = append(all.many, v)
		}
		return all, nil
	}
	nodes, how := n.children, ""
	if n.name == "FILL" && len(nodes) == 2 && (nodes[1].name == "REPEAT" || nodes[1].name == "LINEAR") {
		nodes, how = nodes[:1], nodes[1].name
	}
	arguments, err := e.all(nodes)
	if err != nil {
		return value{}, err
	}
	f, ok := mathFunctions[n.name]
	if how != "" {
		f = repeat
	}
	if ok {
		if v, ok := f(arguments); ok {
			return v, nil
		}
	}
	return value{}, fmt.Errorf("%s in this form", n.name)
}

// mathFunctions answer false for arguments that they do not know.
var mathFunctions = map[string]func([]value) (value, bool){
	"ABS":          mapped(math.Abs),
	"CEIL":         mapped(math.Ceil),
	"FLOOR":        mapped(math.Floor),
	"LOG":          mapped(math.Log),
	"LOG10":        mapped(math.Log10),
	"SUM":          folded(func(all []float64, _ int) float64 { return sum(all) }),
	"AVG":          folded(func(all []float64, n int) float64 { return sum(all) / float64(n) }),
	"MAX":          folded(func(all []float64, _ int) float64 { return fold(all, math.Max) }),
	"MIN":          folded(func(all []float64, _ int) float64 { return fold(all, math.Min) }),
	"FIRST":        nth(func(int) int { return 0 }),
	"LAST":         nth(func(n int) int { return n - 1 }),
	"METRIC_COUNT": count,
	"TIME_SERIES":  constant,
	"FILL":         fill,
	"IF":           condition,
	"DIFF":         difference,
	"RATE":         difference, // per second: what counts here is its sign
	"RUNNING_SUM":  runningSum,
}

func mapped(f func(float64) float64) func([]value) (value, bool) {
	return func(arguments []value) (value, bool) {
		if len(arguments) != 1 {
			return value{}, false
		}
		return each(arguments[0], f), true
	}
}

// folded makes one series of a list; n is its length. A period in which none has a value has none.
func folded(f func(all []float64, n int) float64) func([]value) (value, bool) {
	return func(arguments []value) (value, bool) {
		if len(arguments) != 1 || !arguments[0].list || len(arguments[0].many) == 0 {
			return value{}, false
		}
		var s series
		for i := range s {
			var all []float64
			for _, v := range arguments[0].many {
				if p := v.series()[i]; p.ok {
					all = append(all, p.value)
				}
			}
			if len(all) > 0 {
				s[i] = point{f(all, len(arguments[0].many)), true}
			}
		}
		return ofSeries(s), true
	}
}

func sum(all []float64) float64 { return fold(all, func(a, b float64) float64 { return a + b }) }

func fold(all []float64, f func(a, b float64) float64) float64 {
	x := all[0]
	for _, y := range all[1:] {
		x = f(x, y)
	}
	return x
}

func nth(which func(n int) int) func([]value) (value, bool) {
	return func(arguments []value) (value, bool) {
		if len(arguments) != 1 || len(arguments[0].many) == 0 {
			return value{}, false
		}
		return arguments[0].many[which(len(arguments[0].many))], true
	}
}

func count(arguments []value) (value, bool) {
	if len(arguments) != 1 || !arguments[0].list {
		return value{}, false
	}
	return value{scalar: float64(len(arguments[0].many))}, true
}

func constant(arguments []value) (value, bool) {
	if len(arguments) != 1 || arguments[0].points != nil || arguments[0].list {
		return value{}, false
	}
	return ofSeries(arguments[0].series()), true
}

func fill(arguments []value) (value, bool) {
	if len(arguments) != 2 || arguments[1].list {
		return value{}, false
	}
	return replaced(arguments[0], func(s series) series {
		for i := range s {
			if !s[i].ok {
				s[i] = arguments[1].series()[i]
			}
		}
		return s
	}), true
}

// repeat fills with the value before: there is none before the quiet period.
func repeat(arguments []value) (value, bool) {
	return replaced(arguments[0], func(s series) series {
		if !s[1].ok {
			s[1] = s[0]
		}
		return s
	}), true
}

// replaced applies f to a series, or to each of a list.
func replaced(v value, f func(series) series) value {
	if !v.list {
		return ofSeries(f(v.series()))
	}
	all := value{list: true}
	for _, item := range v.many {
		all.many = append(all.many, replaced(item, f))
	}
	return all
}

// condition is IF: what is true without a value there is 0, what is false without one is dropped.
func condition(arguments []value) (value, bool) {
	if len(arguments) < 2 || len(arguments) > 3 || arguments[0].list || arguments[1].list {
		return value{}, false
	}
	var s series
	for i := range s {
		switch c := arguments[0].series()[i]; {
		case !c.ok:
		case c.value != 0:
			s[i] = point{arguments[1].series()[i].value, true}
		case len(arguments) == 3 && !arguments[2].list:
			s[i] = arguments[2].series()[i]
		}
	}
	return ofSeries(s), true
}

func difference(arguments []value) (value, bool) {
	if len(arguments) != 1 || arguments[0].list {
		return value{}, false
	}
	s := arguments[0].series()
	if !s[0].ok || !s[1].ok {
		return value{}, false // it depends on how the events are spread
	}
	return ofSeries(series{{}, {s[1].value - s[0].value, true}}), true
}

func runningSum(arguments []value) (value, bool) {
	if len(arguments) != 1 || arguments[0].list {
		return value{}, false
	}
	s := arguments[0].series()
	if s[0].ok && s[1].ok {
		s[1].value += s[0].value
	}
	return ofSeries(s), true
}

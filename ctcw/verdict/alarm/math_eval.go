package alarm

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// expression is what an alarm compares with its threshold.
type expression struct {
	query  query
	index  map[string]int  // id → position in the alarm's list
	parsed map[string]node // id → its expression
	result string          // id of what is compared
	uses   bool            // whether the filter's metric is part of it
	others bool            // whether other metrics are
}

// expression finds what the alarm compares, and follows what it is made of.
func (q query) expression() (expression, error) {
	x := expression{query: q, index: map[string]int{}, parsed: map[string]node{}}
	for i, e := range q.queries {
		x.index[e.ID] = i
		if e.ReturnData && e.ID != q.alarm.ThresholdMetricID {
			x.result = e.ID
		}
	}
	if x.result == "" {
		return x, errors.New("none of its metrics is returned")
	}
	return x, x.follow(x.result, map[string]bool{})
}

func (x *expression) follow(id string, seen map[string]bool) error {
	i, ok := x.index[id]
	if !ok || seen[id] {
		return nil // a word such as REPEAT, or known already
	}
	seen[id] = true
	e := x.query.queries[i]
	if _, isInsight := insights(e.Expression); e.Expression == "" || isInsight {
		x.uses = x.uses || x.query.ours[i] != no
		x.others = x.others || x.query.ours[i] == no
		return nil
	}
	n, err := parseMath(e.Expression)
	if err != nil {
		return err
	}
	x.parsed[id] = n
	return x.followNode(n, seen)
}

func (x *expression) followNode(n node, seen map[string]bool) error {
	ids := []string{}
	switch {
	case n.kind == idNode:
		ids = append(ids, n.name)
	case n.kind == callNode && n.name == "METRICS":
		ids = x.metrics(n)
	}
	for _, id := range ids {
		if err := x.follow(id, seen); err != nil {
			return err
		}
	}
	for _, child := range n.children {
		if err := x.followNode(child, seen); err != nil {
			return err
		}
	}
	return nil
}

// metrics returns the ids that METRICS() or METRICS("part of an id") stands for: expressions are not among them.
func (x *expression) metrics(call node) []string {
	part := ""
	if len(call.children) > 0 {
		part = call.children[0].name
	}
	var ids []string
	for _, e := range x.query.queries {
		if e.Expression == "" && strings.Contains(e.ID, part) {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// at returns what is compared after a quiet period, and after one with n events; the other metrics of the
// expression have no data. known is false where that cannot be said.
func (x expression) at(n float64) (s series, known bool) {
	e := evaluation{expression: x, events: n, open: map[string]bool{}, done: map[string]value{}}
	v, err := e.id(x.result)
	return v.series(), err == nil && !v.list
}

type evaluation struct {
	expression
	events float64
	open   map[string]bool  // expressions being evaluated, against circles
	done   map[string]value // and those that are
}

// value is a scalar, a time series, or a list of these.
type value struct {
	scalar float64
	points *series // nil for a scalar
	many   []value
	list   bool
}

func (v value) series() series {
	if v.points != nil {
		return *v.points
	}
	p := point{v.scalar, true}
	return series{p, p}
}

func ofSeries(s series) value { return value{points: &s} }

var errUnknown = errors.New("not known")

// longest is how many series a list may have; AWS allows an alarm ten metrics.
const longest = 1000

func (e evaluation) id(id string) (value, error) {
	i, ok := e.index[id]
	if !ok || e.open[id] {
		return value{}, fmt.Errorf("%q is not understood", id)
	}
	if v, ok := e.done[id]; ok {
		return v, nil
	}
	if n, ok := e.parsed[id]; ok {
		e.open[id] = true
		defer delete(e.open, id)
		v, err := e.node(n)
		if err == nil {
			e.done[id] = v
		}
		return v, err
	}
	q := e.query.queries[i]
	if e.query.ours[i] == no {
		return ofSeries(series{}), nil
	}
	statistic := q.Statistic
	if insight, ok := insights(q.Expression); ok {
		statistic = insight.statistic
	}
	quiet, known := e.query.metric.level(statistic, e.period(q), 0)
	loud, alsoKnown := e.query.metric.level(statistic, e.period(q), e.events)
	if !known || !alsoKnown {
		return value{}, errUnknown
	}
	return ofSeries(series{quiet, loud}), nil
}

func (e evaluation) period(q MetricQuery) int {
	if q.Period == 0 {
		return e.query.alarm.Period
	}
	return q.Period
}

func (e evaluation) node(n node) (value, error) {
	switch n.kind {
	case numberNode:
		return value{scalar: n.number}, nil
	case idNode:
		return e.id(n.name)
	case callNode:
		return e.call(n)
	}
	if n.kind == textNode {
		return value{}, fmt.Errorf("%q is not understood", n.name)
	}
	children, err := e.all(n.children)
	switch {
	case err != nil:
		return value{}, err
	case n.kind == listNode:
		list := flatten(children)
		if len(list.many) > longest {
			return value{}, errUnknown
		}
		return list, nil
	case len(children) == 1:
		return each(children[0], func(x float64) float64 { return -x }), nil
	default:
		return binary(n.name, children[0], children[1]), nil
	}
}

func (e evaluation) all(nodes []node) ([]value, error) {
	values := make([]value, len(nodes))
	for i, n := range nodes {
		v, err := e.node(n)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// flatten makes one list: METRICS() in a list is not a list in a list.
func flatten(values []value) value {
	all := value{list: true}
	for _, v := range values {
		if v.list {
			all.many = append(all.many, v.many...)
		} else {
			all.many = append(all.many, v)
		}
	}
	return all
}

// each applies f to every number there is.
func each(v value, f func(float64) float64) value {
	switch {
	case v.list:
		all := value{list: true}
		for _, item := range v.many {
			all.many = append(all.many, each(item, f))
		}
		return all
	case v.points == nil:
		return value{scalar: f(v.scalar)}
	default:
		var s series
		for i, p := range v.points {
			if p.ok {
				s[i] = point{f(p.value), true}
			}
		}
		return ofSeries(s)
	}
}

// binary applies an operator. Where one of two series has no value, it counts as 0; a division by 0 is dropped.
func binary(operator string, a, b value) value {
	switch {
	case a.list || b.list:
		all := value{list: true}
		for i := range max(len(a.many), len(b.many)) {
			all.many = append(all.many, binary(operator, item(a, i), item(b, i)))
		}
		return all
	case a.points == nil && b.points == nil:
		return value{scalar: operate(operator, a.scalar, b.scalar)}
	}
	var s series
	for i := range s {
		p, q := a.series()[i], b.series()[i]
		missing := !p.ok && (b.points == nil || !q.ok) || !q.ok && a.points == nil
		if x := operate(operator, p.value, q.value); !missing && !math.IsInf(x, 0) && !math.IsNaN(x) {
			s[i] = point{x, true}
		}
	}
	return ofSeries(s)
}

func item(v value, i int) value {
	switch {
	case !v.list:
		return v
	case i < len(v.many):
		return v.many[i]
	default:
		return ofSeries(series{})
	}
}

func operate(operator string, a, b float64) float64 {
	truth := func(t bool) float64 {
		if t {
			return 1
		}
		return 0
	}
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "^":
		return math.Pow(a, b)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<":
		return truth(a < b)
	case "<=":
		return truth(a <= b)
	case ">":
		return truth(a > b)
	case ">=":
		return truth(a >= b)
	case "AND", "&&":
		return truth(a != 0 && b != 0)
	default: // OR
		return truth(a != 0 || b != 0)
	}
}

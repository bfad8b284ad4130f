package alarm

import (
	"maps"
	"slices"
	"strconv"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// metric is what a transformation publishes for an event: a metric is a namespace, a name and dimensions.
type metric struct {
	namespace  string
	name       string
	unit       string
	dimensions map[string][]string // name → the values that it may have; one where it is known

	value  float64
	priced tri      // whether the value is known; no: nothing is published
	quiet  *float64 // the default value
}

const noUnit = "None"

// plain returns the metric of a transformation that publishes the same whatever the event; ok is false for others.
func (t Transformation) plain(f Filter) (m metric, ok bool) {
	value, err := strconv.ParseFloat(t.Value, 64)
	m = metric{namespace: t.Namespace, name: t.MetricName, unit: t.Unit, value: value, priced: yes, quiet: t.DefaultValue}
	if m.unit == "" {
		m.unit = noUnit
	}
	return m, err == nil && len(t.Dimensions) == 0 && len(f.EmitSystemFieldDimensions) == 0
}

// of returns the metric of a transformation for one event.
func (g GroupFacts) of(f Filter, t Transformation, e parsedEvent, w event.Witness) metric {
	m, ok := t.plain(f)
	if ok {
		return m
	}
	if _, err := strconv.ParseFloat(t.Value, 64); err != nil {
		m.value, m.priced = valueOf(e, t.Value)
	}
	m.dimensions = map[string][]string{}
	for name, selector := range t.Dimensions {
		m.dimensions[name] = g.dimension(e, selector)
	}
	for _, field := range f.EmitSystemFieldDimensions {
		switch field {
		case "@aws.account":
			m.dimensions[field] = distinct(append(g.accounts(), g.AccountID)...)
		case "@aws.region":
			m.dimensions[field] = distinct(g.Region, w.Region)
		default:
			m.dimensions[field] = []string{unsure}
		}
	}
	return m
}

// valueOf is the number that a transformation publishes when its value is a field of the event.
func valueOf(e parsedEvent, selector string) (float64, tri) {
	value, found, understood := e.field(selector)
	number, ok := value.(float64)
	switch {
	case ok:
		return number, yes
	case understood && !found:
		return 0, no
	default:
		return 0, maybe // AWS may read a number from a string
	}
}

// unsure is a dimension's value that is not known. Whether AWS publishes a metric without a dimension whose field
// the event lacks is not documented.
const unsure = "?"

// dimension returns the values that a dimension may have. The account of a witness stands for the event's.
func (g GroupFacts) dimension(e parsedEvent, selector string) []string {
	value, _, _ := e.field(selector)
	switch text, ok := value.(string); {
	case !ok:
		return []string{unsure}
	case text == event.Account:
		return g.accounts()
	default:
		return []string{text}
	}
}

func distinct(values ...string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

// dimensioned says whether an alarm with these dimensions watches the metric, as far as dimensions go.
func (m metric) dimensioned(by map[string]string) tri {
	answer := yes
	for name := range by {
		answer = answer.and(is(m.dimensions[name] != nil))
	}
	for name, values := range m.dimensions {
		value, ok := by[name]
		among := make([]tri, len(values))
		for i, v := range values {
			among[i] = is(ok && v == value)
			if v == unsure || ok && v == otherAccount {
				among[i] = maybe
			}
		}
		answer = answer.and(agreed(among...))
	}
	return answer
}

// key tells metrics apart that differ by their dimensions or value.
func (m metric) key() string {
	key := strconv.FormatFloat(m.value, 'g', -1, 64) + " " + strconv.Itoa(int(m.priced))
	for _, name := range slices.Sorted(maps.Keys(m.dimensions)) {
		for _, v := range m.dimensions[name] {
			key += "\x00" + name + "=" + v
		}
	}
	return key
}

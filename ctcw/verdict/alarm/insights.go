package alarm

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// insight is a Metrics Insights query of the simplest form, over all metrics of a name in a namespace:
// SELECT SUM(name) FROM namespace, or FROM SCHEMA(namespace, dimension, …) for those with these dimensions.
type insight struct {
	understood bool
	statistic  string
	name       string
	namespace  string
	schema     []string // names of the dimensions; nil means any
}

var insightForm = regexp.MustCompile(`(?is)^\s*SELECT\s+(SUM|AVG|COUNT|MAX|MIN)\s*\(\s*("[^"]+"|\w+)\s*\)\s+FROM\s+(?:SCHEMA\s*\(\s*("[^"]+"|\w+)((?:\s*,\s*(?:"[^"]+"|\w+))*)\s*\)|("[^"]+"|\w+))\s*$`)

var insightStart = regexp.MustCompile(`(?i)^\s*SELECT\s`)

// insights reads a Metrics Insights query; ok is false for other expressions.
func insights(expression string) (i insight, ok bool) {
	if !insightStart.MatchString(expression) {
		return i, false
	}
	parts := insightForm.FindStringSubmatch(expression)
	if parts == nil {
		return i, true
	}
	i = insight{understood: true, name: unquote(parts[2]), namespace: unquote(parts[3] + parts[5])}
	i.statistic = map[string]string{"SUM": "Sum", "AVG": "Average", "COUNT": "SampleCount", "MAX": "Maximum", "MIN": "Minimum"}[strings.ToUpper(parts[1])]
	if parts[3] != "" {
		i.schema = []string{}
		for _, name := range strings.Split(parts[4], ",")[1:] {
			i.schema = append(i.schema, unquote(strings.TrimSpace(name)))
		}
		slices.Sort(i.schema)
	}
	return i, true
}

func unquote(s string) string { return strings.Trim(strings.TrimSpace(s), `"`) }

// selects says whether the query is over the metric.
func (i insight) selects(m metric) tri {
	if !i.understood {
		return maybe
	}
	has := slices.Sorted(maps.Keys(m.dimensions))
	return is(i.name == m.name && i.namespace == m.namespace && (i.schema == nil || slices.Equal(i.schema, has)))
}

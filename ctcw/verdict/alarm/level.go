package alarm

import (
	"regexp"
	"strings"
)

// point is what a statistic of a metric is in one period; not ok where nothing was published.
type point struct {
	value float64
	ok    bool
}

// series is two periods: a quiet one, and the one after it, in which events come.
type series [2]point

// many is more events than any threshold asks for.
const many = 1e12

// level is a statistic of the metric over a period in which n events come, one a minute as long as there are
// minutes. known is false where it depends on more than that.
//
// The default value is published for each minute without a match in which anything is logged (PutMetricFilter:
// "the value reported to the metric filter during a period when logs are ingested but no matching logs are found").
func (m metric) level(statistic string, period int, n float64) (p point, known bool) {
	minutes := float64(max(1, period/60))
	silent := minutes - min(n, minutes)
	if m.quiet == nil {
		silent = 0
	}
	count := n + silent
	if count == 0 {
		return point{}, true
	}
	sum := n * m.value
	highest, lowest := m.value, m.value
	if silent > 0 {
		sum += silent * *m.quiet
		highest, lowest = max(m.value, *m.quiet), min(m.value, *m.quiet)
		if n == 0 {
			highest, lowest = *m.quiet, *m.quiet
		}
	}
	switch kind(statistic) {
	case "sum":
		return point{sum, true}, true
	case "samplecount":
		return point{count, true}, true
	case "maximum":
		return point{highest, true}, true
	case "minimum":
		return point{lowest, true}, true
	case "average":
		return point{sum / count, true}, true
	case "trimmed": // a percentile or a mean of some values
		return point{highest, true}, highest == lowest
	default:
		return point{}, false
	}
}

var trimmed = regexp.MustCompile(`^(?i:p|tm|wm|iqm|mm)[0-9.]*$|^(?i:tm|wm)\(.*\)$`)

func kind(statistic string) string {
	switch s := strings.ToLower(statistic); s {
	case "sum", "samplecount", "maximum", "minimum", "average":
		return s
	}
	if trimmed.MatchString(statistic) {
		return "trimmed"
	}
	return ""
}

// breaches says whether a value breaches the threshold.
func breaches(operator string, value, threshold float64) bool {
	switch operator {
	case "GreaterThanOrEqualToThreshold":
		return value >= threshold
	case "GreaterThanThreshold":
		return value > threshold
	case "LessThanThreshold":
		return value < threshold
	case "LessThanOrEqualToThreshold":
		return value <= threshold
	default:
		return false
	}
}

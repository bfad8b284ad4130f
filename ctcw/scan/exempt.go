package scan

import (
	"maps"
	"slices"

	"github.com/danwakefield/fnmatch"
)

// Exempt maps globs of trails' ARNs to why those trails need no CloudWatch Logs.
type Exempt map[string]string

// Reason returns the reason of the most specific, that is longest, glob that matches a trail's ARN; empty
// when none does.
func (e Exempt) Reason(trailARN string) string {
	best := ""
	for _, glob := range slices.Sorted(maps.Keys(e)) {
		if matches(glob, trailARN) && len(glob) > len(best) {
			best = glob
		}
	}
	return e[best]
}

// matches minds the case, as ARNs do: an account may have a trail audit beside its Audit. Like account.Glob it takes *
// for any characters, also "/" and ":".
func matches(glob, arn string) bool { return fnmatch.Match(glob, arn, 0) }

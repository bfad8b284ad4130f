// Package nearest finds the name that a misspelt one most likely meant.
package nearest

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// Of returns the candidate that is most like a name, empty when none is like it.
func Of(name string, candidates []string) string {
	const begun = 4 // letters that tell what somebody began to write
	best, distance := "", max(1, len(name)/3)+1
	for _, c := range candidates {
		d := levenshtein.Distance(name, c, nil)
		if d >= len(name) { // of a name of which nothing is left, nothing is near
			continue
		}
		begun := d == distance && strings.HasPrefix(c, name) && !strings.HasPrefix(best, name) // a letter is sooner left off than out
		if d < distance || begun && best != "" {
			best, distance = c, d
		}
	}
	for _, c := range candidates {
		if best == "" && len(name) >= begun && strings.HasPrefix(c, name) {
			best = c
		}
	}
	return best
}

// Hint asks whether the nearest was meant, in parentheses after a blank; it is empty when none is near.
func Hint(name string, candidates []string) string {
	if best := Of(name, candidates); best != "" {
		return fmt.Sprintf(" (did you mean %q?)", best)
	}
	return ""
}

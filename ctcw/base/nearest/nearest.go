// Package nearest finds the name that a misspelt one most likely meant.
package nearest

import (
	"fmt"

	"github.com/agext/levenshtein"
)

// Of returns the candidate that is most like a name, empty when none is like it.
func Of(name string, candidates []string) string {
	best, distance := "", max(1, len(name)/3)+1
	for _, c := range candidates {
		if d := levenshtein.Distance(name, c, nil); d < distance {
			best, distance = c, d
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

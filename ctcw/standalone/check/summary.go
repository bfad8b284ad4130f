package check

import (
	"fmt"
	"strings"
)

// String names the statuses that there are, the worst last.
func (s Summary) String() string {
	var parts []string
	for _, status := range statuses {
		if n := s[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if parts == nil {
		return "no row"
	}
	return strings.Join(parts, ", ")
}

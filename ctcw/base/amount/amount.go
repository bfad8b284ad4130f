// Package amount says how many there are of something.
package amount

import "fmt"

// Of writes a number and its noun, with an s unless it is 1: "1 account", "3 accounts".
func Of(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

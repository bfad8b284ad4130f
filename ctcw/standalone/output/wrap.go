package output

import (
	"regexp"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

var trailing = regexp.MustCompile(`(?m) +$`)

// Wrap breaks a text between words, and words that are longer than a line. Its own line breaks stay.
func Wrap(s string, width int) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		if text.StringWidthWithoutEscSequences(line) > width {
			lines[i] = trailing.ReplaceAllString(text.WrapSoft(line, width), "") // it pads
		}
	}
	return strings.Join(lines, "\n")
}

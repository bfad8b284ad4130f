// Package paper writes a report over time: as a page to read and print, as JSON and as CSV.
package paper

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
)

// Writer writes a report in one format.
type Writer func(io.Writer, *timeline.Report, Made) error

// Made says when a report was written, and by which version of this program, and how.
type Made struct {
	At      time.Time
	Version string

	EscapeFormulas bool // in CSV
}

// ForFile returns the format of a file by its name.
func ForFile(name string) (Writer, error) {
	for suffix, write := range map[string]Writer{".html": HTML, ".json": JSON, ".csv": CSV} {
		if strings.HasSuffix(name, suffix) {
			return write, nil
		}
	}
	return nil, fmt.Errorf("%s: the name of a report must end in .html, .json or .csv", name)
}

// Package export writes a report in the shapes that other programs take: those of Powerpipe, and the standards of
// findings. Each says when it was made, by whom, of what, and what could not be seen.
package export

import (
	"fmt"
	"io"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// Writer writes a report in one format.
type Writer func(io.Writer, *check.Report) error

// Format is a kind of file.
type Format struct {
	Suffix string // of the file's name
	What   string // it is, in a few words
	Write  Writer
}

// Formats returns every kind of file, the longer of two suffixes that end alike first. The options are those of the CSV.
func Formats(o output.CSVOptions) []Format {
	return []Format{
		{".csv", "a row for each finding, in Powerpipe's columns and ours", func(w io.Writer, r *check.Report) error { return CSV(w, r, o) }},
		{".asff.json", "AWS Security Hub, for batch-import-findings", ASFF},
		{".ocsf.json", "OCSF " + ocsfVersion + ", compliance findings", OCSF},
		{".oscal.json", "OSCAL " + oscalVersion + ", assessment results", OSCAL},
		{".json", "in Powerpipe's shape", JSON},
		{".html", "one page, for a browser or a printer", HTML},
		{".md", "Markdown", Markdown},
		{".junit.xml", "JUnit, for what shows the tests of a CI job", JUnit},
	}
}

// ForFile returns the format of a file by its name.
func ForFile(name string, o output.CSVOptions) (Format, error) {
	var suffixes []string
	for _, f := range Formats(o) {
		if strings.HasSuffix(name, f.Suffix) {
			return f, nil
		}
		suffixes = append(suffixes, f.Suffix)
	}
	return Format{}, fmt.Errorf("--export %q: the name must end in one of %s", name, strings.Join(suffixes, " "))
}

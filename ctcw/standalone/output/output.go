// Package output prints the rows of a query in the shapes of steampipe query.
package output

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// Format is a value of --output.
type Format string

// The formats, as steampipe query has them, and jsonl: one JSON object a line.
const (
	Table Format = "table"
	CSV   Format = "csv"
	JSON  Format = "json"
	JSONL Format = "jsonl"
	Line  Format = "line"
)

var formats = []Format{Table, CSV, JSON, JSONL, Line}

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(formats, f) {
		return f, nil
	}
	return "", fmt.Errorf("--output %q is not a format: use table, csv, json, jsonl or line", name)
}

// Options say how to print.
type Options struct {
	Format Format
	Header bool // column names, in table and csv
	CSV    CSVOptions
	Width  int // columns of the terminal, 0 for no limit: a table wraps its longest columns to fit
}

// Source is a result to print.
type Source interface {
	Columns() []engine.Column
	Next() bool
	Values() []any
	Err() error
}

var _ Source = (*engine.Rows)(nil)

// Write prints a result and returns how many rows it had. Every format but table and json is written
// as rows come. The error is that of the rows or of w.
func Write(w io.Writer, rows Source, o Options) (int, error) {
	switch o.Format {
	case CSV:
		return writeCSV(w, rows, o)
	case JSON:
		return writeJSON(w, rows)
	case JSONL:
		return writeJSONL(w, rows)
	case Line:
		return writeLine(w, rows)
	default:
		return writeTable(w, rows, o)
	}
}

// shown returns the column names as a terminal gets them.
func shown(columns []engine.Column) []string {
	all := names(columns)
	for i, name := range all {
		all[i] = Clean(name)
	}
	return all
}

// names returns the column names.
func names(columns []engine.Column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
}

// Clean keeps what steers a terminal or turns text around from reaching it: names and error texts come from AWS, and
// from whoever can write there. Line breaks and tabs stay, and what joins letters and emoji.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\u200C', r == '\u200D':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return utf8.RuneError
		}
		return r
	}, s)
}

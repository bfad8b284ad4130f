// Package output prints the rows of a query in the shapes of steampipe query.
package output

import (
	"fmt"
	"io"
	"slices"
	"strings"

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

// names returns the column names.
func names(columns []engine.Column) []string {
	var all []string
	for _, c := range columns {
		all = append(all, c.Name)
	}
	return all
}

// Clean keeps control characters in a value, which come from AWS, from reaching the terminal. Line
// breaks and tabs stay.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r < 0xa0) {
			return '\uFFFD'
		}
		return r
	}, s)
}

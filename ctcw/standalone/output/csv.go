package output

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

// CSVWriter writes records as CSV that every reader takes.
type CSVWriter struct {
	w       io.Writer
	csv     *csv.Writer
	options CSVOptions
}

// CSVOptions say how to write CSV.
type CSVOptions struct {
	Separator rune // 0 means a comma
	// EscapeFormulas puts a quote before what a spreadsheet would run: names, tags and error texts come from whoever
	// can write to an account.
	EscapeFormulas bool
}

// NewCSV returns what writes CSV to w.
func NewCSV(w io.Writer, o CSVOptions) *CSVWriter {
	out := csv.NewWriter(w)
	if o.Separator != 0 {
		out.Comma = o.Separator
	}
	return &CSVWriter{w, out, o}
}

// Text returns a text as its cell, which may be escaped. Numbers need not be.
func (c *CSVWriter) Text(s string) string {
	// As OWASP has them, with those of full width that a Japanese keyboard types.
	const runs = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20"
	if c.options.EscapeFormulas && strings.IndexAny(s, runs) == 0 {
		return "'" + s
	}
	return s
}

// WriteTexts writes a record of texts.
func (c *CSVWriter) WriteTexts(record []string) error {
	record = slices.Clone(record)
	for i, s := range record {
		record[i] = c.Text(s)
	}
	return c.Write(record)
}

// Write writes a record. One that is nothing but an empty value would be a blank line, which readers drop, and with
// it the row: it is quoted.
func (c *CSVWriter) Write(record []string) error {
	if len(record) == 1 && record[0] == "" {
		if err := c.Flush(); err != nil {
			return err
		}
		_, err := fmt.Fprintln(c.w, `""`)
		return err
	}
	return c.csv.Write(record)
}

// Flush writes what is still held back.
func (c *CSVWriter) Flush() error {
	c.csv.Flush()
	return c.csv.Error()
}

func writeCSV(w io.Writer, rows Source, o Options) (int, error) {
	out := NewCSV(w, o.CSV)
	if o.Header {
		if err := out.WriteTexts(names(rows.Columns())); err != nil {
			return 0, err
		}
	}
	n := 0
	for rows.Next() {
		var record []string
		for _, v := range rows.Values() {
			cell := format(v)
			if text, ok := v.(string); ok {
				cell = out.Text(text)
			}
			record = append(record, cell)
		}
		if err := out.Write(record); err != nil {
			return n, err
		}
		if err := out.Flush(); err != nil {
			return n, err
		}
		n++
	}
	if err := out.Flush(); err != nil {
		return n, err
	}
	return n, rows.Err()
}

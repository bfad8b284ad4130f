package output

import (
	"encoding/csv"
	"fmt"
	"io"
)

// CSVWriter writes records as CSV that every reader takes.
type CSVWriter struct {
	w   io.Writer
	csv *csv.Writer
}

// NewCSV returns what writes CSV to w. A separator of 0 means a comma.
func NewCSV(w io.Writer, separator rune) *CSVWriter {
	out := csv.NewWriter(w)
	if separator != 0 {
		out.Comma = separator
	}
	return &CSVWriter{w, out}
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
	out := NewCSV(w, o.Separator)
	if o.Header {
		if err := out.Write(names(rows.Columns())); err != nil {
			return 0, err
		}
	}
	n := 0
	for rows.Next() {
		var record []string
		for _, v := range rows.Values() {
			record = append(record, format(v))
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

package output

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// null is how a terminal shows a null, as Steampipe does.
const null = "<null>"

// format returns a value as text: a time as RFC 3339, JSON as it is. Null is "".
func format(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.RawMessage:
		return string(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339) // whole seconds, as Steampipe
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

func display(v any) string {
	if v == nil {
		return null
	}
	return Clean(format(v))
}

// writeLine prints one value a line, as psql's expanded display does.
func writeLine(w io.Writer, rows Source) (int, error) {
	columns := shown(rows.Columns())
	n := 0
	for rows.Next() {
		n++
		var values []string
		for _, v := range rows.Values() {
			values = append(values, display(v))
		}
		if err := writeRecord(w, n, columns, values, 0); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// writeRecord prints one value a line, wrapped between words to a width above 0.
func writeRecord(w io.Writer, n int, columns, values []string, width int) error {
	widest := 0
	for _, c := range columns {
		widest = max(widest, utf8.RuneCountInString(c))
	}
	const between = " | "
	var b strings.Builder
	head := fmt.Sprintf("-[ RECORD %d ]", n)
	rule := 60
	if width > 0 {
		rule = min(rule, max(width-len(head), 0))
	}
	b.WriteString(head + strings.Repeat("-", rule) + "\n")
	for i, value := range values {
		if width > 0 {
			value = Wrap(value, max(width-widest-len(between), 20))
		}
		value = strings.ReplaceAll(value, "\n", "\n"+strings.Repeat(" ", widest)+between)
		fmt.Fprintf(&b, "%-*s%s%s\n", widest, columns[i], between, value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTable(w io.Writer, rows Source, o Options) (int, error) {
	out := table.NewWriter()
	out.SetStyle(table.StyleDefault)
	out.Style().Format.Header = text.FormatDefault
	columns := shown(rows.Columns())
	widths, words := make([]int, len(columns)), make([]int, len(columns)) // the longest line and word of each
	measure := func(i int, s string) {
		for line := range strings.SplitSeq(s, "\n") {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(line))
		}
		for word := range strings.FieldsSeq(s) {
			words[i] = max(words[i], text.StringWidthWithoutEscSequences(word))
		}
	}
	if o.Header {
		header := table.Row{}
		for i, c := range columns {
			header = append(header, c)
			measure(i, c)
		}
		out.AppendHeader(header)
	}
	n := 0
	var records [][]string
	for rows.Next() {
		n++
		record, row := []string{}, table.Row{}
		for i, v := range rows.Values() {
			s := display(v)
			measure(i, s)
			record, row = append(record, s), append(row, s)
		}
		records = append(records, record)
		out.AppendRow(row)
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	limits, fits := fit(widths, words, o.Width)
	if !fits && n > 0 {
		// More columns than the terminal has room for: as psql does then.
		for i, record := range records {
			if err := writeRecord(w, i+1, columns, record, o.Width); err != nil {
				return i, err
			}
		}
		return n, nil
	}
	var configs []table.ColumnConfig
	for i := range columns {
		configs = append(configs, table.ColumnConfig{Number: i + 1, WidthMax: limits[i], WidthMaxEnforcer: Wrap})
	}
	out.SetColumnConfigs(configs)
	if n == 0 && !o.Header {
		return 0, nil
	}
	_, err := fmt.Fprintln(w, out.Render())
	return n, err
}

// fit narrows the widest columns until all fit into a terminal's width, none below what is still readable: its longest
// word, if that is not overlong. It reports whether they do.
func fit(widths, words []int, terminal int) ([]int, bool) {
	const readable, overlong, border = 12, 24, 3
	limits := slices.Clone(widths)
	for terminal > 0 {
		total, widest := 1, -1
		for i, width := range limits {
			total += width + border
			if width > max(readable, min(words[i], overlong)) && (widest < 0 || width > limits[widest]) {
				widest = i
			}
		}
		if total <= terminal {
			break
		}
		if widest < 0 {
			return limits, false
		}
		limits[widest]--
	}
	return limits, true
}

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
	widest := 0
	for _, c := range columns {
		widest = max(widest, utf8.RuneCountInString(c))
	}
	n := 0
	for rows.Next() {
		n++
		var b strings.Builder
		fmt.Fprintf(&b, "-[ RECORD %d ]%s\n", n, strings.Repeat("-", 60))
		for i, v := range rows.Values() {
			value := strings.ReplaceAll(display(v), "\n", "\n"+strings.Repeat(" ", widest)+" | ")
			fmt.Fprintf(&b, "%-*s | %s\n", widest, columns[i], value)
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

func writeTable(w io.Writer, rows Source, o Options) (int, error) {
	out := table.NewWriter()
	out.SetStyle(table.StyleDefault)
	out.Style().Format.Header = text.FormatDefault
	columns := shown(rows.Columns())
	widths := make([]int, len(columns))
	measure := func(i int, s string) {
		for line := range strings.SplitSeq(s, "\n") {
			widths[i] = max(widths[i], text.StringWidthWithoutEscSequences(line))
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
	for rows.Next() {
		n++
		record := table.Row{}
		for i, v := range rows.Values() {
			s := display(v)
			measure(i, s)
			record = append(record, s)
		}
		out.AppendRow(record)
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	limits := fit(widths, o.Width)
	var configs []table.ColumnConfig
	for i := range columns {
		configs = append(configs, table.ColumnConfig{Number: i + 1, WidthMax: limits[i], WidthMaxEnforcer: text.WrapText})
	}
	out.SetColumnConfigs(configs)
	if n == 0 && !o.Header {
		return 0, nil
	}
	_, err := fmt.Fprintln(w, out.Render())
	return n, err
}

// fit narrows the widest columns until all fit into a terminal's width, none below what is still readable.
func fit(widths []int, terminal int) []int {
	const readable, border = 12, 3
	limits := slices.Clone(widths)
	for terminal > 0 {
		total, widest := 1, 0
		for i, width := range limits {
			total += width + border
			if width > limits[widest] {
				widest = i
			}
		}
		if total <= terminal || limits[widest] <= readable {
			break
		}
		limits[widest]--
	}
	return limits
}

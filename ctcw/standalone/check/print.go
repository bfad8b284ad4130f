package check

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// WriteTable prints the rows grouped by control, and a summary. A width above 0 is that of the terminal,
// to which reasons are wrapped.
func (r *Report) WriteTable(w io.Writer, width int) error {
	var b strings.Builder
	runs := r.Runs()
	for i, run := range runs {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s (%s)\n", run.Control.Title, run.Control.Name)
		b.WriteString(run.table(width))
		fmt.Fprintf(&b, "%s\n", run.Summary())
	}
	if len(runs) > 1 {
		fmt.Fprintf(&b, "\nAll %d controls: %s\n", len(runs), r.Summary())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Run) table(width int) string {
	if len(r.Results) == 0 {
		return ""
	}
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	t.SetStyle(style)
	var longest []int // of each column but the last, the reason
	for _, result := range r.Results {
		columns := append([]string{strings.ToUpper(string(result.Status)), result.Dimension("account_id"), short(result)}, result.more()...)
		longest = slices.Grow(longest, len(columns))[:max(len(columns), len(longest))]
		row := table.Row{}
		for i, column := range columns {
			column = output.Clean(column)
			longest[i] = max(longest[i], text.StringWidthWithoutEscSequences(column))
			row = append(row, column)
		}
		t.AppendRow(append(row, output.Clean(result.Reason)))
	}
	if width > 0 {
		left := width - 3
		for _, l := range longest {
			left -= l + 2
		}
		t.SetColumnConfigs([]table.ColumnConfig{{Number: len(longest) + 1, WidthMax: max(left, 30), WidthMaxEnforcer: text.WrapSoft}})
	}
	var b strings.Builder
	for line := range strings.SplitSeq(t.Render(), "\n") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// more are the dimensions besides the account and the region, which every control has.
func (r Result) more() []string {
	var values []string
	for _, d := range r.Dimensions {
		if d.Key != "account_id" && d.Key != "region" {
			values = append(values, d.Value)
		}
	}
	return values
}

// short names a resource for a person: the trail and its region, or the account.
func short(r Result) string {
	_, name, ok := strings.Cut(r.Resource, ":trail/")
	if !ok {
		return "account"
	}
	return name + " (" + r.Dimension("region") + ")"
}

// String names the statuses that there are, the worst last.
func (s Summary) String() string {
	var parts []string
	for _, status := range statuses {
		if n := s[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if parts == nil {
		return "no row"
	}
	return strings.Join(parts, ", ")
}

func count(n int, of string) string {
	if n != 1 && of != "more" {
		of += "s"
	}
	return fmt.Sprintf("%d %s", n, of)
}

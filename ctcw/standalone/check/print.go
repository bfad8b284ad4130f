package check

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
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
	for i, run := range r.Runs {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s (%s)\n", run.Control.Title, run.Control.Name)
		b.WriteString(run.table(width))
		fmt.Fprintf(&b, "%s\n", run.Summary())
	}
	if len(r.Runs) > 1 {
		fmt.Fprintf(&b, "\nAll %d controls: %s\n", len(r.Runs), r.Summary())
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
		columns := append([]string{strings.ToUpper(string(result.Status)), result.dimension("account_id"), short(result)}, result.more()...)
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
	return name + " (" + r.dimension("region") + ")"
}

func (r Result) dimension(key string) string {
	for _, d := range r.Dimensions {
		if d.Key == key {
			return d.Value
		}
	}
	return ""
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

// WriteCSV prints every row with the columns of Powerpipe's CSV: the dimensions of all controls, then their tags.
func (r *Report) WriteCSV(w io.Writer, o output.CSVOptions) error {
	dimensions, tags := []string{}, map[string]bool{}
	for _, run := range r.Runs {
		for tag := range run.Control.Tags {
			tags[tag] = true
		}
		for _, result := range run.Results {
			for _, d := range result.Dimensions {
				if !slices.Contains(dimensions, d.Key) {
					dimensions = append(dimensions, d.Key)
				}
			}
		}
	}
	tagNames := slices.Sorted(maps.Keys(tags))
	out := output.NewCSV(w, o)
	header := []string{"group_id", "title", "description", "control_id", "control_title", "control_description", "reason", "resource", "status", "severity"}
	if err := out.WriteTexts(slices.Concat(header, dimensions, tagNames)); err != nil {
		return err
	}
	for _, run := range r.Runs {
		c := run.Control
		for _, result := range run.Results {
			record := []string{run.Group.ID, run.Group.Title, "", "control." + c.Name, c.Title, c.Description, result.Reason, result.Resource, string(result.Status), c.Severity}
			for _, d := range dimensions {
				record = append(record, result.dimension(d))
			}
			for _, tag := range tagNames {
				record = append(record, c.Tags[tag])
			}
			if err := out.WriteTexts(record); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// WriteJSON prints the report as Powerpipe does.
func (r *Report) WriteJSON(w io.Writer) error {
	type control struct {
		GroupID     string            `json:"group_id"`
		ControlID   string            `json:"control_id"`
		Title       string            `json:"title"`
		Description string            `json:"description"`
		Severity    string            `json:"severity"`
		Tags        map[string]string `json:"tags"`
		Summary     map[Status]int    `json:"summary"`
		Results     []Result          `json:"results"`
	}
	report := struct {
		Summary  map[string]map[Status]int `json:"summary"`
		Controls []control                 `json:"controls"`
	}{map[string]map[Status]int{"status": full(r.Summary())}, []control{}}
	for _, run := range r.Runs {
		c := control{run.Group.ID, "control." + run.Control.Name, run.Control.Title, run.Control.Description, run.Control.Severity, run.Control.Tags, full(run.Summary()), append([]Result{}, run.Results...)}
		report.Controls = append(report.Controls, c)
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(report)
}

// full names every status, those without a row too.
func full(s Summary) map[Status]int {
	all := map[Status]int{}
	for _, status := range statuses {
		all[status] = s[status]
	}
	return all
}

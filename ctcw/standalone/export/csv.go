package export

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// ours are the columns after Powerpipe's own. What is about the whole report stands in every row: a row may be all that is
// left of the file.
var ours = []string{"account_name", "checked_at", "remediation", "checked_by", "ctcw_version", "variables", "scope", "complete"}

// CSV writes a row for each result with the columns of Powerpipe's CSV, the dimensions and the tags sorted as there, and ours.
func CSV(w io.Writer, r *check.Report, o output.CSVOptions) error {
	dimensions, tags := map[string]bool{}, map[string]bool{}
	for _, group := range r.Groups {
		for tag := range group.Tags {
			tags[tag] = true
		}
		for _, run := range group.Runs {
			for tag := range run.Control.Tags {
				tags[tag] = true
			}
			for _, result := range run.Results {
				for _, d := range result.Dimensions {
					dimensions[d.Key] = true
				}
			}
		}
	}
	for _, column := range ours {
		delete(dimensions, column) // each once, ours where there are both
	}
	dimensionNames, tagNames := slices.Sorted(maps.Keys(dimensions)), slices.Sorted(maps.Keys(tags))
	out := output.NewCSV(w, o)
	header := []string{"group_id", "title", "description", "control_id", "control_title", "control_description", "reason", "resource", "status", "severity"}
	if err := out.WriteTexts(slices.Concat(header, dimensionNames, tagNames, ours)); err != nil {
		return err
	}
	about := []string{strings.Join(r.About.Callers, " "), r.About.Version, r.About.VariableList(), r.About.Scope(), strconv.FormatBool(r.About.Complete())}
	for _, group := range r.Groups {
		for _, run := range group.Runs {
			c := run.Control
			for _, result := range run.Results {
				record := []string{groupID(group), group.Title, group.Description, "control." + c.Name, c.Title, c.Description, result.Reason, result.Resource, string(result.Status), c.Severity}
				for _, d := range dimensionNames {
					record = append(record, result.Dimension(d))
				}
				for _, tag := range tagNames {
					record = append(record, c.Tags[tag])
				}
				record = append(record, result.AccountName, stamp(result.CheckedAt), result.Remediation)
				if err := out.WriteTexts(append(record, about...)); err != nil {
					return err
				}
			}
		}
	}
	return out.Flush()
}

// stamp writes a time as RFC 3339, and one that is not known as nothing.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

package export

import (
	"fmt"
	"io"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// signs are Powerpipe's.
var signs = map[check.Status]string{check.OK: "✅", check.Skip: "⇨", check.Info: "ℹ", check.Alarm: "❌", check.Error: "❗"}

// Markdown writes the report for a page, a pull request or a ticket.
func Markdown(w io.Writer, r *check.Report) error {
	var b strings.Builder
	title := "CloudTrail to CloudWatch Logs"
	if len(r.Groups) == 1 {
		title = r.Groups[0].Title
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", cell(title), r.Summary())
	for _, line := range aboutLines(r.About) {
		fmt.Fprintf(&b, "- %s: %s\n", line.Name, cell(line.Value))
	}
	for _, run := range r.Runs() {
		s := run.Summary()
		fmt.Fprintf(&b, "\n## %s\n\n*%s*\n\n| OK | Skip | Info | Alarm | Error | Total |\n|-|-|-|-|-|-|\n", cell(run.Control.Title), cell(run.Control.Description))
		fmt.Fprintf(&b, "| %d | %d | %d | %d | %d | %d |\n", s[check.OK], s[check.Skip], s[check.Info], s[check.Alarm], s[check.Error], len(run.Results))
		if len(run.Results) == 0 {
			continue
		}
		b.WriteString("\n| | Account | Resource | Reason | Remediation |\n|-|-|-|-|-|\n")
		for _, result := range run.Results {
			account := strings.TrimSpace(result.Dimension("account_id") + " " + result.AccountName)
			fmt.Fprintf(&b, "| %s %s | %s | %s | %s | %s |\n", signs[result.Status], result.Status, cell(account),
				cell(check.Short(result)), cell(result.Reason), code(result.Remediation))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// aboutLines says what a report is worth, in lines for a person.
func aboutLines(a check.About) []check.Variable {
	lines := []check.Variable{
		{Name: "Checked at", Value: stamp(a.Started) + " to " + stamp(a.Finished)},
		{Name: "Checked by", Value: strings.Join(a.Callers, ", ")},
		{Name: "Scope", Value: a.Scope()},
		{Name: "Completeness", Value: a.Completeness()},
		{Name: "Variables", Value: a.VariableList()},
		{Name: "Version", Value: "ctcw " + a.Version},
	}
	for _, of := range a.Unread() {
		lines = append(lines, check.Variable{Name: "Not readable", Value: strings.TrimSpace(of.ID+" "+of.Name) + ": " + of.Unread})
	}
	return lines
}

// cell keeps a text from AWS within its cell, and from being anything but text.
func cell(s string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`).Replace(oneLine(s))
}

// code shows a command as it is to be typed.
func code(command string) string {
	if command == "" {
		return ""
	}
	return "<code>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "*", "&#42;", "_", "&#95;", "`", "&#96;", `\`, "&#92;", "[", "&#91;").Replace(oneLine(command)) + "</code>"
}

package check

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

// View says what of a report a person wants to see, and on what.
type View struct {
	Width  int      // columns of the terminal, 0 for no limit
	Color  bool     // by status
	All    bool     // what is ok too, which is otherwise only counted
	Only   []Status // these alone; none means those that are not ok
	Fix    bool     // the command that mends a finding below it
	Layout Layout
}

// Layout is how the controls of classes of events are shown.
type Layout int

const (
	// Fitting is the matrix where several accounts meet several classes, whose findings would fill many screens, and the
	// list elsewhere, and where the commands that mend are asked for.
	Fitting Layout = iota
	// List is their findings, as those of other controls.
	List
	// Matrix is accounts by classes, one character a cell, and says the summary once.
	Matrix
)

// resolve decides between the list and the matrix.
func (r *Report) resolve(v View) View {
	switch {
	case len(r.Cells) == 0:
		v.Layout = List
	case v.Layout == Fitting && (v.Fix || !r.crowded()):
		v.Layout = List
	case v.Layout == Fitting:
		v.Layout = Matrix
	}
	return v
}

// crowded reports whether the cells are of several accounts and of several classes.
func (r *Report) crowded() bool {
	first := r.Cells[0]
	return slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Account != first.Account }) &&
		slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Class != first.Class })
}

var colors = map[Status]*color.Color{
	Error: color.New(color.FgMagenta, color.Bold),
	Alarm: color.New(color.FgRed, color.Bold),
	Info:  color.New(color.FgCyan),
	OK:    color.New(color.FgGreen),
	Skip:  color.New(color.Faint),
}

var (
	strong = color.New(color.Bold)
	faint  = color.New(color.Faint)
)

func (v View) paint(c *color.Color, s string) string {
	if !v.Color {
		return s
	}
	c.EnableColor() // the library would look at standard output, which need not be where this goes
	return c.Sprint(s)
}

func (v View) shows(s Status) bool {
	if v.Only != nil {
		return slices.Contains(v.Only, s)
	}
	return v.All || s != OK
}

// WriteTable prints a line of summary, the findings account by account, the worst first, and the summary again.
func (r *Report) WriteTable(w io.Writer, v View) error {
	v = r.resolve(v)
	var b strings.Builder
	summary := r.summaryLine(v)
	for _, line := range v.lines(output.Clean(r.title()), v.Width) {
		b.WriteString(v.paint(strong, line) + "\n")
	}
	matrix := v.Layout == Matrix
	if !matrix {
		b.WriteString(summary)
	}
	accounts := r.accounts(v)
	if len(accounts) > 0 {
		b.WriteString("\n")
	}
	listed := r.listed(v)
	if matrix && len(listed) == 1 && len(accounts) > 0 {
		for _, line := range v.lines(output.Clean(listed[0].Control.Title), v.Width) {
			b.WriteString(v.paint(strong, line) + "\n")
		}
	}
	for _, a := range accounts {
		a.write(&b, v, len(listed) > 1)
	}
	if matrix {
		b.WriteString("\n" + r.matrix(v))
	}
	if len(accounts) > 0 || matrix {
		b.WriteString("\n" + summary)
	}
	b.WriteString(r.footnotes(v))
	_, err := io.WriteString(w, b.String())
	return err
}

// listed returns the controls whose findings are listed: all that are not in the matrix.
func (r *Report) listed(v View) []Run {
	return slices.DeleteFunc(r.Runs(), func(run Run) bool {
		_, ok := monitors(run.Control)
		return ok && v.Layout == Matrix
	})
}

// title names what was asked for: one control by its own title, else the benchmarks.
func (r *Report) title() string {
	if runs := r.Runs(); len(runs) == 1 {
		return fmt.Sprintf("%s (%s)", runs[0].Control.Title, runs[0].Control.Name)
	}
	var titles []string
	for _, group := range r.Groups {
		titles = append(titles, group.Title)
	}
	return strings.Join(titles, "; ")
}

func (r *Report) summaryLine(v View) string {
	s := r.Summary()
	var parts []string
	for _, status := range slices.Backward(statuses) {
		if s[status] > 0 {
			parts = append(parts, v.paint(colors[status], fmt.Sprintf("%d %s", s[status], status)))
		}
	}
	if parts == nil {
		parts = append(parts, "no row")
	}
	if len(r.About.Accounts) > 0 {
		parts[len(parts)-1] += " in " + amount.Of(len(r.About.Accounts), "account")
	}
	if runs := r.Runs(); len(runs) > 1 {
		parts = append(parts, amount.Of(len(runs), "control"))
	}
	return strings.Join(fill(parts, v.Width), "\n") + "\n"
}

// fill puts as many items on a line as its width holds, 0 for no limit, and breaks none of them, nor its colour.
func fill(items []string, width int) []string {
	var lines []string
	line := ""
	for i, item := range items {
		if i < len(items)-1 {
			item += ","
		}
		switch {
		case line == "":
			line = item
		case width > 0 && text.StringWidthWithoutEscSequences(line+" "+item) > width:
			lines = append(lines, line)
			line = item
		default:
			line += " " + item
		}
	}
	return append(lines, line)
}

// footnotes say what is not in the list, and what could not be seen at all.
func (r *Report) footnotes(v View) string {
	var notes []string
	if !r.About.Complete() {
		notes = append(notes, "Not everything could be seen; the result is "+r.About.Completeness()+".")
	}
	s, fixes, roles := summary(r.listed(v)), 0, 0
	var hidden []string
	for _, status := range slices.Backward(statuses) {
		if s[status] > 0 && !v.shows(status) {
			hidden = append(hidden, fmt.Sprintf("%d %s", s[status], status))
		}
	}
	for _, run := range r.Runs() {
		for _, result := range run.Results {
			if result.Remediation == "" || !v.shows(result.Status) {
				continue
			}
			fixes++
			if strings.Contains(result.Remediation, delivery.DefaultRoleName) {
				roles++
			}
		}
	}
	var more []string
	if hidden != nil {
		more = append(more, "Not listed: "+strings.Join(hidden, ", ")+" (--all).")
	}
	if v.Layout == Matrix && slices.ContainsFunc(r.Cells, func(c Cell) bool { return c.Status != OK }) {
		more = append(more, "The reasons: --matrix=false.")
	}
	if fixes > 0 && !v.Fix {
		more = append(more, "The commands that mend the alarms: --fix.")
	}
	if more != nil {
		notes = append(notes, strings.Join(more, " "))
	}
	if v.Fix && roles > 0 {
		notes = append(notes, "The commands name the role "+delivery.DefaultRoleName+": put yours in its place, or make it first. "+
			"How says docs/cis_3_4.md in the folder that the command \"mod\" writes.")
	}
	if v.Fix && fixes > 0 {
		notes = append(notes, "CloudTrail delivers some minutes after a change: check again then.")
	}
	var b strings.Builder
	for _, note := range notes {
		for _, line := range v.lines(note, v.Width) {
			b.WriteString(v.paint(faint, line) + "\n")
		}
	}
	return b.String()
}

// accountView is an account, or several of which the same is said, and what is to be shown of it.
type accountView struct {
	id       string // of the first
	names    []string
	findings []finding
}

// finding is what one or more controls say, in the same words, of one or more resources.
type finding struct {
	Status
	Reason, Remediation string
	controls, resources []string
}

// accounts gathers the results by account, the worst account first.
func (r *Report) accounts(v View) []accountView {
	var all []accountView
	at := map[string]int{}
	for _, run := range r.listed(v) {
		for _, result := range run.Results {
			if !v.shows(result.Status) {
				continue
			}
			id := result.Dimension("account_id")
			i, known := at[id]
			if !known {
				i = len(all)
				at[id] = i
				all = append(all, accountView{id: id, names: []string{strings.TrimSpace(id + " " + result.AccountName)}})
			}
			all[i].add(run.Control.Name, result, v)
		}
	}
	for i := range all {
		all[i].join()
		slices.SortStableFunc(all[i].findings, func(a, b finding) int { return rank(a.Status) - rank(b.Status) })
	}
	slices.SortStableFunc(all, func(a, b accountView) int {
		return cmp.Or(rank(a.findings[0].Status)-rank(b.findings[0].Status), strings.Compare(a.id, b.id))
	})
	return joinAccounts(all)
}

// rank puts the worst first.
func rank(s Status) int { return len(statuses) - slices.Index(statuses, s) }

func (a *accountView) add(control string, result Result, v View) {
	f := finding{Status: result.Status, Reason: brief(result), controls: []string{control}, resources: []string{Short(result)}}
	if v.Fix {
		f.Remediation = result.Remediation
	}
	i := slices.IndexFunc(a.findings, func(have finding) bool { return have.says(f) && slices.Equal(have.resources, f.resources) })
	if i < 0 {
		a.findings = append(a.findings, f)
		return
	}
	a.findings[i].controls = append(a.findings[i].controls, control)
}

func (f finding) says(other finding) bool {
	return f.Status == other.Status && f.Reason == other.Reason && f.Remediation == other.Remediation
}

// join puts the resources of which the same controls say the same into one finding.
func (a *accountView) join() {
	var joined []finding
	for _, f := range a.findings {
		i := slices.IndexFunc(joined, func(have finding) bool { return have.says(f) && slices.Equal(have.controls, f.controls) })
		if i < 0 {
			joined = append(joined, f)
			continue
		}
		joined[i].resources = append(joined[i].resources, f.resources...)
	}
	a.findings = joined
}

// joinAccounts says once what is said of several accounts, where the first of them stands: a thousand without a trail are one
// line, and so are the members of an organization whose alarm tells nobody.
func joinAccounts(all []accountView) []accountView {
	var joined []accountView
	at := map[string]int{}
	for _, a := range all {
		for _, f := range a.findings {
			key := fmt.Sprintf("%q", f)
			if i, known := at[key]; known {
				joined[i].names = append(joined[i].names, a.names...)
				continue
			}
			at[key] = len(joined)
			joined = append(joined, accountView{id: a.id, names: slices.Clone(a.names), findings: []finding{f}})
		}
	}
	return joined
}

// textIndent is the width of a status and the blank after it.
const textIndent = "      "

func (a accountView) write(b *strings.Builder, v View, named bool) {
	for _, f := range a.findings {
		head := strings.Join(a.names, ", ")
		if resources := strings.Join(f.resources, ", "); resources != wholeAccount {
			head += ": " + resources
		}
		if named {
			head += " [" + strings.Join(Fold(f.controls), ", ") + "]"
		}
		heads := v.lines(output.Clean(head), v.headWidth())
		reasons := v.lines(output.Clean(f.Reason), v.Width-len(textIndent))
		indent := textIndent
		if v.wide() {
			reasons = v.lines(output.Clean(f.Reason), v.Width-len(textIndent)-v.headWidth()-2)
			indent += strings.Repeat(" ", v.headWidth()+2)
		}
		b.WriteString(v.paint(colors[f.Status], fmt.Sprintf("%-*s", len(textIndent), strings.ToUpper(string(f.Status)))))
		for i, line := range heads {
			if i > 0 {
				b.WriteString(textIndent)
			}
			b.WriteString(v.paint(strong, line))
			if v.wide() && len(reasons) > 0 {
				b.WriteString(strings.Repeat(" ", max(v.headWidth()-text.StringWidthWithoutEscSequences(line), 0)+2) + reasons[0])
				reasons = reasons[1:]
			}
			b.WriteString("\n")
		}
		for _, line := range reasons {
			b.WriteString(indent + line + "\n")
		}
		if f.Remediation != "" {
			// Never wrapped: it is there to be copied.
			b.WriteString(textIndent + v.paint(colors[OK], "$ "+output.Clean(f.Remediation)) + "\n")
		}
	}
}

// Fold says of names that end in numbers one after the other, as those of a benchmark's items do, only the first and the last.
func Fold(names []string) []string {
	numbered := func(name string) (string, int) {
		at := strings.LastIndex(name, "_") + 1
		n, err := strconv.Atoi(name[at:])
		if err != nil {
			return name, 0
		}
		return name[:at], n
	}
	var folded []string
	for i := 0; i < len(names); {
		last := i
		for last+1 < len(names) {
			stem, n := numbered(names[last])
			if nextStem, next := numbered(names[last+1]); nextStem != stem || next != n+1 {
				break
			}
			last++
		}
		if last-i < 2 {
			last = i
			folded = append(folded, names[i])
		} else {
			folded = append(folded, names[i]+" to "+names[last])
		}
		i = last + 1
	}
	return folded
}

var principal = regexp.MustCompile(`User: arn:\S+ is not authorized`)

// brief leaves out of a reason what a terminal shows anyway: whom AWS refuses, and the resource once more. The exports
// have all of it.
func brief(r Result) string {
	text := strings.Join(strings.Fields(r.Reason), " ")
	text = principal.ReplaceAllString(text, "not authorized")
	return strings.Replace(text, " on resource: "+r.Resource, "", 1)
}

// wide reports whether a reason has its place beside what it is about, and not below.
func (v View) wide() bool { return v.Width >= 120 }

// headWidth is how much of a line says what a finding is about.
func (v View) headWidth() int {
	if v.wide() {
		return v.Width * 3 / 10
	}
	return v.Width - len(textIndent)
}

// lines breaks a text between words, where the terminal has a width.
func (v View) lines(s string, width int) []string {
	if v.Width > 0 {
		s = output.Wrap(s, max(width, 20))
	}
	var lines []string
	for line := range strings.SplitSeq(s, "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// wholeAccount is the resource of a control that is about the account.
const wholeAccount = "account"

// Short names a resource for a person: the trail and its region, or the account.
func Short(r Result) string {
	_, name, ok := strings.Cut(r.Resource, ":trail/")
	if !ok {
		return wholeAccount
	}
	return name + " (" + r.Dimension("region") + ")"
}

package paper

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/amount"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
)

//go:embed page.html
var page string

//go:embed page.css
var style string

// HTML writes a report as one page that needs nothing else: no script, no font, no picture from elsewhere.
func HTML(w io.Writer, r *timeline.Report, made Made) error {
	v := view{Report: r, Made: made}
	t, err := template.New("page").Funcs(template.FuncMap{
		"date":    func(t time.Time) string { return t.Format(time.DateOnly) },
		"minute":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") },
		"short":   timeline.Short,
		"hash":    func(s string) string { return s[:min(len(s), 12)] },
		"style":   func() template.CSS { return template.CSS(style) },
		"words":   func(s timeline.State) string { return timeline.Words[s] },
		"join":    func(s []string) string { return strings.Join(s, ", ") },
		"count":   amount.Of,
		"lasted":  lasted,
		"connect": connection,
		"dict": func(pairs ...any) map[string]any {
			m := map[string]any{"thin": false}
			for i := 0; i+1 < len(pairs); i += 2 {
				m[pairs[i].(string)] = pairs[i+1]
			}
			return m
		},
	}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, v)
}

// view is what the page's template reads.
type view struct {
	*timeline.Report
	Made Made
}

// Title is the period for a person.
func (v view) Title() string {
	return fmt.Sprintf("%s to %s", v.Since.Format("2 January 2006"), v.Until.Format("2 January 2006"))
}

// Month is a month on the axis above the strips.
type Month struct {
	Name string
	Days int
}

// Months divides the days of the period.
func (v view) Months() []Month {
	var months []Month
	for _, d := range v.Days {
		name := d.Date.Format("Jan 2006")
		if n := len(months); n > 0 && months[n-1].Name == name {
			months[n-1].Days++
			continue
		}
		months = append(months, Month{name, 1})
	}
	for i := range months {
		if months[i].Days*40 < len(v.Days) || months[i].Days < 4 && len(v.Days) > 20 {
			months[i].Name = "" // no room for it
		}
	}
	return months
}

// RunDays is the strip of the runs themselves.
func (v view) RunDays() timeline.Strip {
	var strip timeline.Strip
	for _, d := range v.Days {
		switch {
		case d.Runs == 0:
			strip = append(strip, timeline.NoRun)
		case d.Complete == 0:
			strip = append(strip, timeline.Incomplete)
		default:
			strip = append(strip, timeline.Good)
		}
	}
	return strip
}

// CompleteDays counts the days that have a complete run.
func (v view) CompleteDays() int { return v.RunDays().Count()[timeline.Good] }

// NotComplete lists the days without a complete run, and what was missing.
func (v view) NotComplete() []notComplete {
	var list []notComplete
	for _, s := range v.RunDays().Segments() {
		if s.State == timeline.Good {
			continue
		}
		n := notComplete{Dates: v.Dates(s), Days: s.Days, State: s.State, What: "Nobody looked."}
		if s.State == timeline.Incomplete {
			n.What = v.missing(s)
		}
		list = append(list, n)
	}
	return list
}

type notComplete struct {
	Dates, What string
	Days        int
	State       timeline.State
}

func (v view) missing(s timeline.Segment) string {
	var said []string
	for _, run := range v.Runs {
		day := int(run.CheckedAt.Sub(v.Since).Hours() / 24)
		if day < s.First || day >= s.First+s.Days {
			continue
		}
		for _, account := range sorted(run.NotReadable) {
			if why := run.NotReadable[account]; why == run.Unlisted() {
				said = append(said, "Accounts are missing: "+why)
			} else {
				said = append(said, "Account "+account+" could not be read: "+why)
			}
		}
		for _, account := range sorted(run.NotScanned) {
			for _, region := range sorted(run.NotScanned[account]) {
				said = append(said, fmt.Sprintf("Region %s of account %s was not scanned: %s", region, account, run.NotScanned[account][region]))
			}
		}
	}
	slices.Sort(said)
	said = slices.Compact(said)
	const most = 5
	if more := len(said) - most; more > 0 {
		said = append(said[:most], fmt.Sprintf("And %d more, see the runs.", more))
	}
	return strings.Join(said, "\n")
}

// Always counts the accounts that were in order on every day with a complete run.
func (v view) Always() int {
	n := 0
	for _, a := range v.Accounts {
		c := a.Strip.Count()
		if c[timeline.Finding]+c[timeline.Failed]+c[timeline.NotRead] == 0 {
			n++
		}
	}
	return n
}

// Gap is a gap as a person counts it: that of several controls, where they say the same of it.
type Gap struct {
	timeline.Gap
	Controls []string
}

// Gaps lists the gaps of the period.
func (v view) Gaps() []Gap { return Gaps(v.Report) }

// Gaps lists the gaps of a report as its page does.
func Gaps(r *timeline.Report) []Gap {
	var all []Gap
	for _, g := range r.Gaps {
		i := slices.IndexFunc(all, func(have Gap) bool {
			return have.Account == g.Account && have.Resource == g.Resource && have.Status == g.Status && have.Cause == g.Cause && have.From.Equal(g.From) && have.Until.Equal(g.Until)
		})
		if i < 0 {
			all = append(all, Gap{g, []string{g.Control}})
			continue
		}
		all[i].Controls = append(all[i].Controls, g.Control)
	}
	return all
}

// Open counts the gaps that nobody has mended.
func (v view) Open() int {
	n := 0
	for _, g := range v.Gaps() {
		if g.Open {
			n++
		}
	}
	return n
}

// Legend lists the states of a day.
func (v view) Legend() []timeline.State {
	return []timeline.State{timeline.Good, timeline.Finding, timeline.Failed, timeline.NotRead, timeline.Info, timeline.Exempt, timeline.Incomplete, timeline.NoRun, timeline.Absent}
}

// Last is the latest run of the period.
func (v view) Last() evidence.Run { return v.Runs[len(v.Runs)-1] }

// Connections lists the connections of all runs, each once.
func (v view) Connections() []evidence.Connection {
	var all []evidence.Connection
	seen := map[string]bool{}
	for _, run := range v.Runs {
		for _, c := range run.Connections {
			if text := c.Name + connection(c); !seen[text] {
				seen[text] = true
				all = append(all, c)
			}
		}
	}
	return all
}

func connection(c evidence.Connection) string {
	if c.Children != nil {
		return "all of " + strings.Join(c.Children, ", ")
	}
	text, err := json.Marshal(c.Arguments)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Callers lists who asked in any of the runs.
func (v view) Callers() []string {
	var all []string
	for _, run := range v.Runs {
		all = append(all, run.Callers...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// lasted says how long a gap was, as far as runs tell.
func lasted(g Gap) string {
	d := g.Until.Sub(g.From)
	if d < 48*time.Hour {
		return amount.Of(int(d.Round(time.Hour).Hours()), "hour")
	}
	return amount.Of(int(d.Hours()/24), "day")
}

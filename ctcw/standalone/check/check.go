// Package check runs the mod's controls over one scan of the tables and says on a terminal what they say.
package check

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

// Status is a verdict of a control on a resource.
type Status string

// The statuses that Powerpipe knows.
const (
	OK    Status = "ok"
	Skip  Status = "skip"
	Info  Status = "info"
	Alarm Status = "alarm"
	Error Status = "error"
)

// statuses are in the order of Powerpipe's summary.
var statuses = []Status{OK, Skip, Info, Alarm, Error}

// resultOrder has the statuses in the order of Powerpipe's results.
var resultOrder = []Status{Error, Alarm, Info, OK, Skip}

// Statuses returns them all, in the order of Powerpipe's summary: the worst last.
func Statuses() []Status { return slices.Clone(statuses) }

// Result is one row of a control.
type Result struct {
	Reason     string
	Resource   string
	Status     Status
	Dimensions []Dimension // in the order of the SQL's columns

	// What the table says beside it; empty where it says nothing.
	AccountName string
	CheckedAt   time.Time
	Remediation string // the command that mends it
}

// Dimension is a further column of a row.
type Dimension struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Dimension returns a further column of the row, empty when it has none of that name.
func (r Result) Dimension(key string) string {
	for _, d := range r.Dimensions {
		if d.Key == key {
			return d.Value
		}
	}
	return ""
}

// Run is a control and its rows.
type Run struct {
	Control mod.Control
	Results []Result // the worst first, as Powerpipe sorts them
}

// Group is a benchmark that was asked for with its controls, or one control that was asked for by itself.
type Group struct {
	ID          string // as Powerpipe names it: ctcw.benchmark.NAME, ctcw.control.NAME
	Title       string
	Description string
	Tags        map[string]string
	Runs        []Run
}

// Benchmark reports whether the group is one, and not a control by itself.
func (g Group) Benchmark() bool { return strings.HasPrefix(g.ID, benchmarkPrefix) }

const (
	benchmarkPrefix = "ctcw.benchmark."
	controlPrefix   = "ctcw.control."
)

// Report is what all controls said.
type Report struct {
	Groups []Group
	About  About
	Cells  []Cell // of the controls that are about a class of events
}

// Runs returns each control that ran, once, however many benchmarks it is in.
func (r Report) Runs() []Run {
	var runs []Run
	seen := map[string]bool{}
	for _, group := range r.Groups {
		for _, run := range group.Runs {
			if !seen[run.Control.Name] {
				seen[run.Control.Name] = true
				runs = append(runs, run)
			}
		}
	}
	return runs
}

// Summary counts rows by status.
type Summary map[Status]int

// Summary counts the rows of a control.
func (r Run) Summary() Summary {
	s := Summary{}
	for _, result := range r.Results {
		s[result.Status]++
	}
	return s
}

// Summary counts the rows of all controls, each once.
func (r Report) Summary() Summary { return summary(r.Runs()) }

// Summary counts the rows of a group.
func (g Group) Summary() Summary { return summary(g.Runs) }

func summary(runs []Run) Summary {
	s := Summary{}
	for _, run := range runs {
		for status, n := range run.Summary() {
			s[status] += n
		}
	}
	return s
}

// Plan is the controls to run, and the variables they run with.
type Plan struct {
	groups    []Group // their controls without results
	vars      map[string]string
	variables []Variable
}

// NewPlan chooses controls: by the names of controls and benchmarks, or the first benchmark of the mod where
// there are none. All that is wrong with the names and variables is said here, before anything is asked of AWS.
func NewPlan(m *mod.Mod, names []string, vars map[string]string) (*Plan, error) {
	p := &Plan{vars: vars}
	if len(names) == 0 {
		names = []string{m.Benchmarks[0].Name}
	}
	for _, name := range names {
		if err := p.add(m, name); err != nil {
			return nil, err
		}
	}
	for _, c := range p.controls() {
		if _, _, err := c.Query(vars); err != nil {
			return nil, err
		}
		if c.PostgresOnly {
			return nil, fmt.Errorf("control %s runs in Postgres only: use it in Steampipe or Powerpipe", c.Name)
		}
		if c.RunsOnly {
			return nil, fmt.Errorf("control %s runs over a file of \"snapshot --append\": use it in Powerpipe with --database sqlite://FILE.db, or see report", c.Name)
		}
	}
	for _, v := range m.Variables {
		value := strconv.FormatFloat(v.Default, 'g', -1, 64)
		if set, ok := vars[v.Name]; ok {
			value = set
		}
		p.variables = append(p.variables, Variable{v.Name, value})
	}
	return p, nil
}

func (p *Plan) add(m *mod.Mod, given string) error {
	name := given[strings.LastIndex(given, ".")+1:]
	for _, b := range m.Benchmarks {
		if b.Name == name {
			group := Group{ID: benchmarkPrefix + name, Title: b.Title, Description: b.Description, Tags: b.Tags}
			for _, child := range b.Controls {
				group.Runs = append(group.Runs, Run{Control: m.Controls[slices.IndexFunc(m.Controls, named(child))]})
			}
			p.addGroup(group)
			return nil
		}
	}
	if i := slices.IndexFunc(m.Controls, named(name)); i >= 0 {
		c := m.Controls[i]
		p.addGroup(Group{ID: controlPrefix + name, Title: c.Title, Runs: []Run{{Control: c}}})
		return nil
	}
	var all []string
	for _, c := range m.Controls {
		all = append(all, c.Name)
	}
	for _, b := range m.Benchmarks {
		all = append(all, b.Name)
	}
	if hint := nearest.Hint(name, all); hint != "" {
		return fmt.Errorf("there is no control or benchmark %q%s; check --help lists them", given, hint)
	}
	return fmt.Errorf("there is no control or benchmark %q; there are %s", given, strings.Join(all, ", "))
}

func named(name string) func(mod.Control) bool {
	return func(c mod.Control) bool { return c.Name == name }
}

func (p *Plan) addGroup(group Group) {
	if !slices.ContainsFunc(p.groups, func(have Group) bool { return have.ID == group.ID }) {
		p.groups = append(p.groups, group)
	}
}

// controls returns those to run, each once.
func (p *Plan) controls() []mod.Control {
	var controls []mod.Control
	for _, run := range (Report{Groups: p.groups}).Runs() {
		controls = append(controls, run.Control)
	}
	return controls
}

var (
	word    = regexp.MustCompile(`[a-z_0-9]+`)
	comment = regexp.MustCompile(`(?s)/\*.*?\*/`)
)

// wordsOf returns the words of a control's SQL: it names no other tables and columns.
func wordsOf(c mod.Control) []string {
	return word.FindAllString(strings.ToLower(comment.ReplaceAllString(c.SQL, " ")), -1)
}

// Tables returns the tables that the controls read, sorted.
func (p *Plan) Tables() []string {
	var names []string
	for _, c := range p.controls() {
		names = append(names, c.Tables...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Columns returns the columns, of those that a table has, that the SQL of the controls which read it may use: what is
// not among them need not be asked of AWS.
func (p *Plan) Columns(table string, columns []string) []string {
	used := map[string]bool{}
	for _, c := range p.controls() {
		if !slices.Contains(c.Tables, table) {
			continue
		}
		for _, w := range wordsOf(c) {
			used[w] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(columns), func(column string) bool { return !used[column] })
}

// ReadableIn finds the control that a run of a file cannot answer: an earlier version, which had fewer tables, took it.
func (p *Plan) ReadableIn(path string, run evidence.Run) error {
	for _, c := range p.controls() {
		for _, table := range c.Tables {
			if _, ok := run.Tables[table]; !ok {
				return fmt.Errorf("%s of %s has no table %s, which control %s reads: it was taken by version %s; take a new snapshot, or choose other controls",
					run.Title(), path, table, c.Name, run.Version)
			}
		}
	}
	return nil
}

// Source is where a check's rows come from. An engine is one.
type Source interface {
	evidence.Querier
	ColumnNames(table string) []string
}

// Run runs the controls over one scan, for which the tables are asked together.
func (p *Plan) Run(ctx context.Context, from Source) (*Report, error) {
	about := About{Variables: p.variables, Started: time.Now().UTC().Truncate(time.Second)}
	for _, group := range p.groups {
		about.Asked = append(about.Asked, group.ID)
	}
	parts := p.parts(from)
	db, err := evidence.Open(ctx, from, parts...)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	facts, err := readFacts(ctx, db, parts)
	if err != nil {
		return nil, err
	}
	results := map[string][]Result{} // by control
	for _, c := range p.controls() {
		if results[c.Name], err = p.run(ctx, db, c, facts); err != nil {
			return nil, fmt.Errorf("control %s: %w", c.Name, err)
		}
	}
	report := &Report{About: about}
	for _, group := range p.groups {
		group.Runs = slices.Clone(group.Runs) // the plan may run again
		for i, run := range group.Runs {
			group.Runs[i].Results = results[run.Control.Name]
		}
		report.Groups = append(report.Groups, group)
	}
	report.Cells = facts.cells(report.Runs())
	report.About.Accounts = facts.accounts
	report.About.Finished = time.Now().UTC().Truncate(time.Second)
	return report, nil
}

func (p *Plan) run(ctx context.Context, db *sql.DB, c mod.Control, facts *facts) ([]Result, error) {
	query, args, err := c.Query(p.vars)
	if err != nil {
		return nil, err
	}
	results, err := run(ctx, db, query, args)
	if err != nil {
		return nil, err
	}
	for i := range results {
		facts.complete(&results[i], c, args)
	}
	slices.SortStableFunc(results, func(a, b Result) int {
		return slices.Index(resultOrder, a.Status) - slices.Index(resultOrder, b.Status)
	})
	return results, nil
}

var errColumns = errors.New("its SQL does not return resource, status and reason")

func run(ctx context.Context, db *sql.DB, query string, args []any) ([]Result, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for _, required := range []string{"resource", "status", "reason"} {
		if !slices.Contains(columns, required) {
			return nil, errColumns
		}
	}
	var results []Result
	for rows.Next() {
		values, err := texts(rows, len(columns))
		if err != nil {
			return nil, err
		}
		results = append(results, newResult(columns, values))
	}
	return results, rows.Err()
}

func newResult(columns, values []string) Result {
	var r Result
	for i, column := range columns {
		switch value := values[i]; column {
		case "resource":
			r.Resource = value
		case "reason":
			r.Reason = value
		case "status":
			r.Status = Status(value)
		default:
			r.Dimensions = append(r.Dimensions, Dimension{column, value})
		}
	}
	if !slices.Contains(statuses, r.Status) {
		r.Reason = fmt.Sprintf("The control returned the status %q. %s", r.Status, r.Reason)
		r.Status = Error
	}
	return r
}

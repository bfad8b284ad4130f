// Package check runs the mod's controls over a snapshot and prints what they say in the shapes of Powerpipe.
package check

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

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

// Result is one row of a control.
type Result struct {
	Reason     string      `json:"reason"`
	Resource   string      `json:"resource"`
	Status     Status      `json:"status"`
	Dimensions []Dimension `json:"dimensions"` // in the order of the SQL's columns
}

// Dimension is a further column of a row.
type Dimension struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Run is a control and its rows. A control that could not run has one row that says so.
type Run struct {
	Group   Group
	Control mod.Control
	Results []Result // the worst first
}

// Group is the benchmark that a control was chosen through, or the control itself.
type Group struct{ ID, Title string }

// Report is what all controls said.
type Report struct {
	Runs []Run
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

// Summary counts the rows of all controls.
func (r Report) Summary() Summary {
	s := Summary{}
	for _, run := range r.Runs {
		for status, n := range run.Summary() {
			s[status] += n
		}
	}
	return s
}

// Plan is the controls to run, and the variables they run with.
type Plan struct {
	controls []mod.Control
	groups   []Group // of each control
	vars     map[string]string
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
	for _, c := range p.controls {
		if _, _, err := c.Query(vars); err != nil {
			return nil, err
		}
		if c.PostgresOnly {
			return nil, fmt.Errorf("control %s runs in Postgres only: use it in Steampipe or Powerpipe", c.Name)
		}
	}
	return p, nil
}

func (p *Plan) add(m *mod.Mod, given string) error {
	name := given[strings.LastIndex(given, ".")+1:]
	for _, b := range m.Benchmarks {
		if b.Name == name {
			for _, c := range m.Controls {
				if slices.Contains(b.Controls, c.Name) {
					p.addControl(c, Group{"ctcw.benchmark." + name, b.Title})
				}
			}
			return nil
		}
	}
	for _, c := range m.Controls {
		if c.Name == name {
			p.addControl(c, Group{"ctcw.control." + name, c.Title})
			return nil
		}
	}
	var all []string
	for _, c := range m.Controls {
		all = append(all, c.Name)
	}
	for _, b := range m.Benchmarks {
		all = append(all, b.Name)
	}
	return fmt.Errorf("there is no control or benchmark %q; there are %s", given, strings.Join(all, ", "))
}

func (p *Plan) addControl(c mod.Control, group Group) {
	if !slices.ContainsFunc(p.controls, func(have mod.Control) bool { return have.Name == c.Name }) {
		p.controls = append(p.controls, c)
		p.groups = append(p.groups, group)
	}
}

var word = regexp.MustCompile(`[a-z_0-9]+`)

// Columns returns the columns, of those that the table has, that the controls' SQL may use: what is not
// among them need not be asked of AWS.
func (p *Plan) Columns(table []string) []string {
	used := map[string]bool{}
	for _, c := range p.controls {
		for _, w := range word.FindAllString(strings.ToLower(c.SQL), -1) {
			used[w] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(table), func(column string) bool { return !used[column] })
}

// Run runs the controls over one scan of the table.
func (p *Plan) Run(ctx context.Context, from evidence.Querier, columns []string) (*Report, error) {
	db, err := evidence.Open(ctx, from, p.Columns(columns))
	if err != nil {
		return nil, err
	}
	defer db.Close()
	report := &Report{}
	for i, c := range p.controls {
		query, args, err := c.Query(p.vars)
		if err != nil {
			return nil, err
		}
		results, err := run(ctx, db, query, args)
		if err != nil {
			return nil, fmt.Errorf("control %s: %w", c.Name, err)
		}
		slices.SortStableFunc(results, func(a, b Result) int { return slices.Index(statuses, b.Status) - slices.Index(statuses, a.Status) })
		report.Runs = append(report.Runs, Run{Group: p.groups[i], Control: c, Results: results})
	}
	return report, nil
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
		values := make([]sql.NullString, len(columns))
		pointers := make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			return nil, err
		}
		results = append(results, newResult(columns, values))
	}
	return results, rows.Err()
}

func newResult(columns []string, values []sql.NullString) Result {
	var r Result
	for i, column := range columns {
		switch value := values[i].String; column {
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

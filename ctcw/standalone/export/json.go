package export

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

// The shape of Powerpipe's JSON, with its names in its order. What is ours has the key "ctcw" in the root, and stands
// beside the dimensions in a result.
type (
	jsonGroup struct {
		GroupID     string            `json:"group_id"`
		Title       string            `json:"title"`
		Description string            `json:"description"`
		Tags        map[string]string `json:"tags"`
		Summary     jsonSummary       `json:"summary"`
		Groups      []jsonGroup       `json:"groups"`
		Controls    []jsonControl     `json:"controls"`
		About       *jsonAbout        `json:"ctcw,omitempty"`
	}
	jsonSummary struct {
		Status jsonCounts `json:"status"`
	}
	jsonCounts struct {
		Alarm int `json:"alarm"`
		OK    int `json:"ok"`
		Info  int `json:"info"`
		Skip  int `json:"skip"`
		Error int `json:"error"`
	}
	jsonControl struct {
		Summary     jsonCounts        `json:"summary"`
		Results     []jsonResult      `json:"results"`
		ControlID   string            `json:"control_id"`
		Description string            `json:"description"`
		Severity    string            `json:"severity"`
		Tags        map[string]string `json:"tags"`
		Title       string            `json:"title"`
		RunStatus   int               `json:"run_status"`
		RunError    string            `json:"run_error"`
	}
	jsonResult struct {
		Reason      string            `json:"reason"`
		Resource    string            `json:"resource"`
		Status      check.Status      `json:"status"`
		Dimensions  []check.Dimension `json:"dimensions"`
		AccountName string            `json:"account_name,omitempty"`
		CheckedAt   string            `json:"checked_at,omitempty"`
		Remediation string            `json:"remediation,omitempty"`
	}
	jsonAbout struct {
		Version   string            `json:"version"`
		CheckedBy []string          `json:"checked_by"`
		Source    string            `json:"source"`
		Started   string            `json:"started_at"`
		Finished  string            `json:"finished_at"`
		Asked     []string          `json:"asked"`
		Variables map[string]string `json:"variables"`
		Scope     string            `json:"scope"`
		Regions   []string          `json:"regions,omitempty"`
		Calls     int               `json:"aws_calls"`
		Complete  bool              `json:"complete"`
		Accounts  []jsonAccount     `json:"accounts"`
	}
	jsonAccount struct {
		ID        string            `json:"account_id"`
		Name      string            `json:"account_name,omitempty"`
		Error     string            `json:"error,omitempty"`
		Unscanned map[string]string `json:"unscanned_regions,omitempty"`
		LeftOut   []string          `json:"regions_left_out,omitempty"`
	}
)

// rootGroup is what Powerpipe calls the group around all.
const rootGroup = "root_result_group"

// complete is Powerpipe's run_status of a control that has run.
const complete = 4

// groupID is Powerpipe's: a control that runs by itself is in the root.
func groupID(g check.Group) string {
	if !g.Benchmark() {
		return rootGroup
	}
	return g.ID
}

// JSON writes the report in the shape of Powerpipe's JSON.
func JSON(w io.Writer, r *check.Report) error {
	root := jsonGroup{GroupID: rootGroup, Tags: map[string]string{}, Groups: []jsonGroup{}, About: aboutJSON(r.About)}
	for _, group := range r.Groups {
		controls := controlsJSON(group)
		if group.Benchmark() {
			g := jsonGroup{GroupID: group.ID, Title: group.Title, Description: group.Description, Tags: notNil(group.Tags), Groups: []jsonGroup{}, Controls: controls}
			g.Summary.Status = counts(group.Summary())
			root.Groups = append(root.Groups, g)
		} else {
			root.Controls = append(root.Controls, controls...)
		}
		root.Summary.Status.add(counts(group.Summary()))
	}
	if len(r.Groups) == 1 {
		root.Title = r.Groups[0].Title
	} else if len(root.Groups) == len(r.Groups) {
		// Powerpipe puts several benchmarks into one of its own making.
		around := jsonGroup{GroupID: "ctcw.benchmark.root", Tags: map[string]string{}, Summary: root.Summary, Groups: root.Groups}
		root.Groups = []jsonGroup{around}
	}
	return encode(w, root)
}

func controlsJSON(group check.Group) []jsonControl {
	var controls []jsonControl
	for _, run := range group.Runs {
		c := jsonControl{
			Summary: counts(run.Summary()), Results: []jsonResult{}, ControlID: "control." + run.Control.Name, Description: run.Control.Description,
			Severity: run.Control.Severity, Tags: notNil(run.Control.Tags), Title: run.Control.Title, RunStatus: complete,
		}
		for _, result := range run.Results {
			c.Results = append(c.Results, jsonResult{result.Reason, result.Resource, result.Status, result.Dimensions, result.AccountName, stamp(result.CheckedAt), result.Remediation})
		}
		controls = append(controls, c)
	}
	return controls
}

func aboutJSON(a check.About) *jsonAbout {
	about := &jsonAbout{
		Version: a.Version, CheckedBy: append([]string{}, a.Callers...), Source: a.Source, Started: stamp(a.Started), Finished: stamp(a.Finished),
		Asked: a.Asked, Variables: map[string]string{}, Scope: a.Scope(), Regions: a.Regions, Calls: a.Calls, Complete: a.Complete(), Accounts: []jsonAccount{},
	}
	for _, v := range a.Variables {
		about.Variables[v.Name] = v.Value
	}
	for _, of := range a.Accounts {
		about.Accounts = append(about.Accounts, jsonAccount{of.ID, of.Name, of.Unread, of.Unscanned, of.LeftOut})
	}
	return about
}

func counts(s check.Summary) jsonCounts {
	return jsonCounts{Alarm: s[check.Alarm], OK: s[check.OK], Info: s[check.Info], Skip: s[check.Skip], Error: s[check.Error]}
}

func (c *jsonCounts) add(more jsonCounts) {
	c.Alarm += more.Alarm
	c.OK += more.OK
	c.Info += more.Info
	c.Skip += more.Skip
	c.Error += more.Error
}

func notNil(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}

// encode writes JSON for people too: with indents, and <, > and & as they are.
func encode(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// oneLine makes one line of a text from AWS.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

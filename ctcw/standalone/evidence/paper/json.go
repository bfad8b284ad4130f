package paper

import (
	"encoding/json"
	"io"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence/timeline"
)

type (
	jsonReport struct {
		File       string                 `json:"file"`
		Since      string                 `json:"since"`
		Until      string                 `json:"until"`
		WrittenAt  time.Time              `json:"written_at"`
		Version    string                 `json:"version"`
		Intact     *bool                  `json:"hashes_hold"` // null: the file has none
		Broken     []string               `json:"broken"`
		Controls   []jsonControl          `json:"controls"`
		Variables  map[string]string      `json:"variables"`
		Summary    map[timeline.State]int `json:"account_days"`
		Days       []jsonDay              `json:"days"`
		Accounts   []jsonAccount          `json:"accounts"`
		Gaps       []jsonGap              `json:"gaps"`
		Exemptions []jsonExemption        `json:"exemptions"`
		Notes      []string               `json:"notes"`
		Runs       []jsonRun              `json:"runs"`
	}
	jsonControl struct {
		Name  string `json:"name"`
		Title string `json:"title"`
	}
	jsonDay struct {
		Date     string `json:"date"`
		Runs     int    `json:"runs"`
		Complete int    `json:"complete_runs"`
	}
	jsonAccount struct {
		ID        string                 `json:"account_id"`
		Name      string                 `json:"account_name,omitempty"`
		Days      map[timeline.State]int `json:"days"`
		Resources []jsonResource         `json:"resources"`
	}
	jsonResource struct {
		Resource string        `json:"resource"`
		Verdicts []jsonVerdict `json:"verdicts"`
	}
	jsonVerdict struct {
		Control string                 `json:"control"`
		Days    map[timeline.State]int `json:"days"`
		Held    []jsonSpan             `json:"held"`
	}
	jsonSpan struct {
		Status  string    `json:"status"`
		From    time.Time `json:"from"`
		Until   time.Time `json:"until"`
		StillSo bool      `json:"still_so"`
		Reason  string    `json:"reason"`
	}
	jsonGap struct {
		Account  string     `json:"account_id"`
		Name     string     `json:"account_name,omitempty"`
		Resource string     `json:"resource"`
		Control  string     `json:"control"`
		Status   string     `json:"status"`
		LastGood *time.Time `json:"last_good"`
		From     time.Time  `json:"from"`
		Until    *time.Time `json:"until"` // null: it is still so
		Gone     bool       `json:"gone"`
		Cause    string     `json:"cause"`
		Later    string     `json:"later_cause,omitempty"`
		Owner    string     `json:"who_could_mend_it"`
	}
	jsonExemption struct {
		Account  string    `json:"account_id"`
		Resource string    `json:"resource"`
		Reason   string    `json:"reason"`
		From     time.Time `json:"from"`
		Until    time.Time `json:"until"`
	}
	jsonRun struct {
		ID          int64                        `json:"run_id"`
		CheckedAt   time.Time                    `json:"checked_at"`
		Version     string                       `json:"version"`
		Source      string                       `json:"source"`
		Callers     []string                     `json:"callers"`
		Connections []evidence.Connection        `json:"connections"`
		Accounts    int                          `json:"accounts"`
		NotReadable map[string]string            `json:"not_readable"`
		NotScanned  map[string]map[string]string `json:"not_scanned"`
		Complete    bool                         `json:"complete"`
		Hash        string                       `json:"hash"`
	}
)

// JSON writes all that is in a report.
func JSON(w io.Writer, r *timeline.Report, made Made) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(newJSON(r, made))
}

func newJSON(r *timeline.Report, made Made) jsonReport {
	j := jsonReport{
		File: r.File, Since: r.Since.Format(time.DateOnly), Until: r.Until.Format(time.DateOnly), WrittenAt: made.At.UTC(), Version: made.Version,
		Broken: orEmpty(r.Broken), Notes: orEmpty(r.Notes), Variables: map[string]string{}, Summary: map[timeline.State]int{}, Gaps: []jsonGap{}, Exemptions: []jsonExemption{},
	}
	if r.Chained {
		intact := len(r.Broken) == 0
		j.Intact = &intact
	}
	for _, c := range r.Controls {
		j.Controls = append(j.Controls, jsonControl{c.Name, c.Title})
	}
	for _, v := range r.Variables {
		j.Variables[v.Name] = v.Value
	}
	for _, d := range r.Days {
		j.Days = append(j.Days, jsonDay{d.Date.Format(time.DateOnly), d.Runs, d.Complete})
	}
	for _, a := range r.Accounts {
		j.Accounts = append(j.Accounts, accountJSON(a))
		for state, n := range a.Strip.Count() {
			j.Summary[state] += n
		}
	}
	for _, g := range r.Gaps {
		gap := jsonGap{g.Account, g.Name, g.Resource, g.Control, string(g.Status), nil, g.From, nil, g.Gone, g.Cause, g.Later, g.Owner}
		if !g.LastGood.IsZero() {
			gap.LastGood = &g.LastGood
		}
		if !g.Open {
			gap.Until = &g.Until
		}
		j.Gaps = append(j.Gaps, gap)
	}
	for _, e := range r.Exemptions {
		j.Exemptions = append(j.Exemptions, jsonExemption{e.Account, e.Resource, e.Reason, e.From, e.Until})
	}
	for _, run := range r.Runs {
		j.Runs = append(j.Runs, jsonRun{run.ID, run.CheckedAt, run.Version, run.Source, orEmpty(run.Callers), orEmpty(run.Connections), run.Accounts, run.NotReadable, run.NotScanned, run.Complete, run.Hash})
	}
	return j
}

func accountJSON(a timeline.Account) jsonAccount {
	j := jsonAccount{ID: a.ID, Name: a.Name, Days: a.Strip.Count()}
	for _, res := range a.Resources {
		resource := jsonResource{Resource: res.ARN}
		for _, t := range res.Tracks {
			verdict := jsonVerdict{Control: t.Control, Days: t.Strip.Count()}
			for _, s := range t.Spans {
				verdict.Held = append(verdict.Held, jsonSpan{string(s.Status), s.From, s.Until, s.Open, s.Reason})
			}
			resource.Verdicts = append(resource.Verdicts, verdict)
		}
		j.Resources = append(j.Resources, resource)
	}
	return j
}

// orEmpty has JSON say [] rather than null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

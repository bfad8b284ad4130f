package timeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

// Report is how long each verdict held in a period.
type Report struct {
	File         string
	Since, Until time.Time // days, both included
	Controls     []Control
	Variables    []check.Variable
	Runs         []evidence.Run
	Days         []Day
	Accounts     []Account // those with findings first
	Gaps         []Gap     // the earliest first
	Exemptions   []Exemption
	Notes        []string
	Broken       []string // what verify says; empty when the chain of hashes holds
	Chained      bool     // a snapshot of an earlier version has no hashes

	judged map[int]map[string]bool // runs that lack accounts → those that they have verdicts of
}

// Control is one that was judged by.
type Control struct{ Name, Title, Description string }

// Day is a day of the period and the runs of it.
type Day struct {
	Date     time.Time
	Runs     int
	Complete int
}

// Account is an account and what it has.
type Account struct {
	ID, Name  string
	Strip     Strip // the worst of its resources, day by day
	Resources []Resource
}

// Resource is a trail, or the account itself.
type Resource struct {
	ARN, Name string
	Strip     Strip // the worst of its controls
	Tracks    []Track
}

// Track is one control's verdicts on a resource.
type Track struct {
	Key
	Strip Strip
	Spans []Span
}

// Span is how long a verdict held: from the first run that gave it until the first that gave another.
type Span struct {
	Status check.Status
	Reason string // of the first run
	From   time.Time
	Until  time.Time // of the run that ended it; of the last run of the period, where none did
	Open   bool      // no run of the period ended it
	first  int       // runs
	last   int
}

// Gap is a time in which a verdict was an alarm, or could not be given.
type Gap struct {
	Key
	Name     string // of the account
	Status   check.Status
	Cause    string    // the first reason
	Later    string    // the last reason, where it is another
	LastGood time.Time // the last run before it that found it in order; zero when none did
	From     time.Time // the first run that found it
	Until    time.Time // the run that found it mended, or gone
	Open     bool      // it still was so in the last run of the period
	Gone     bool      // what it was about is gone
	Owner    string    // who could mend it
}

// Exemption is why something is skipped.
type Exemption struct {
	Account, Name, Resource, Reason string
	From, Until                     time.Time // the first and the last run that say so
}

// Build judges the runs of a period and says how long each verdict held.
func Build(ctx context.Context, file *evidence.File, plan *check.Plan, since, until time.Time) (*Report, error) {
	r := &Report{File: file.Path, Since: date(since), Until: date(until), Variables: plan.Variables(), judged: map[int]map[string]bool{}}
	for _, run := range file.Runs {
		if day := date(run.CheckedAt); !day.Before(r.Since) && !day.After(r.Until) {
			r.Runs = append(r.Runs, run)
		}
	}
	if len(r.Runs) == 0 {
		return nil, fmt.Errorf("%s has no run from %s to %s: the first is %s, the last %s", file.Path,
			r.Since.Format(time.DateOnly), r.Until.Format(time.DateOnly), file.Runs[0].Title(), file.Latest().Title())
	}
	for _, c := range plan.Controls() {
		r.Controls = append(r.Controls, Control{c.Name, c.Title, c.Description})
	}
	tracks := map[Key]*Track{}
	without := map[string][]int64{} // controls → runs
	err := judge(ctx, file, plan, r.Runs, func(i int, j judged) {
		for key, v := range j.verdicts {
			if tracks[key] == nil {
				tracks[key] = &Track{Key: key}
			}
			tracks[key].add(i, v)
		}
		if r.Runs[i].Unlisted() != "" {
			r.judged[i] = accountsOf(j.verdicts)
		}
		for _, c := range j.without {
			without[c] = append(without[c], r.Runs[i].ID)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Sorted(maps.Keys(without)) {
		runs := without[c]
		r.Notes = append(r.Notes, fmt.Sprintf("Control %s asks for columns that an earlier version did not record: it does not judge runs %d to %d.", c, runs[0], runs[len(runs)-1]))
	}
	names, err := file.AccountNames(ctx)
	if err != nil {
		return nil, err
	}
	r.days()
	r.collect(tracks, names)
	return r, nil
}

// add takes in the verdict of a run.
func (t *Track) add(run int, v Verdict) {
	if n := len(t.Spans); n > 0 {
		if last := &t.Spans[n-1]; last.Status == v.Status && last.last == run-1 && (v.Status != check.Skip || last.Reason == v.Reason) {
			last.last = run
			return
		}
	}
	t.Spans = append(t.Spans, Span{Status: v.Status, Reason: v.Reason, first: run, last: run})
}

func (r *Report) days() {
	for day := r.Since; !day.After(r.Until); day = day.AddDate(0, 0, 1) {
		r.Days = append(r.Days, Day{Date: day})
	}
	for _, run := range r.Runs {
		day := &r.Days[r.day(run)]
		day.Runs++
		if run.Complete {
			day.Complete++
		}
	}
}

// day returns the index of a run's day.
func (r *Report) day(run evidence.Run) int {
	return int(date(run.CheckedAt).Sub(r.Since).Hours() / 24)
}

// collect puts the tracks in order, account by account.
func (r *Report) collect(tracks map[Key]*Track, names map[string]string) {
	for _, key := range sortedKeys(tracks) {
		t := tracks[key]
		r.times(t)
		t.Strip = r.strip(t)
		if n := len(r.Accounts); n == 0 || r.Accounts[n-1].ID != key.Account {
			r.Accounts = append(r.Accounts, Account{ID: key.Account, Name: names[key.Account]})
		}
		a := &r.Accounts[len(r.Accounts)-1]
		if n := len(a.Resources); n == 0 || a.Resources[n-1].ARN != key.Resource {
			a.Resources = append(a.Resources, Resource{ARN: key.Resource, Name: Short(key.Resource)})
		}
		res := &a.Resources[len(a.Resources)-1]
		res.Tracks = append(res.Tracks, *t)
		r.gaps(t, a.Name)
		r.exemptions(t, a.Name)
	}
	for i := range r.Accounts {
		a := &r.Accounts[i]
		for j := range a.Resources {
			res := &a.Resources[j]
			for _, t := range res.Tracks {
				res.Strip = res.Strip.worst(t.Strip)
			}
			a.Strip = a.Strip.worst(res.Strip)
		}
	}
	slices.SortStableFunc(r.Accounts, func(a, b Account) int { return b.Strip.findings() - a.Strip.findings() })
	slices.SortStableFunc(r.Gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
}

// times says when the spans of a track began and ended.
func (r *Report) times(t *Track) {
	last := len(r.Runs) - 1
	for i := range t.Spans {
		s := &t.Spans[i]
		s.From, s.Open = r.Runs[s.first].CheckedAt, s.last == last
		s.Until = r.Runs[min(s.last+1, last)].CheckedAt
	}
}

// gaps finds the times in which a track was bad. One goes on while the account cannot be read: that does not mend it.
func (r *Report) gaps(t *Track, name string) {
	var open *Gap
	for i, s := range t.Spans {
		if open != nil && (!bad(s.Status) || r.readBetween(t.Key, t.Spans[i-1].last, s.first)) {
			r.closeGap(open, t, i-1)
			open = nil
		}
		if !bad(s.Status) {
			continue
		}
		if open != nil {
			if s.Status != open.Status {
				open.Later = s.Reason
			}
			continue
		}
		open = &Gap{Key: t.Key, Name: name, Status: s.Status, Cause: s.Reason, From: s.From, Owner: Owner(t.Key, s.Status)}
		if i > 0 && severity(t.Spans[i-1].Status) == 0 && t.Spans[i-1].Status == check.OK {
			open.LastGood = r.Runs[t.Spans[i-1].last].CheckedAt
		}
	}
	if open != nil {
		r.closeGap(open, t, len(t.Spans)-1)
	}
}

// unseen reports whether a run says nothing of what a key is about: its account could not be read, or not be listed. Of an
// account that could not be read it says that.
func (r *Report) unseen(run int, k Key) bool {
	judged, unlisted := r.judged[run]
	return unlisted && !judged[k.Account] || !k.ofAccount() && r.Runs[run].NotReadable[k.Account] != ""
}

// readBetween reports whether a run between two others could read the account, and so did not find what they found.
func (r *Report) readBetween(k Key, after, before int) bool {
	for i := after + 1; i < before; i++ {
		if r.Runs[i].NotReadable[k.Account] == "" && !r.unseen(i, k) {
			return true
		}
	}
	return false
}

// closeGap ends a gap with the run after the last that found it. Runs that could not read the account say nothing.
func (r *Report) closeGap(g *Gap, t *Track, span int) {
	end := t.Spans[span].last + 1
	for end < len(r.Runs) && r.unseen(end, g.Key) {
		end++
	}
	if end >= len(r.Runs) {
		g.Open, g.Until = true, r.Runs[len(r.Runs)-1].CheckedAt
	} else {
		g.Until = r.Runs[end].CheckedAt
		g.Gone = !g.ofAccount() && !slices.ContainsFunc(t.Spans, func(s Span) bool { return s.first == end })
	}
	r.Gaps = append(r.Gaps, *g)
}

func (r *Report) exemptions(t *Track, name string) {
	for _, s := range t.Spans {
		reason, ok := exemption(s)
		if !ok {
			continue
		}
		from, until := s.From, r.Runs[s.last].CheckedAt
		i := slices.IndexFunc(r.Exemptions, func(e Exemption) bool {
			return e.Account == t.Account && e.Resource == t.Resource && e.Reason == reason
		})
		if i < 0 {
			r.Exemptions = append(r.Exemptions, Exemption{t.Account, name, t.Resource, reason, from, until})
			continue
		}
		e := &r.Exemptions[i]
		if from.Before(e.From) {
			e.From = from
		}
		if until.After(e.Until) {
			e.Until = until
		}
	}
}

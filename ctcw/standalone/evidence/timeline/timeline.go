// Package timeline judges the runs of a file one after the other, and says what changed between two of them, and how
// long each verdict held.
package timeline

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

// Key is what a verdict is about: an account's trail, or the account itself, and the control.
type Key struct{ Account, Resource, Control string }

func (k Key) compare(other Key) int {
	return strings.Compare(k.Account+"\x00"+k.Resource+"\x00"+k.Control, other.Account+"\x00"+other.Resource+"\x00"+other.Control)
}

// ofAccount reports whether the resource is the account.
func (k Key) ofAccount() bool { return strings.HasSuffix(k.Resource, ":::"+k.Account) }

// Verdict is what a control said.
type Verdict struct {
	Status check.Status
	Reason string
	Found  string // the table's own verdict that the control goes by, delivery_status say; empty where it goes by none
}

// found are the columns with the tables' own verdicts.
var found = []string{"delivery_status", "alarm_status", "arrival_status"}

func foundBy(r check.Result) string {
	for _, column := range found {
		if says := r.Dimension(column); says != "" {
			return says
		}
	}
	return ""
}

// severity orders statuses: what is in order, what somebody else has to look at, what is wrong or could not be seen.
func severity(s check.Status) int {
	switch s {
	case check.OK, check.Skip:
		return 0
	case check.Info:
		return 1
	}
	return 2
}

// bad reports whether a status is a finding.
func bad(s check.Status) bool { return severity(s) == 2 }

// order has the worst last: an alarm is known to be wrong, an error is not.
var order = []check.Status{check.OK, check.Skip, check.Info, check.Error, check.Alarm}

func worse(a, b check.Status) bool { return slices.Index(order, a) > slices.Index(order, b) }

// judged is what the controls said of a run.
type judged struct {
	verdicts map[Key]Verdict
	without  []string // controls that ask for what an earlier version of this program did not record
}

// judge hands over what the controls say of runs, run by run. Of n workers, each with a connection of its own to the file,
// one judges every nth run.
func judge(ctx context.Context, file *evidence.File, plan *check.Plan, runs []evidence.Run, visit func(int, judged)) error {
	group, ctx := errgroup.WithContext(ctx)
	workers := min(runtime.NumCPU(), len(runs), 8)
	results := make([]chan judged, workers)
	for w := range workers {
		results[w] = make(chan judged, 1)
		group.Go(func() error {
			defer close(results[w])
			own, err := evidence.OpenFile(ctx, file.Path)
			if err != nil {
				return err
			}
			defer own.Close()
			use := own.UseRuns()
			for i := w; i < len(runs); i += workers {
				if err := use(ctx, runs[i]); err != nil {
					return err
				}
				j, err := judgeRun(ctx, own, plan)
				if err != nil {
					return fmt.Errorf("%s: %w", runs[i].Title(), err)
				}
				select {
				case results[w] <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}
	for i := range runs {
		j, ok := <-results[i%workers]
		if !ok {
			break // a worker has failed
		}
		visit(i, j)
	}
	return group.Wait()
}

func judgeRun(ctx context.Context, file *evidence.File, plan *check.Plan) (judged, error) {
	j := judged{verdicts: map[Key]Verdict{}}
	err := plan.Judge(ctx, file.DB, func(c mod.Control, results []check.Result, err error) error {
		if err != nil && (strings.Contains(err.Error(), "no such column") || strings.Contains(err.Error(), "no such table")) {
			j.without = append(j.without, c.Name)
			return nil
		}
		for _, r := range results {
			key := Key{r.Dimension("account_id"), r.Resource, c.Name}
			// Two connections may show the same account: the worse verdict counts.
			if have, ok := j.verdicts[key]; !ok || worse(r.Status, have.Status) {
				j.verdicts[key] = Verdict{r.Status, r.Reason, foundBy(r)}
			}
		}
		return err
	})
	return j, err
}

// accountsOf returns the accounts of which there are verdicts.
func accountsOf(verdicts map[Key]Verdict) map[string]bool {
	accounts := map[string]bool{}
	for key := range verdicts {
		accounts[key.Account] = true
	}
	return accounts
}

// Owner says who could mend what a verdict is about.
func Owner(k Key, s check.Status) string {
	parts := strings.Split(k.Resource, ":")
	switch {
	case s == check.Error:
		return "whoever lets this scan read account " + k.Account
	case len(parts) > 4 && parts[4] != "" && parts[4] != k.Account:
		return "account " + parts[4] + ", which owns the trail"
	}
	return "account " + k.Account
}

// Short names a resource for a person.
func Short(resource string) string {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) == 6 && strings.HasPrefix(parts[5], "trail/") {
		return strings.TrimPrefix(parts[5], "trail/") + " (" + parts[3] + ")"
	}
	return "the account"
}

func sortedKeys[V any](m map[Key]V) []Key {
	return slices.SortedFunc(maps.Keys(m), Key.compare)
}

// date is the day of a time, in UTC.
func date(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

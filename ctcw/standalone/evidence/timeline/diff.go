package timeline

import (
	"context"
	"slices"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

// Kind is how a verdict differs between two runs.
type Kind string

// The kinds, the worst first.
const (
	Worse   Kind = "worse"
	Unread  Kind = "unread" // the account could not be read or listed any more, so what became of it is not known
	New     Kind = "new"
	Changed Kind = "changed" // from an alarm to an error, or to an alarm for another cause: neither better nor worse
	Mended  Kind = "mended"
	Gone    Kind = "gone"
)

var kinds = []Kind{Worse, Unread, New, Changed, Mended, Gone}

// Change is a verdict that differs.
type Change struct {
	Kind     Kind         `json:"kind"`
	Account  string       `json:"account_id"`
	Name     string       `json:"account_name,omitempty"`
	Resource string       `json:"resource"`
	Control  string       `json:"control"`
	Before   check.Status `json:"before,omitempty"`
	After    check.Status `json:"after,omitempty"`
	Was      string       `json:"was,omitempty"` // the table's own verdicts behind them
	Is       string       `json:"is,omitempty"`
	Reason   string       `json:"reason"`
}

// Bad reports whether a change is for the worse.
func (c Change) Bad() bool {
	return c.Kind == Worse || c.Kind == Unread || c.Kind == New && bad(c.After)
}

// Diff judges two runs by the same controls and returns the verdicts that differ, in themselves or in their cause, account by
// account.
func Diff(ctx context.Context, file *evidence.File, plan *check.Plan, from, to evidence.Run) ([]Change, error) {
	var verdicts [2]map[Key]Verdict
	err := judge(ctx, file, plan, []evidence.Run{from, to}, func(i int, j judged) { verdicts[i] = j.verdicts })
	if err != nil {
		return nil, err
	}
	names, err := file.AccountNames(ctx)
	if err != nil {
		return nil, err
	}
	both, judged := map[Key]bool{}, accountsOf(verdicts[1])
	for _, of := range verdicts {
		for key := range of {
			both[key] = true
		}
	}
	var changes []Change
	for _, key := range sortedKeys(both) {
		before, had := verdicts[0][key]
		after, has := verdicts[1][key]
		c := Change{Account: key.Account, Name: names[key.Account], Resource: key.Resource, Control: key.Control, Before: before.Status, After: after.Status, Was: before.Found, Is: after.Found, Reason: after.Reason}
		switch {
		case had && has && before.Status == after.Status && (before.Found == after.Found || after.Status == check.Skip):
			continue
		case had && has:
			c.Kind = kindOf(before.Status, after.Status)
		case has && key.ofAccount() && from.NotReadable[key.Account] == "" && to.NotReadable[key.Account] != "" && controlOf(verdicts[0], key):
			c.Kind = Worse // its trails had verdicts before
		case has:
			c.Kind = New
		case to.NotReadable[key.Account] != "":
			c.Kind, c.Reason = Unread, to.NotReadable[key.Account]
		case !judged[key.Account] && to.Unlisted() != "":
			c.Kind, c.Reason = Unread, to.Unlisted()
		case key.ofAccount() && from.NotReadable[key.Account] != "" && controlOf(verdicts[1], key):
			c.Kind, c.Reason = Mended, "The account can be read again."
		default:
			c.Kind, c.Reason = Gone, before.Reason
		}
		changes = append(changes, c)
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		if a.Account != b.Account {
			return strings.Compare(a.Account, b.Account)
		}
		return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind)
	})
	return changes, nil
}

// controlOf reports whether there are verdicts of the control on anything of the account.
func controlOf(verdicts map[Key]Verdict, of Key) bool {
	for key := range verdicts {
		if key.Account == of.Account && key.Control == of.Control {
			return true
		}
	}
	return false
}

func kindOf(before, after check.Status) Kind {
	switch a, b := severity(before), severity(after); {
	case b > a:
		return Worse
	case b < a:
		return Mended
	}
	return Changed
}

// Kinds returns them all, the worst first.
func Kinds() []Kind { return slices.Clone(kinds) }

package scan

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/danwakefield/fnmatch"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// Exempt maps globs of trails' ARNs to why those trails need no CloudWatch Logs.
type Exempt map[string]string

// Reason returns the reason of the most specific, that is longest, glob that matches a trail's ARN; empty
// when none does.
func (e Exempt) Reason(trailARN string) string {
	best := ""
	for _, glob := range slices.Sorted(maps.Keys(e)) {
		if matches(glob, trailARN) && len(glob) > len(best) {
			best = glob
		}
	}
	return e[best]
}

// matches minds the case, as ARNs do: an account may have a trail audit beside its Audit. Like account.Glob it takes *
// for any characters, also "/" and ":".
func matches(glob, arn string) bool { return fnmatch.Match(glob, arn, 0) }

// exemptUse is which globs of an Exempt have matched a trail, and which accounts could have hidden one.
type exemptUse struct {
	mu      sync.Mutex
	matched map[string]bool
	unread  []string
}

func (u *exemptUse) see(e Exempt, a *Account) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !a.readInFull() {
		u.unread = append(u.unread, a.ID)
	}
	for glob := range e {
		matched := slices.ContainsFunc(a.listing.Trails, func(t trail.Trail) bool { return matches(glob, t.ARN) })
		if matched {
			if u.matched == nil {
				u.matched = map[string]bool{}
			}
			u.matched[glob] = true
		}
	}
}

// unused returns the globs that match no trail, though every account was read that they could match in.
func (u *exemptUse) unused(e Exempt) []string {
	var globs []string
	for _, glob := range slices.Sorted(maps.Keys(e)) {
		hidden := slices.ContainsFunc(u.unread, func(account string) bool { return mayBeIn(glob, account) })
		if !u.matched[glob] && !hidden {
			globs = append(globs, glob)
		}
	}
	return globs
}

// mayBeIn reports whether a glob can match a trail's ARN with that account in it. An ARN has five colons, so a glob
// with as many has the account in the same place.
func mayBeIn(glob, account string) bool {
	parts := strings.Split(glob, ":")
	return len(parts) != 6 || matches(parts[4], account)
}

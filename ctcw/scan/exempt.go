package scan

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/danwakefield/fnmatch"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// Exempt says what needs no CloudWatch Logs or no alarm, and why. A key is a glob of trails' ARNs, or of event classes:
// CLASS, or ACCOUNT/CLASS.
type Exempt map[string]string

// Reason returns the reason of the most specific, that is longest, glob that matches a trail's ARN; empty
// when none does.
func (e Exempt) Reason(trailARN string) string {
	return e.reason(func(glob string) bool { return matches(glob, trailARN) })
}

// ClassReason is [Exempt.Reason] of a class of events in an account.
func (e Exempt) ClassReason(accountID, class string) string {
	return e.reason(func(glob string) bool {
		of, name, ok := strings.Cut(glob, "/")
		if !ok {
			of, name = "*", glob
		}
		return IsClassGlob(glob) && account.Glob(of, accountID) && account.Glob(name, class)
	})
}

func (e Exempt) reason(matches func(glob string) bool) string {
	best := ""
	for _, glob := range slices.Sorted(maps.Keys(e)) {
		if matches(glob) && len(glob) > len(best) {
			best = glob
		}
	}
	return e[best]
}

var classGlob = regexp.MustCompile(`^([0-9*?]{1,12}/)?[a-z0-9_*?]+$`)

// IsClassGlob reports whether a key of [Exempt] means event classes: at least one of them. A lone * means trails.
func IsClassGlob(key string) bool {
	if !classGlob.MatchString(key) || key == "*" {
		return false
	}
	name := key[strings.LastIndexByte(key, '/')+1:]
	return slices.ContainsFunc(event.Classes(), func(c *event.Class) bool { return account.Glob(name, c.Name) })
}

// matches reports whether a key means the trail. It minds the case, as ARNs do: an account may have a trail audit beside
// its Audit. Like account.Glob it takes * for any characters, also "/" and ":".
func matches(glob, arn string) bool { return !IsClassGlob(glob) && fnmatch.Match(glob, arn, 0) }

// exemptUse is which globs of trails have matched one, and which accounts could have hidden one.
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

// unused returns the globs of trails that match no trail, though every account was read that they could match in.
func (u *exemptUse) unused(e Exempt) []string {
	var globs []string
	for _, glob := range slices.Sorted(maps.Keys(e)) {
		hidden := slices.ContainsFunc(u.unread, func(account string) bool { return mayBeIn(glob, account) })
		if !IsClassGlob(glob) && !u.matched[glob] && !hidden {
			globs = append(globs, glob)
		}
	}
	return globs
}

// mayBeIn reports whether a glob can match a trail's ARN with that account in it. An ARN has five colons, so a glob
// with as many has the account in the same place.
func mayBeIn(glob, account string) bool {
	parts := strings.Split(glob, ":")
	return len(parts) != 6 || fnmatch.Match(parts[4], account, 0)
}

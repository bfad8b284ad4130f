// Package scan is one query's view of a connection: which accounts and regions it asks, each thing asked once,
// what failed kept as data, rows as plain structs. It knows AWS's answers and the verdicts on them, and nothing of
// Steampipe.
//
// The way is connection → accounts → regions → trails → what hangs on a trail → verdict → row. What the tables
// share is in query.go, account.go and row.go; what is one table's own stands in files of its own.
package scan

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/event"
)

// Connection is what a query scans.
type Connection struct {
	*account.Connection
	Exempt Exempt
}

// Exempt says what needs no CloudWatch Logs or no alarm, and why. A key is a glob of trails' ARNs, or of event classes:
// CLASS, or ACCOUNT/CLASS.
type Exempt map[string]string

// Reason returns the reason of the most specific, that is longest, glob that matches a trail's ARN; empty
// when none does.
func (e Exempt) Reason(trailARN string) string {
	return e.reason(func(glob string) bool { return !IsClassGlob(glob) && account.Glob(glob, trailARN) })
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

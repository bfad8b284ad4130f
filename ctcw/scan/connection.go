// Package scan is one query's view of a connection: which accounts and regions it asks, each thing asked once,
// what failed kept as data, rows as plain structs. It knows AWS's answers and the verdicts on them, and nothing of
// Steampipe.
//
// The way is connection → accounts → regions → trails → what hangs on a trail → verdict → row. What the tables
// share is in query.go, account.go and row.go; what is one table's own stands in files of its own.
package scan

import (
	"maps"
	"slices"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
)

// Connection is what a query scans.
type Connection struct {
	*account.Connection
	Exempt Exempt
}

// Exempt maps globs of trails' ARNs to why those trails need no CloudWatch Logs.
type Exempt map[string]string

// Reason returns the reason of the most specific, that is longest, glob that matches a trail's ARN; empty
// when none does.
func (e Exempt) Reason(trailARN string) string {
	best := ""
	for _, glob := range slices.Sorted(maps.Keys(e)) {
		if account.Glob(glob, trailARN) && len(glob) > len(best) {
			best = glob
		}
	}
	return e[best]
}

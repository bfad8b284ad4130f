// Package scan is one query's view of a connection: which accounts and regions it asks, each thing asked once,
// what failed kept as data, rows as plain structs. It knows AWS's answers and the verdicts on them, and nothing of
// Steampipe.
//
// The way is connection → accounts → regions → trails → what hangs on a trail → verdict → row. What the tables
// share is in query.go, account.go and row.go; what is one table's own stands in files of its own.
package scan

import "github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"

// Connection is what a query scans.
type Connection struct {
	*account.Connection
	Exempt Exempt
}

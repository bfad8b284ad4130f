package scan

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
)

// latecomers are accounts that are scanned again at the end. The zero value is ready.
type latecomers struct {
	mu       sync.Mutex
	accounts []account.Account
}

func (l *latecomers) add(a account.Account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accounts = append(l.accounts, a)
}

// isInOutage reports whether something of the account was not asked for because nobody was answered there.
func (a *Account) isInOutage() bool {
	if account.IsOutage(a.err) {
		return true
	}
	for _, err := range a.listing.Failed {
		if account.IsOutage(err) {
			return true
		}
	}
	return false
}

// recently is how long it is known in a query that a region does not answer. It may look up one account after the other,
// and each of these scans has to wait when a region is asked again.
const recently = 5 * time.Second

// askAgain has asked for again what the accounts could not be asked for in an outage, and nothing else. The scan took a
// while so far.
func (q *Query) askAgain(accounts []account.Account, while time.Duration) {
	if while > recently {
		q.connection.TryAgain(0)
	} else {
		q.connection.TryAgain(recently)
	}
	for _, a := range accounts {
		q.sessions.forget(a.ID) // which may lack its regions; the connection knows those that do not
	}
	q.trails.forgetIf(inOutage)
	q.statuses.forgetIf(inOutage)
	q.logGroups.forgetIf(inOutage)
	q.tags.forgetIf(inOutage)
	q.recordings.forgetIf(inOutage)
	q.groups.forgetIf(func(w watched, _ error) bool { return w.inOutage() })
	q.alarms.forgetIf(inOutage)
	q.topics.forgetIf(inOutage)
	q.streams.forgetIf(inOutage)
}

func inOutage[V any](_ V, err error) bool { return account.IsOutage(err) }

func (w watched) inOutage() bool {
	errs := slices.AppendSeq([]error{w.filtersErr, w.alarmsErr}, maps.Values(w.topicErrs))
	return slices.ContainsFunc(errs, account.IsOutage)
}

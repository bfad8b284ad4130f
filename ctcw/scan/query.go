package scan

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
)

// Query is one query's view of a connection. It asks AWS for each thing at most once.
type Query struct {
	connection *Connection

	sessions  memo[result[*account.Session]] // by account
	listings  memo[trail.Listing]            // by account and regions
	statuses  memo[result[trail.Status]]     // by account asked and trail
	logGroups memo[result[*loggroup.Group]]
	tags      memo[result[map[string]string]]

	once     sync.Once
	self     *account.Session
	accounts []account.Account // sorted by id
	err      error
}

type result[T any] struct {
	value T
	err   error
}

func resultOf[T any](value T, err error) result[T] { return result[T]{value, err} }

// New returns a query over a connection, in which nothing was asked yet.
func New(c *Connection) *Query { return &Query{connection: c} }

// maxAccounts is how many accounts of an organization are scanned at once.
const maxAccounts = 64

// Accounts scans every account that the connection reaches and the filter allows, many at once, and hands each
// over as it is done, possibly several at a time. It ends when visit returns false. The error is that of the
// connection's own identity; what fails after that is in the accounts.
func (q *Query) Accounts(ctx context.Context, f Filter, visit func(*Account) bool) error {
	if err := q.identify(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(maxAccounts)
	accounts := slices.DeleteFunc(slices.Clone(q.accounts), func(a account.Account) bool { return !f.allows("account_id", a.ID) })
	counter := progress.From(ctx)
	counter.Ask(len(accounts))
	for _, of := range accounts {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			a := q.scan(ctx, of, f)
			if a.credentialsRefused() && a.session == q.self {
				// The identity is believed for some minutes; credentials that were good then may be expired now.
				q.connection.Forget()
				if _, err := q.connection.Self(ctx); err != nil {
					return err
				}
			}
			counter.Done()
			if !visit(a) {
				cancel()
			}
			return nil
		})
	}
	return group.Wait()
}

func (q *Query) identify(ctx context.Context) error {
	q.once.Do(func() {
		if q.self, q.err = q.connection.Self(ctx); q.err == nil {
			progress.From(ctx).Caller(q.self.CallerARN)
			q.accounts, q.err = q.connection.Accounts(ctx)
		}
	})
	return q.err
}

func (q *Query) session(ctx context.Context, id string) (*account.Session, error) {
	got := q.sessions.get(id, func() result[*account.Session] { return resultOf(q.connection.Session(ctx, id)) })
	return got.value, got.err
}

// reach returns a session in an account, if the connection is meant to reach it and can.
func (q *Query) reach(ctx context.Context, id string) *account.Session {
	if id != q.self.AccountID {
		i, ok := slices.BinarySearchFunc(q.accounts, id, func(a account.Account, id string) int { return strings.Compare(a.ID, id) })
		if !ok || q.accounts[i].Closed() {
			return nil
		}
	}
	session, _ := q.session(ctx, id)
	return session
}

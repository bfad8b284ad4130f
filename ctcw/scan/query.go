package scan

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"golang.org/x/sync/errgroup"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	awsalarm "github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/topic"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/heap"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
)

// Query is one query's view of a connection. It asks AWS for each thing at most once.
type Query struct {
	connection   *Connection
	begin        sync.Once
	unusedExempt atomic.Pointer[[]string]

	reached   memo[reach]
	sessions  memo[*account.Session] // by account
	trails    memo[[]trail.Trail]    // by account and region
	sights    sights
	statuses  memo[trail.Status]      // by account asked, trail and region
	logGroups memo[*loggroup.Group]   // by account, region and name
	tags      memo[map[string]string] // by trail

	recordings memo[*alarm.Recording]    // by account asked and trail
	groups     memo[watched]             // by account, region, log group, and whether its trail is an organization's
	alarms     memo[awsalarm.Alarms]     // by account and region
	topics     memo[topic.Subscriptions] // by ARN
	patterns   alarm.Patterns
	streams    memo[[]logs.LogStream] // by account, region and log group
}

// reach is what the connection's own credentials turned out to reach.
type reach struct {
	self     *account.Session
	accounts *account.List
}

// key joins what tells one thing from another: no part of it holds a blank.
func key(parts ...string) string { return strings.Join(parts, " ") }

// New returns a query over a connection, in which nothing was asked yet.
func New(c *Connection) *Query { return &Query{connection: c} }

// maxAccounts is how many accounts of an organization are scanned at once.
const maxAccounts = 64

// few accounts need no memory to speak of.
const few = 10

// Accounts scans every account that the connection reaches and the filter allows, many at once and the first before
// the last is known of, and hands each over as it is done, possibly several at a time. It ends when visit returns false.
// Accounts that a region did not answer which answers none come last, when it was asked again, unless someone waits for
// the first rows: hurried. The error is that of the connection's own identity, or of the first accounts' list; what fails
// after that is in the accounts. Where the identity's credentials turn out to be refused when other accounts were handed
// over, its account is too, beside the error: whoever cannot say both has the account say it.
func (q *Query) Accounts(ctx context.Context, f Filter, hurried bool, visit func(*Account) bool) error {
	began := time.Now()
	q.begin.Do(func() { q.connection.TryAgain(0) })
	r, err := q.reach(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var steady heap.Steady
	defer steady.End()
	var group errgroup.Group
	group.SetLimit(maxAccounts)
	counter := progress.From(ctx)
	asked := statement.From(ctx)
	var exempted exemptUse
	var shown atomic.Bool
	var refused refusal
	done := func(a *Account) {
		shown.Store(true)
		counter.Done()
		exempted.see(q.connection.Exempt, a)
		if a.closed == "" && a.unread(awserr.Text) != "" {
			asked.NotRead(a.ID, a.ScanError)
		}
		if !visit(a) {
			cancel()
		}
	}
	var late latecomers
	scan := func(of account.Account, again bool) {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			a := q.scan(ctx, r, of, f)
			if a.credentialsRefused() && a.ID != r.self.AccountID { // sessions are kept, and this one was revoked
				q.forgetSession(a)
				a = q.scan(ctx, r, of, f)
			}
			if ctx.Err() != nil { // what went wrong then says nothing of the account
				return nil
			}
			if a.credentialsRefused() && a.ID == r.self.AccountID {
				// The identity is believed for some minutes; credentials that were good then may be expired now.
				q.connection.Forget()
				if _, err := q.connection.Self(ctx); err != nil {
					refused = refusal{a, err} // by one account only
					return nil
				}
			}
			if !again && !hurried && a.isInOutage() {
				late.add(of)
			} else {
				done(a)
			}
			return nil
		})
	}
	unlisted := r.each(ctx, f, func(some []account.Account) {
		if len(some) > few {
			steady.Begin()
		}
		counter.Ask(len(some))
		for _, of := range some {
			scan(of, false)
		}
	})
	_ = group.Wait()
	if len(late.accounts) > 0 && ctx.Err() == nil {
		q.askAgain(late.accounts, time.Since(began))
		for _, of := range late.accounts {
			scan(of, true)
		}
		_ = group.Wait()
	}
	if ctx.Err() != nil {
		return nil
	}
	for _, a := range q.notListed(ctx, r, f, unlisted) {
		counter.Ask(1)
		done(a)
	}
	if refused.account != nil {
		if shown.Load() {
			done(refused.account)
		}
		return refused.err
	}
	if unlisted == nil && ctx.Err() == nil && len(f) == 0 {
		unused := exempted.unused(q.connection.Exempt)
		q.unusedExempt.Store(&unused)
	}
	return nil
}

// refusal is that of the connection's own credentials.
type refusal struct {
	account *Account
	err     error
}

// each hands over the accounts that the filter allows, as they come to be known. It asks for no more of them than the
// filter names. The error says why not all are known.
func (r reach) each(ctx context.Context, f Filter, visit func([]account.Account)) error {
	sought := f.sought("account_id")
	for n := 0; !f.asks("account_id") || len(sought) > 0; {
		some, err := r.accounts.From(ctx, n)
		if len(some) == 0 || err != nil {
			return err
		}
		n += len(some)
		some = slices.DeleteFunc(slices.Clone(some), func(a account.Account) bool {
			delete(sought, a.ID)
			return !f.allows("account_id", a.ID)
		})
		visit(some)
	}
	return nil
}

// UnusedExempt returns the globs of the connection's Exempt that match no trail. That is known once every account was
// scanned, for all trails.
func (q *Query) UnusedExempt() []string {
	if unused := q.unusedExempt.Load(); unused != nil {
		return *unused
	}
	return nil
}

func (q *Query) reach(ctx context.Context) (reach, error) {
	return q.reached.get(ctx, "", func(ctx context.Context) (reach, error) {
		self, accounts, err := q.connection.Accounts(ctx)
		if err != nil {
			return reach{}, err
		}
		progress.From(ctx).Caller(self.CallerARN)
		return reach{self, accounts}, err
	})
}

func (q *Query) session(ctx context.Context, id string) (*account.Session, error) {
	return q.sessions.get(ctx, id, func(ctx context.Context) (*account.Session, error) {
		r, err := q.reach(ctx)
		if err != nil {
			return nil, err
		}
		return q.connection.Session(ctx, r.self, id)
	})
}

// forgetSession has a role assumed again, and asked again what its credentials were refused for.
func (q *Query) forgetSession(a *Account) {
	q.connection.ForgetSession(a.session)
	q.sessions.forget(a.ID)
	for region := range a.listing.Failed {
		q.trails.forget(key(a.ID, region))
	}
}

// find returns one of the accounts that the connection is to scan, nil when it is none of them, or when they could
// not all be listed, which the rows of [Query.notListed] say.
func (q *Query) find(ctx context.Context, id string) *account.Account {
	r, err := q.reach(ctx)
	if err != nil {
		return nil
	}
	a, err := r.accounts.Find(ctx, id)
	if err != nil {
		return nil
	}
	return a
}

// name returns an account's name in AWS Organizations, "" where it was not listed.
func (q *Query) name(ctx context.Context, id string) string {
	if a := q.find(ctx, id); a != nil {
		return a.Name
	}
	return ""
}

// owner returns a session in an account that owns what another one shows. It is nil, without an error, where the
// connection is not meant to reach that account or is refused there; any other failure is an error, as the same may
// work at another time.
func (q *Query) owner(ctx context.Context, id string) (*account.Session, error) {
	r, err := q.reach(ctx)
	if err != nil {
		return nil, err
	}
	if id != r.self.AccountID {
		a, err := r.accounts.Find(ctx, id)
		if a == nil || a.Closed() {
			return nil, err
		}
	}
	session, err := q.session(ctx, id)
	if awserr.IsDenied(err) {
		return nil, nil
	}
	return session, err
}

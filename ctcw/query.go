package ctcw

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
)

// query is one query's view of a connection. It asks AWS for each thing at most once.
type query struct {
	name       string // of the connection
	connection *connection
	streaming  sync.Mutex

	sessions  memo[result[*account.Session]] // by account
	regions   memo[trail.Listing]            // by account and regions
	statuses  memo[result[trail.Status]]     // by account asked and trail
	logGroups memo[result[*trail.LogGroup]]
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

func newQuery(name string, c *connection) *query { return &query{name: name, connection: c} }

// maxAccounts is how many accounts of an organization are scanned at once.
const maxAccounts = 64

// rows hands over the rows of every account that the connection reaches and the filter allows, as
// accounts are done. It ends when emit returns false. The error is that of the connection's own
// identity; what fails after that is in the rows.
func (q *query) rows(ctx context.Context, f filter, emit func(...*row) bool) error {
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
	for _, a := range accounts {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil
			}
			s := q.scan(ctx, a, f)
			if s.credentialsRefused() && s.session == q.self {
				// The identity is believed for some minutes; credentials that were good then may be expired now.
				q.connection.Forget()
				if _, err := q.connection.Self(ctx); err != nil {
					return err
				}
			}
			counter.Done()
			if !emit(s.rows(f)...) {
				cancel()
			}
			return nil
		})
	}
	return group.Wait()
}

func (q *query) identify(ctx context.Context) error {
	q.once.Do(func() {
		if q.self, q.err = q.connection.Self(ctx); q.err == nil {
			q.accounts, q.err = q.connection.Accounts(ctx)
		}
	})
	return q.err
}

// scan lists the trails of one account, in the regions that the filter leaves.
func (q *query) scan(ctx context.Context, a account.Account, f filter) *scan {
	s := &scan{query: q, accountID: a.ID, checkedAt: time.Now().UTC()}
	if a.Closed() {
		s.closed = fmt.Sprintf("AWS Organizations lists the account as %s", a.State)
		return s
	}
	if s.session, s.err = q.session(ctx, a.ID); s.err != nil {
		return s
	}
	first, rest := f.split(s.session.Regions())
	s.listing = q.list(ctx, s.session, first)
	if len(s.listing.Failed) > 0 && len(rest) > 0 {
		s.listing.Merge(q.list(ctx, s.session, rest))
	}
	return s
}

func (q *query) session(ctx context.Context, id string) (*account.Session, error) {
	got := q.sessions.get(id, func() result[*account.Session] { return resultOf(q.connection.Session(ctx, id)) })
	return got.value, got.err
}

// reach returns a session in an account, if the connection is meant to reach it and can.
func (q *query) reach(ctx context.Context, id string) *account.Session {
	if id != q.self.AccountID {
		i, ok := slices.BinarySearchFunc(q.accounts, id, func(a account.Account, id string) int { return strings.Compare(a.ID, id) })
		if !ok || q.accounts[i].Closed() {
			return nil
		}
	}
	session, _ := q.session(ctx, id)
	return session
}

func (q *query) list(ctx context.Context, session *account.Session, regions []trail.Region) trail.Listing {
	key := session.AccountID + fmt.Sprint(regions)
	return q.regions.get(key, func() trail.Listing { return trail.List(ctx, session, regions) }).Clone()
}

// scan is what was found in one account.
type scan struct {
	query     *query
	accountID string
	session   *account.Session // nil when there is none: closed and err say why
	closed    string
	err       error
	listing   trail.Listing
	checkedAt time.Time
}

func (s *scan) rows(f filter) []*row {
	var rows []*row
	for _, t := range s.listing.Trails {
		if f.allowsTrail(t) {
			rows = append(rows, s.trailRow(t))
		}
	}
	if len(rows) > 0 {
		return rows
	}
	if !f.namesTrails() || len(s.listing.Failed) > 0 || s.err != nil {
		return []*row{s.accountRow(f)}
	}
	return nil
}

// credentialsRefused reports whether every region refused the credentials themselves.
func (s *scan) credentialsRefused() bool {
	for _, err := range s.listing.Failed {
		if !awserr.IsCredentials(err) {
			return false
		}
	}
	return len(s.listing.Listed) == 0 && len(s.listing.Failed) > 0
}

// notSelected is the code of a region that the connection's own regions argument leaves out.
const notSelected = "NotSelected"

// unscanned maps the regions that were not listed to why: the error's code. It is nil when all were.
func (s *scan) unscanned() map[string]string {
	codes := map[string]string{}
	if s.session != nil {
		for _, region := range s.session.LeftOut() {
			codes[region] = notSelected
		}
	}
	for region, err := range s.listing.Failed {
		codes[region] = awserr.Code(err)
	}
	if len(codes) == 0 {
		return nil
	}
	return codes
}

// scanError says why regions could not be listed: the error of the first, and how many there are.
func (s *scan) scanError() string {
	switch {
	case s.closed != "":
		return "AccountClosed: " + s.closed
	case s.err != nil:
		text := s.query.connection.account.ErrorText(s.err)
		if text != "" {
			text += " (on sts:AssumeRole)" // a timeout, say, does not tell what of
		}
		return text
	case len(s.session.Regions()) == 0:
		return "NoRegion: the account has enabled none of the regions that the connection asks for"
	}
	failed := slices.Sorted(maps.Keys(s.listing.Failed))
	for _, region := range failed {
		text := s.query.connection.account.ErrorText(s.listing.Failed[region])
		switch {
		case text == "":
			continue
		case len(failed) == 1:
			return fmt.Sprintf("%s (in %s)", text, region)
		default:
			return fmt.Sprintf("%s (in %s; %d regions failed)", text, region, len(failed))
		}
	}
	return ""
}

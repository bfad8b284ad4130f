package ctcw

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/trail"
)

// query is one query's view of a connection. It asks AWS for each thing at most once.
type query struct {
	name       string // of the connection
	connection *connection
	streaming  sync.Mutex

	self      memo[result[*account.Session]]
	regions   memo[trail.Listing] // by account and region
	statuses  memo[result[trail.Status]]
	logGroups memo[result[*trail.LogGroup]]
	tags      memo[result[map[string]string]]
}

type result[T any] struct {
	value T
	err   error
}

func resultOf[T any](value T, err error) result[T] { return result[T]{value, err} }

func newQuery(name string, c *connection) *query { return &query{name: name, connection: c} }

// rows returns the rows of every account that the connection reaches and the filter allows. The error
// is that of the connection's own identity; what fails after that is in the rows.
func (q *query) rows(ctx context.Context, f filter) ([]*row, error) {
	self := q.self.get("", func() result[*account.Session] { return resultOf(q.connection.Self(ctx)) })
	if self.err != nil {
		return nil, self.err
	}
	session := self.value
	if !f.allows("account_id", session.AccountID) {
		return nil, nil
	}
	s := q.scan(ctx, session, f)
	if s.credentialsRefused() {
		// The identity is believed for some minutes; credentials that were good then may be expired now.
		q.connection.Forget()
		if _, err := q.connection.Self(ctx); err != nil {
			return nil, err
		}
	}
	return s.rows(f), nil
}

// scan lists the trails of one account, in the regions that the filter leaves.
func (q *query) scan(ctx context.Context, session *account.Session, f filter) *scan {
	s := &scan{query: q, session: session, checkedAt: time.Now().UTC()}
	first, rest := f.split(session.Regions())
	s.listing = q.list(ctx, session, first)
	if len(s.listing.Failed) > 0 && len(rest) > 0 {
		s.listing.Merge(q.list(ctx, session, rest))
	}
	return s
}

func (q *query) list(ctx context.Context, session *account.Session, regions []trail.Region) trail.Listing {
	key := session.AccountID + fmt.Sprint(regions)
	return q.regions.get(key, func() trail.Listing { return trail.List(ctx, session, regions) }).Clone()
}

// scan is what was found in one account.
type scan struct {
	query     *query
	session   *account.Session
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
	if !f.namesTrails() || len(s.listing.Failed) > 0 {
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

// unscanned maps the regions that could not be listed to their error codes; nil when all could.
func (s *scan) unscanned() map[string]string {
	if len(s.listing.Failed) == 0 {
		return nil
	}
	codes := make(map[string]string, len(s.listing.Failed))
	for region, err := range s.listing.Failed {
		codes[region] = awserr.Code(err)
	}
	return codes
}

// scanError says why regions could not be listed: the error of the first, and how many there are.
func (s *scan) scanError() string {
	if len(s.session.Regions()) == 0 {
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

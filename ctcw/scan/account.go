package scan

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// Account is what a query found in one account: the trails that its regions show, and what could not be read.
type Account struct {
	ID        string
	Name      string // in AWS Organizations; empty where it was not listed
	Partition string // e.g. aws, aws-cn, aws-us-gov
	CheckedAt time.Time
	// Unscanned maps the regions that were not listed to why: the error's code. It is nil when all were.
	Unscanned map[string]string
	// ScanError says why regions could not be listed: the error of the first, and how many there are.
	ScanError string

	query   *Query
	session *account.Session // nil when there is none: closed and err say why
	closed  string           // how AWS Organizations lists an account that is not in use
	err     error
	listing trail.Listing
	others  *account.List // set where it stands for all accounts that are not in that list
}

// notListed are accounts that stand for those of which err says that they could not be listed: each that the filter
// asks for, or the caller's, whose call it was.
func (q *Query) notListed(ctx context.Context, r reach, f Filter, err error) []*Account {
	if err == nil {
		return nil
	}
	// Whichever errors the connection ignores, accounts must not be missing without a word.
	unknown := &Account{query: q, Partition: r.self.Partition, CheckedAt: q.connection.Now(), err: err, ScanError: awserr.Text(err)}
	if !f.asks("account_id") {
		unknown.ID, unknown.Name, unknown.others = r.self.AccountID, q.name(ctx, r.self.AccountID), r.accounts
		return []*Account{unknown}
	}
	var all []*Account
	for _, id := range slices.Sorted(maps.Keys(f.sought("account_id"))) {
		if !r.accounts.Lists(id) {
			a := *unknown
			a.ID = id
			all = append(all, &a)
		}
	}
	return all
}

// scan lists the trails of one account, in the regions that the filter leaves.
func (q *Query) scan(ctx context.Context, r reach, of account.Account, f Filter) *Account {
	a := &Account{query: q, ID: of.ID, Name: of.Name, Partition: r.self.Partition}
	if of.Closed() {
		a.closed = fmt.Sprintf("AWS Organizations lists the account as %s", of.State)
	} else if a.session, a.err = q.session(ctx, of.ID); a.err == nil {
		a.listRegions(ctx, f)
	}
	a.CheckedAt = q.connection.Now()
	a.Unscanned, a.ScanError = a.unscanned(), a.scanError()
	return a
}

// listRegions lists the regions that the filter leaves, and the others where one of those fails: they may show
// the same trails as shadows.
func (a *Account) listRegions(ctx context.Context, f Filter) {
	var regions []account.Region
	if regions, a.err = a.session.Regions(); a.err != nil {
		return
	}
	first, rest := f.split(regions)
	a.listing = a.query.list(ctx, a.session, first)
	if len(a.listing.Failed) > 0 && len(rest) > 0 {
		a.listing.Merge(a.query.list(ctx, a.session, rest))
	}
}

func (q *Query) list(ctx context.Context, session *account.Session, regions []account.Region) trail.Listing {
	return trail.Collect(regions, func(region string) func() ([]trail.Trail, error) {
		return q.trails.begin(ctx, key(session.AccountID, region), func(ctx context.Context) ([]trail.Trail, error) {
			trails, err := trail.Describe(ctx, session, region)
			if of := stranger(session.AccountID, trails); of != nil {
				return nil, awserr.InvalidResponse(fmt.Sprintf("DescribeTrails shows %s, which is no organization's: the credentials are not those of account %s", of.ARN, session.AccountID))
			}
			return q.sights.once(session.AccountID, trails), err
		})
	})
}

// stranger returns a trail that the account cannot show, if there is one: another's, and no organization's. A program that
// gives credentials may give another account's while a scan goes on.
func stranger(accountID string, trails []trail.Trail) *trail.Trail {
	for i, t := range trails {
		if t.IsOrganization != nil && !*t.IsOrganization && t.OwnerAccountID != "" && t.OwnerAccountID != accountID {
			return &trails[i]
		}
	}
	return nil
}

// sights keeps what regions show of their trails once, where another of the same account showed the same before. The
// zero value is ready.
type sights struct {
	mu   sync.Mutex
	last map[string][]trail.Trail // by account
}

func (s *sights) once(accountID string, trails []trail.Trail) []trail.Trail {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.last[accountID]; reflect.DeepEqual(last, trails) {
		return last
	}
	if s.last == nil {
		s.last = map[string][]trail.Trail{}
	}
	s.last[accountID] = trails
	return trails
}

// credentialsRefused reports whether every region refused the credentials themselves.
func (a *Account) credentialsRefused() bool {
	for _, err := range a.listing.Failed {
		if !awserr.IsCredentials(err) {
			return false
		}
	}
	return len(a.listing.Listed) == 0 && len(a.listing.Failed) > 0
}

// readInFull reports whether every trail is known that the connection asks for. An account that is closed has none.
func (a *Account) readInFull() bool {
	return a.closed != "" || a.err == nil && len(a.listing.Failed) == 0
}

// notSelected is the code of a region that the connection's own regions argument leaves out.
const notSelected = "NotSelected"

// otherRegions stands for the regions of which nobody knows: the account may not list its regions, and may have
// enabled one that is newer than this program.
const otherRegions = "any-newer-region"

func (a *Account) unscanned() map[string]string {
	codes := map[string]string{}
	if a.session != nil {
		for _, region := range a.session.LeftOut() {
			codes[region] = notSelected
		}
		if err := a.session.RegionsUnknown(); err != nil {
			codes[otherRegions] = awserr.Code(err)
		}
	}
	for region, err := range a.listing.Failed {
		codes[region] = awserr.Code(err)
	}
	if len(codes) == 0 {
		return nil
	}
	return codes
}

func (a *Account) scanError() string { return a.unread(a.errorText) }

// unread is why not every region could be listed. Errors of which text shows nothing are passed over.
func (a *Account) unread(text func(error) string) string {
	switch {
	case a.closed != "":
		return "AccountClosed: " + a.closed
	case a.err != nil && text(a.err) == "":
		return ""
	case a.err != nil:
		return awserr.TextOn(a.err, "cloudtrail:DescribeTrails")
	case len(a.listing.Listed)+len(a.listing.Failed) == 0:
		return "NoRegion: the account has enabled none of the regions that the connection asks for"
	}
	failed := slices.Sorted(maps.Keys(a.listing.Failed))
	for _, region := range failed {
		of := text(a.listing.Failed[region])
		switch {
		case of == "":
			continue
		case len(failed) == 1:
			return fmt.Sprintf("%s (in %s)", of, region)
		default:
			return fmt.Sprintf("%s (in %s; %d regions failed)", of, region, len(failed))
		}
	}
	return ""
}

// errorText is what a row shows of an error: nothing where the connection ignores it.
func (a *Account) errorText(err error) string { return a.query.connection.ErrorText(err) }

// errorOn is errorText that tells what failed, where that is not the API that the column is about.
func (a *Account) errorOn(err error, asked string) string {
	if a.errorText(err) == "" {
		return ""
	}
	return awserr.TextOn(err, asked)
}

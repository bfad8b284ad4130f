package scan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// Account is what a query found in one account: the trails that its regions show, and what could not be read.
type Account struct {
	ID        string
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
}

// scan lists the trails of one account, in the regions that the filter leaves.
func (q *Query) scan(ctx context.Context, of account.Account, f Filter) *Account {
	a := &Account{query: q, ID: of.ID, Partition: q.self.Partition, CheckedAt: time.Now().UTC()}
	if of.Closed() {
		a.closed = fmt.Sprintf("AWS Organizations lists the account as %s", of.State)
	} else if a.session, a.err = q.session(ctx, of.ID); a.err == nil {
		first, rest := f.split(a.session.Regions())
		a.listing = q.list(ctx, a.session, first)
		if len(a.listing.Failed) > 0 && len(rest) > 0 {
			a.listing.Merge(q.list(ctx, a.session, rest))
		}
	}
	a.Unscanned, a.ScanError = a.unscanned(), a.scanError()
	return a
}

func (q *Query) list(ctx context.Context, session *account.Session, regions []account.Region) trail.Listing {
	key := session.AccountID + fmt.Sprint(regions)
	return q.listings.get(key, func() trail.Listing { return trail.List(ctx, session, regions) }).Clone()
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

// notSelected is the code of a region that the connection's own regions argument leaves out.
const notSelected = "NotSelected"

func (a *Account) unscanned() map[string]string {
	codes := map[string]string{}
	if a.session != nil {
		for _, region := range a.session.LeftOut() {
			codes[region] = notSelected
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

func (a *Account) scanError() string {
	switch {
	case a.closed != "":
		return "AccountClosed: " + a.closed
	case a.err != nil:
		text := a.errorText(a.err)
		if text != "" {
			text += " (on sts:AssumeRole)" // a timeout, say, does not tell what of
		}
		return text
	case len(a.session.Regions()) == 0:
		return "NoRegion: the account has enabled none of the regions that the connection asks for"
	}
	failed := slices.Sorted(maps.Keys(a.listing.Failed))
	for _, region := range failed {
		text := a.errorText(a.listing.Failed[region])
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

// errorText is what a row shows of an error: nothing where the connection ignores it.
func (a *Account) errorText(err error) string { return a.query.connection.ErrorText(err) }

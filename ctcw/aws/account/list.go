package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"golang.org/x/sync/singleflight"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/page"
)

// List is the accounts that a connection is to scan. Those of an organization are asked for page by page, no further
// than somebody needs them, and each page once for all who do. It is safe for concurrent use.
type List struct {
	config Config
	client *organizations.Client // nil where every account is named
	flight singleflight.Group

	mu        sync.Mutex
	token     string // of the page to come
	pages     int
	seen      map[string]bool // ids that were listed
	wanted    []Account       // in the order they came
	place     map[string]int  // id → index in wanted
	unmatched map[string]bool // patterns that no account matched yet
	restarted bool            // with the first page, as a token was too old
	ended     bool
	err       error // why it ended before its time
}

// newList returns the list of a connection whose configuration names accounts. It asks nothing of AWS.
func newList(c Config, base aws.Config) *List {
	l := &List{config: c, seen: map[string]bool{}, place: map[string]int{}, unmatched: map[string]bool{}}
	for _, pattern := range slices.Concat(c.Accounts, c.SkipAccounts) {
		l.unmatched[pattern] = true
	}
	for _, id := range c.namedAccounts() {
		l.match(Account{ID: id})
	}
	if c.listsOrganization() {
		l.client = organizations.NewFromConfig(base)
	} else {
		l.end()
	}
	return l
}

// listOf returns a list of one account.
func listOf(id string) *List {
	return &List{seen: map[string]bool{id: true}, wanted: []Account{{ID: id}}, place: map[string]int{id: 0}, ended: true}
}

// From returns the accounts that come after the first n, as many as are known by now; none at the end. An error is the
// connection's, which says in one line what to do: no account may be believed to be the last one then. Where a pattern
// of the connection may still turn out to match nothing, which is such an error, no account is given before.
func (l *List) From(ctx context.Context, n int) ([]Account, error) {
	for {
		l.mu.Lock()
		known, ended, err, pages := l.wanted, l.ended, l.err, l.pages
		if len(l.unmatched) > 0 {
			known = nil
		}
		l.mu.Unlock()
		switch {
		case n < len(known):
			return slices.Clip(known[n:]), nil
		case ended:
			return nil, err
		}
		if err := l.turn(ctx, pages); err != nil {
			return nil, err
		}
	}
}

// All returns every account. The error is that of [List.From].
func (l *List) All(ctx context.Context) ([]Account, error) {
	var all []Account
	for {
		some, err := l.From(ctx, len(all))
		if len(some) == 0 || err != nil {
			return all, err
		}
		all = append(all, some...)
	}
}

// Find returns the account of an id, nil when the connection is not to scan it. The error is that of [List.From].
func (l *List) Find(ctx context.Context, id string) (*Account, error) {
	for {
		l.mu.Lock()
		var found *Account
		if i, wanted := l.place[id]; wanted {
			found = &l.wanted[i]
		}
		seen, ended, err, pages := l.seen[id], l.ended, l.err, l.pages
		l.mu.Unlock()
		switch {
		case seen:
			return found, nil
		case ended:
			return nil, err
		}
		if err := l.turn(ctx, pages); err != nil {
			return nil, err
		}
	}
}

// Lists reports whether an account is known to be listed, wanted or not.
func (l *List) Lists(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[id]
}

// broken reports whether the list ended before its time.
func (l *List) broken() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err != nil
}

// turn reads the page after the first n, unless somebody did or does. Whoever goes does not end it for the others.
func (l *List) turn(ctx context.Context, n int) error {
	done := l.flight.DoChan(strconv.Itoa(n), func() (any, error) {
		l.mu.Lock()
		token, wait := l.token, !l.ended && l.pages == n
		l.mu.Unlock()
		if wait {
			l.take(l.page(context.WithoutCancel(ctx), token))
		}
		return nil, nil
	})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// page asks for one page.
func (l *List) page(ctx context.Context, token string) ([]Account, string, error) {
	in := &organizations.ListAccountsInput{}
	if token != "" {
		in.NextToken = &token
	}
	out, err := l.client.ListAccounts(ctx, in)
	if err != nil {
		return nil, "", err
	}
	if out.Accounts == nil {
		return nil, "", awserr.InvalidResponse("ListAccounts returned no list of accounts")
	}
	accounts := make([]Account, 0, len(out.Accounts))
	for _, a := range out.Accounts {
		id := aws.ToString(a.Id)
		if id == "" { // to pass an account over would leave it out
			return nil, "", awserr.InvalidResponse("ListAccounts returned an account without an id")
		}
		accounts = append(accounts, Account{ID: id, Name: aws.ToString(a.Name), State: stateOf(a)})
	}
	return accounts, aws.ToString(out.NextToken), nil
}

// isStale reports whether a token is no longer taken: a query with a LIMIT may have left the list where it was for minutes.
func isStale(err error) bool {
	var invalid *types.InvalidInputException
	return errors.As(err, &invalid)
}

// take takes in what one page said.
func (l *List) take(accounts []Account, next string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pages++
	if l.token != "" && !l.restarted && isStale(err) {
		l.token, l.restarted = "", true
		return
	}
	for _, a := range accounts {
		l.add(a)
	}
	if err == nil {
		err = page.Follow("ListAccounts", l.pages, l.token, next)
	}
	l.token = next
	switch {
	case err != nil:
		l.ended, l.err = true, l.unlisted(err)
	case next == "":
		l.end()
	}
}

// cannotList is by what rows and the queries of the mod tell that accounts are missing.
const cannotList = "cannot list the organization's accounts"

// SaysMissing reports whether an error, as a row shows it, says that accounts are missing.
func SaysMissing(text string) bool { return strings.Contains(text, cannotList) }

// unlisted says that not all accounts are known, and what to do. The lock must be held.
func (l *List) unlisted(err error) error {
	what := cannotList
	if len(l.seen) > 0 {
		what = fmt.Sprintf("%s after the first %d", what, len(l.seen))
	}
	return &awserr.Own{Code: awserr.Code(err), Text: fmt.Sprintf("%s (%s): %s", what, awserr.Text(err), l.config.adviseListing(err))}
}

// end makes the list complete, and says which pattern of the connection is a mistake. The lock must be held.
func (l *List) end() {
	l.ended = true
	for _, id := range l.config.namedAccounts() {
		l.add(Account{ID: id})
	}
	for _, pattern := range l.config.Accounts {
		if l.unmatched[pattern] {
			l.err = fmt.Errorf("accounts: %q matches no account of the organization, by id or by name", pattern)
			return
		}
	}
	for _, pattern := range l.config.SkipAccounts {
		if l.unmatched[pattern] {
			l.err = fmt.Errorf("skip_accounts: %q matches none of the accounts, by id or by name", pattern)
			return
		}
	}
	if len(l.wanted) == 0 {
		l.err = errors.New("skip_accounts leaves no account to scan")
	}
}

// add takes in an account, once. One that was listed as closed and is in use on a later page is another one: it may
// have been passed over already.
func (l *List) add(a Account) {
	i, wanted := l.place[a.ID]
	reopened := wanted && l.wanted[i].Closed() && a.State != "" && !a.Closed()
	if l.seen[a.ID] && !reopened {
		return
	}
	l.seen[a.ID] = true
	l.match(a)
	if l.config.wantsAccount(a) {
		l.place[a.ID] = len(l.wanted)
		l.wanted = append(l.wanted, a)
	}
}

func (l *List) match(a Account) {
	for pattern := range l.unmatched {
		if a.matches(pattern) {
			delete(l.unmatched, pattern)
		}
	}
}

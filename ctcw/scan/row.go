package scan

import (
	"context"
	"maps"
	"slices"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

// Row is one trail as one account sees it. Where the account shows none, or could not be read, it is about the
// account itself. Empty and nil mean null.
type Row struct {
	*Account
	// Trail is as DescribeTrails shows it. In a row about the account it has what the query seeks.
	Trail        trail.Trail
	LogGroup     loggroup.Ref // parsed from the trail's log group ARN
	Region       string       // the home region
	ExemptReason string

	ofAccount      bool
	sought         bool // the query seeks certain trails, and the row is about the account
	onlyIfNotFound bool
	logGroupErr    error // the trail's log group ARN is no log group's
}

// Rows returns the rows of an account that the filter allows. What could not be read may hide what the query seeks and
// none of them shows, and is a row too as far as the filter is true of it.
func (a *Account) Rows(f Filter) []*Row {
	rows := a.trailRows(f)
	return append(rows, a.rowsInstead(f, rows)...)
}

func (a *Account) trailRows(f Filter) []*Row {
	var rows []*Row
	for _, t := range a.listing.Trails {
		if f.allowsTrail(t) {
			rows = append(rows, a.trailRow(t))
		}
	}
	return rows
}

func (a *Account) trailRow(t trail.Trail) *Row {
	r := &Row{Account: a, Trail: t, Region: t.HomeRegion, ExemptReason: a.query.connection.Exempt.Reason(t.ARN)}
	if t.LogGroupARN != "" {
		r.LogGroup, r.logGroupErr = loggroup.ParseARN(t.LogGroupARN)
	}
	return r
}

// rowsInstead stand for an account that shows no trail, or that could not be read, where none of those shown answers.
// They state facts: what the query seeks they have only where that may well be there, each once, so that a join or a
// count does not find in every unreadable account whatever it looks for.
func (a *Account) rowsInstead(f Filter, shown []*Row) []*Row {
	if f.asks("name") { // nothing tells what the trails of an unread region are called
		return nil
	}
	var rows []*Row
	for _, arn := range f.values("arn", a.mayOwn) {
		for _, home := range f.values("home_region", a.mayHide) {
			for _, region := range f.values("region", a.mayHide) {
				r := &Row{Account: a, Region: region, ExemptReason: a.closed, ofAccount: true, sought: f.namesTrails()}
				r.Trail.ARN, r.Trail.HomeRegion = arn, home
				r.onlyIfNotFound = arn != "" && !f.asks("account_id")
				if r.isPossible() && !slices.ContainsFunc(shown, r.isAnsweredBy) {
					rows = append(rows, r)
				}
			}
		}
	}
	return rows
}

// isPossible reports whether one trail may have all that the query seeks: each of these is its home region.
func (r *Row) isPossible() bool {
	regions := slices.DeleteFunc([]string{trail.RegionOf(r.Trail.ARN), r.Trail.HomeRegion, r.Region}, func(s string) bool { return s == "" })
	return len(slices.Compact(regions)) <= 1
}

// isAnsweredBy reports whether a trail's row has all that a row about the account seeks.
func (r *Row) isAnsweredBy(s *Row) bool {
	return (r.Trail.ARN == "" || r.Trail.ARN == s.Trail.ARN) && (r.Trail.HomeRegion == "" || r.Trail.HomeRegion == s.Trail.HomeRegion) &&
		(r.Region == "" || r.Region == s.Region)
}

// OnlyIfNotFound reports whether the row stands for a certain trail that its owner could not be asked for. Where another
// account shows that trail, its rows answer, and this one must not be found beside them, unless the query names accounts.
func (r *Row) OnlyIfNotFound() bool { return r.onlyIfNotFound }

// mayHide reports whether trails of a home region are not known, because it could not be listed.
func (a *Account) mayHide(region string) bool {
	if _, failed := a.listing.Failed[region]; failed {
		return true
	}
	if a.err != nil || a.session == nil {
		return a.closed == "" && account.IsRegion(region)
	}
	regions, _ := a.session.Regions()
	known := slices.ContainsFunc(regions, func(r account.Region) bool { return r.Name == region })
	return !known && a.session.RegionsUnknown() != nil && account.IsRegion(region)
}

// isNotListed reports whether the row stands for that account, among others.
func (a *Account) isNotListed(id string) bool { return a.others != nil && !a.others.Lists(id) }

// mayOwn reports whether a trail of that ARN may be the account's, in a region that could not be listed.
func (a *Account) mayOwn(arn string) bool {
	owner := trail.OwnerOf(arn)
	if a.others != nil {
		return a.isNotListed(owner) && a.mayHide(trail.RegionOf(arn))
	}
	return owner == a.ID && a.mayHide(trail.RegionOf(arn))
}

// Base returns the row: what embeds one is a row about a trail too.
func (r *Row) Base() *Row { return r }

// Title is the name of the trail, or the account.
func (r *Row) Title() string {
	if r.ofAccount {
		return r.ID
	}
	return r.Trail.Name
}

// Akas are the ARN of the trail, or of the account.
func (r *Row) Akas() []string {
	if r.ofAccount {
		return []string{"arn:" + r.Partition + ":::" + r.ID}
	}
	return []string{r.Trail.ARN}
}

// Tags are those of a trail that the account owns.
type Tags struct {
	Tags  map[string]string
	Error string
}

// Tag is a tag as AWS lists it.
type Tag struct{ Key, Value string }

// List returns the tags as AWS lists them, sorted; nil where there is no map of them.
func (t Tags) List() []Tag {
	if t.Tags == nil {
		return nil
	}
	list := []Tag{}
	for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
		list = append(list, Tag{key, t.Tags[key]})
	}
	return list
}

// Tags asks ListTags.
func (r *Row) Tags(ctx context.Context) Tags {
	if r.ofAccount || r.Trail.OwnerAccountID != r.ID {
		return Tags{}
	}
	tags, err := r.query.tags.get(ctx, r.Trail.ARN, func(ctx context.Context) (map[string]string, error) {
		return trail.GetTags(ctx, r.session, r.Trail)
	})
	return Tags{Tags: tags, Error: r.errorText(err)}
}

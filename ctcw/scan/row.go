package scan

import (
	"context"

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

	ofAccount   bool
	sought      bool  // the query seeks certain trails, and the row is about the account
	logGroupErr error // the trail's log group ARN is no log group's
}

// Rows returns the rows of an account that the filter allows. What could not be read is a row too, as it may
// hide what the query seeks.
func (a *Account) Rows(f Filter) []*Row {
	var rows []*Row
	for _, t := range a.listing.Trails {
		if f.allowsTrail(t) {
			rows = append(rows, a.trailRow(t))
		}
	}
	if len(rows) > 0 {
		return rows
	}
	if !f.namesTrails() || len(a.listing.Failed) > 0 || a.err != nil {
		return []*Row{a.row(f)}
	}
	return nil
}

func (a *Account) trailRow(t trail.Trail) *Row {
	r := &Row{Account: a, Trail: t, Region: t.HomeRegion, ExemptReason: a.query.connection.Exempt.Reason(t.ARN)}
	if t.LogGroupARN != "" {
		r.LogGroup, r.logGroupErr = loggroup.ParseARN(t.LogGroupARN)
	}
	return r
}

// row stands for an account without a visible trail, or one that could not be read. It carries
// what the query filters on: otherwise its filter would hide that the answer is not complete.
func (a *Account) row(f Filter) *Row {
	return &Row{
		Account:      a,
		Trail:        trail.Trail{ARN: f.echo("arn"), Name: f.echo("name"), HomeRegion: f.echo("home_region")},
		Region:       f.echo("region"),
		ExemptReason: a.closed,
		ofAccount:    true,
		sought:       f.namesTrails(),
	}
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

// Tags asks ListTags.
func (r *Row) Tags(ctx context.Context) Tags {
	if r.ofAccount || r.Trail.OwnerAccountID != r.ID {
		return Tags{}
	}
	got := r.query.tags.get(r.Trail.ARN, func() result[map[string]string] {
		return resultOf(trail.GetTags(ctx, r.session, r.Trail))
	})
	return Tags{Tags: got.value, Error: r.errorText(got.err)}
}

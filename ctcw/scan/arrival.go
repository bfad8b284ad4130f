package scan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/arrival"
)

// ArrivalRow is a trail's log group, an account whose events it receives, and the region in the streams' names.
type ArrivalRow struct {
	*Row
	arrival.Arrivals
	arrival.Verdict
	SourceAccountName string
	ForeignStreams    *int64   // streams of the log group that are not CloudTrail's; nil where they were not read
	EventAgeHours     *float64 // from the latest event to the row's CheckedAt; nil without an event
	LogStreamError    string
}

// StreamCount is nil where the streams were not read.
func (r *ArrivalRow) StreamCount() *int64 {
	if r.ForeignStreams == nil {
		return nil
	}
	count := int64(r.Streams)
	return &count
}

// ArrivalRows returns the rows of an account that the filter allows. A trail is the row of the account that owns it,
// where that is in reach; a trail without a log group has none. What could not be read has one where no other row of the
// account answers.
func (a *Account) ArrivalRows(ctx context.Context, f Filter) []*ArrivalRow {
	var (
		rows  []*ArrivalRow
		shown []*Row // what needs no row beside it that says what could not be read
	)
	for _, r := range a.trailRows(f) {
		if r.Trail.LogGroupARN == "" {
			if f.asks("arn") { // it is the trail that is sought, and nothing can arrive
				shown = append(shown, r)
			}
			continue
		}
		shown = append(shown, r)
		owner := a.query.find(ctx, r.Trail.OwnerAccountID)
		if r.Trail.OwnerAccountID == a.ID || owner == nil {
			rows = append(rows, r.arrivals(ctx, f)...)
		} else if unread := r.unreadIn(ctx, *owner); unread != nil {
			rows = append(rows, r.ofUnreadOwner(ctx, unread))
		}
	}
	for _, r := range a.rowsInstead(f, shown) {
		if !a.readInFull() || a.closed != "" { // else it has no trail, so nothing can arrive
			rows = append(rows, r.unreadArrivals(ctx, f)...)
		}
	}
	return slices.DeleteFunc(rows, func(r *ArrivalRow) bool { return !f.allows("source_account_id", r.Arrivals.AccountID) })
}

// unreadArrivals are the rows of an account that could not be read: one, or one for each account that the filter asks
// for and that no other row tells of.
func (r *Row) unreadArrivals(ctx context.Context, f Filter) []*ArrivalRow {
	verdict := arrival.Of(arrival.Facts{Error: r.unread(awserr.Text)}) // also of errors that rows do not report
	var rows []*ArrivalRow
	for _, id := range f.values("source_account_id", func(id string) bool { return r.mayReceive(ctx, id) }) {
		row := &ArrivalRow{Row: r, Verdict: verdict, Arrivals: arrival.Arrivals{Source: arrival.Source{AccountID: cmp.Or(id, r.ID)}}}
		if row.Arrivals.AccountID == r.ID {
			row.SourceAccountName = r.Account.Name
		}
		rows = append(rows, row)
	}
	return rows
}

// mayReceive reports whether a row about the account tells of the events of one that the query asks for: its own, or one
// that the row stands for. The connection's own account tells of those that are out of reach: it may own the trail of an
// organization, whose other accounts show that trail themselves.
func (a *Account) mayReceive(ctx context.Context, id string) bool {
	if a.others != nil {
		return a.isNotListed(id)
	}
	return id == a.ID || a.session != nil && a.session.CallerARN != "" && a.query.find(ctx, id) == nil
}

// unreadIn is the account that owns the trail where it does not show the trail because it could not be read; nil where it
// has the trail's rows.
func (r *Row) unreadIn(ctx context.Context, owner account.Account) *Account {
	reached, err := r.query.reach(ctx)
	if err != nil {
		return nil
	}
	a := r.query.scan(ctx, reached, owner, Filter{"arn": {{r.Trail.ARN}}})
	if a.unread(awserr.Text) == "" || slices.ContainsFunc(a.listing.Trails, func(t trail.Trail) bool { return t.ARN == r.Trail.ARN }) {
		return nil
	}
	return a
}

// ofUnreadOwner is the row of a trail whose owner could not be read: whether the account's own events arrive is not known.
func (r *Row) ofUnreadOwner(ctx context.Context, owner *Account) *ArrivalRow {
	say := func(why string) string { return fmt.Sprintf("%s (of account %s, which owns the trail)", why, owner.ID) }
	row := r.arrivalRow(ctx, arrival.Facts{Error: say(owner.unread(awserr.Text)), Arrivals: arrival.Arrivals{Source: arrival.Source{AccountID: r.ID}}})
	if owner.ScanError != "" {
		row.LogStreamError = say(owner.ScanError)
	}
	return row
}

// arrivals are the rows of a trail. Where the streams could not be read, or accounts not be listed, there is one that
// says so, or one for each account that the filter asks for and whose events may have to arrive.
func (r *Row) arrivals(ctx context.Context, f Filter) []*ArrivalRow {
	var rows []*ArrivalRow
	streams, err := r.streams(ctx)
	if err != nil {
		for _, id := range f.values("source_account_id", func(id string) bool { return r.mayHold(ctx, id) }) {
			row := r.arrivalRow(ctx, arrival.Facts{Error: awserr.TextOn(err, describeLogStreams), Arrivals: arrival.Arrivals{Source: arrival.Source{AccountID: cmp.Or(id, r.ID)}}})
			row.LogStreamError = r.errorOn(err, describeLogStreams)
			rows = append(rows, row)
		}
		return rows
	}
	found, foreign := arrival.Sort(streamFacts(streams))
	facts := arrival.Facts{LogGroup: r.LogGroup.Name, Missing: streams == nil}
	add := func(a arrival.Arrivals) {
		facts.Arrivals = a
		row := r.arrivalRow(ctx, facts)
		count := int64(foreign)
		row.ForeignStreams = &count
		rows = append(rows, row)
	}
	expected, unlisted := r.sources(ctx)
	streaming := map[string]bool{}
	for _, a := range found {
		add(a)
		delete(expected, a.AccountID)
		streaming[a.AccountID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(expected)) {
		add(arrival.Arrivals{Source: arrival.Source{AccountID: id}})
	}
	if unlisted != nil {
		for _, id := range f.values("source_account_id", func(id string) bool { return !streaming[id] && r.query.find(ctx, id) == nil }) {
			source := arrival.Source{AccountID: cmp.Or(id, r.ID)}
			rows = append(rows, r.arrivalRow(ctx, arrival.Facts{Error: awserr.Text(unlisted), Arrivals: arrival.Arrivals{Source: source}}))
		}
	}
	return rows
}

// mayHold reports whether an account's events may have to arrive in the trail's log group: of an organization's trail
// anyone's. A member tells of itself, and of those that are out of reach.
func (r *Row) mayHold(ctx context.Context, id string) bool {
	switch {
	case id == r.ID:
		return true
	case r.Trail.OwnerAccountID == r.ID:
		return aws.ToBool(r.Trail.IsOrganization)
	default:
		return r.query.find(ctx, id) == nil
	}
}

func (r *Row) arrivalRow(ctx context.Context, f arrival.Facts) *ArrivalRow {
	f.CheckedAt = r.CheckedAt
	row := &ArrivalRow{Row: r, Arrivals: f.Arrivals, Verdict: arrival.Of(f), SourceAccountName: r.query.name(ctx, f.Arrivals.AccountID)}
	if t := f.Arrivals.LatestEvent; !t.IsZero() {
		hours := r.CheckedAt.Sub(t).Hours()
		row.EventAgeHours = &hours
	}
	return row
}

// sources are the accounts whose events must arrive: the owner's, and of an organization trail those that AWS
// Organizations lists as in use. The error says why these are not all.
func (r *Row) sources(ctx context.Context) (map[string]bool, error) {
	expected := map[string]bool{r.Trail.OwnerAccountID: true}
	if !aws.ToBool(r.Trail.IsOrganization) {
		return expected, nil
	}
	reached, err := r.query.reach(ctx)
	if err != nil {
		return expected, err
	}
	listed, err := reached.accounts.All(ctx)
	for _, a := range listed {
		if a.State != "" && !a.Closed() {
			expected[a.ID] = true
		}
	}
	return expected, err
}

const describeLogStreams = "logs:DescribeLogStreams"

// streams asks DescribeLogStreams, through the account that owns the log group.
func (r *Row) streams(ctx context.Context) ([]logs.LogStream, error) {
	session, err := r.logGroupOwner(ctx)
	if err != nil {
		return nil, err
	}
	return r.query.streams.get(ctx, key(r.LogGroup.AccountID, r.LogGroup.Region, r.LogGroup.Name), func(ctx context.Context) ([]logs.LogStream, error) {
		return loggroup.Streams(ctx, session, r.LogGroup)
	})
}

func streamFacts(streams []logs.LogStream) []arrival.Stream {
	all := make([]arrival.Stream, 0, len(streams))
	for _, s := range streams {
		all = append(all, arrival.Stream{
			Name: aws.ToString(s.LogStreamName), FirstEvent: millis(s.FirstEventTimestamp), LatestEvent: millis(s.LastEventTimestamp), LatestIngestion: millis(s.LastIngestionTime),
		})
	}
	return all
}

func millis(t *int64) time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.UnixMilli(*t).UTC()
}

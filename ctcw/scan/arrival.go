package scan

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
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
// where that is in reach; a trail without a log group has none, and an account that could not be read has one.
func (a *Account) ArrivalRows(ctx context.Context, f Filter) []*ArrivalRow {
	var rows []*ArrivalRow
	for _, r := range a.Rows(f) {
		switch {
		case r.ofAccount && len(a.listing.Failed) == 0 && a.err == nil && a.closed == "":
			// It has no trail, so nothing can arrive.
		case r.ofAccount:
			unread := a.unread(awserr.Text) // also of errors that rows do not report
			row := &ArrivalRow{Row: r, Verdict: arrival.Of(arrival.Facts{Error: unread}), Arrivals: arrival.Arrivals{Source: arrival.Source{AccountID: a.ID}}, SourceAccountName: a.Name}
			if ids := f.values("source_account_id", a.isNotListed); len(ids) > 0 && ids[0] != "" {
				row.Arrivals.AccountID, row.SourceAccountName = ids[0], ""
			}
			rows = append(rows, row)
		case r.Trail.LogGroupARN == "":
		case r.Trail.OwnerAccountID != a.ID && a.query.find(ctx, r.Trail.OwnerAccountID) != nil:
			// The owner has the rows.
		default:
			rows = append(rows, r.arrivals(ctx, f)...)
		}
	}
	return slices.DeleteFunc(rows, func(r *ArrivalRow) bool { return !f.allows("source_account_id", r.Arrivals.AccountID) })
}

// arrivals are the rows of a trail. Where accounts could not be listed there is one that says so, as the first of those
// whose events the filter asks for: they may have to arrive.
func (r *Row) arrivals(ctx context.Context, f Filter) []*ArrivalRow {
	streams, err := r.streams(ctx)
	if err != nil {
		row := r.arrivalRow(ctx, arrival.Facts{Error: awserr.TextOn(err, describeLogStreams), Arrivals: arrival.Arrivals{Source: arrival.Source{AccountID: r.ID}}})
		row.LogStreamError = r.errorOn(err, describeLogStreams)
		return []*ArrivalRow{row}
	}
	found, foreign := arrival.Sort(streamFacts(streams))
	facts := arrival.Facts{LogGroup: r.LogGroup.Name, Missing: streams == nil}
	var rows []*ArrivalRow
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

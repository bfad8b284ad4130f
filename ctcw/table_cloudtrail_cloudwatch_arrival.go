package ctcw

import (
	"context"
	"slices"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

func tableCloudTrailCloudWatchArrival(s *source) *plugin.Table {
	return &plugin.Table{
		Name: "cloudtrail_cloudwatch_arrival",
		Description: "Whether the events of each account and region arrive in the log group of a CloudTrail trail. " +
			"One row for each trail with a log group, each account whose events it receives, and each region in the names of its log streams.",
		List: &plugin.ListConfig{
			Hydrate: list(s, func(ctx context.Context, a *scan.Account, f scan.Filter) []*scan.ArrivalRow {
				return a.ArrivalRows(ctx, f)
			}),
			KeyColumns: exactly("arn", "name", "account_id", "region", "home_region", "source_account_id"),
			Tags:       map[string]string{"service": "logs", "action": "DescribeLogStreams"},
		},
		HydrateConfig: []plugin.HydrateConfig{
			{Func: judgeArrivalsDelivery, Tags: map[string]string{"service": "cloudtrail", "action": "GetTrailStatus"}},
		},
		Columns: arrivalColumns(),
	}
}

func judgeArrivalsDelivery(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.ArrivalRow).Delivery(ctx), nil
}

func arrivalColumns() []*plugin.Column {
	var (
		row       = columns[*scan.ArrivalRow]{}
		delivered = columns[delivery.Verdict]{judgeArrivalsDelivery}
	)
	return slices.Concat(
		trailColumns[*scan.ArrivalRow](),
		logGroupColumns[*scan.ArrivalRow](),
		[]*plugin.Column{
			row.text("source_account_id", func(r *scan.ArrivalRow) string { return r.Arrivals.AccountID }, "The account whose events these are, from the names of the log streams; or one that the trail covers and that has no stream. In a row about what could not be read: the account that was asked, or the one that the query asks for where its events may have to arrive."),
			row.text("source_account_name", func(r *scan.ArrivalRow) string { return r.SourceAccountName }, "The name of that account in AWS Organizations. Null where the connection does not list it."),
			row.text("stream_region", func(r *scan.ArrivalRow) string { return r.Arrivals.Region }, "The region in the names of the log streams. Null where the account has no stream."),
			row.integer("log_stream_count", (*scan.ArrivalRow).StreamCount, "The number of log streams of that account and region. Null where they could not be read."),
			row.timestamp("first_event_time", func(r *scan.ArrivalRow) *time.Time { return timeOf(r.FirstEvent) }, "The time of the first event in these streams that is still kept."),
			row.timestamp("latest_event_time", func(r *scan.ArrivalRow) *time.Time { return timeOf(r.LatestEvent) }, "The time of the latest event in these streams. AWS updates it within an hour, mostly."),
			row.timestamp("latest_ingestion_time", func(r *scan.ArrivalRow) *time.Time { return timeOf(r.LatestIngestion) }, "When an event was last received in these streams."),
			row.double("event_age_hours", func(r *scan.ArrivalRow) *float64 { return r.EventAgeHours }, "Hours from latest_event_time to checked_at."),
			row.text("arrival_status", func(r *scan.ArrivalRow) string { return string(r.Status) }, "The verdict, the first that fits: unknown, empty (no stream, none with an event, or no such log group), quiet (the latest event is more than 24 hours old), arriving."),
			row.text("status_reason", func(r *scan.ArrivalRow) string { return r.Reason }, "One plain sentence that names the cause of arrival_status."),
			delivered.text("delivery_status", func(v delivery.Verdict) string { return string(v.Status) }, "Whether CloudTrail says that the trail delivers: see the table cloudtrail_cloudwatch_status."),
			row.boolean("is_organization_trail", func(r *scan.ArrivalRow) *bool { return r.Trail.IsOrganization }, "Whether the trail covers every account of the organization."),
			row.boolean("is_multi_region_trail", func(r *scan.ArrivalRow) *bool { return r.Trail.IsMultiRegion }, "Whether the trail covers all regions, or only its home region."),
			row.integer("foreign_log_stream_count", func(r *scan.ArrivalRow) *int64 { return r.ForeignStreams }, "The number of log streams of the log group whose names are not CloudTrail's. They are left out."),
			row.text("log_stream_error", func(r *scan.ArrivalRow) string { return r.LogStreamError }, "The error of DescribeLogStreams, code and message."),
			row.text("exempt_reason", func(r *scan.ArrivalRow) string { return r.ExemptReason }, "Why the trail is exempt from the controls: the connection argument exempt."),
		},
		unreadColumns[*scan.ArrivalRow](),
		[]*plugin.Column{checkedAt[*scan.ArrivalRow](), accountName[*scan.ArrivalRow]()},
		standardColumns[*scan.ArrivalRow](),
	)
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

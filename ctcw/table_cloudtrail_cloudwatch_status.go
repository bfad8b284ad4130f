package ctcw

import (
	"context"
	"slices"
	"time"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

func tableCloudTrailCloudWatchStatus(s *source) *plugin.Table {
	return &plugin.Table{
		Name: "cloudtrail_cloudwatch_status",
		Description: "Whether each CloudTrail trail really delivers to CloudWatch Logs, and how long its log group is kept. " +
			"One row for each trail an account can see, and at least one for every account.",
		List: &plugin.ListConfig{
			Hydrate:    list(s, asked((*scan.Account).Rows)),
			KeyColumns: exactly("arn", "name", "account_id", "region", "home_region"),
			Tags:       map[string]string{"service": "cloudtrail", "action": "DescribeTrails"},
		},
		HydrateConfig: []plugin.HydrateConfig{
			{Func: getTrailStatus, Tags: map[string]string{"service": "cloudtrail", "action": "GetTrailStatus"}},
			{Func: findLogGroup, Tags: map[string]string{"service": "logs", "action": "DescribeLogGroups"}},
			{Func: judgeDelivery, Tags: map[string]string{"service": "cloudtrail", "action": "GetTrailStatus"}},
			{Func: getSelectors, Tags: map[string]string{"service": "cloudtrail", "action": "GetEventSelectors"}},
			{Func: getRegionStatuses, Tags: map[string]string{"service": "cloudtrail", "action": "GetTrailStatus"}},
			{Func: listTags, Tags: map[string]string{"service": "cloudtrail", "action": "ListTags"}},
		},
		Columns: deliveryColumns(),
	}
}

// The hydrates never return an error: one would fail the whole query, and an ignored one would turn
// into null without a word. What went wrong is in the row's own columns.

func getTrailStatus(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.Row).TrailStatus(ctx), nil
}

func findLogGroup(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.Row).FindLogGroup(ctx), nil
}

func judgeDelivery(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.Row).Delivery(ctx), nil
}

func getSelectors(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.Row).Selectors(ctx), nil
}

func getRegionStatuses(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.Row).RegionStatuses(ctx), nil
}

func listTags(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.Row).Tags(ctx), nil
}

func deliveryColumns() []*plugin.Column {
	var (
		row      = columns[*scan.Row]{}
		verdict  = columns[delivery.Verdict]{judgeDelivery}
		status   = columns[scan.TrailStatus]{getTrailStatus}
		logGroup = columns[scan.LogGroup]{findLogGroup}
		tags     = columns[scan.Tags]{listTags}
		selector = columns[scan.Selectors]{getSelectors}
		region   = columns[scan.RegionStatuses]{getRegionStatuses}
	)
	return slices.Concat(
		trailColumns[*scan.Row](),
		[]*plugin.Column{
			verdict.text("delivery_status", func(v delivery.Verdict) string { return string(v.Status) }, "The verdict, the first that fits: unknown, no_trail, not_configured, logging_stopped, log_group_missing, never_delivered, stale (latest delivery to CloudWatch Logs more than 24 hours old), degraded (fresh, but with a delivery error), delivering."),
			verdict.text("status_reason", func(v delivery.Verdict) string { return v.Reason }, "One plain sentence that names the cause of delivery_status."),
			verdict.text("remediation", func(v delivery.Verdict) string { return v.Remediation }, "The AWS CLI commands that mend the cause, with this trail's values, for a POSIX shell. They do nothing in another account than the one that must act, and may be run again. A trail is made in the bucket that you set BUCKET to. Null when there is nothing to do, nothing that this account can do, or the trail is exempt."),
			status.boolean("is_logging", func(s scan.TrailStatus) *bool { return s.IsLogging }, "Whether the trail is currently logging."),
			status.timestamp("start_logging_time", func(s scan.TrailStatus) *time.Time { return s.StartLoggingTime }, "When the trail most recently started logging."),
			status.timestamp("stop_logging_time", func(s scan.TrailStatus) *time.Time { return s.StopLoggingTime }, "When the trail most recently stopped logging. May be set while is_logging is true."),
			status.timestamp("latest_cloudwatch_logs_delivery_time", func(s scan.TrailStatus) *time.Time { return s.LatestCloudWatchLogsDeliveryTime }, "When CloudTrail most recently delivered to CloudWatch Logs."),
			status.text("latest_cloudwatch_logs_delivery_error", func(s scan.TrailStatus) string { return s.LatestCloudWatchLogsDeliveryError }, "The error that CloudTrail met when it last tried to deliver to CloudWatch Logs."),
			status.double("cloudwatch_logs_delivery_age_hours", func(s scan.TrailStatus) *float64 { return s.CloudWatchLogsDeliveryAgeHours }, "Hours from latest_cloudwatch_logs_delivery_time to checked_at."),
			status.timestamp("latest_delivery_time", func(s scan.TrailStatus) *time.Time { return s.LatestDeliveryTime }, "When CloudTrail most recently delivered log files to the S3 bucket."),
			status.text("latest_delivery_error", func(s scan.TrailStatus) string { return s.LatestDeliveryError }, "The S3 error that CloudTrail met when it last tried to deliver log files."),
			status.timestamp("latest_digest_delivery_time", func(s scan.TrailStatus) *time.Time { return s.LatestDigestDeliveryTime }, "When CloudTrail most recently delivered a digest file to the S3 bucket."),
			status.text("latest_digest_delivery_error", func(s scan.TrailStatus) string { return s.LatestDigestDeliveryError }, "The S3 error that CloudTrail met when it last tried to deliver a digest file."),
			status.timestamp("latest_notification_time", func(s scan.TrailStatus) *time.Time { return s.LatestNotificationTime }, "When CloudTrail most recently sent an SNS notification of a new log file."),
			status.text("latest_notification_error", func(s scan.TrailStatus) string { return s.LatestNotificationError }, "The SNS error that CloudTrail met when it last tried to send a notification."),
		},
		logGroupColumns[*scan.Row](),
		[]*plugin.Column{
			logGroup.text("log_group_status", func(g scan.LogGroup) string { return string(g.Status) }, "Whether the log group exists: found, not_found, other_account (this connection cannot ask the account that owns it), unknown (see log_group_error). Null when none is configured."),
			logGroup.integer("retention_in_days", func(g scan.LogGroup) *int64 { return g.RetentionInDays }, "Days for which the log group keeps events. Null when events never expire (see retention_never_expires) and when the group is not known."),
			logGroup.boolean("retention_never_expires", scan.LogGroup.NeverExpires, "True only when the log group was found and has no retention: its events never expire."),
			logGroup.text("log_group_class", func(g scan.LogGroup) string { return g.Class }, "The class of the log group: STANDARD, INFREQUENT_ACCESS or DELIVERY."),
			logGroup.timestamp("log_group_creation_time", func(g scan.LogGroup) *time.Time { return g.CreationTime }, "When the log group was created."),
			logGroup.text("log_group_kms_key_id", func(g scan.LogGroup) string { return g.KMSKeyID }, "The ARN of the KMS key that encrypts the log group."),
			logGroup.integer("log_group_stored_bytes", func(g scan.LogGroup) *int64 { return g.StoredBytes }, "Bytes stored in the log group."),
			logGroup.integer("metric_filter_count", func(g scan.LogGroup) *int64 { return g.MetricFilterCount }, "The number of metric filters on the log group."),
			row.text("cloudwatch_logs_role_arn", func(r *scan.Row) string { return r.Trail.CloudWatchLogsRoleARN }, "The role that CloudTrail assumes to write to the log group."),
			row.boolean("is_multi_region_trail", func(r *scan.Row) *bool { return r.Trail.IsMultiRegion }, "Whether the trail covers all regions, or only its home region."),
			row.boolean("is_organization_trail", func(r *scan.Row) *bool { return r.Trail.IsOrganization }, "Whether the trail covers every account of the organization."),
			row.boolean("include_global_service_events", func(r *scan.Row) *bool { return r.Trail.IncludeGlobalServiceEvents }, "Whether the trail records events of global services such as IAM."),
			row.boolean("log_file_validation_enabled", func(r *scan.Row) *bool { return r.Trail.LogFileValidationEnabled }, "Whether log file validation is enabled."),
			row.boolean("has_custom_event_selectors", func(r *scan.Row) *bool { return r.Trail.HasCustomEventSelectors }, "Whether the trail has custom event selectors."),
			row.boolean("has_insight_selectors", func(r *scan.Row) *bool { return r.Trail.HasInsightSelectors }, "Whether the trail has insight selectors."),
			row.text("kms_key_id", func(r *scan.Row) string { return r.Trail.KMSKeyID }, "The KMS key that encrypts the log files in S3."),
			row.text("s3_bucket_name", func(r *scan.Row) string { return r.Trail.S3BucketName }, "The S3 bucket that the trail delivers log files to."),
			row.text("s3_key_prefix", func(r *scan.Row) string { return r.Trail.S3KeyPrefix }, "The prefix of the log files' keys in the S3 bucket."),
			row.text("sns_topic_arn", func(r *scan.Row) string { return r.Trail.SNSTopicARN }, "The SNS topic that the trail notifies of new log files."),
			status.text("status_region", func(s scan.TrailStatus) string { return s.Status.Region }, "The region that answered GetTrailStatus."),
		},
		[]*plugin.Column{
			row.text("exempt_reason", func(r *scan.Row) string { return r.ExemptReason }, "Why the trail is exempt from the control: the connection argument exempt."),
		},
		unreadColumns[*scan.Row](),
		[]*plugin.Column{
			status.text("trail_status_error", func(s scan.TrailStatus) string { return s.Error }, "The error of GetTrailStatus, code and message."),
			logGroup.text("log_group_error", func(g scan.LogGroup) string { return g.Error }, "The error of DescribeLogGroups, code and message."),
		},
		[]*plugin.Column{checkedAt[*scan.Row]()},
		[]*plugin.Column{
			tags.json("tags", func(t scan.Tags) any { return t.Tags }, "The tags of the trail. Null for a trail that another account owns."),
			tags.json("tags_src", func(t scan.Tags) any {
				if list := t.List(); list != nil {
					return list
				}
				return nil
			}, "The tags as AWS lists them: objects with Key and Value. Null where tags is."),
			tags.text("tags_error", func(t scan.Tags) string { return t.Error }, "The error of ListTags, code and message."),
		},
		[]*plugin.Column{
			accountName[*scan.Row](),
			selector.text("management_events", func(s scan.Selectors) string { return s.ManagementEvents }, "Which management events the trail's event selectors record: All, ReadOnly, WriteOnly, None. Excluded event sources do not show in it."),
			selector.text("event_selectors_error", func(s scan.Selectors) string { return s.Error }, "The error of GetEventSelectors, code and message."),
			region.json("region_status", func(s scan.RegionStatuses) any { return s }, "What GetTrailStatus says in each region that the trail covers: region → is_logging, latest_cloudwatch_logs_delivery_time, latest_cloudwatch_logs_delivery_error, or the error of the call. It costs a call for each region."),
			region.text("failing_regions", scan.RegionStatuses.Failing, "The regions that report a delivery error or are not logging, comma-separated. Null when none does. It costs a call for each region."),
		},
		standardColumns[*scan.Row](),
	)
}

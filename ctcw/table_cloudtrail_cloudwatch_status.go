package ctcw

import (
	"context"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin/transform"
	"github.com/turbot/steampipe-plugin-sdk/v5/query_cache"
)

const tableName = "cloudtrail_cloudwatch_status"

func statusTable(s *source) *plugin.Table {
	return &plugin.Table{
		Name: tableName,
		Description: "Whether each CloudTrail trail really delivers to CloudWatch Logs, and how long its log group is kept. " +
			"One row for each trail an account can see, and at least one for every account.",
		List: &plugin.ListConfig{
			Hydrate:    s.list,
			KeyColumns: exactly(keyColumns),
			Tags:       map[string]string{"service": "cloudtrail", "action": "DescribeTrails"},
		},
		HydrateConfig: []plugin.HydrateConfig{
			{Func: getTrailStatus, Tags: map[string]string{"service": "cloudtrail", "action": "GetTrailStatus"}},
			{Func: getLogGroup, Tags: map[string]string{"service": "logs", "action": "DescribeLogGroups"}},
			{Func: getVerdict, Tags: map[string]string{"service": "cloudtrail", "action": "GetTrailStatus"}},
			{Func: getTags, Tags: map[string]string{"service": "cloudtrail", "action": "ListTags"}},
		},
		Columns: statusColumnDefinitions(),
	}
}

// exactly makes optional key columns. Rows that report a failure carry what the query filters on, so a cached
// answer to a wider query is none to a narrower one.
func exactly(columns []string) plugin.KeyColumnSlice {
	var keys plugin.KeyColumnSlice
	for _, column := range columns {
		keys = append(keys, &plugin.KeyColumn{Name: column, Require: plugin.Optional, CacheMatch: query_cache.CacheMatchExact})
	}
	return keys
}

// The hydrates never return an error: one would fail the whole query, and an ignored one would turn
// into null without a word. What went wrong is in the row's own columns.

func getTrailStatus(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*row).statusColumns(ctx), nil
}

func getLogGroup(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*row).logGroupColumns(ctx), nil
}

func getVerdict(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*row).verdictColumns(ctx), nil
}

func getTags(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*row).tagColumns(ctx), nil
}

func statusColumnDefinitions() []*plugin.Column {
	const (
		text      = proto.ColumnType_STRING
		boolean   = proto.ColumnType_BOOL
		timestamp = proto.ColumnType_TIMESTAMP
		integer   = proto.ColumnType_INT
		double    = proto.ColumnType_DOUBLE
		json      = proto.ColumnType_JSON
	)
	trail := columnsOf(nil)
	verdict := columnsOf(getVerdict)
	status := columnsOf(getTrailStatus)
	logGroup := columnsOf(getLogGroup)
	tags := columnsOf(getTags)
	return []*plugin.Column{
		trail("arn", text, "ARN", "The ARN of the trail. Null in a row about the account itself: one without a visible trail, or one that could not be read."),
		trail("name", text, "Name", "The name of the trail."),
		trail("home_region", text, "HomeRegion", "The region in which the trail was created."),
		trail("trail_account_id", text, "TrailAccountID", "The account in the trail's ARN. An organization trail is owned by another account than the one asked."),

		verdict("delivery_status", text, "DeliveryStatus", "The verdict, the first that fits: unknown, no_trail, not_configured, logging_stopped, log_group_missing, never_delivered, stale (latest delivery to CloudWatch Logs more than 24 hours old), degraded (fresh, but with a delivery error), delivering."),
		verdict("status_reason", text, "StatusReason", "One plain sentence that names the cause of delivery_status."),
		verdict("remediation", text, "Remediation", "The AWS CLI command that mends the cause, with this trail's values. Null when there is nothing to do, nothing that this account can do, or the trail is exempt."),

		status("is_logging", boolean, "IsLogging", "Whether the trail is currently logging."),
		status("start_logging_time", timestamp, "StartLoggingTime", "When the trail most recently started logging."),
		status("stop_logging_time", timestamp, "StopLoggingTime", "When the trail most recently stopped logging. May be set while is_logging is true."),
		status("latest_cloudwatch_logs_delivery_time", timestamp, "LatestCloudWatchLogsDeliveryTime", "When CloudTrail most recently delivered to CloudWatch Logs."),
		status("latest_cloudwatch_logs_delivery_error", text, "LatestCloudWatchLogsDeliveryError", "The error that CloudTrail met when it last tried to deliver to CloudWatch Logs."),
		status("cloudwatch_logs_delivery_age_hours", double, "CloudWatchLogsDeliveryAgeHours", "Hours from latest_cloudwatch_logs_delivery_time to checked_at."),
		status("latest_delivery_time", timestamp, "LatestDeliveryTime", "When CloudTrail most recently delivered log files to the S3 bucket."),
		status("latest_delivery_error", text, "LatestDeliveryError", "The S3 error that CloudTrail met when it last tried to deliver log files."),
		status("latest_digest_delivery_time", timestamp, "LatestDigestDeliveryTime", "When CloudTrail most recently delivered a digest file to the S3 bucket."),
		status("latest_digest_delivery_error", text, "LatestDigestDeliveryError", "The S3 error that CloudTrail met when it last tried to deliver a digest file."),
		status("latest_notification_time", timestamp, "LatestNotificationTime", "When CloudTrail most recently sent an SNS notification of a new log file."),
		status("latest_notification_error", text, "LatestNotificationError", "The SNS error that CloudTrail met when it last tried to send a notification."),

		trail("log_group_arn", text, "LogGroupARN", "The ARN of the CloudWatch Logs log group that the trail delivers to, as AWS returns it (it ends in :*). Null when none is configured."),
		trail("log_group_name", text, "LogGroupName", "The name in log_group_arn."),
		trail("log_group_region", text, "LogGroupRegion", "The region in log_group_arn."),
		trail("log_group_account_id", text, "LogGroupAccountID", "The account in log_group_arn."),
		logGroup("log_group_status", text, "LogGroupStatus", "Whether the log group exists: found, not_found, other_account (this connection cannot ask the account that owns it), unknown (see log_group_error). Null when none is configured."),
		logGroup("retention_in_days", integer, "RetentionInDays", "Days for which the log group keeps events. Null when events never expire (see retention_never_expires) and when the group is not known."),
		logGroup("retention_never_expires", boolean, "RetentionNeverExpires", "True only when the log group was found and has no retention: its events never expire."),
		logGroup("log_group_class", text, "LogGroupClass", "The class of the log group: STANDARD, INFREQUENT_ACCESS or DELIVERY."),
		logGroup("log_group_creation_time", timestamp, "LogGroupCreationTime", "When the log group was created."),
		logGroup("log_group_kms_key_id", text, "LogGroupKMSKeyID", "The ARN of the KMS key that encrypts the log group."),
		logGroup("log_group_stored_bytes", integer, "LogGroupStoredBytes", "Bytes stored in the log group."),
		logGroup("metric_filter_count", integer, "MetricFilterCount", "The number of metric filters on the log group."),

		trail("cloudwatch_logs_role_arn", text, "CloudWatchLogsRoleARN", "The role that CloudTrail assumes to write to the log group."),
		trail("is_multi_region_trail", boolean, "IsMultiRegionTrail", "Whether the trail covers all regions, or only its home region."),
		trail("is_organization_trail", boolean, "IsOrganizationTrail", "Whether the trail covers every account of the organization."),
		trail("include_global_service_events", boolean, "IncludeGlobalServiceEvents", "Whether the trail records events of global services such as IAM."),
		trail("log_file_validation_enabled", boolean, "LogFileValidationEnabled", "Whether log file validation is enabled."),
		trail("has_custom_event_selectors", boolean, "HasCustomEventSelectors", "Whether the trail has custom event selectors."),
		trail("has_insight_selectors", boolean, "HasInsightSelectors", "Whether the trail has insight selectors."),
		trail("kms_key_id", text, "KMSKeyID", "The KMS key that encrypts the log files in S3."),
		trail("s3_bucket_name", text, "S3BucketName", "The S3 bucket that the trail delivers log files to."),
		trail("s3_key_prefix", text, "S3KeyPrefix", "The prefix of the log files' keys in the S3 bucket."),
		trail("sns_topic_arn", text, "SNSTopicARN", "The SNS topic that the trail notifies of new log files."),

		status("status_region", text, "StatusRegion", "The region that answered GetTrailStatus."),
		trail("exempt_reason", text, "ExemptReason", "Why the trail is exempt from the control: the connection argument exempt."),
		trail("unscanned_regions", json, "UnscannedRegions", "The enabled regions of the account that were not listed, each with its error code; NotSelected where the connection argument regions leaves it out. Null when all that this query asked were."),
		trail("scan_error", text, "ScanError", "The error of DescribeTrails, code and message, when a region could not be listed."),
		status("trail_status_error", text, "TrailStatusError", "The error of GetTrailStatus, code and message."),
		logGroup("log_group_error", text, "LogGroupError", "The error of DescribeLogGroups, code and message."),
		trail("checked_at", timestamp, "CheckedAt", "When AWS was asked."),

		tags("tags", json, "Tags", "The tags of the trail. Null for a trail that another account owns."),
		tags("tags_error", text, "TagsError", "The error of ListTags, code and message."),
		trail("title", text, "Title", "The name of the trail, or the account in a row about the account itself."),
		trail("akas", json, "Akas", "The ARN of the trail, or of the account in a row about the account itself."),
		trail("partition", text, "Partition", "The AWS partition: aws, aws-cn, aws-us-gov."),
		trail("region", text, "Region", "The home region of the trail."),
		trail("account_id", text, "AccountID", "The account that was asked."),
	}
}

// columnsOf returns a constructor of columns that one hydrate fills, or the list call where it is nil.
func columnsOf(hydrate plugin.HydrateFunc) func(name string, kind proto.ColumnType, field, description string) *plugin.Column {
	return func(name string, kind proto.ColumnType, field, description string) *plugin.Column {
		return &plugin.Column{
			Name:        name,
			Type:        kind,
			Description: description,
			Hydrate:     hydrate,
			Transform:   transform.FromField(field),
		}
	}
}

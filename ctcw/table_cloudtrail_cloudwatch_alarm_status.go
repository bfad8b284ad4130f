package ctcw

import (
	"context"
	"slices"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/delivery"
)

func tableCloudTrailCloudWatchAlarmStatus(s *source) *plugin.Table {
	return &plugin.Table{
		Name: "cloudtrail_cloudwatch_alarm_status",
		Description: "Whether anyone is alarmed of the events that CIS asks to be monitored: trail, log group, metric filter, alarm, topic, subscriber. " +
			"One row for each trail an account can see and each class of events, and one a class for every account without one.",
		List: &plugin.ListConfig{
			Hydrate:    list(s, asked((*scan.Account).AlarmRows)),
			KeyColumns: exactly("arn", "name", "account_id", "region", "home_region", "event_class"),
			Tags:       map[string]string{"service": "cloudtrail", "action": "DescribeTrails"},
		},
		HydrateConfig: []plugin.HydrateConfig{
			{Func: followChain, Tags: map[string]string{"service": "cloudwatch", "action": "DescribeAlarms"}},
			{Func: judgeChainsDelivery, Tags: map[string]string{"service": "cloudtrail", "action": "GetTrailStatus"}},
			{Func: getChainsSelectors, Tags: map[string]string{"service": "cloudtrail", "action": "GetEventSelectors"}},
		},
		Columns: alarmColumns(),
	}
}

func followChain(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.AlarmRow).Alarm(ctx), nil
}

func judgeChainsDelivery(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.AlarmRow).Delivery(ctx), nil
}

func getChainsSelectors(ctx context.Context, _ *plugin.QueryData, h *plugin.HydrateData) (any, error) {
	return h.Item.(*scan.AlarmRow).Selectors(ctx), nil
}

// ofChain makes a column's value from the chain that decides a row; zero, and so null, where there is none.
func ofChain[V any](value func(*alarm.Chain) V) func(scan.Alarm) V {
	return func(a scan.Alarm) (v V) {
		if a.Chain != nil {
			v = value(a.Chain)
		}
		return v
	}
}

func alarmColumns() []*plugin.Column {
	var (
		row       = columns[*scan.AlarmRow]{}
		verdict   = columns[scan.Alarm]{followChain}
		delivered = columns[delivery.Verdict]{judgeChainsDelivery}
		selectors = columns[scan.Selectors]{getChainsSelectors}
	)
	return slices.Concat(
		trailColumns[*scan.AlarmRow](),
		[]*plugin.Column{
			row.text("event_class", func(r *scan.AlarmRow) string { return r.Class.Name }, "The class of events that CIS asks to be monitored, such as root_usage."),
			row.json("cis_items", func(r *scan.AlarmRow) any { return r.Class.Items }, "The item of each version of the CIS AWS Foundations Benchmark that asks for it: version → item."),
			verdict.text("alarm_status", func(a scan.Alarm) string { return string(a.Status) }, "How far the events of the class get: unknown, no_trail, not_delivering, partial_scope (one region only), not_recorded (by the event selectors), no_filter, filter_misses_events, filter_too_wide, no_alarm, alarm_disabled, no_action, no_subscriber, monitored."),
			verdict.text("status_reason", func(a scan.Alarm) string { return a.Reason }, "One plain sentence that names the cause of alarm_status."),
			verdict.text("remediation", func(a scan.Alarm) string { return a.Remediation }, "The AWS CLI commands that mend the cause, with this trail's values. Null when there is nothing to do, nothing that this account can do, or the class or the trail is exempt."),
			delivered.text("delivery_status", func(v delivery.Verdict) string { return string(v.Status) }, "Whether events reach the log group: see the table cloudtrail_cloudwatch_status."),
			row.boolean("is_multi_region_trail", func(r *scan.AlarmRow) *bool { return r.Trail.IsMultiRegion }, "Whether the trail covers all regions, or only its home region."),
			selectors.text("management_events", func(s scan.Selectors) string { return s.ManagementEvents }, "Which management events the trail's event selectors record: All, ReadOnly, WriteOnly, None."),
		},
		logGroupColumns[*scan.AlarmRow](),
		[]*plugin.Column{
			verdict.text("filter_name", ofChain(func(c *alarm.Chain) string { return c.FilterName }), "The metric filter of the chain that decides the row. Null where no metric filter matches any event of the class."),
			verdict.text("filter_pattern", ofChain(func(c *alarm.Chain) string { return c.FilterPattern }), "The pattern of that metric filter."),
			verdict.text("metric_namespace", ofChain(func(c *alarm.Chain) string { return c.MetricNamespace }), "The namespace of the metric that it publishes."),
			verdict.text("metric_name", ofChain(func(c *alarm.Chain) string { return c.MetricName }), "The name of the metric that it publishes."),
			verdict.json("missing_events", func(a scan.Alarm) any { return a.MissingEvents }, "The events of the class that reach nobody; an empty list when all do."),
			verdict.text("alarm_name", ofChain(func(c *alarm.Chain) string { return c.AlarmName }), "The alarm of that chain: the one that acts, which may be a composite alarm. Null where none watches the metric."),
			verdict.text("alarm_arn", ofChain(func(c *alarm.Chain) string { return c.AlarmARN }), "The ARN of that alarm."),
			verdict.text("alarm_state", ofChain(func(c *alarm.Chain) string { return c.AlarmState }), "The state of that alarm: OK, ALARM or INSUFFICIENT_DATA."),
			verdict.boolean("alarm_actions_enabled", ofChain(func(c *alarm.Chain) *bool { return c.ActionsEnabled }), "Whether that alarm's actions are enabled."),
			verdict.json("alarm_actions", ofChain(func(c *alarm.Chain) any { return c.AlarmActions }), "What that alarm does when it goes to ALARM: the ARNs of its actions."),
			verdict.boolean("alarm_fires_on_first_event", ofChain(func(c *alarm.Chain) *bool { return c.FiresOnFirstEvent }), "Whether one event in a period is enough for the alarm. Null where that is not known."),
			verdict.text("topic_arn", ofChain(func(c *alarm.Chain) string { return c.TopicARN }), "The SNS topic that the alarm tells."),
			verdict.integer("subscriptions_confirmed", ofChain(func(c *alarm.Chain) *int64 { return int64Of(c.SubscriptionsConfirmed) }), "The topic's confirmed subscriptions: someone is told."),
			verdict.integer("subscriptions_pending", ofChain(func(c *alarm.Chain) *int64 { return int64Of(c.SubscriptionsPending) }), "The topic's subscriptions that nobody has confirmed: no one is told."),
			verdict.json("chains", func(a scan.Alarm) any { return a.Chains }, "Every metric filter × alarm × action that was considered for the class, each with its own status and reason."),
			selectors.text("event_selectors_error", func(s scan.Selectors) string { return s.Error }, "The error of GetEventSelectors, code and message."),
			verdict.text("metric_filter_error", func(a scan.Alarm) string { return a.MetricFilterError }, "The error of DescribeMetricFilters, code and message."),
			verdict.text("alarm_error", func(a scan.Alarm) string { return a.AlarmError }, "The error of DescribeAlarms, code and message; or of ListAlarmMuteRules, without which it is not known that an alarm is muted."),
			verdict.text("topic_error", func(a scan.Alarm) string { return a.TopicError }, "The error of GetTopicAttributes, code and message."),
			verdict.text("trail_status_error", func(a scan.Alarm) string { return a.TrailStatusError }, "The error of GetTrailStatus, code and message."),
			row.text("exempt_reason", func(r *scan.AlarmRow) string { return r.ExemptReason }, "Why the trail or the class of events is exempt from the controls: the connection argument exempt."),
		},
		unreadColumns[*scan.AlarmRow](),
		[]*plugin.Column{checkedAt[*scan.AlarmRow](), accountName[*scan.AlarmRow]()},
		standardColumns[*scan.AlarmRow](),
	)
}

func int64Of(n *int) *int64 {
	if n == nil {
		return nil
	}
	wide := int64(*n)
	return &wide
}

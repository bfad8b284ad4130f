package scan

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	cloudwatch "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	awsalarm "github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/alarm"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/topic"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/verdict/alarm"
)

// watched is what hangs on a log group: filters, alarms, topics, judged once for all rows that share it.
type watched struct {
	group                 *alarm.Group // nil for a trail without a log group
	filtersErr, alarmsErr error
	mutesErr              error            // why mute rules are not known, though that is no reason to doubt the alarms
	topicErrs             map[string]error // by topic
}

// What the error columns are about, as IAM names it.
const (
	describeMetricFilters = "logs:DescribeMetricFilters"
	describeAlarms        = "cloudwatch:DescribeAlarms"
	getTopicAttributes    = "sns:GetTopicAttributes"
)

const codeNotInReach = "NotInReach"

// notInReach says why nothing is known of a log group or a topic of another account.
func notInReach(what, account string) error {
	return &awserr.Own{Code: codeNotInReach, Text: fmt.Sprintf("the %s is in account %s, which this connection cannot ask", what, account)}
}

// watched asks through the account that owns the log group.
func (r *Row) watched(ctx context.Context) watched {
	if r.Trail.LogGroupARN == "" {
		return watched{}
	}
	session, err := r.logGroupOwner(ctx)
	if err != nil {
		return notWatched(r.LogGroup, err)
	}
	// What a filter leaves out depends on whose events the trail brings, and trails of both kinds may share a log group.
	organization := strconv.FormatBool(aws.ToBool(r.Trail.IsOrganization))
	found, err := r.query.groups.get(ctx, key(r.LogGroup.AccountID, r.LogGroup.Region, r.LogGroup.Name, organization), func(ctx context.Context) (watched, error) {
		return r.query.watch(ctx, session, r), nil
	})
	if err != nil {
		return notWatched(r.LogGroup, err)
	}
	return found
}

func notWatched(ref loggroup.Ref, err error) watched {
	facts := alarm.GroupFacts{Name: ref.Name, Region: ref.Region, AccountID: ref.AccountID, FiltersError: awserr.TextOn(err, describeMetricFilters), AlarmsError: awserr.TextOn(err, describeAlarms)}
	return watched{group: alarm.NewGroup(facts, nil), filtersErr: err, alarmsErr: err}
}

// watch asks for filters and alarms at once, and then for the topics on which the verdicts depend.
func (q *Query) watch(ctx context.Context, session *account.Session, r *Row) watched {
	ref := r.LogGroup
	facts := alarm.GroupFacts{
		Name: ref.Name, Region: ref.Region, AccountID: ref.AccountID, Partition: r.Partition,
		Organization: aws.ToBool(r.Trail.IsOrganization),
	}
	var (
		wg      sync.WaitGroup
		found   watched
		filters []logs.MetricFilter
		alarms  awsalarm.Alarms
	)
	wg.Go(func() { filters, found.filtersErr = loggroup.MetricFilters(ctx, session, ref) })
	wg.Go(func() {
		alarms, found.alarmsErr = q.alarms.get(ctx, key(ref.AccountID, ref.Region), func(ctx context.Context) (awsalarm.Alarms, error) {
			return awsalarm.List(ctx, session, ref.Region)
		})
	})
	wg.Wait()
	found.mutesErr = alarms.MuteError
	facts.FiltersError, facts.AlarmsError = awserr.TextOn(found.filtersErr, describeMetricFilters), awserr.TextOn(found.alarmsErr, describeAlarms)
	facts.Filters = filterFacts(filters)
	alarmFacts(&facts, alarms)
	found.group = alarm.NewGroup(facts, &q.patterns)
	if topics := found.group.Topics(); len(topics) > 0 {
		facts.Topics, found.topicErrs = q.askTopics(ctx, topics)
		found.group = alarm.NewGroup(facts, &q.patterns)
	}
	return found
}

// askTopics asks for each topic through the account in its ARN.
func (q *Query) askTopics(ctx context.Context, arns []string) (map[string]alarm.Topic, map[string]error) {
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		topics = map[string]alarm.Topic{}
		errs   = map[string]error{}
	)
	for _, arn := range arns {
		wg.Go(func() {
			got, err := q.topics.get(ctx, arn, func(ctx context.Context) (topic.Subscriptions, error) {
				owner, _ := topic.Place(arn)
				session, err := q.owner(ctx, owner)
				if err == nil && session == nil {
					err = notInReach("topic", owner)
				}
				if err != nil {
					return topic.Subscriptions{}, err
				}
				return topic.Get(ctx, session, arn)
			})
			mu.Lock()
			defer mu.Unlock()
			topics[arn] = alarm.Topic{
				Confirmed: got.Confirmed, Pending: got.Pending, Gone: got.Gone, Error: awserr.TextOn(err, getTopicAttributes),
			}
			errs[arn] = err
		})
	}
	wg.Wait()
	return topics, errs
}

func filterFacts(filters []logs.MetricFilter) []alarm.Filter {
	var all []alarm.Filter
	for _, f := range filters {
		filter := alarm.Filter{
			Name: aws.ToString(f.FilterName), Pattern: aws.ToString(f.FilterPattern),
			ApplyOnTransformedLogs:    f.ApplyOnTransformedLogs,
			FieldSelectionCriteria:    aws.ToString(f.FieldSelectionCriteria),
			EmitSystemFieldDimensions: f.EmitSystemFieldDimensions,
		}
		for _, t := range f.MetricTransformations {
			filter.Transformations = append(filter.Transformations, alarm.Transformation{
				Namespace: aws.ToString(t.MetricNamespace), MetricName: aws.ToString(t.MetricName), Value: aws.ToString(t.MetricValue),
				DefaultValue: t.DefaultValue, Dimensions: t.Dimensions, Unit: string(t.Unit),
			})
		}
		all = append(all, filter)
	}
	return all
}

func alarmFacts(facts *alarm.GroupFacts, alarms awsalarm.Alarms) {
	facts.LogAlarms, facts.Muted = alarms.Log, alarms.Muted
	for _, a := range alarms.Metric {
		facts.MetricAlarms = append(facts.MetricAlarms, metricAlarm(a))
	}
	for _, a := range alarms.Composite {
		facts.Composites = append(facts.Composites, alarm.CompositeAlarm{
			Name: aws.ToString(a.AlarmName), ARN: aws.ToString(a.AlarmArn), State: string(a.StateValue), Rule: aws.ToString(a.AlarmRule),
			ActionsEnabled: aws.ToBool(a.ActionsEnabled), AlarmActions: a.AlarmActions,
			OtherActions: append(append([]string{}, a.OKActions...), a.InsufficientDataActions...),
			Suppressor:   aws.ToString(a.ActionsSuppressor), SuppressedBy: string(a.ActionsSuppressedBy),
		})
	}
}

func metricAlarm(a cloudwatch.MetricAlarm) alarm.MetricAlarm {
	m := alarm.MetricAlarm{
		Name: aws.ToString(a.AlarmName), ARN: aws.ToString(a.AlarmArn), State: string(a.StateValue),
		ActionsEnabled: aws.ToBool(a.ActionsEnabled), AlarmActions: a.AlarmActions,
		OtherActions: append(append([]string{}, a.OKActions...), a.InsufficientDataActions...),
		Namespace:    aws.ToString(a.Namespace), MetricName: aws.ToString(a.MetricName), Dimensions: dimensions(a.Dimensions),
		Statistic: string(a.Statistic), Unit: string(a.Unit), Period: int(aws.ToInt32(a.Period)),
		ComparisonOperator: string(a.ComparisonOperator), Threshold: aws.ToFloat64(a.Threshold), ThresholdMetricID: aws.ToString(a.ThresholdMetricId),
		EvaluationPeriods: int(aws.ToInt32(a.EvaluationPeriods)), DatapointsToAlarm: int(aws.ToInt32(a.DatapointsToAlarm)),
		TreatMissingData: aws.ToString(a.TreatMissingData),
	}
	if m.Statistic == "" {
		m.Statistic = aws.ToString(a.ExtendedStatistic)
	}
	if query, ok := a.EvaluationCriteria.(*cloudwatch.EvaluationCriteriaMemberPromQLCriteria); ok {
		m.Query = aws.ToString(query.Value.Query)
	}
	for _, q := range a.Metrics {
		metric := alarm.MetricQuery{
			ID: aws.ToString(q.Id), AccountID: aws.ToString(q.AccountId), Expression: aws.ToString(q.Expression),
			ReturnData: q.ReturnData == nil || *q.ReturnData, Period: int(aws.ToInt32(q.Period)),
		}
		if s := q.MetricStat; s != nil {
			metric.Statistic, metric.Unit, metric.Period = aws.ToString(s.Stat), string(s.Unit), int(aws.ToInt32(s.Period))
			if s.Metric != nil {
				metric.Namespace, metric.MetricName, metric.Dimensions = aws.ToString(s.Metric.Namespace), aws.ToString(s.Metric.MetricName), dimensions(s.Metric.Dimensions)
			}
		}
		m.Metrics = append(m.Metrics, metric)
	}
	return m
}

func dimensions(all []cloudwatch.Dimension) map[string]string {
	if len(all) == 0 {
		return nil
	}
	m := make(map[string]string, len(all))
	for _, d := range all {
		m[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	return m
}

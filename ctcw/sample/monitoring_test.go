package sample_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestMonitor follows each chain from the log group to the subscriber, as AWS tells it.
func TestMonitor(t *testing.T) {
	org := small()
	top := org.Account("top")
	top.Alarms, top.Topics = nil, nil
	for _, g := range top.LogGroups[:2] {
		g.MetricFilters = nil
		m := org.Monitor(top, g, noon)
		assert.Len(t, m.Filters, 15)
		assert.Len(t, m.Alarms, 15)
	}
	require.Len(t, top.Topics, 1, "one for the region")
	c := as(t, serve(t, org), top, "us-east-1")
	require.Len(t, sample.EventClasses(), 15)
	for _, group := range []string{"trails/main-old", "trails/main"} {
		filters, err := c.logs.DescribeMetricFilters(t.Context(), &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: &group})
		require.NoError(t, err)
		assert.ElementsMatch(t, sample.EventClasses(), filterNames(filters.MetricFilters))
		alarms, err := c.alarms.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(group + "/")})
		require.NoError(t, err)
		require.Len(t, alarms.MetricAlarms, 15)
		for _, f := range filters.MetricFilters {
			assert.Equal(t, sample.EventPattern(*f.FilterName), *f.FilterPattern)
			found := false
			for _, a := range alarms.MetricAlarms {
				metric := f.MetricTransformations[0]
				if *a.Namespace != *metric.MetricNamespace || *a.MetricName != *metric.MetricName {
					continue
				}
				found = true
				assert.True(t, *a.ActionsEnabled)
				topic, err := c.sns.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: &a.AlarmActions[0]})
				require.NoError(t, err)
				assert.Equal(t, "1", topic.Attributes["SubscriptionsConfirmed"])
			}
			assert.True(t, found, *f.FilterName)
		}
	}
	assert.Empty(t, sample.EventPattern("tea_breaks"))
}

// TestEventPatterns looks at what can go wrong in writing them; what they match is tested where patterns are understood.
func TestEventPatterns(t *testing.T) {
	for _, class := range sample.EventClasses() {
		pattern := sample.EventPattern(class)
		assert.True(t, strings.HasPrefix(pattern, "{ ") && strings.HasSuffix(pattern, " }"), class)
		assert.Equal(t, strings.Count(pattern, "("), strings.Count(pattern, ")"), class)
		assert.Zero(t, strings.Count(pattern, `"`)%2, class)
		assert.LessOrEqual(t, len(pattern), 1024, "%s: AWS takes no longer one", class)
		assert.NotContains(t, pattern, "\n")
	}
}

func TestArrive(t *testing.T) {
	org := small()
	top := org.Account("top")
	group := top.LogGroups[1]
	group.Streams = nil
	org.Arrive(top.Trails[0], group, noon, []string{"111111111111"}, []string{"us-east-1", "eu-west-1"})
	late := org.Arrive(top.Trails[1], group, noon, []string{"111111111111", "222222222222"}, []string{"eu-west-1"})
	late[1].LastEvent = noon.AddDate(0, 0, -3)
	assert.Equal(t, "111111111111_CloudTrail_eu-west-1_2", org.StreamName(top.Trails[0], "111111111111", "eu-west-1", 2))

	out, err := as(t, serve(t, org), top, "us-east-1").logs.DescribeLogStreams(t.Context(),
		&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("trails/main")})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"111111111111_CloudTrail_eu-west-1", "111111111111_CloudTrail_us-east-1",
		"o-smallsample_111111111111_CloudTrail_eu-west-1", "o-smallsample_222222222222_CloudTrail_eu-west-1",
	}, streamNames(out.LogStreams))
	assert.Equal(t, noon.AddDate(0, 0, -3).UnixMilli(), *out.LogStreams[3].LastEventTimestamp)
}

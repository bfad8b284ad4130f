package sample_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestDemoMonitoring looks at what is broken, and how, as AWS tells it.
func TestDemoMonitoring(t *testing.T) {
	org := sample.Demo(noon)
	s := serve(t, org)
	top := as(t, s, org.Account("acme-management"), "us-east-1")
	group := aws.String("aws-cloudtrail-logs-111122223333-acme")

	filters := map[string]string{}
	out, err := top.logs.DescribeMetricFilters(t.Context(), &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: group})
	require.NoError(t, err)
	for _, f := range out.MetricFilters {
		filters[*f.FilterName] = *f.FilterPattern
	}
	assert.Len(t, filters, 15, "one class has two, another none")
	assert.NotContains(t, filters, "network_gateway_changes")
	assert.NotContains(t, filters["unauthorized_api_calls"], "AccessDenied")
	assert.NotContains(t, filters["iam_policy_changes"], "AttachRolePolicy")
	assert.Contains(t, filters["iam_policy_changes"], "DetachRolePolicy")
	assert.Contains(t, filters["security_group_changes_2"], "CreateSecurityGroup")

	alarms, err := top.alarms.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind})
	require.NoError(t, err)
	assert.Len(t, alarms.MetricAlarms, 14)
	assert.Len(t, alarms.CompositeAlarms, 1)
	assert.Len(t, alarms.LogAlarms, 1)
	for _, a := range alarms.MetricAlarms {
		class := (*a.AlarmName)[strings.LastIndexByte(*a.AlarmName, '/')+1:]
		assert.Equal(t, class != "console_authentication_failures", *a.ActionsEnabled, class)
		assert.Equal(t, class == "route_table_changes", a.MetricName == nil, class)
		assert.Equal(t, class == "s3_bucket_policy_changes", aws.ToString(a.Namespace) == "CISBenchmark", class)
		assert.Equal(t, class == "console_sign_in_without_mfa", len(a.AlarmActions) == 0, class)
	}
	rules, err := top.alarms.ListAlarmMuteRules(t.Context(), &cloudwatch.ListAlarmMuteRulesInput{AlarmName: aws.String(*group + "/vpc_changes")})
	require.NoError(t, err)
	assert.Len(t, rules.AlarmMuteRuleSummaries, 1)
	for topic, want := range map[string]string{"security-alarms": "3", "network-team": "0", "soc-2019": "NotFound"} {
		got, err := top.sns.GetTopicAttributes(t.Context(),
			&sns.GetTopicAttributesInput{TopicArn: aws.String(org.TopicARN("111122223333", "us-east-1", topic))})
		if err == nil {
			assert.Equal(t, want, got.Attributes["SubscriptionsConfirmed"], topic)
		} else {
			assert.Equal(t, want, code(err), topic)
		}
	}

	selectors, err := top.trail.GetEventSelectors(t.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("acme-organization")})
	require.NoError(t, err)
	assert.Equal(t, []string{"kms.amazonaws.com"}, selectors.EventSelectors[0].ExcludeManagementEventSources)
	single, err := as(t, s, org.Account("payments-prod"), "eu-central-1").trail.GetEventSelectors(t.Context(),
		&cloudtrail.GetEventSelectorsInput{TrailName: aws.String("payments-data-events")})
	require.NoError(t, err)
	assert.Equal(t, types.ReadWriteTypeWriteOnly, single.EventSelectors[0].ReadWriteType)

	security := as(t, s, org.Account("acme-security"), "eu-west-1")
	composite, err := security.alarms.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmTypes: everyKind[1:2]})
	require.NoError(t, err)
	assert.EqualValues(t, "Alarm", composite.CompositeAlarms[0].ActionsSuppressedBy)
	for region, want := range map[string]string{"eu-west-1": "", "us-east-1": "", "ap-southeast-2": "AccessDenied"} {
		status, err := as(t, s, org.Account("acme-security"), region).trail.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{
			Name: aws.String(org.TrailARN("222233334444", "eu-west-1", "security-audit"))})
		require.NoError(t, err)
		assert.Equal(t, want, aws.ToString(status.LatestCloudWatchLogsDeliveryError), region)
	}

	_, err = as(t, s, org.Account("mobile-backend"), "us-west-2").sns.GetTopicAttributes(t.Context(),
		&sns.GetTopicAttributesInput{TopicArn: aws.String(org.TopicARN("101010101010", "us-west-2", "security-alarms"))})
	assert.Equal(t, "NotFound", code(err))
	_, err = as(t, s, org.Account("analytics-prod"), "us-east-1").alarms.DescribeAlarms(t.Context(), nil)
	assert.Equal(t, "AccessDenied", code(err))
}

// TestDemoStreams looks at how each account's events arrive.
func TestDemoStreams(t *testing.T) {
	org := sample.Demo(noon)
	s := serve(t, org)
	ages := func(account, region, group string) map[string]time.Duration {
		c := as(t, s, org.Account(account), region)
		found := map[string]time.Duration{}
		pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(c.logs, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &group})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, stream := range page.LogStreams {
				age := time.Duration(-1)
				if stream.LastEventTimestamp != nil {
					age = noon.Sub(time.UnixMilli(*stream.LastEventTimestamp))
				}
				found[*stream.LogStreamName] = age
			}
		}
		return found
	}
	everyone := ages("acme-management", "us-east-1", "aws-cloudtrail-logs-111122223333-acme")
	has := func(account string) (n int) {
		for name := range everyone {
			if strings.Contains(name, account+"_CloudTrail_") {
				n++
			}
		}
		return n
	}
	for account, want := range map[string]int{
		"acme-management": 5, "data-platform": 5, "partner-integration": 3, "acme-security": 2, "legal-archive": 2,
		"sandbox-alice": 0, "robotics-lab": 0, "fieldkit-acquired": 0, "intranet-2014": 1,
	} {
		assert.Equal(t, want, has(org.Account(account).ID), account)
	}
	assert.Equal(t, 1, has("212121212121"), "has left")
	assert.Contains(t, everyone, "test-from-console")
	assert.Contains(t, everyone, "111122223333_CloudTrail_us-east-1")
	assert.Contains(t, everyone, "o-acmesample1_888899990000_CloudTrail_eu-south-1")
	assert.Equal(t, 9*24*time.Hour, everyone["o-acmesample1_999900001111_CloudTrail_eu-west-1"])
	assert.Less(t, everyone["o-acmesample1_444455556666_CloudTrail_us-east-1"], time.Hour)
	assert.EqualValues(t, -1, everyone["o-acmesample1_131313131313_CloudTrail_ca-central-1"])

	assert.Empty(t, ages("storefront-staging", "us-east-1", "storefront/cloudtrail"), "nothing was ever delivered")
	assert.Greater(t, ages("data-platform", "us-east-1", "/data/lake-events")["888899990000_CloudTrail_us-east-1"], 9*24*time.Hour)
	assert.Less(t, ages("data-platform", "eu-south-1", "/data/lake-events")["888899990000_CloudTrail_eu-south-1"], time.Hour)
}

// TestDemoDayByDay makes the demo anew each day, as AWS's clock goes on while the machine's stands still.
func TestDemoDayByDay(t *testing.T) {
	day := noon
	org := sample.Demo(day)
	s := serve(t, org)
	s.SetClock(func() time.Time { return day })
	for range 3 {
		c := as(t, s, org.Account("acme-management"), "us-east-1")
		status, err := c.trail.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String("acme-organization")})
		require.NoError(t, err)
		assert.Equal(t, 3*time.Minute, day.Sub(*status.LatestCloudWatchLogsDeliveryTime))
		day = day.AddDate(0, 0, 1)
		s.Update(func(o *sample.Organization) {
			*o = *sample.Demo(day)
		})
	}
}

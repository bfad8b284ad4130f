package sample_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestErrorFaults checks that every operation reports an injected error in its service's words.
func TestErrorFaults(t *testing.T) {
	org := small()
	s := serve(t, org)
	tests := []struct {
		kind             sample.FaultKind
		json, query, ec2 string
		organizations    string
	}{
		{sample.AccessDenied, "AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "AccessDeniedException"},
		{sample.SCPDenied, "AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "AccessDeniedException"},
		{sample.Throttled, "ThrottlingException", "Throttling", "RequestLimitExceeded", "TooManyRequestsException"},
		{sample.ServerError, "InternalFailure", "InternalFailure", "InternalError", "ServiceException"},
		{sample.NotEnabled, "UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException"},
		{sample.ExpiredToken, "ExpiredTokenException", "ExpiredToken", "RequestExpired", "ExpiredTokenException"},
	}
	for _, test := range tests {
		t.Run(test.json, func(t *testing.T) {
			defer s.Inject(sample.Fault{Kind: test.kind})()
			for action, call := range as(t, s, org.Account("top"), "us-east-1").calls() {
				want := test.json
				switch service, _, _ := strings.Cut(action, ":"); service {
				case "sts", "cloudwatch":
					want = test.query
				case "sns":
					want = strings.ReplaceAll(test.query, "AccessDenied", "AuthorizationError")
				case "ec2":
					want = test.ec2
				case "organizations":
					want = test.organizations
				}
				err := call(t.Context())
				assert.Equal(t, want, code(err), action)
				if test.kind == sample.SCPDenied {
					assert.ErrorContains(t, err, strings.ReplaceAll(action, "sns:", "SNS:"))
					assert.ErrorContains(t, err, "with an explicit deny in a service control policy", action)
				}
			}
		})
	}
}

// TestBrokenAnswers shows what the SDK makes of answers that are not as they should be.
func TestBrokenAnswers(t *testing.T) {
	org := small()
	s := serve(t, org)
	json := []string{
		"cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "logs:DescribeLogGroups",
		"logs:DescribeMetricFilters", "logs:DescribeLogStreams", "organizations:ListAccounts",
	}
	cbor := []string{"cloudwatch:DescribeAlarms", "cloudwatch:ListAlarmMuteRules", "cloudwatch:GetAlarmMuteRule"}
	all := slices.Concat(json, cbor, []string{"sts:GetCallerIdentity", "ec2:DescribeRegions", "sns:GetTopicAttributes"})
	tests := []struct {
		name    string
		kind    sample.FaultKind
		actions []string
		want    string // in the error; empty when the SDK sees none
	}{
		{"reset", sample.Reset, all, "deserializ"},
		{"truncated", sample.TruncatedJSON, all, "deserializ"},
		{"HTML", sample.WrongContentType, slices.Concat(json, cbor), "deserializ"},
		{"unknown fields", sample.UnknownFields, all, ""},
		{"nulls", sample.NullValues, append(json, "sns:GetTopicAttributes"), ""},
		{"nulls in CBOR", sample.NullValues, cbor, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer s.Inject(sample.Fault{Kind: test.kind})()
			calls := as(t, s, org.Account("top"), "us-east-1").calls()
			for _, action := range test.actions {
				err := calls[action](t.Context())
				if test.want == "" {
					assert.NoError(t, err, action)
				} else {
					assert.ErrorContains(t, err, test.want, action)
				}
			}
		})
	}
}

// TestSilentlyWrongAnswers shows the answers that the SDK takes for good ones, and that its user has to notice.
func TestSilentlyWrongAnswers(t *testing.T) {
	org := small()
	s := serve(t, org)
	c := as(t, s, org.Account("top"), "us-east-1")

	remove := s.Inject(sample.Fault{Kind: sample.EmptyBody})
	trails, err := c.trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	assert.Nil(t, trails.TrailList)
	alarms, err := c.alarms.DescribeAlarms(t.Context(), nil)
	require.NoError(t, err)
	assert.Nil(t, alarms.MetricAlarms)
	remove()

	remove = s.Inject(sample.Fault{Kind: sample.NullValues})
	trails, err = c.trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, trails.TrailList, 2)
	assert.Nil(t, trails.TrailList[0].TrailARN)
	regions, err := c.ec2.DescribeRegions(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, regions.Regions, 17)
	assert.Empty(t, aws.ToString(regions.Regions[0].RegionName))
	alarms, err = c.alarms.DescribeAlarms(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, alarms.MetricAlarms, 1)
	assert.Empty(t, aws.ToString(alarms.MetricAlarms[0].AlarmName))
	assert.Equal(t, []string{""}, alarms.MetricAlarms[0].AlarmActions)
	topic, err := c.sns.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"": ""}, topic.Attributes)
	remove()

	remove = s.Inject(sample.Fault{Kind: sample.WrongContentType})
	_, err = c.sns.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)})
	assert.ErrorContains(t, err, "deserializ")
	remove()

	remove = s.Inject(sample.Fault{Kind: sample.UnknownFields})
	trails, err = c.trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"main", "everyone"}, names(trails.TrailList))
	regions, err = c.ec2.DescribeRegions(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, regions.Regions, 17)
	alarms, err = c.alarms.DescribeAlarms(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, alarms.MetricAlarms, 1)
	assert.Equal(t, "root", *alarms.MetricAlarms[0].AlarmName)
	remove()

	trails, err = c.trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, trails.TrailList, 2, "nothing is left of removed faults")
}

func TestHugePage(t *testing.T) {
	org := small()
	s := serve(t, org)
	s.Inject(sample.Fault{Kind: sample.HugePage})
	c := as(t, s, org.Account("top"), "us-east-1")

	trails, err := c.trail.DescribeTrails(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, trails.TrailList, 5002)
	groups, err := c.logs.DescribeLogGroups(t.Context(),
		&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("trails/main")})
	require.NoError(t, err)
	assert.Len(t, groups.LogGroups, 5002)
	assert.Equal(t, "trails/main", *groups.LogGroups[0].LogGroupName)
	accounts, err := c.organizations.ListAccounts(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, accounts.Accounts, 5002)

	selectors, err := c.trail.GetEventSelectors(t.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("main")})
	require.NoError(t, err)
	assert.Len(t, selectors.EventSelectors, 1)
	assert.Len(t, selectors.AdvancedEventSelectors, 5000)
	filters, err := c.logs.DescribeMetricFilters(t.Context(),
		&cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("trails/main")})
	require.NoError(t, err)
	assert.Len(t, filters.MetricFilters, 5002)
	streams, err := c.logs.DescribeLogStreams(t.Context(),
		&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("trails/main")})
	require.NoError(t, err)
	assert.Len(t, streams.LogStreams, 5002)
	alarms, err := c.alarms.DescribeAlarms(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, alarms.MetricAlarms, 5001)
	rules, err := c.alarms.ListAlarmMuteRules(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, rules.AlarmMuteRuleSummaries, 5001)
	topic, err := c.sns.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)})
	require.NoError(t, err)
	assert.Greater(t, len(topic.Attributes), 5000)
}

// TestHugePageOfAdvancedSelectors: an answer has one list of them, which keeps the trail's own.
func TestHugePageOfAdvancedSelectors(t *testing.T) {
	org := small()
	org.Account("top").Trails[0].AdvancedEventSelectors = []sample.AdvancedEventSelector{{Name: "own"}}
	s := serve(t, org)
	s.Inject(sample.Fault{Kind: sample.HugePage})
	out, err := as(t, s, org.Account("top"), "us-east-1").trail.GetEventSelectors(t.Context(),
		&cloudtrail.GetEventSelectorsInput{TrailName: aws.String("main")})
	require.NoError(t, err)
	require.Len(t, out.AdvancedEventSelectors, 5001)
	assert.Equal(t, "own", *out.AdvancedEventSelectors[0].Name)
}

func TestRepeatingToken(t *testing.T) {
	org := small()
	s := serve(t, org)
	s.Inject(sample.Fault{Kind: sample.RepeatingToken})
	c := as(t, s, org.Account("top"), "us-east-1")

	groups := cloudwatchlogs.NewDescribeLogGroupsPaginator(c.logs, nil)
	accounts := organizations.NewListAccountsPaginator(c.organizations, nil)
	tags := cloudtrail.NewListTagsPaginator(c.trail, &cloudtrail.ListTagsInput{ResourceIdList: []string{mainARN}})
	filters := cloudwatchlogs.NewDescribeMetricFiltersPaginator(c.logs, nil)
	streams := cloudwatchlogs.NewDescribeLogStreamsPaginator(c.logs,
		&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("trails/main")})
	alarms := cloudwatch.NewDescribeAlarmsPaginator(c.alarms, nil)
	rules := cloudwatch.NewListAlarmMuteRulesPaginator(c.alarms, nil)
	for range 5 {
		some, err := filters.NextPage(t.Context())
		require.NoError(t, err)
		assert.Len(t, some.MetricFilters, 2)
		assert.True(t, filters.HasMorePages())
		_, err = streams.NextPage(t.Context())
		require.NoError(t, err)
		assert.True(t, streams.HasMorePages())
		_, err = alarms.NextPage(t.Context())
		require.NoError(t, err)
		assert.True(t, alarms.HasMorePages())
		_, err = rules.NextPage(t.Context())
		require.NoError(t, err)
		assert.True(t, rules.HasMorePages())
		page, err := groups.NextPage(t.Context())
		require.NoError(t, err)
		assert.Len(t, page.LogGroups, 3)
		assert.True(t, groups.HasMorePages())
		_, err = accounts.NextPage(t.Context())
		require.NoError(t, err)
		assert.True(t, accounts.HasMorePages())
		_, err = tags.NextPage(t.Context())
		require.NoError(t, err)
		assert.True(t, tags.HasMorePages())
	}
}

func TestHangEndsWithClient(t *testing.T) {
	org := small()
	s := serve(t, org)
	s.Inject(sample.Fault{Kind: sample.Hang})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := as(t, s, org.Account("top"), "us-east-1").calls()["cloudtrail:DescribeTrails"](ctx)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestHangEndsWithServer(t *testing.T) {
	org := small()
	s := serve(t, org)
	s.Inject(sample.Fault{Kind: sample.Hang})
	failed := make(chan error, 8)
	calls := as(t, s, org.Account("top"), "us-east-1").calls()
	for range cap(failed) {
		go func() { failed <- calls["cloudtrail:DescribeTrails"](t.Context()) }()
	}
	require.Eventually(t, func() bool { return s.Calls().Total() == cap(failed) }, 5*time.Second, time.Millisecond)
	began := time.Now()
	require.NoError(t, s.Close())
	assert.Less(t, time.Since(began), 2*time.Second)
	for range cap(failed) {
		assert.Error(t, <-failed)
	}
}

func TestFaultSelection(t *testing.T) {
	org := small()
	s := serve(t, org)
	s.Inject(sample.Fault{Action: "cloudtrail:*Trails", Account: "1*", Region: "eu-*", Kind: sample.Throttled})
	for _, test := range []struct{ account, region, action, want string }{
		{"top", "eu-west-1", "cloudtrail:DescribeTrails", "ThrottlingException"},
		{"top", "eu-west-1", "logs:DescribeLogGroups", ""},
		{"top", "us-east-1", "cloudtrail:DescribeTrails", ""},
		{"member", "eu-west-1", "cloudtrail:DescribeTrails", ""},
	} {
		calls := as(t, s, org.Account(test.account), test.region).calls()
		assert.Equal(t, test.want, code(calls[test.action](t.Context())), test)
	}
}

func TestFaultAfterAndTimes(t *testing.T) {
	org := small()
	s := serve(t, org)
	s.Inject(sample.Fault{Kind: sample.ServerError, After: 2, Times: 3})
	call := as(t, s, org.Account("top"), "us-east-1").calls()["logs:DescribeLogGroups"]
	var failed []bool
	for range 7 {
		failed = append(failed, call(t.Context()) != nil)
	}
	assert.Equal(t, []bool{false, false, true, true, true, false, false}, failed)
}

// TestFaultRate checks that the same calls fail however they are interleaved.
func TestFaultRate(t *testing.T) {
	const each = 30
	run := func(seed uint64, parallel bool) (failed map[string]bool) {
		org := small()
		s := serve(t, org)
		s.Inject(sample.Fault{Kind: sample.Throttled, Rate: 0.3, Seed: seed})
		failed = map[string]bool{}
		var mu sync.Mutex
		var group sync.WaitGroup
		for _, region := range sample.DefaultRegions("aws") {
			one := func() {
				call := as(t, s, org.Account("top"), region).calls()["logs:DescribeLogGroups"]
				for i := range each {
					err := call(t.Context())
					mu.Lock()
					failed[fmt.Sprint(region, i)] = err != nil
					mu.Unlock()
				}
			}
			if parallel {
				group.Go(one)
			} else {
				one()
			}
		}
		group.Wait()
		return failed
	}
	first := run(1, false)
	assert.Equal(t, first, run(1, true))
	assert.NotEqual(t, first, run(2, true))
	count := 0
	for _, failed := range first {
		if failed {
			count++
		}
	}
	assert.InDelta(t, 0.3, float64(count)/float64(len(first)), 0.06)
}

func TestFaultOrder(t *testing.T) {
	org := small()
	s := serve(t, org)
	remove := s.Inject(sample.Fault{Kind: sample.Throttled})
	s.Inject(sample.Fault{Kind: sample.ServerError})
	call := as(t, s, org.Account("top"), "us-east-1").calls()["logs:DescribeLogGroups"]
	assert.Equal(t, "ThrottlingException", code(call(t.Context())))
	remove()
	remove()
	assert.Equal(t, "InternalFailure", code(call(t.Context())))
}

// TestRetriesSeeFaultsEnd checks that an SDK client with retries gets over a fault that ends.
func TestRetriesSeeFaultsEnd(t *testing.T) {
	org := small()
	s := serve(t, org)
	for _, kind := range []sample.FaultKind{sample.Throttled, sample.ServerError, sample.Reset} {
		s.ResetCalls()
		s.Inject(sample.Fault{Kind: kind, Times: 1})
		config := as(t, s, org.Account("top"), "us-east-1").config
		config.Retryer = nil
		_, err := cloudtrail.NewFromConfig(config, func(o *cloudtrail.Options) { o.Retryer = eager{aws.NopRetryer{}} }).
			DescribeTrails(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, 2, s.Calls().Of("cloudtrail:DescribeTrails"))
	}
}

// eager retries once, at once.
type eager struct{ aws.NopRetryer }

func (eager) MaxAttempts() int                             { return 2 }
func (eager) IsErrorRetryable(err error) bool              { return !errors.Is(err, context.Canceled) }
func (eager) RetryDelay(int, error) (time.Duration, error) { return 0, nil }

// TestFaultsByResource strikes what is asked about one thing, and lets the rest pass.
func TestFaultsByResource(t *testing.T) {
	org := small()
	s := serve(t, org)
	defer s.Inject(sample.Fault{Action: "cloudtrail:GetTrailStatus", Resource: "*:trail/no-such-trail", Kind: sample.ServerError})()
	client := as(t, s, org.Account("top"), "us-east-1").trail
	for name, want := range map[string]string{"no-such-trail": "InternalFailure", "another-one": "TrailNotFoundException"} {
		_, err := client.GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: &name})
		assert.Equal(t, want, code(err))
	}
}

// TestDelay makes an answer late, and changes nothing else of it.
func TestDelay(t *testing.T) {
	org := small()
	s := serve(t, org)
	defer s.Inject(sample.Fault{Action: "cloudtrail:DescribeTrails", Delay: 50 * time.Millisecond, Times: 1})()
	client := as(t, s, org.Account("top"), "us-east-1").trail
	for _, late := range []bool{true, false} {
		began := time.Now()
		_, err := client.DescribeTrails(t.Context(), &cloudtrail.DescribeTrailsInput{})
		require.NoError(t, err)
		if late {
			assert.GreaterOrEqual(t, time.Since(began), 50*time.Millisecond)
		}
	}
}

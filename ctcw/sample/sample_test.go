package sample_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is a time to make data relative to.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// serve starts a server that ends with the test.
func serve(t testing.TB, org *sample.Organization, options ...sample.Option) *sample.Server {
	t.Helper()
	s := sample.New(org, options...)
	require.NoError(t, s.Start())
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// clients are the SDK's clients for an account and region, without retries.
type clients struct {
	config        aws.Config
	trail         *cloudtrail.Client
	logs          *cloudwatchlogs.Client
	alarms        *cloudwatch.Client
	sns           *sns.Client
	sts           *sts.Client
	ec2           *ec2.Client
	organizations *organizations.Client
}

func with(t testing.TB, s *sample.Server, region string, provider aws.CredentialsProvider) clients {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	c := aws.Config{
		Region:       region,
		Credentials:  provider,
		BaseEndpoint: aws.String(s.URL()),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
	return clients{
		config:        c,
		trail:         cloudtrail.NewFromConfig(c),
		logs:          cloudwatchlogs.NewFromConfig(c),
		alarms:        cloudwatch.NewFromConfig(c),
		sns:           sns.NewFromConfig(c),
		sts:           sts.NewFromConfig(c),
		ec2:           ec2.NewFromConfig(c),
		organizations: organizations.NewFromConfig(c),
	}
}

// as are the clients of an account's own user.
func as(t testing.TB, s *sample.Server, a *sample.Account, region string) clients {
	t.Helper()
	return with(t, s, region, credentials.NewStaticCredentialsProvider(a.AccessKeyID, a.SecretAccessKey, ""))
}

// calls are one call of every operation.
func (c clients) calls() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"cloudtrail:DescribeTrails": func(ctx context.Context) error {
			_, err := c.trail.DescribeTrails(ctx, nil)
			return err
		},
		"cloudtrail:GetTrailStatus": func(ctx context.Context) error {
			_, err := c.trail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String("main")})
			return err
		},
		"cloudtrail:ListTags": func(ctx context.Context) error {
			_, err := c.trail.ListTags(ctx, &cloudtrail.ListTagsInput{
				ResourceIdList: []string{"arn:aws:cloudtrail:us-east-1:111111111111:trail/main"},
			})
			return err
		},
		"cloudtrail:GetEventSelectors": func(ctx context.Context) error {
			_, err := c.trail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: aws.String("main")})
			return err
		},
		"logs:DescribeMetricFilters": func(ctx context.Context) error {
			_, err := c.logs.DescribeMetricFilters(ctx, nil)
			return err
		},
		"logs:DescribeLogStreams": func(ctx context.Context) error {
			_, err := c.logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("trails/main")})
			return err
		},
		"cloudwatch:DescribeAlarms": func(ctx context.Context) error {
			_, err := c.alarms.DescribeAlarms(ctx, nil)
			return err
		},
		"cloudwatch:ListAlarmMuteRules": func(ctx context.Context) error {
			_, err := c.alarms.ListAlarmMuteRules(ctx, nil)
			return err
		},
		"cloudwatch:GetAlarmMuteRule": func(ctx context.Context) error {
			_, err := c.alarms.GetAlarmMuteRule(ctx, &cloudwatch.GetAlarmMuteRuleInput{AlarmMuteRuleName: aws.String("nights")})
			return err
		},
		"sns:GetTopicAttributes": func(ctx context.Context) error {
			_, err := c.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(topicARN)})
			return err
		},
		"logs:DescribeLogGroups": func(ctx context.Context) error {
			_, err := c.logs.DescribeLogGroups(ctx, nil)
			return err
		},
		"sts:GetCallerIdentity": func(ctx context.Context) error {
			_, err := c.sts.GetCallerIdentity(ctx, nil)
			return err
		},
		"sts:AssumeRole": func(ctx context.Context) error {
			_, err := c.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
				RoleArn:         aws.String("arn:aws:iam::222222222222:role/audit"),
				RoleSessionName: aws.String("test"),
			})
			return err
		},
		"ec2:DescribeRegions": func(ctx context.Context) error {
			_, err := c.ec2.DescribeRegions(ctx, nil)
			return err
		},
		"organizations:ListAccounts": func(ctx context.Context) error {
			_, err := c.organizations.ListAccounts(ctx, nil)
			return err
		},
	}
}

const topicARN = "arn:aws:sns:us-east-1:111111111111:security"

// small is an organization of a management account (111111111111) with two trails, one of them for the organization, a member
// (222222222222) with a trail of its own, and an account outside (333333333333).
func small() *sample.Organization {
	org := &sample.Organization{ID: "o-smallsample", Management: "111111111111"}
	org.Accounts = []*sample.Account{
		{
			ID: "111111111111", Name: "top", Joined: noon,
			Trails: []*sample.Trail{
				{
					Name: "main", HomeRegion: "us-east-1", S3BucketName: "bucket", MultiRegion: true,
					CloudWatchLogsLogGroupARN: org.LogGroupARN("111111111111", "us-east-1", "trails/main"),
					CloudWatchLogsRoleARN:     org.RoleARN("111111111111", "writer"),
					Tags:                      map[string]string{"b": "2", "a": "1"},
					Status:                    sample.Healthy(noon),
				},
				{Name: "everyone", HomeRegion: "eu-west-1", MultiRegion: true, Organization: true, Status: sample.Healthy(noon)},
			},
			LogGroups: []*sample.LogGroup{
				{Name: "trails/main-old", Region: "us-east-1", RetentionInDays: 1},
				{
					Name: "trails/main", Region: "us-east-1", RetentionInDays: 365, Created: noon, StoredBytes: 7, MetricFilterCount: 2, KMSKeyID: "key",
					MetricFilters: []*sample.MetricFilter{
						{Name: "root", Pattern: `{ $.userIdentity.type = "Root" }`, Metric: sample.Metric{Namespace: "CIS", Name: "root"}},
						{Name: "logins", Pattern: `{ $.eventName = ConsoleLogin }`, Metric: sample.Metric{Namespace: "CIS", Name: "logins"}},
					},
					Streams: []sample.Stream{
						{Name: "111111111111_CloudTrail_us-east-1", Created: noon, FirstEvent: noon, LastEvent: noon.Add(time.Hour), LastIngest: noon.Add(2 * time.Hour)},
						{Name: "111111111111_CloudTrail_eu-west-1", Created: noon},
					},
				},
				{Name: "trails/Main", Region: "us-east-1", Class: "INFREQUENT_ACCESS"},
				{Name: "elsewhere", Region: "eu-west-1"},
			},
			Alarms:          []*sample.Alarm{{Name: "root", Region: "us-east-1", Namespace: "CIS", MetricName: "root", Threshold: 1, AlarmActions: []string{topicARN}}},
			CompositeAlarms: []*sample.CompositeAlarm{{Name: "any", Region: "us-east-1", Rule: "ALARM(root)"}},
			LogAlarms:       []*sample.LogAlarm{{Name: "logins", Region: "us-east-1", Query: "fields @message"}},
			MuteRules:       []*sample.MuteRule{{Name: "nights", Region: "us-east-1", Alarms: []string{"root"}, Expression: "cron(0 22 * * *)", Duration: "PT8H"}},
			Topics:          []*sample.Topic{{Name: "security", Region: "us-east-1", Confirmed: 1}},
		},
		{
			ID: "222222222222", Name: "member",
			Trails: []*sample.Trail{{Name: "own", HomeRegion: "eu-west-1", EmptyStrings: true}},
			Roles:  []sample.Role{{Name: "audit"}, {Name: "path/guarded", ExternalID: "secret"}, {Name: "broken", Denied: true}},
		},
		{ID: "333333333333", Name: "outside", Standalone: true, Roles: []sample.Role{{Name: "audit", TrustedAccounts: []string{"222222222222"}}}},
	}
	return org
}

// code is the code of an API error; empty when there is no error, and the error itself when it is of another kind.
func code(err error) string {
	if err == nil {
		return ""
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err.Error()
	}
	return api.ErrorCode()
}

func names(trails []cloudtrailtypes.Trail) []string {
	list := []string{}
	for _, t := range trails {
		list = append(list, aws.ToString(t.Name))
	}
	return list
}

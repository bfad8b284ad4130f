package sample_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func groupNames(groups []types.LogGroup) []string {
	list := []string{}
	for _, g := range groups {
		list = append(list, *g.LogGroupName)
	}
	return list
}

func TestDescribeLogGroups(t *testing.T) {
	org := small()
	s := serve(t, org)
	tests := []struct {
		name string
		in   cloudwatchlogs.DescribeLogGroupsInput
		want []string
	}{
		{"all, sorted as ASCII is", cloudwatchlogs.DescribeLogGroupsInput{}, []string{"trails/Main", "trails/main", "trails/main-old"}},
		{"prefix", cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("trails/main")},
			[]string{"trails/main", "trails/main-old"}},
		{"prefix of nothing", cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("x")}, []string{}},
		{"pattern", cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("old")}, []string{"trails/main-old"}},
		{"class", cloudwatchlogs.DescribeLogGroupsInput{LogGroupClass: types.LogGroupClassInfrequentAccess}, []string{"trails/Main"}},
		{"identifiers", cloudwatchlogs.DescribeLogGroupsInput{LogGroupIdentifiers: []string{"trails/main"}}, []string{"trails/main"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := as(t, s, org.Account("top"), "us-east-1").logs.DescribeLogGroups(t.Context(), &test.in)
			require.NoError(t, err)
			assert.Equal(t, test.want, groupNames(out.LogGroups))
			assert.Nil(t, out.NextToken)
		})
	}
}

func TestLogGroupMembers(t *testing.T) {
	org := small()
	c := as(t, serve(t, org), org.Account("top"), "us-east-1")
	out, err := c.logs.DescribeLogGroups(t.Context(), nil)
	require.NoError(t, err)
	g := out.LogGroups[1]
	g.CreationTime = nil
	assert.Equal(t, types.LogGroup{
		LogGroupName: aws.String("trails/main"), RetentionInDays: aws.Int32(365), StoredBytes: aws.Int64(7),
		MetricFilterCount: aws.Int32(2), KmsKeyId: aws.String("key"), LogGroupClass: types.LogGroupClassStandard,
		Arn:         aws.String("arn:aws:logs:us-east-1:111111111111:log-group:trails/main:*"),
		LogGroupArn: aws.String("arn:aws:logs:us-east-1:111111111111:log-group:trails/main"),
	}, g)
	assert.Equal(t, noon.UnixMilli(), *out.LogGroups[1].CreationTime)
	assert.Nil(t, out.LogGroups[0].RetentionInDays, "never expires")

	found, err := c.logs.DescribeLogGroups(t.Context(),
		&cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("main")})
	require.NoError(t, err)
	assert.Nil(t, found.LogGroups[0].RetentionInDays, "a pattern loses the retention")
}

func TestLogGroupPages(t *testing.T) {
	org := small()
	top := org.Account("top")
	for i := range 103 {
		top.LogGroups = append(top.LogGroups, &sample.LogGroup{Name: fmt.Sprintf("many/%03d", i), Region: "eu-west-1"})
	}
	s := serve(t, org)
	c := as(t, s, top, "eu-west-1")
	for limit, want := range map[int32][]int{0: {50, 50, 4}, 40: {40, 40, 24}, 26: {26, 26, 26, 26}} {
		in := &cloudwatchlogs.DescribeLogGroupsInput{}
		if limit > 0 {
			in.Limit = &limit
		}
		var sizes []int
		seen := map[string]bool{}
		for pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(c.logs, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			sizes = append(sizes, len(page.LogGroups))
			for _, g := range page.LogGroups {
				seen[*g.LogGroupName] = true
			}
		}
		assert.Equal(t, want, sizes)
		assert.Len(t, seen, 104)
	}
}

func TestLogGroupsRefused(t *testing.T) {
	org := small()
	c := as(t, serve(t, org), org.Account("top"), "us-east-1")
	for name, in := range map[string]*cloudwatchlogs.DescribeLogGroupsInput{
		"limit too small":    {Limit: aws.Int32(0)},
		"limit too large":    {Limit: aws.Int32(51)},
		"prefix":             {LogGroupNamePrefix: aws.String("a b")},
		"empty prefix":       {LogGroupNamePrefix: aws.String("")},
		"prefix and pattern": {LogGroupNamePrefix: aws.String("a"), LogGroupNamePattern: aws.String("b")},
		"token":              {NextToken: aws.String("nonsense")},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			_, err := c.logs.DescribeLogGroups(t.Context(), in)
			assert.Equal(t, "InvalidParameterException", code(err))
		})
	}
}

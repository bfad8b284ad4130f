package sample_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func filterNames(filters []types.MetricFilter) []string {
	list := []string{}
	for _, f := range filters {
		list = append(list, *f.FilterName)
	}
	return list
}

func TestDescribeMetricFilters(t *testing.T) {
	org := small()
	top := org.Account("top")
	top.LogGroups[0].MetricFilters = []*sample.MetricFilter{{Name: "old", Metric: sample.Metric{Namespace: "CIS", Name: "root"}}}
	s := serve(t, org)
	group := aws.String("trails/main")
	tests := []struct {
		name string
		in   cloudwatchlogs.DescribeMetricFiltersInput
		want []string
		code string
	}{
		{"of a group, sorted", cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: group}, []string{"logins", "root"}, ""},
		{"of all groups", cloudwatchlogs.DescribeMetricFiltersInput{}, []string{"logins", "old", "root"}, ""},
		{"of a group without", cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("trails/Main")}, []string{}, ""},
		{"prefix", cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: group, FilterNamePrefix: aws.String("ro")}, []string{"root"}, ""},
		{"prefix without a group", cloudwatchlogs.DescribeMetricFiltersInput{FilterNamePrefix: aws.String("ro")}, []string{"logins", "old", "root"}, ""},
		{"metric", cloudwatchlogs.DescribeMetricFiltersInput{MetricName: aws.String("root"), MetricNamespace: aws.String("CIS")}, []string{"old", "root"}, ""},
		{"metric without namespace", cloudwatchlogs.DescribeMetricFiltersInput{MetricName: aws.String("root")}, nil, "InvalidParameterException"},
		{"no such group", cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("trails/mai")}, nil, "ResourceNotFoundException"},
		{"limit", cloudwatchlogs.DescribeMetricFiltersInput{Limit: aws.Int32(51)}, nil, "InvalidParameterException"},
		{"token", cloudwatchlogs.DescribeMetricFiltersInput{NextToken: aws.String("nonsense")}, nil, "InvalidParameterException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := as(t, s, top, "us-east-1").logs.DescribeMetricFilters(t.Context(), &test.in)
			require.Equal(t, test.code, code(err))
			if err == nil {
				assert.Equal(t, test.want, filterNames(out.MetricFilters))
				assert.Nil(t, out.NextToken)
			}
		})
	}
	elsewhere, err := as(t, s, top, "eu-west-1").logs.DescribeMetricFilters(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, elsewhere.MetricFilters)
}

func TestMetricFilterMembers(t *testing.T) {
	org := small()
	org.Account("top").LogGroups[1].MetricFilters = []*sample.MetricFilter{
		{
			Name: "full", Pattern: `{ ($.errorCode = "*UnauthorizedOperation") }`, Created: noon,
			Metric: sample.Metric{
				Namespace: "CIS", Name: "denied", Value: "2", Default: aws.Float64(0), Unit: "Count",
				Dimensions: map[string]string{"event": "$.eventName", "source": "$.eventSource"},
			},
			ApplyOnTransformedLogs: true, FieldSelectionCriteria: `@aws.region = "us-east-1"`,
			EmitSystemFieldDimensions: []string{"@aws.account"},
		},
		{Name: "plain", Created: noon, Metric: sample.Metric{Namespace: "CIS", Name: "plain"}},
	}
	out, err := as(t, serve(t, org), org.Account("top"), "us-east-1").logs.DescribeMetricFilters(t.Context(),
		&cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("trails/main")})
	require.NoError(t, err)
	assert.Equal(t, []types.MetricFilter{
		{
			FilterName: aws.String("full"), FilterPattern: aws.String(`{ ($.errorCode = "*UnauthorizedOperation") }`),
			LogGroupName: aws.String("trails/main"), CreationTime: aws.Int64(noon.UnixMilli()), ApplyOnTransformedLogs: true,
			FieldSelectionCriteria: aws.String(`@aws.region = "us-east-1"`), EmitSystemFieldDimensions: []string{"@aws.account"},
			MetricTransformations: []types.MetricTransformation{{
				MetricNamespace: aws.String("CIS"), MetricName: aws.String("denied"), MetricValue: aws.String("2"),
				DefaultValue: aws.Float64(0), Unit: types.StandardUnitCount,
				Dimensions: map[string]string{"event": "$.eventName", "source": "$.eventSource"},
			}},
		},
		{
			FilterName: aws.String("plain"), FilterPattern: aws.String(""),
			LogGroupName: aws.String("trails/main"), CreationTime: aws.Int64(noon.UnixMilli()),
			MetricTransformations: []types.MetricTransformation{{
				MetricNamespace: aws.String("CIS"), MetricName: aws.String("plain"), MetricValue: aws.String("1"), Unit: types.StandardUnitNone,
			}},
		},
	}, out.MetricFilters)
}

func TestMetricFilterPages(t *testing.T) {
	org := small()
	group := &sample.LogGroup{Name: "many", Region: "eu-west-1"}
	for i := range 104 {
		name := fmt.Sprintf("filter-%03d", 103-i)
		group.MetricFilters = append(group.MetricFilters, &sample.MetricFilter{Name: name, Metric: sample.Metric{Namespace: "N", Name: name}})
	}
	top := org.Account("top")
	top.LogGroups = append(top.LogGroups, group)
	c := as(t, serve(t, org), top, "eu-west-1")
	for limit, want := range map[int32][]int{0: {50, 50, 4}, 40: {40, 40, 24}, 26: {26, 26, 26, 26}} {
		in := &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("many")}
		if limit > 0 {
			in.Limit = &limit
		}
		var sizes []int
		var seen []string
		for pages := cloudwatchlogs.NewDescribeMetricFiltersPaginator(c.logs, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			sizes = append(sizes, len(page.MetricFilters))
			seen = append(seen, filterNames(page.MetricFilters)...)
		}
		assert.Equal(t, want, sizes)
		assert.Len(t, seen, 104)
		assert.IsIncreasing(t, seen)
	}

	groups, err := c.logs.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("many")})
	require.NoError(t, err)
	assert.EqualValues(t, 104, *groups.LogGroups[0].MetricFilterCount, "counted unless it is set")
}

package sample_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func streamNames(streams []types.LogStream) []string {
	list := []string{}
	for _, s := range streams {
		list = append(list, *s.LogStreamName)
	}
	return list
}

func TestDescribeLogStreams(t *testing.T) {
	org := small()
	org.Account("top").LogGroups[1].Streams = []sample.Stream{
		{Name: "b", LastEvent: noon.Add(1 * time.Hour)},
		{Name: "aa", LastEvent: noon.Add(3 * time.Hour)},
		{Name: "c"}, // nothing has arrived yet
		{Name: "a", LastEvent: noon.Add(2 * time.Hour)},
	}
	s := serve(t, org)
	const arn = "arn:aws:logs:us-east-1:111111111111:log-group:trails/main"
	group := aws.String("trails/main")
	tests := []struct {
		name string
		in   cloudwatchlogs.DescribeLogStreamsInput
		want []string
		code string
	}{
		{"by name", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group}, []string{"a", "aa", "b", "c"}, ""},
		{"descending", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, Descending: aws.Bool(true)}, []string{"c", "b", "aa", "a"}, ""},
		{"by time", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, OrderBy: "LastEventTime"}, []string{"c", "b", "a", "aa"}, ""},
		{"latest first", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, OrderBy: "LastEventTime", Descending: aws.Bool(true)},
			[]string{"aa", "a", "b", "c"}, ""},
		{"prefix", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, LogStreamNamePrefix: aws.String("a")}, []string{"a", "aa"}, ""},
		{"prefix by name", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, OrderBy: "LogStreamName", LogStreamNamePrefix: aws.String("b")},
			[]string{"b"}, ""},
		{"prefix by time", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, OrderBy: "LastEventTime", LogStreamNamePrefix: aws.String("a")},
			nil, "InvalidParameterException"},
		{"identifier is a name", cloudwatchlogs.DescribeLogStreamsInput{LogGroupIdentifier: group}, []string{"a", "aa", "b", "c"}, ""},
		{"identifier is an ARN", cloudwatchlogs.DescribeLogStreamsInput{LogGroupIdentifier: aws.String(arn)}, []string{"a", "aa", "b", "c"}, ""},
		{"ARN as the trail has it", cloudwatchlogs.DescribeLogStreamsInput{LogGroupIdentifier: aws.String(arn + ":*")}, nil, "InvalidParameterException"},
		{"ARN of another account", cloudwatchlogs.DescribeLogStreamsInput{
			LogGroupIdentifier: aws.String("arn:aws:logs:us-east-1:222222222222:log-group:trails/main")}, nil, "ResourceNotFoundException"},
		{"neither", cloudwatchlogs.DescribeLogStreamsInput{}, nil, "InvalidParameterException"},
		{"both", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, LogGroupIdentifier: group}, nil, "InvalidParameterException"},
		{"order", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, OrderBy: "Size"}, nil, "InvalidParameterException"},
		{"limit", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, Limit: aws.Int32(0)}, nil, "InvalidParameterException"},
		{"token", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group, NextToken: aws.String("nonsense")}, nil, "InvalidParameterException"},
		{"no such group", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("gone")}, nil, "ResourceNotFoundException"},
		{"group without streams", cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("trails/Main")}, []string{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := as(t, s, org.Account("top"), "us-east-1").logs.DescribeLogStreams(t.Context(), &test.in)
			require.Equal(t, test.code, code(err))
			if err == nil {
				assert.Equal(t, test.want, streamNames(out.LogStreams))
				assert.Nil(t, out.NextToken)
			}
		})
	}
}

func TestLogStreamMembers(t *testing.T) {
	org := small()
	out, err := as(t, serve(t, org), org.Account("top"), "us-east-1").logs.DescribeLogStreams(t.Context(),
		&cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("trails/main")})
	require.NoError(t, err)
	prefix := "arn:aws:logs:us-east-1:111111111111:log-group:trails/main:log-stream:"
	at := func(hours int) *int64 { return aws.Int64(noon.Add(time.Duration(hours) * time.Hour).UnixMilli()) }
	assert.Equal(t, []types.LogStream{
		{
			LogStreamName: aws.String("111111111111_CloudTrail_eu-west-1"), Arn: aws.String(prefix + "111111111111_CloudTrail_eu-west-1"),
			CreationTime: at(0), StoredBytes: aws.Int64(0),
		},
		{
			LogStreamName: aws.String("111111111111_CloudTrail_us-east-1"), Arn: aws.String(prefix + "111111111111_CloudTrail_us-east-1"),
			CreationTime: at(0), FirstEventTimestamp: at(0), LastEventTimestamp: at(1), LastIngestionTime: at(2), StoredBytes: aws.Int64(0),
		},
	}, out.LogStreams)
}

func TestLogStreamPages(t *testing.T) {
	org := small()
	group := org.Account("top").LogGroups[1]
	group.Streams = nil
	for i := range 104 {
		group.Streams = append(group.Streams, sample.Stream{
			Name: fmt.Sprintf("stream-%03d", 103-i), LastEvent: noon.Add(time.Duration(i*i%104) * time.Minute),
		})
	}
	c := as(t, serve(t, org), org.Account("top"), "us-east-1")
	for _, in := range []cloudwatchlogs.DescribeLogStreamsInput{
		{}, {Descending: aws.Bool(true)}, {OrderBy: "LastEventTime"}, {OrderBy: "LastEventTime", Descending: aws.Bool(true)},
		{LogStreamNamePrefix: aws.String("stream-")},
	} {
		in.LogGroupName = aws.String("trails/main")
		var sizes []int
		seen := map[string]bool{}
		for pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(c.logs, &in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			sizes = append(sizes, len(page.LogStreams))
			for _, name := range streamNames(page.LogStreams) {
				seen[name] = true
			}
		}
		assert.Equal(t, []int{50, 50, 4}, sizes)
		assert.Len(t, seen, 104)
	}
}

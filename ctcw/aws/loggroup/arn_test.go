package loggroup_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/loggroup"
)

func TestParseARN(t *testing.T) {
	cases := []struct {
		name, arn string
		want      loggroup.Ref
	}{
		{"as DescribeTrails returns it", "arn:aws:logs:eu-west-1:111122223333:log-group:aws-cloudtrail-logs:*",
			loggroup.Ref{Name: "aws-cloudtrail-logs", Region: "eu-west-1", AccountID: "111122223333"}},
		{"without :*", "arn:aws:logs:eu-west-1:111122223333:log-group:aws-cloudtrail-logs",
			loggroup.Ref{Name: "aws-cloudtrail-logs", Region: "eu-west-1", AccountID: "111122223333"}},
		{"every character a name may hold", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/cloud.trail#1_a-B:*",
			loggroup.Ref{Name: "/aws/cloud.trail#1_a-B", Region: "eu-west-1", AccountID: "111122223333"}},
		{"GovCloud", "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:g:*",
			loggroup.Ref{Name: "g", Region: "us-gov-west-1", AccountID: "111122223333"}},
		{"China", "arn:aws-cn:logs:cn-north-1:111122223333:log-group:g:*",
			loggroup.Ref{Name: "g", Region: "cn-north-1", AccountID: "111122223333"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := loggroup.ParseARN(c.arn)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	for _, bad := range []string{
		"", "x", "arn:aws:logs", "arn:aws:logs:eu-west-1:111122223333:log-group:", "arn:aws:logs:eu-west-1:111122223333:log-group::*",
		"arn:aws:logs:eu-west-1:111122223333:destination:d", "arn:aws:s3:eu-west-1:111122223333:log-group:g:*",
		"arn:aws:logs::111122223333:log-group:g:*", "arn:aws:logs:eu-west-1::log-group:g:*",
	} {
		_, err := loggroup.ParseARN(bad)
		assert.Error(t, err, "%q", bad)
	}
}

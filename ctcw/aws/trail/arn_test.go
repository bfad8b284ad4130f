package trail_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

func TestParseLogGroupARN(t *testing.T) {
	cases := []struct {
		name, arn string
		want      trail.LogGroupRef
	}{
		{"as DescribeTrails returns it", "arn:aws:logs:eu-west-1:111122223333:log-group:aws-cloudtrail-logs:*",
			trail.LogGroupRef{Name: "aws-cloudtrail-logs", Region: "eu-west-1", AccountID: "111122223333"}},
		{"without :*", "arn:aws:logs:eu-west-1:111122223333:log-group:aws-cloudtrail-logs",
			trail.LogGroupRef{Name: "aws-cloudtrail-logs", Region: "eu-west-1", AccountID: "111122223333"}},
		{"every character a name may hold", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/cloud.trail#1_a-B:*",
			trail.LogGroupRef{Name: "/aws/cloud.trail#1_a-B", Region: "eu-west-1", AccountID: "111122223333"}},
		{"GovCloud", "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:g:*",
			trail.LogGroupRef{Name: "g", Region: "us-gov-west-1", AccountID: "111122223333"}},
		{"China", "arn:aws-cn:logs:cn-north-1:111122223333:log-group:g:*",
			trail.LogGroupRef{Name: "g", Region: "cn-north-1", AccountID: "111122223333"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := trail.ParseLogGroupARN(c.arn)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	for _, bad := range []string{
		"", "x", "arn:aws:logs", "arn:aws:logs:eu-west-1:111122223333:log-group:", "arn:aws:logs:eu-west-1:111122223333:log-group::*",
		"arn:aws:logs:eu-west-1:111122223333:destination:d", "arn:aws:s3:eu-west-1:111122223333:log-group:g:*",
		"arn:aws:logs::111122223333:log-group:g:*", "arn:aws:logs:eu-west-1::log-group:g:*",
	} {
		_, err := trail.ParseLogGroupARN(bad)
		assert.Error(t, err, "%q", bad)
	}
}

func TestRegionOf(t *testing.T) {
	assert.Equal(t, "us-east-2", trail.RegionOf("arn:aws:cloudtrail:us-east-2:123456789012:trail/MyTrail"))
	assert.Equal(t, "us-gov-east-1", trail.RegionOf("arn:aws-us-gov:cloudtrail:us-gov-east-1:123456789012:trail/a"))
	assert.Empty(t, trail.RegionOf("MyTrail"))
	assert.Empty(t, trail.RegionOf("arn:aws:s3:us-east-2:123456789012:trail/MyTrail"))
}

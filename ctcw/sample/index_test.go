package sample

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMatch(t *testing.T) {
	for _, test := range []struct {
		glob, s string
		want    bool
	}{
		{"", "anything", true},
		{"*", "", true},
		{"a", "a", true},
		{"a", "", false},
		{"a", "ab", false},
		{"a?", "ab", true},
		{"a?", "a", false},
		{"cloudtrail:*", "cloudtrail:DescribeTrails", true},
		{"*:Describe*", "cloudtrail:DescribeTrails", true},
		{"*:Describe*s", "cloudtrail:DescribeTrail", false},
		{"**-1", "eu-west-1", true},
		{"eu-*-1", "eu-west-2", false},
	} {
		assert.Equal(t, test.want, match(test.glob, test.s), "%q and %q", test.glob, test.s)
	}
}

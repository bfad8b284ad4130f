package trail_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/trail"
)

func TestRegionOf(t *testing.T) {
	assert.Equal(t, "us-east-2", trail.RegionOf("arn:aws:cloudtrail:us-east-2:123456789012:trail/MyTrail"))
	assert.Equal(t, "us-gov-east-1", trail.RegionOf("arn:aws-us-gov:cloudtrail:us-gov-east-1:123456789012:trail/a"))
	assert.Empty(t, trail.RegionOf("MyTrail"))
	assert.Empty(t, trail.RegionOf("arn:aws:s3:us-east-2:123456789012:trail/MyTrail"))
}

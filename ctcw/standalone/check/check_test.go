package check_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

func TestPlan(t *testing.T) {
	m, err := mod.Load()
	require.NoError(t, err)
	plan, err := check.NewPlan(m, []string{"ctcw.benchmark.cis_v200", "control.log_group_exists", "cis_v200_3_4"}, nil)
	require.NoError(t, err)
	columns := plan.Columns("cloudtrail_cloudwatch_status", []string{"arn", "tags", "delivery_status", "s3_bucket_name", "log_group_status", "metric_filter_count"})
	assert.Equal(t, []string{"arn", "delivery_status", "log_group_status"}, columns, "only what the controls' SQL names is asked of AWS")
}

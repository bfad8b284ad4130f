package nearest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
)

func TestHint(t *testing.T) {
	names := []string{"cis_v200", "cis_v200_3_4", "log_group_exists"}
	assert.Equal(t, ` (did you mean "cis_v200"?)`, nearest.Hint("cis_v201", names))
	assert.Equal(t, ` (did you mean "log_group_exists"?)`, nearest.Hint("loggroup_exist", names))
	assert.Equal(t, ` (did you mean "log_group_exists"?)`, nearest.Hint("log_group", names))
	assert.Equal(t, ` (did you mean "cis_v200"?)`, nearest.Hint("cis_v20", []string{"cis_v120", "cis_v200", "cis_v300"}), "begun alike")
	assert.Empty(t, nearest.Hint("something else", names))
	assert.Empty(t, nearest.Hint("z", []string{"a"}))
	assert.Empty(t, nearest.Hint("x", nil))
}

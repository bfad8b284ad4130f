package heap

import (
	"math"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"
)

func TestAGOGCOrASmallLimitOfMemoryIsSomebodysDecision(t *testing.T) {
	assert.False(t, decided("", math.MaxInt64), "no limit")
	assert.False(t, decided("", 1<<30), "Steampipe's")
	assert.True(t, decided("", 128<<20), "less than twice the ballast")
	assert.True(t, decided("200", math.MaxInt64))
}

func TestMemoryIsGivenBackWhenNobodyNeedsItAnyMore(t *testing.T) {
	forced := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	before := forced()
	var first, second, never Steady
	first.Begin()
	first.Begin()
	second.Begin()
	first.End()
	never.End()
	assert.EqualValues(t, 1, underway.Load())
	assert.Equal(t, before, forced())
	second.End()
	assert.Eventually(t, func() bool { return forced() > before }, 10*time.Second, time.Millisecond)
}

func TestTheSDKFreesNoMemoryBetweenRowsUnlessSomebodyWantsIt(t *testing.T) {
	t.Setenv(rowsToFree, "") // to be put back in the end
	require.NoError(t, os.Unsetenv(rowsToFree))
	require.EqualValues(t, 100, plugin.GetFreeMemInterval(), "the SDK's own")

	Uninterrupted()
	assert.Zero(t, plugin.GetFreeMemInterval())

	t.Setenv(rowsToFree, "1000")
	Uninterrupted()
	assert.EqualValues(t, 1000, plugin.GetFreeMemInterval())
}

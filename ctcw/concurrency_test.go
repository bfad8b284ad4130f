package ctcw_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"go.uber.org/goleak"
)

// leavesNothing fails when goroutines are left that were not there before, once the endpoint and with it
// the idle HTTP connections to it are closed. A query before lets the SDK start what it keeps for a plugin's
// whole life: its query cache, its file watcher, its telemetry.
func (h *harness) leavesNothing() (check func()) {
	h.t.Helper()
	h.rows(request{})
	before := goleak.IgnoreCurrent()
	return func() {
		h.t.Helper()
		require.NoError(h.t, h.endpoint.Close())
		// The SDK clears its connection cache when a configuration changes, which ends a goroutine of the cache
		// and starts another one.
		assert.NoError(h.t, goleak.Find(before, goleak.IgnoreTopFunction("github.com/dgraph-io/ristretto.(*Cache).processItems")))
	}
}

func TestTwentyQueriesAtOnce(t *testing.T) {
	h := start(t, company(5), everyAccount)
	h.endpoint.SetLatency(2 * time.Millisecond)
	check := h.leavesNothing()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			rows, err := h.execute(request{columns: h.verdictColumns()})
			assert.NoError(t, err)
			assert.Len(t, rows, 6, "query %d", i)
			for _, r := range rows {
				assert.Equal(t, "delivering", r["delivery_status"])
			}
		})
	}
	wg.Wait()
	check()
}

// The SDK would, before the first row and every hundredth: of ten thousand accounts it is a fifth of the time.
func TestAQueryForcesNoCollectionOfGarbage(t *testing.T) {
	h := start(t, company(5), everyAccount)
	forced := func() uint32 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.NumForcedGC
	}
	before := forced()
	assert.Len(t, h.rows(request{columns: h.verdictColumns()}), 6)
	assert.Equal(t, before, forced())
}

// A query that is cancelled ends soon and takes no other with it, though they wait for the same identity.
func TestCancellingAtRandomPoints(t *testing.T) {
	h := start(t, company(5), everyAccount)
	h.endpoint.SetLatency(5 * time.Millisecond)
	check := h.leavesNothing()
	random := rand.New(rand.NewPCG(1, 2))
	var wg sync.WaitGroup
	for i := range 40 {
		if i%8 == 0 {
			// The identity is to be found anew.
			h.configure(&proto.ConnectionConfig{Connection: "account-00", Config: h.config(h.org.Accounts[0], everyAccount, fmt.Sprintf("max_error_retry_attempts = %d", i+2))})
		}
		after := time.Duration(random.IntN(60)) * time.Millisecond
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), after)
			defer cancel()
			began := time.Now()
			rows, err := h.execute(request{columns: h.verdictColumns(), ctx: ctx})
			assert.LessOrEqual(t, len(rows), 6)
			assert.True(t, err != nil || len(rows) == 6 || ctx.Err() != nil, "%d rows, and no error", len(rows))
			assert.Less(t, time.Since(began), soon)
		})
		if i%4 == 3 {
			wg.Go(func() {
				rows, err := h.execute(request{columns: h.verdictColumns()})
				assert.NoError(t, err, "a query that nobody cancelled")
				assert.Len(t, rows, 6)
			})
			wg.Wait()
		}
	}
	check()
}

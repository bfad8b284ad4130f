package ctcw_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// A region that answers nobody costs every account the same few seconds, not one after the other, and is asked again
// when all the others were.
func TestARegionThatIsOut(t *testing.T) {
	if testing.Short() {
		t.Skip("calls that hang")
	}
	const accounts = 200
	out := sample.Fault{Region: "eu-west-3", Kind: sample.Hang}
	// The tests have one plugin, in which each needs connections of its own.
	serveTo := func(name string) *harness {
		org := company(accounts - 1)
		for _, a := range org.Accounts {
			a.Name = name + "-" + a.Name
		}
		return start(t, org, everyAccount)
	}
	toTheEnd, forAWhile, hurried := serveTo("end"), serveTo("while"), serveTo("first")
	columns := []string{"account_id", "arn", "delivery_status", "scan_error", "unscanned_regions"}
	t.Run("to the end", func(t *testing.T) {
		t.Parallel()
		h := toTheEnd
		h.endpoint.Inject(out)
		began := time.Now()
		rows := h.rows(request{columns: columns})
		t.Log(time.Since(began))
		assert.Less(t, time.Since(began), 50*time.Second, "one after the other would be minutes")
		require.Len(t, by(rows, "account_id"), accounts)
		for _, r := range rows {
			assert.Contains(t, r["scan_error"], "eu-west-3")
			assert.Contains(t, r["unscanned_regions"], "eu-west-3")
			assert.Contains(t, r["arn"], "trail/own", "other regions show it")
		}
	})
	t.Run("for a while", func(t *testing.T) {
		t.Parallel()
		h := forAWhile
		mend := h.endpoint.Inject(out)
		go func() { // 64 are scanned at once; when others come, the region was given up
			for h.endpoint.Calls().Of(describeRegions) < 80 && t.Context().Err() == nil {
				time.Sleep(5 * time.Millisecond)
			}
			mend()
		}()
		rows := h.rows(request{columns: columns})
		require.Len(t, by(rows, "account_id"), accounts)
		for _, r := range rows {
			assert.Equal(t, "delivering", r["delivery_status"])
			assert.Nil(t, r["scan_error"])
			assert.Nil(t, r["unscanned_regions"])
		}
	})
	t.Run("and only the first rows are wanted", func(t *testing.T) {
		t.Parallel()
		h := hurried
		h.endpoint.Inject(out)
		began := time.Now()
		assert.Len(t, h.rows(request{columns: columns, limit: 1}), 1)
		assert.Less(t, time.Since(began), 30*time.Second)
		assert.Less(t, h.endpoint.Calls().Of(assumeRole), accounts-1)
	})
}

package sample

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestBuckets(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	b := newBuckets(Quotas{"a": {Rate: 10, Burst: 3}, "never": {Burst: 2}, actionListAccounts: {Rate: 1, Burst: 1}},
		func() time.Time { return now })
	takes := func(call Call, n int) (taken int) {
		for range n {
			if b.take(call) {
				taken++
			}
		}
		return taken
	}
	call := Call{Action: "a", Account: "1", Region: "us-east-1"}
	assert.Equal(t, 3, takes(call, 5), "the burst")
	assert.Equal(t, 3, takes(Call{Action: "a", Account: "1", Region: "eu-west-1"}, 5), "another region has its own")
	assert.Equal(t, 3, takes(Call{Action: "a", Account: "2", Region: "us-east-1"}, 5), "another account has its own")
	assert.Equal(t, 99, takes(Call{Action: "b", Account: "1", Region: "us-east-1"}, 99), "no quota")
	now = now.Add(99 * time.Millisecond)
	assert.Equal(t, 0, takes(call, 5))
	now = now.Add(time.Millisecond)
	assert.Equal(t, 1, takes(call, 5), "a tenth of a second brings one")
	now = now.Add(time.Hour)
	assert.Equal(t, 3, takes(call, 5), "no more than the burst, ever")
	assert.Equal(t, 2, takes(Call{Action: "never"}, 5))
	now = now.AddDate(1, 0, 0)
	assert.Equal(t, 0, takes(Call{Action: "never"}, 5))

	assert.Equal(t, 1, takes(Call{Action: actionListAccounts, Account: "1", Region: "us-east-1"}, 2))
	assert.Equal(t, 0, takes(Call{Action: actionListAccounts, Account: "1", Region: "eu-west-1"}, 2), "one service for all regions")
}

// TestBucketsAreFew: those that are full again are dropped, so that an organization scanned once does not stay in memory.
func TestBucketsAreFew(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	b := newBuckets(Quotas{"a": {Rate: 10, Burst: 10}}, func() time.Time { return now })
	most := 0
	for i := range 100_000 {
		assert.True(t, b.take(Call{Action: "a", Account: fmt.Sprint(i)}))
		most = max(most, len(b.full))
		now = now.Add(time.Millisecond)
	}
	assert.LessOrEqual(t, most, fewBuckets+1)
}

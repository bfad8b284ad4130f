package sample

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestLeast(t *testing.T) {
	quotas := Quotas{"slow": {Rate: 2, Burst: 4}, "fast": {Rate: 100, Burst: 1}, "never": {Burst: 3}, actionListAccounts: {Rate: 8, Burst: 12}}
	for name, test := range map[string]struct {
		calls  map[Call]int
		least  time.Duration
		bucket Call
	}{
		"none":                 {nil, 0, Call{}},
		"no quota":             {map[Call]int{{"other", "1", "a"}: 1e6}, 0, Call{}},
		"the burst":            {map[Call]int{{"slow", "1", "a"}: 4}, 0, Call{}},
		"one more":             {map[Call]int{{"slow", "1", "a"}: 5}, time.Second / 2, Call{"slow", "1", "a"}},
		"the slowest counts":   {map[Call]int{{"slow", "1", "a"}: 8, {"fast", "1", "a"}: 101}, 2 * time.Second, Call{"slow", "1", "a"}},
		"not the most calls":   {map[Call]int{{"slow", "1", "a"}: 5, {"fast", "1", "a"}: 101}, time.Second, Call{"fast", "1", "a"}},
		"each account its own": {map[Call]int{{"slow", "1", "a"}: 5, {"slow", "2", "a"}: 6}, time.Second, Call{"slow", "2", "a"}},
		"each region its own":  {map[Call]int{{"slow", "1", "a"}: 6, {"slow", "1", "b"}: 6}, time.Second, Call{"slow", "1", "a"}},
		"one for all regions": {map[Call]int{{actionListAccounts, "1", "a"}: 250, {actionListAccounts, "1", "b"}: 250},
			61 * time.Second, Call{actionListAccounts, "1", ""}},
		"never again": {map[Call]int{{"never", "1", "a"}: 4}, math.MaxInt64, Call{"never", "1", "a"}},
	} {
		least, bucket := quotas.Least(test.calls)
		assert.Equal(t, test.least, least, name)
		assert.Equal(t, test.bucket, bucket, name)
	}
}

// TestLeastIsWhatBucketsTake calls as often as the buckets allow: no sooner than Least says is the last call let through.
func TestLeastIsWhatBucketsTake(t *testing.T) {
	const calls = 200
	for action, quota := range AWSQuotas() {
		now := time.Unix(0, 0)
		b := newBuckets(Quotas{action: quota}, func() time.Time { return now })
		call := Call{Action: action, Account: "1", Region: "us-east-1"}
		for range calls {
			for !b.take(call) {
				now = now.Add(time.Millisecond)
			}
		}
		least, _ := Quotas{action: quota}.Least(map[Call]int{call: calls})
		assert.InDelta(t, least.Seconds(), now.Sub(b.start).Seconds(), 0.002, action)
	}
}

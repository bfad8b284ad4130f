package sample

import (
	"cmp"
	"math"
	"time"
)

// Least returns the least time in which calls can be made without one being refused, the buckets being full at first: that of
// the bucket which takes longest, from its first call to its last. It returns that bucket too, as a call without a region where
// it is that of all regions; none where the buckets hold enough for every call.
func (q Quotas) Least(calls map[Call]int) (time.Duration, Call) {
	all := make(map[Call]int)
	for call, n := range calls {
		all[bucketOf(call)] += n
	}
	var (
		longest time.Duration
		slowest Call
	)
	for bucket, n := range all {
		took := q.least(bucket.Action, n)
		if took > longest || took == longest && took > 0 && before(bucket, slowest) {
			longest, slowest = took, bucket
		}
	}
	return longest, slowest
}

// least is the least time that one bucket takes for n calls.
func (q Quotas) least(action string, n int) time.Duration {
	quota, found := q[action]
	switch {
	case !found || n <= quota.Burst:
		return 0
	case quota.Rate <= 0:
		return math.MaxInt64
	}
	return time.Duration(float64(n-quota.Burst) / quota.Rate * float64(time.Second))
}

// before orders calls, so that of several buckets that take equally long it is always the same that is named.
func before(a, b Call) bool {
	return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region)) < 0
}

package sample

import (
	"math"
	"sync"
	"time"
)

// Quota is how often an account may call an action in a region: Burst times at once, and Rate times a second in the long run. With
// a Rate of 0 it is Burst times and never again.
type Quota struct {
	Rate  float64
	Burst int
}

// Quotas are quotas by action, as IAM policies name them. An action without one may be called as often as anyone likes.
type Quotas map[string]Quota

// AWSQuotas are the quotas that AWS publishes. Where it publishes a rate alone, the burst is what a second brings; the burst of
// ListAccounts and the rates of the mute rules are assumed. The actions of STS share one quota at AWS; here each has all of it,
// as who asks for many roles asks for one identity.
func AWSQuotas() Quotas {
	return Quotas{
		"cloudtrail:DescribeTrails":     {10, 10},
		"cloudtrail:GetTrailStatus":     {10, 10},
		"cloudtrail:GetEventSelectors":  {10, 10},
		"cloudtrail:ListTags":           {10, 10},
		"logs:DescribeLogGroups":        {10, 10},
		"logs:DescribeLogStreams":       {25, 25},
		"logs:DescribeMetricFilters":    {5, 5},
		"cloudwatch:DescribeAlarms":     {9, 9},
		"cloudwatch:ListAlarmMuteRules": {9, 9},
		"cloudwatch:GetAlarmMuteRule":   {9, 9},
		"sns:GetTopicAttributes":        {30, 30},
		actionListAccounts:              {8, 12}, // a second of all regions together
		"sts:AssumeRole":                {600, 600},
		actionGetCallerIdentity:         {600, 600},
		"ec2:DescribeRegions":           {20, 100},
	}
}

// WithQuotas makes the server keep quotas and throttle what exceeds them, as AWS does.
func WithQuotas(q Quotas) Option {
	return func(s *Server) { s.SetQuotas(q) }
}

// SetQuotas replaces the quotas, and nil ends them. Every bucket is full again.
func (s *Server) SetQuotas(q Quotas) {
	if q == nil {
		s.quotas.Store(nil)
		return
	}
	s.quotas.Store(newBuckets(q, time.Now))
}

// bucketOf returns the call that stands for all those that take their tokens from the same bucket.
func bucketOf(call Call) Call {
	if call.Action == actionListAccounts {
		call.Region = "" // Organizations is one service, whatever region a request is signed for
	}
	return call
}

// buckets are the token buckets of all that has been called. A bucket is kept as the time at which it will be full again, in
// nanoseconds since the start, so one that is full needs not be kept at all. Time is the machine's rather than the server's
// clock, as what is measured by quotas takes real time.
type buckets struct {
	quotas map[string]bucketSize
	now    func() time.Time
	start  time.Time

	mu    sync.Mutex
	full  map[Call]time.Duration // by bucket
	sweep int                    // how many are kept before those that are full again are dropped
}

// bucketSize is a quota in terms of time.
type bucketSize struct {
	token time.Duration // in which one comes back
	burst time.Duration // in which all come back
}

// fewBuckets are not worth sweeping.
const fewBuckets = 4096

func newBuckets(q Quotas, now func() time.Time) *buckets {
	b := &buckets{quotas: make(map[string]bucketSize, len(q)), now: now, start: now(), full: make(map[Call]time.Duration), sweep: fewBuckets}
	for action, quota := range q {
		token := time.Duration(math.MaxInt64) / 4 / time.Duration(max(quota.Burst, 1))
		if quota.Rate > 0 {
			token = time.Duration(float64(time.Second) / quota.Rate)
		}
		b.quotas[action] = bucketSize{token, token * time.Duration(quota.Burst)}
	}
	return b
}

// take takes a token for a call; false means there is none.
func (b *buckets) take(call Call) bool {
	size, found := b.quotas[call.Action]
	if !found {
		return true
	}
	key := bucketOf(call)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now().Sub(b.start)
	full := max(b.full[key], now) + size.token
	if full > now+size.burst {
		return false
	}
	b.full[key] = full
	if len(b.full) > b.sweep {
		for key, full := range b.full {
			if full <= now {
				delete(b.full, key)
			}
		}
		b.sweep = max(fewBuckets, 2*len(b.full))
	}
	return true
}

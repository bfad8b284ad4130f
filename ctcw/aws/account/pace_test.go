package account

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sync/errgroup"
)

// endpoint answers calls as AWS might, a latency after they were sent.
type endpoint struct {
	mu       sync.Mutex
	latency  time.Duration
	accept   func(now time.Time) bool
	accepted []time.Time
	refused  []time.Time
}

// bucket accepts so many calls a second, and burst at once.
func bucket(rate, burst float64) func(time.Time) bool {
	tokens, filled := burst, time.Now()
	return func(now time.Time) bool {
		tokens, filled = min(burst, tokens+rate*now.Sub(filled).Seconds()), now
		if tokens < 1 {
			return false
		}
		tokens--
		return true
	}
}

// dice refuses a share of all calls, however many they are.
func dice(share float64) func(time.Time) bool {
	random := rand.New(rand.NewPCG(1, 2))
	return func(time.Time) bool { return random.Float64() >= share }
}

func (e *endpoint) call() bool {
	time.Sleep(e.latency / 2)
	e.mu.Lock()
	now := time.Now()
	ok := e.accept(now)
	if ok {
		e.accepted = append(e.accepted, now)
	} else {
		e.refused = append(e.refused, now)
	}
	e.mu.Unlock()
	time.Sleep(e.latency / 2)
	return ok
}

// between counts the times that are from one to another.
func between(times []time.Time, from, to time.Time) (n int) {
	for _, t := range times {
		if !t.Before(from) && t.Before(to) {
			n++
		}
	}
	return n
}

var key = paceKey{"111111111111", "CloudTrail", "us-east-1", "GetTrailStatus"}

// ask returns a function that asks until it is answered, as the middleware does, and returns how many attempts that took.
// Without paces each call is as fast as it can be.
func ask(s *paces, e *endpoint) func(context.Context) (attempts int) {
	return func(ctx context.Context) (attempts int) {
		ctx, b, end := withBudget(ctx, callTimeout)
		defer end()
		for delay := DefaultMinRetryDelay; ; time.Sleep(delay/2 + rand.N(delay/2)) {
			delay += delay / 2
			attempts++
			var epoch int
			if s != nil {
				var err error
				if epoch, err = s.wait(ctx, key, b); err != nil {
					return attempts
				}
			}
			ok := e.call()
			if s != nil {
				s.report(key, epoch, !ok)
			}
			if ok {
				return attempts
			}
		}
	}
}

// drive has so many at once ask for a while, and returns the most attempts that a call took.
func drive(t *testing.T, ask func(context.Context) int, callers int, d time.Duration) (most int) {
	var mu sync.Mutex
	var group errgroup.Group
	until := time.Now().Add(d)
	for range callers {
		group.Go(func() error {
			for time.Now().Before(until) {
				n := ask(t.Context())
				mu.Lock()
				most = max(most, n)
				mu.Unlock()
			}
			return nil
		})
	}
	assert.NoError(t, group.Wait())
	return most
}

func TestAPaceFindsWhatATokenBucketGives(t *testing.T) {
	for _, c := range []struct {
		rate, burst float64
		latency     time.Duration
		callers     int
	}{
		{10, 10, 20 * time.Millisecond, 256}, {10, 10, 150 * time.Millisecond, 20}, {5, 5, 50 * time.Millisecond, 256}, {2, 2, 50 * time.Millisecond, 100},
		{30, 30, 20 * time.Millisecond, 256}, {20, 100, 50 * time.Millisecond, 256}, {500, 500, 20 * time.Millisecond, 256}, {200, 200, time.Second, 256},
		{25, 25, 2 * time.Second, 256}, {8, 12, 20 * time.Millisecond, 64},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			e := &endpoint{latency: c.latency, accept: bucket(c.rate, c.burst)}
			most := drive(t, ask(&paces{}, e), c.callers, 50*time.Second)
			from, to := began.Add(20*time.Second), began.Add(50*time.Second)
			accepted, refused := between(e.accepted, from, to), between(e.refused, from, to)
			early := between(e.refused, began, from)
			t.Logf("%+v: accepted %.2f of the bucket, %.3f refused; before %d refused; at most %d attempts",
				c, float64(accepted)/30/c.rate, float64(refused)/float64(accepted+refused), early, most)
			assert.GreaterOrEqual(t, float64(accepted), 0.9*30*c.rate)
			assert.LessOrEqual(t, float64(refused), 0.2*float64(accepted+refused))
			assert.Less(t, most, maxThrottledAttempts)
		})
	}
}

func TestAPaceDoesNotCollapseUnderRefusalsThatItDoesNotCause(t *testing.T) {
	for _, share := range []float64{0.1, 0.3} {
		for _, callers := range []int{4, 64} {
			synctest.Test(t, func(t *testing.T) {
				const while = 10 * time.Second
				began := time.Now()
				paced := &endpoint{latency: 20 * time.Millisecond, accept: dice(share)}
				drive(t, ask(&paces{}, paced), callers, 3*while)
				again := time.Now()
				free := &endpoint{latency: 20 * time.Millisecond, accept: dice(share)}
				drive(t, ask(nil, free), callers, while)
				without := between(free.accepted, again, again.Add(while))
				for i := range 3 {
					from := began.Add(time.Duration(i) * while)
					with := between(paced.accepted, from, from.Add(while))
					assert.Greater(t, with, without/3, "%.2f refused, %d callers, the %d. while", share, callers, i)
				}
			})
		}
	}
}

// stalled is a pace at which nothing starts for an hour.
func stalled() *paces {
	s := &paces{}
	p := s.begin(key)
	p.tempo.rate, p.next = leastRate, time.Now().Add(time.Hour)
	return s
}

func TestACancelledCallLeavesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stalled()
		ctx, cancel := context.WithCancel(t.Context())
		ctx, b, end := withBudget(ctx, callTimeout)
		defer end()
		time.AfterFunc(10*time.Second, cancel)
		began := time.Now()
		_, err := s.wait(ctx, key, b)
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 10*time.Second, time.Since(began))
		assert.Zero(t, s.of(key).queue.Len())
	})
}

func TestWaitingCostsNoTimeAsLongAsAWSAcceptsAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stalled()
		ctx, b, end := withBudget(t.Context(), callTimeout)
		defer end()
		const moves = 10 * time.Minute
		began := time.Now()
		go func() {
			for time.Since(began) < moves {
				s.report(key, -1, false) // which changes no rate
				time.Sleep(2 * time.Second)
			}
		}()
		_, err := s.wait(ctx, key, b)
		assert.Equal(t, context.DeadlineExceeded, context.Cause(ctx))
		assert.Error(t, err)
		assert.InDelta(t, moves+paceStuck+callTimeout, time.Since(began), float64(5*time.Second), "and then it counts")
	})
}

func TestPacesThatNobodyUsesAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &paces{}
		of := func(i int) paceKey { return paceKey{account: fmt.Sprint(i)} }
		for i := range 10 * fewPaces {
			s.report(of(i), 0, false)
			s.report(of(i), 0, i%2 == 0)
			time.Sleep(paceIdle / fewPaces)
		}
		assert.LessOrEqual(t, len(s.all), 2*fewPaces)
		assert.Nil(t, s.of(of(0)))
		assert.Nil(t, s.of(of(10*fewPaces-1)), "never refused anything")
		assert.NotNil(t, s.of(of(10*fewPaces-2)))

		last := of(10*fewPaces - 2)
		for range 100 {
			s.report(last, 0, false)
			time.Sleep(10 * time.Millisecond)
		}
		assert.Nil(t, s.of(last), "nothing is refused any more")
	})
}

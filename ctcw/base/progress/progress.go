// Package progress counts what a scan has done, for whoever started it. The counter travels in the context,
// because the plugin's own interface has no place for it.
package progress

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Counter counts. The zero value is ready. Nil may be told to count, and counts nothing.
type Counter struct {
	asked, done, calls, throttled atomic.Int64

	mu      sync.Mutex
	callers []string
}

type key struct{}

// With returns a context whose scans are counted.
func With(ctx context.Context, c *Counter) context.Context { return context.WithValue(ctx, key{}, c) }

// From returns the counter of a context, nil when there is none.
func From(ctx context.Context) *Counter {
	c, _ := ctx.Value(key{}).(*Counter)
	return c
}

// Ask counts accounts that are to be scanned.
func (c *Counter) Ask(accounts int) {
	if c != nil {
		c.asked.Add(int64(accounts))
	}
}

// Done counts an account that was scanned.
func (c *Counter) Done() {
	if c != nil {
		c.done.Add(1)
	}
}

// Call counts an API call, its retries not.
func (c *Counter) Call() {
	if c != nil {
		c.calls.Add(1)
	}
}

// Throttle counts an answer that asked for patience.
func (c *Counter) Throttle() {
	if c != nil {
		c.throttled.Add(1)
	}
}

// Calls returns how many API calls were counted.
func (c *Counter) Calls() int {
	if c == nil {
		return 0
	}
	return int(c.calls.Load())
}

// Caller notes whose credentials a scan uses.
func (c *Counter) Caller(arn string) {
	if c == nil || arn == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i, found := slices.BinarySearch(c.callers, arn); !found {
		c.callers = slices.Insert(c.callers, i, arn)
	}
}

// Callers returns the ARNs that were noted, sorted, each once: an aggregator has one for each connection.
func (c *Counter) Callers() []string {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.callers)
}

// Line says where the scan is, in one line for a person. What asks several tables scans an account for each.
func (c *Counter) Line(since time.Duration) string {
	return fmt.Sprintf("%d of %d scans of accounts, %d calls, %d throttled, %.1f s",
		c.done.Load(), c.asked.Load(), c.calls.Load(), c.throttled.Load(), since.Seconds())
}

// Throttled returns how many answers asked for patience.
func (c *Counter) Throttled() int {
	if c == nil {
		return 0
	}
	return int(c.throttled.Load())
}

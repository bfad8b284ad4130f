// Package progress counts what a scan has done, for whoever started it. The counter travels in the context,
// because the plugin's own interface has no place for it.
package progress

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Counter counts. The zero value is ready, and nil counts nothing.
type Counter struct {
	asked, done, calls, throttled atomic.Int64
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

// Line says where the scan is, in one line for a person.
func (c *Counter) Line(since time.Duration) string {
	return fmt.Sprintf("%d of %d accounts, %d calls, %d throttled, %.1f s",
		c.done.Load(), c.asked.Load(), c.calls.Load(), c.throttled.Load(), since.Seconds())
}

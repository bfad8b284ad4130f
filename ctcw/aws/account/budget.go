package account

import (
	"context"
	"errors"
	"time"

	"github.com/aws/smithy-go"
)

// budget is the time that a call has. It stands still while the call waits for its turn: with a thousand others before it
// that takes longer than the call may. A budget is for one goroutine, the call's.
type budget struct {
	ctx     context.Context
	left    time.Duration
	since   time.Time // that it runs
	stopped bool
	timer   *time.Timer

	outage  time.Time // that the call met, if it did
	role    string    // that the call is to assume, if that is what it does
	refusal error     // of the last attempt, if AWS throttled it
}

type budgetKey struct{}

// withBudget returns a context that ends when the time is spent, with context.DeadlineExceeded as its cause.
func withBudget(parent context.Context, d time.Duration) (context.Context, *budget, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	b := &budget{left: d, since: time.Now(), timer: time.AfterFunc(d, func() { cancel(context.DeadlineExceeded) })}
	b.ctx = context.WithValue(ctx, budgetKey{}, b)
	return b.ctx, b, func() {
		b.timer.Stop()
		cancel(nil)
	}
}

// budgetIn returns the budget of a call's context.
func budgetIn(ctx context.Context) *budget { return ctx.Value(budgetKey{}).(*budget) }

// stop halts the time.
func (b *budget) stop() {
	if !b.stopped && b.timer.Stop() {
		b.left -= time.Since(b.since)
		b.stopped = true
	}
}

// run lets the time go on.
func (b *budget) run() {
	if b.stopped {
		b.since, b.stopped = time.Now(), false
		b.timer.Reset(b.left)
	}
}

// explain says why a call failed whose time was spent: it was throttled to the end, or there was no answer. The context
// itself is only said to be cancelled, which is what a query that ends does too.
func (b *budget) explain(err error) error {
	var api smithy.APIError
	switch {
	case err == nil || context.Cause(b.ctx) != context.DeadlineExceeded || errors.As(err, &api) || errors.Is(err, context.DeadlineExceeded):
		return err
	case b.refusal != nil:
		return b.refusal
	default:
		return context.DeadlineExceeded
	}
}

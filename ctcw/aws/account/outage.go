package account

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// An endpoint is out when outageCalls attempts in a row had no answer, of outageAccounts accounts, and for outageTime there
// was none to any other. One account's troubles may be its own, and what is over in a moment is for retries.
const (
	outageCalls    = 8
	outageAccounts = 3
	outageTime     = 2 * time.Second

	// probeTimeout is how long the one call has that finds out whether it is over, and probePause what is between two.
	probeTimeout = 5 * time.Second
	probePause   = time.Second
	// outagePatience is how long calls wait for that. For the first of them, whose attempts took their time, it is nearly
	// what a call has; those that come later fail at once.
	outagePatience = probeTimeout + probePause + probeTimeout
	// outageLasts is how long nobody asks, once patience is at an end.
	outageLasts = 10 * time.Second
)

// outageError is that of a call to an endpoint that is out.
type outageError struct {
	awserr.Own
	final bool // for the call: otherwise its next attempt waits for the endpoint
}

// RetryableError tells the SDK whether to try again.
func (e *outageError) RetryableError() bool { return !e.final }

// IsOutage reports whether a call was cut short or not made at all because its endpoint did not answer other accounts
// either. It may be made again after [Connection.TryAgain].
func IsOutage(err error) bool {
	var out *outageError
	return errors.As(err, &out)
}

// TryAgain has endpoints asked again that answered nobody, by the next call that needs them while the others wait for
// that; but for those that were asked in the last while.
func (c *Connection) TryAgain(while time.Duration) { c.limits.outages.tryAgain(while) }

// outages keeps the calls of many accounts from waiting, one after the other, for an endpoint that answers none of them.
type outages struct {
	mu        sync.Mutex
	endpoints map[endpointKey]*endpointState
}

type endpointKey struct{ service, region string }

// endpointState is what is known of an endpoint.
type endpointState struct {
	underway map[*visit]struct{}
	answered time.Time // when it last did

	// The attempts in a row that it did not answer.
	failures int
	silent   time.Time           // since when
	accounts map[string]struct{} // whose, as many as count

	// While it is out: one call asks, the probe, not before next. Until patience is at an end the others wait for that.
	out      *outageError
	patience time.Time
	next     time.Time
	asked    time.Time // when the last probe ended
	again    bool      // somebody has patience for one more
	probe    *visit
	changed  chan struct{} // closed when a probe ends
}

// visit is an attempt of a call.
type visit struct {
	to      *endpointState
	account string
	cut     context.CancelCauseFunc

	out   *outageError // that a probe is about
	timer *time.Timer  // that ends it
}

// again is the error of a probe that had no answer: its call waits with all others, and tries again.
func (v *visit) again() error { return &outageError{v.out.Own, false} }

// errNoAnswer ends a probe.
var errNoAnswer = errors.New("no answer to the call that was to find out whether an outage is over")

// enter lets an attempt begin, or says that the endpoint is out. The context that it returns ends when that turns out
// meanwhile. Each visit has to leave.
func (o *outages) enter(ctx context.Context, key endpointKey, account string, b *budget) (context.Context, *visit, error) {
	for {
		entered, v, wait, err := o.tryEnter(ctx, key, account, b)
		if wait == nil {
			return entered, v, err
		}
		b.stop()
		late := time.NewTimer(wait.atMost)
		select {
		case <-wait.changed:
		case <-late.C:
		case <-ctx.Done():
		}
		late.Stop()
		b.run()
		if ctx.Err() != nil {
			return ctx, nil, &aws.RequestCanceledError{Err: ctx.Err()}
		}
	}
}

// wait is for a probe to begin or to end.
type wait struct {
	changed <-chan struct{}
	atMost  time.Duration
}

// tryEnter returns what to wait for while it is to turn out whether an outage is over.
func (o *outages) tryEnter(ctx context.Context, key endpointKey, account string, b *budget) (context.Context, *visit, *wait, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.endpoints[key]
	if e == nil {
		e = &endpointState{underway: map[*visit]struct{}{}}
		if o.endpoints == nil {
			o.endpoints = map[endpointKey]*endpointState{}
		}
		o.endpoints[key] = e
	}
	v := &visit{to: e, account: account}
	if e.out != nil {
		now := time.Now()
		if b.outage.IsZero() {
			b.outage = now
		}
		switch {
		case now.Sub(b.outage) > outagePatience: // others that come may have patience, again and again
			return ctx, nil, nil, e.out
		case e.probe == nil && !now.Before(e.next):
			e.probe, v.out = v, e.out
			switch {
			case e.again:
				e.again, e.patience = false, now.Add(probeTimeout)
			case !now.Before(e.patience):
				e.patience = now.Add(probePause) // who answers again mostly does so at once
			}
		case !now.Before(e.patience):
			return ctx, nil, nil, e.out
		case e.probe == nil:
			return ctx, nil, &wait{e.changed, e.next.Sub(now)}, nil
		default:
			return ctx, nil, &wait{e.changed, e.patience.Sub(now)}, nil
		}
	}
	ctx, v.cut = context.WithCancelCause(ctx)
	if e.probe == v {
		cut := v.cut
		v.timer = time.AfterFunc(probeTimeout, func() { cut(errNoAnswer) })
	}
	e.underway[v] = struct{}{}
	return ctx, v, nil, nil
}

// cutBy returns the outage that ended a visit's context, nil if none did.
func cutBy(ctx context.Context) *outageError {
	out, _ := context.Cause(ctx).(*outageError)
	return out
}

// outcome is what a visit found.
type outcome int

const (
	foundNothing outcome = iota // it was cancelled, or did not come to ask
	foundAnswer
	foundSilence
)

// leave ends a visit that was sent at a time. The error is that of silence.
func (o *outages) leave(v *visit, key endpointKey, found outcome, sent time.Time, err error) {
	v.cut(nil)
	if v.timer != nil {
		v.timer.Stop()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	e := v.to
	delete(e.underway, v)
	now := time.Now()
	switch {
	case found == foundAnswer:
		e.answered, e.failures, e.accounts, e.out = now, 0, nil, nil
	case found == foundSilence && e.out == nil:
		e.fail(v.account, sent)
		if e.isOut() {
			text := fmt.Sprintf("%s in %s did not answer %d calls in a row (the last: %s), so it is not asked for other accounts",
				key.service, key.region, e.failures, awserr.Text(err))
			e.close(now, text)
		}
	case found == foundSilence && e.probe == v:
		e.asked, e.next = now, now.Add(probePause)
		if !e.next.Before(e.patience) {
			e.next, e.patience = now.Add(outageLasts), now
		}
	}
	if e.probe != nil && (e.probe == v || e.out == nil) {
		e.probe = nil
		close(e.changed)
		e.changed = make(chan struct{})
	}
}

// fail counts an attempt without an answer.
func (e *endpointState) fail(account string, sent time.Time) {
	if sent.Before(e.answered) {
		sent = e.answered
	}
	if e.failures == 0 || sent.Before(e.silent) {
		e.silent = sent
	}
	e.failures++
	if e.accounts == nil {
		e.accounts = map[string]struct{}{}
	}
	if len(e.accounts) < outageAccounts {
		e.accounts[account] = struct{}{}
	}
}

func (e *endpointState) isOut() bool {
	return e.failures >= outageCalls && len(e.accounts) >= outageAccounts && time.Since(e.silent) >= outageTime
}

// close ends what is under way: its next attempts wait with all others.
func (e *endpointState) close(now time.Time, text string) {
	own := awserr.Own{Code: awserr.CodeUnreachable, Text: text}
	e.out, e.patience, e.next, e.asked, e.changed = &outageError{own, true}, now.Add(outagePatience), now, now, make(chan struct{})
	for v := range e.underway {
		v.cut(&outageError{own, false})
	}
}

func (o *outages) tryAgain(while time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	for _, e := range o.endpoints {
		// While calls have patience it is asked anyway.
		if e.out != nil && e.probe == nil && !now.Before(e.patience) && now.Sub(e.asked) >= while {
			e.next, e.again = now, true
		}
	}
}

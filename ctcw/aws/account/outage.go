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
	outageTime     = 5 * time.Second

	outageLasts = 30 * time.Second // until it is asked again
	// outagePatience is how long calls wait for the one that finds out whether the outage is over.
	outagePatience = 5 * time.Second
)

// outageError is that of a call to an endpoint that is out.
type outageError struct{ awserr.Own }

// RetryableError tells the SDK not to try again.
func (e *outageError) RetryableError() bool { return false }

// IsOutage reports whether a call was cut short or not made at all because its endpoint did not answer other accounts
// either. It may be made again after [Connection.TryAgain].
func IsOutage(err error) bool {
	var out *outageError
	return errors.As(err, &out)
}

// TryAgain has endpoints that did not answer asked again by the next call that needs them.
func (c *Connection) TryAgain() { c.limits.outages.tryAgain() }

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

	out   *outageError  // while it is out
	until time.Time     // when it is asked again
	probe *visit        // that asks
	over  chan struct{} // closed when the probe is
}

// visit is an attempt of a call.
type visit struct {
	to      *endpointState
	account string
	cut     context.CancelCauseFunc
}

// enter lets an attempt begin, or says that the endpoint is out. The context that it returns ends when that turns out
// meanwhile. Each visit has to leave.
func (o *outages) enter(ctx context.Context, key endpointKey, account string, b *budget) (context.Context, *visit, error) {
	var late <-chan time.Time
	for {
		ctx, v, wait, err := o.tryEnter(ctx, key, account)
		if wait == nil {
			return ctx, v, err
		}
		if late == nil {
			late = time.After(outagePatience)
		}
		b.stop()
		select {
		case <-wait:
			b.run()
		case <-late:
			b.run()
			return ctx, nil, err
		case <-ctx.Done():
			return ctx, nil, &aws.RequestCanceledError{Err: ctx.Err()}
		}
	}
}

// tryEnter returns what to wait for while another attempt finds out whether an outage is over.
func (o *outages) tryEnter(ctx context.Context, key endpointKey, account string) (context.Context, *visit, <-chan struct{}, error) {
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
		if e.probe != nil {
			return ctx, nil, e.over, e.out
		}
		if time.Now().Before(e.until) {
			return ctx, nil, nil, e.out
		}
		e.probe, e.over = v, make(chan struct{})
	}
	ctx, v.cut = context.WithCancelCause(ctx)
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
	o.mu.Lock()
	defer o.mu.Unlock()
	e := v.to
	delete(e.underway, v)
	switch {
	case found == foundAnswer:
		e.answered, e.failures, e.accounts, e.out = time.Now(), 0, nil, nil
	case found == foundSilence && e.out == nil:
		e.fail(v.account, sent)
		if e.isOut() {
			text := fmt.Sprintf("%s in %s did not answer %d calls in a row (the last: %s), so it is not asked for other accounts",
				key.service, key.region, e.failures, awserr.Text(err))
			e.close(&outageError{awserr.Own{Code: awserr.CodeUnreachable, Text: text}})
		}
	case found == foundSilence:
		e.until = time.Now().Add(outageLasts)
	}
	if e.probe != nil && (e.probe == v || e.out == nil) {
		e.probe = nil
		close(e.over)
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

// close ends what is under way.
func (e *endpointState) close(out *outageError) {
	e.out, e.until = out, time.Now().Add(outageLasts)
	for v := range e.underway {
		v.cut(out)
	}
}

func (o *outages) tryAgain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.endpoints {
		e.until = time.Time{}
	}
}

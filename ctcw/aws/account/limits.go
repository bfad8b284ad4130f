package account

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/semaphore"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
)

// maxCalls is how many attempts of one connection's calls are under way at once.
const maxCalls = 256

// limits holds back the attempts of a connection's calls until it is their turn, and learns from the answers: how fast
// AWS may be asked, how much it refuses, what time it is. A call that waits, for its turn or before it tries again, takes no
// slot and none of its own time.
type limits struct {
	slots   *semaphore.Weighted
	roles   *semaphore.Weighted // slots for AssumeRole
	paces   paces
	outages outages
	refused share
	clock   clock
}

func newLimits() *limits {
	return &limits{slots: semaphore.NewWeighted(maxCalls), roles: semaphore.NewWeighted(maxCalls)}
}

// slotsFor returns the slots that an operation takes one of. AssumeRole has its own: any other call may hold a slot
// while it waits for credentials, and those that it waits for must not wait for a slot that all such calls hold.
func (l *limits) slotsFor(operation string) *semaphore.Weighted {
	if operation == "AssumeRole" {
		return l.roles
	}
	return l.slots
}

// apply returns a configuration of the connection's own account whose calls keep to the limits.
func (l *limits) apply(config aws.Config) aws.Config { return l.applyTo(config, "") }

// applyTo returns that of a named account.
func (l *limits) applyTo(config aws.Config, account string) aws.Config {
	config.APIOptions = append(slices.Clone(config.APIOptions), l.clock.read, limitCalls, seeAnswers, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(&attempts{l, account}, "Retry", middleware.After)
	})
	return config
}

// limitCalls gives each call its time.
func limitCalls(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("ctcwCalls",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			middleware.InitializeOutput, middleware.Metadata, error,
		) {
			progress.From(ctx).Call()
			ctx, b, end := withBudget(ctx, callTimeout)
			defer end()
			if assume, ok := in.Parameters.(*sts.AssumeRoleInput); ok {
				b.role = aws.ToString(assume.RoleArn)
			}
			out, meta, err := next.HandleInitialize(ctx, in)
			return out, meta, b.explain(err)
		}), middleware.After)
}

// attempts is the middleware around each attempt of an account's calls.
type attempts struct {
	*limits
	account string
}

// ID implements [middleware.FinalizeMiddleware].
func (*attempts) ID() string { return "ctcwAttempts" }

// HandleFinalize implements [middleware.FinalizeMiddleware].
func (a *attempts) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, meta middleware.Metadata, err error,
) {
	b := budgetIn(ctx)
	account := a.account
	if b.role != "" { // the caller's account asks for all, but each may fail for reasons of its own
		account = b.role
	}
	endpoint := endpointKey{awsmiddleware.GetServiceID(ctx), awsmiddleware.GetRegion(ctx)}
	ctx, visit, err := a.outages.enter(ctx, endpoint, account, b)
	if err != nil {
		return out, meta, err
	}
	var seen answer
	found := foundNothing
	defer func() { a.outages.leave(visit, endpoint, found, seen.sent, err) }()
	out, meta, err = a.inTurn(context.WithValue(ctx, answerKey{}, &seen), in, next, &seen)
	switch {
	case err == nil:
		found = foundAnswer
	case cutBy(ctx) != nil:
		err = cutBy(ctx)
	case context.Cause(ctx) == errNoAnswer:
		if err = visit.again(); !seen.sent.IsZero() {
			found = foundSilence
		}
	case ctx.Err() != nil:
	case seen.came && !isBroken(err):
		found = foundAnswer
	case !seen.sent.IsZero():
		found = foundSilence
		if visit.out != nil {
			err = visit.again()
		}
	}
	return out, meta, err
}

// isBroken reports whether an answer did not come to its end.
func isBroken(err error) bool {
	var network *net.OpError
	return awserr.Code(err) == awserr.CodeTimeout || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF)
}

// inTurn makes an attempt when it is its turn.
func (a *attempts) inTurn(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler, seen *answer) (
	out middleware.FinalizeOutput, meta middleware.Metadata, err error,
) {
	b := budgetIn(ctx)
	key := paceKey{a.account, awsmiddleware.GetServiceID(ctx), awsmiddleware.GetRegion(ctx), awsmiddleware.GetOperationName(ctx)}
	epoch, err := a.paces.wait(ctx, key, b)
	if err != nil {
		return out, meta, err
	}
	slots := a.slotsFor(key.operation)
	if err := take(ctx, slots, b); err != nil {
		return out, meta, err
	}
	out, meta, err = next.HandleFinalize(ctx, in)
	slots.Release(1)

	if b.refusal = nil; !seen.came { // an error may be that of finding credentials, then
		return out, meta, err
	}
	refused := err != nil && throttles.IsErrorThrottle(err).Bool()
	if refused {
		b.refusal = err
		progress.From(ctx).Throttle()
	}
	a.refused.add(refused)
	a.paces.report(key, epoch, refused)
	return out, meta, err
}

var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

// take waits for a slot.
func take(ctx context.Context, slots *semaphore.Weighted, b *budget) error {
	if slots.TryAcquire(1) {
		return nil
	}
	b.stop()
	defer b.run()
	if err := slots.Acquire(ctx, 1); err != nil {
		return &aws.RequestCanceledError{Err: err}
	}
	return nil
}

// answer is when an attempt was sent, if it was, and whether an answer came, of any kind.
type answer struct {
	sent time.Time
	came bool
}

type answerKey struct{}

// seeAnswers looks for the answer to each attempt.
func seeAnswers(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("ctcwAnswers",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			seen := ctx.Value(answerKey{}).(*answer)
			seen.sent = time.Now()
			out, meta, err := next.HandleDeserialize(ctx, in)
			seen.came = err == nil
			return out, meta, err
		}), middleware.After)
}

// share is a part of what happened lately. The zero value is none.
type share struct {
	mu sync.Mutex
	of float64
}

// shareWeight is that of what happened last.
const shareWeight = 1. / 64

func (s *share) add(happened bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of -= s.of * shareWeight
	if happened {
		s.of += shareWeight
	}
}

func (s *share) now() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of
}

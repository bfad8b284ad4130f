package account

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
)

// maxCalls is how many calls of one connection are under way at once.
const maxCalls = 256

// quotas are calls a second for each account and region, a little under AWS's: CloudTrail 10 for
// Get, Describe and List; DescribeLogGroups 10, in older accounts 5. The others are asked once an account,
// or page by page, and stay below theirs.
var quotas = map[string]rate.Limit{
	"CloudTrail":      9,
	"CloudWatch Logs": 5,
}

// limits holds back the calls of a connection before they start, so that a call's own time limit counts
// only the time that AWS takes, and sets the clock by their answers.
type limits struct {
	slots *semaphore.Weighted
	roles *semaphore.Weighted // slots for AssumeRole
	clock clock
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

// apply returns a configuration of one account whose calls keep to the limits.
func (l *limits) apply(config aws.Config) aws.Config {
	var rates sync.Map // quota → *rate.Limiter
	config.APIOptions = append(slices.Clone(config.APIOptions), countThrottles, l.clock.read, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("ctcwLimits",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
				out middleware.InitializeOutput, meta middleware.Metadata, err error,
			) {
				if err := wait(ctx, &rates); err != nil {
					return out, meta, err
				}
				slots := l.slotsFor(awsmiddleware.GetOperationName(ctx))
				if err := slots.Acquire(ctx, 1); err != nil {
					return out, meta, err
				}
				defer slots.Release(1)
				progress.From(ctx).Call()
				ctx, cancel := context.WithTimeout(ctx, callTimeout)
				defer cancel()
				return next.HandleInitialize(ctx, in)
			}), middleware.After)
	})
	return config
}

// countThrottles looks at the answer to each attempt: the retries hide it from the caller.
func countThrottles(stack *middleware.Stack) error {
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("ctcwThrottles",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
			middleware.FinalizeOutput, middleware.Metadata, error,
		) {
			out, meta, err := next.HandleFinalize(ctx, in)
			if err != nil && throttles.IsErrorThrottle(err).Bool() {
				progress.From(ctx).Throttle()
			}
			return out, meta, err
		}), "Retry", middleware.After)
}

var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

type quota struct{ service, region, operation string }

func wait(ctx context.Context, rates *sync.Map) error {
	q := quota{awsmiddleware.GetServiceID(ctx), awsmiddleware.GetRegion(ctx), awsmiddleware.GetOperationName(ctx)}
	limit, ok := quotas[q.service]
	if !ok {
		return nil
	}
	limiter, ok := rates.Load(q)
	if !ok {
		limiter, _ = rates.LoadOrStore(q, rate.NewLimiter(limit, int(limit)))
	}
	return limiter.(*rate.Limiter).Wait(ctx)
}

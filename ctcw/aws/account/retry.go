package account

import (
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// retryer retries as the AWS plugin does, and without the SDK's retry quota: a quota that runs out
// while many regions are throttled would turn throttling into lost regions.
func (c Config) retryer() aws.Retryer {
	standard := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = c.MaxAttempts
		if o.MaxAttempts == 0 {
			o.MaxAttempts = DefaultMaxAttempts
		}
		o.RateLimiter = ratelimit.None
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(cutShort))
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return c.backoff(attempt), nil
		})
	})
	if c.MaxAttempts != 0 {
		return standard
	}
	return patient{standard}
}

// cutShort has an answer asked for again that ended in its middle, as when a connection is reset. All that is
// called only reads. (The AWS SDK retries only where no answer began.)
func cutShort(err error) aws.Ternary {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// patient goes on for longer where AWS throttles: of the ten thousands of calls that an organization
// takes, some are throttled nine times in a row.
type patient struct{ *retry.Standard }

// maxThrottledAttempts are as many as a call's time limit has room for.
const maxThrottledAttempts = 13

func (p patient) MaxAttempts() int { return maxThrottledAttempts }

func (p patient) RetryDelay(attempt int, err error) (time.Duration, error) {
	if attempt >= p.Standard.MaxAttempts() && !throttles.IsErrorThrottle(err).Bool() {
		return 0, &retry.MaxAttemptsError{Attempt: attempt, Err: err}
	}
	return p.Standard.RetryDelay(attempt, err)
}

// backoff doubles with each attempt and is spread over its upper half, so that regions which were
// throttled together do not come back together.
func (c Config) backoff(attempt int) time.Duration {
	delay := c.MinRetryDelay
	if delay == 0 {
		delay = DefaultMinRetryDelay
	}
	for ; attempt > 0 && delay < maxRetryDelay; attempt-- {
		delay *= 2
	}
	delay = min(delay, maxRetryDelay)
	return delay/2 + rand.N(delay/2+1)
}

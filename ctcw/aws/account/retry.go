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
func (c Config) retryer(refused *share) aws.Retryer {
	standard := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = c.MaxAttempts
		if o.MaxAttempts == 0 {
			o.MaxAttempts = DefaultMaxAttempts
		}
		o.RateLimiter = ratelimit.None
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(cutShort))
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
			growth := 2.
			if throttles.IsErrorThrottle(err).Bool() && refused.now() <= mostRefused {
				growth = 1.25
			}
			return c.backoff(attempt, growth), nil
		})
	})
	if c.MaxAttempts != 0 {
		return standard
	}
	return patient{standard, refused}
}

// mostRefused is the share of attempts that AWS may refuse while those that it does are soon tried again. A call that is
// one of few that are refused has had bad luck, or waits for its turn anyway.
const mostRefused = 0.5

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
type patient struct {
	*retry.Standard
	refused *share
}

const (
	// maxThrottledAttempts are as many as a call's time limit has room for while AWS answers most of what it is asked.
	maxThrottledAttempts = 27
	// maxRefusedAttempts are as many while it does not.
	maxRefusedAttempts = 13
)

func (p patient) MaxAttempts() int { return maxThrottledAttempts }

func (p patient) RetryDelay(attempt int, err error) (time.Duration, error) {
	most := p.Standard.MaxAttempts()
	if IsOutage(err) { // it was to find out whether that is over, or was cut short by it
		most = maxThrottledAttempts
	}
	if throttles.IsErrorThrottle(err).Bool() {
		most = maxThrottledAttempts
		if p.refused.now() > mostRefused {
			most = maxRefusedAttempts
		}
	}
	if attempt >= most {
		return 0, &retry.MaxAttemptsError{Attempt: attempt, Err: err}
	}
	return p.Standard.RetryDelay(attempt, err)
}

// backoff grows with each attempt and is spread over its upper half, so that regions which were
// throttled together do not come back together.
func (c Config) backoff(attempt int, growth float64) time.Duration {
	delay := c.MinRetryDelay
	if delay == 0 {
		delay = DefaultMinRetryDelay
	}
	for ; attempt > 0 && delay < maxRetryDelay; attempt-- {
		delay = time.Duration(float64(delay) * growth)
	}
	delay = min(delay, maxRetryDelay)
	return delay/2 + rand.N(delay/2+1)
}

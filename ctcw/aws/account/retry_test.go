package account

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
)

var (
	throttled = &smithy.GenericAPIError{Code: "ThrottlingException"}
	broken    = &smithy.GenericAPIError{Code: "InternalFailure", Fault: smithy.FaultServer}
)

func TestThrottledCallsAreTriedForLonger(t *testing.T) {
	byDefault := Config{}.retryer(&share{})
	assert.Equal(t, maxThrottledAttempts, byDefault.MaxAttempts())
	_, err := byDefault.RetryDelay(DefaultMaxAttempts, throttled)
	assert.NoError(t, err)
	_, err = byDefault.RetryDelay(DefaultMaxAttempts-1, broken)
	assert.NoError(t, err)
	_, err = byDefault.RetryDelay(DefaultMaxAttempts, broken)
	assert.True(t, errors.Is(err, broken), "what AWS said is not lost")

	assert.Equal(t, 2, Config{MaxAttempts: 2}.retryer(&share{}).MaxAttempts(), "max_error_retry_attempts is kept to")
}

func TestThrottledCallsWaitLongOnlyWhileMostAreThrottled(t *testing.T) {
	var refused share
	r := Config{}.retryer(&refused)
	delay := func(attempt int, err error) time.Duration {
		d, err := r.RetryDelay(attempt, err)
		assert.NoError(t, err)
		return d
	}
	for i := range 1000 {
		refused.add(i%3 == 0)
	}
	assert.Less(t, delay(6, throttled), 285*time.Millisecond)
	assert.GreaterOrEqual(t, delay(6, broken), 800*time.Millisecond, "a service that is broken is not overloaded further")
	for range 1000 {
		refused.add(true)
	}
	assert.GreaterOrEqual(t, delay(6, throttled), 800*time.Millisecond)
	delay(maxRefusedAttempts-1, throttled)
	_, err := r.RetryDelay(maxRefusedAttempts, throttled)
	assert.ErrorIs(t, err, throttled)
}

package account

import (
	"errors"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
)

func TestThrottledCallsAreTriedForLonger(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "ThrottlingException"}
	broken := &smithy.GenericAPIError{Code: "InternalFailure", Fault: smithy.FaultServer}

	byDefault := Config{}.retryer()
	assert.Equal(t, maxThrottledAttempts, byDefault.MaxAttempts())
	_, err := byDefault.RetryDelay(DefaultMaxAttempts, throttled)
	assert.NoError(t, err)
	_, err = byDefault.RetryDelay(DefaultMaxAttempts-1, broken)
	assert.NoError(t, err)
	_, err = byDefault.RetryDelay(DefaultMaxAttempts, broken)
	assert.True(t, errors.Is(err, broken), "what AWS said is not lost")

	assert.Equal(t, 2, Config{MaxAttempts: 2}.retryer().MaxAttempts(), "max_error_retry_attempts is kept to")
}

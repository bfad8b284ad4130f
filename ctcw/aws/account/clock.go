package account

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// clock is AWS's, to the second: this machine's, put right by the Date of the latest answer. The SDK puts the time
// in a signature right too, so a machine whose clock is days off is answered like any other, and would take a trail
// that stopped days ago for a fresh one.
type clock struct {
	ahead atomic.Int64 // nanoseconds that AWS is ahead of this machine
}

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())).UTC() }

// read looks at each answer, errors included.
func (c *clock) read(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("ctcwClock",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			out, meta, err := next.HandleDeserialize(ctx, in)
			if response, ok := out.RawResponse.(*smithyhttp.Response); ok {
				if date, dateErr := http.ParseTime(response.Header.Get("Date")); dateErr == nil {
					c.ahead.Store(int64(time.Until(date)))
				}
			}
			return out, meta, err
		}), middleware.After)
}

// Now returns the time by AWS's clock, as of its latest answer.
func (c *Connection) Now() time.Time { return c.limits.clock.now() }

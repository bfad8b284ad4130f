package account

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// clock is AWS's, to the second: this machine's, put right by the Date of answers. The SDK puts the time in a signature
// right too, so a machine whose clock is days off is answered like any other, and would take a trail that stopped days
// ago for a fresh one.
//
// A proxy or one host may date its answers wrongly, and to believe the latest would be to call stale what is fresh, or
// fresh what is stale: the middle one of several counts. Where AWS's answers have no Date this machine's clock is right
// to some minutes, as AWS would not believe its signatures otherwise.
type clock struct {
	mu      sync.Mutex
	answers []dated // the latest, at most maxDated
}

// dated is when an answer came, by this machine's clock, and when it says that was.
type dated struct {
	at   reading
	date time.Time
}

// reading is this machine's clock: what it shows, and how long this program has run, which setting it does not change.
type reading struct {
	shows time.Time
	ran   time.Duration
}

var started = time.Now()

func readClock() reading {
	now := time.Now()
	return reading{shows: now.Round(0), ran: now.Sub(started)}
}

const (
	maxDated = 15
	// maxStep is how far this machine's clock may be set while what was read from it counts.
	maxStep = time.Minute
)

func (c *clock) now() time.Time { return c.at(readClock()).UTC() }

func (c *clock) at(local reading) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ahead []time.Duration // that AWS is, of this machine
	for _, a := range c.answers {
		if !stepped(a.at, local) {
			ahead = append(ahead, a.date.Sub(a.at.shows))
		}
	}
	if len(ahead) == 0 {
		return local.shows
	}
	slices.Sort(ahead)
	return local.shows.Add(ahead[len(ahead)/2]) // of two the later, which makes nothing fresh
}

// stepped reports whether this machine's clock was set between two readings, or the machine slept.
func stepped(from, to reading) bool {
	return (to.shows.Sub(from.shows) - (to.ran - from.ran)).Abs() > maxStep
}

func (c *clock) learn(at reading, date time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = append(c.answers, dated{at, date})
	if len(c.answers) > maxDated {
		c.answers = slices.Delete(c.answers, 0, 1)
	}
}

// read looks at each answer, errors included.
func (c *clock) read(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("ctcwClock",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			middleware.DeserializeOutput, middleware.Metadata, error,
		) {
			out, meta, err := next.HandleDeserialize(ctx, in)
			if response, ok := out.RawResponse.(*smithyhttp.Response); ok {
				if date, dateErr := http.ParseTime(response.Header.Get("Date")); dateErr == nil {
					c.learn(readClock(), date)
				}
			}
			return out, meta, err
		}), middleware.After)
}

// Now returns the time by AWS's clock, as of its latest answers.
func (c *Connection) Now() time.Time { return c.limits.clock.now() }

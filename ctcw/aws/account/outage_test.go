package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"golang.org/x/sync/errgroup"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/awserr"
)

// cloud is AWS as an HTTP client sees it: one region may be silent.
type cloud struct {
	mu      sync.Mutex
	silent  string // part of the hosts that do not answer
	refuses bool   // connections, rather than to hang
	busy    string // part of the hosts that throttle every call
	asked   int    // of those hosts
	pause   time.Duration
}

func (c *cloud) set(silent string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent = silent
}

func (c *cloud) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

type timeout struct{ error }

func (timeout) Timeout() bool { return true }

// Do implements [aws.HTTPClient].
func (c *cloud) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	down := c.silent != "" && strings.Contains(r.URL.Host, c.silent)
	if down {
		c.asked++
	}
	c.mu.Unlock()
	wait := c.pause
	if down && !c.refuses {
		wait = attemptTimeout
	}
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	switch {
	case down && c.refuses:
		return nil, syscall.ECONNREFUSED
	case down:
		return nil, timeout{errors.New("no answer")}
	}
	if c.busy != "" && strings.Contains(r.URL.Host, c.busy) {
		return &http.Response{StatusCode: http.StatusBadRequest, Header: http.Header{"X-Amzn-Errortype": {"ThrottlingException"}}, Body: io.NopCloser(strings.NewReader(`{}`))}, nil
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"trailList":[]}`))}, nil
}

// connect returns a connection over the cloud, and a function that asks for the trails of an account in a region.
func connect(c *cloud) (*Connection, func(ctx context.Context, account, region string) error) {
	connection := &Connection{limits: newLimits()}
	base := aws.Config{HTTPClient: c, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Region: "us-east-1"}
	base.Retryer = func() aws.Retryer { return Config{}.retryer(&connection.limits.refused) }
	return connection, func(ctx context.Context, account, region string) error {
		config := connection.limits.applyTo(base, account)
		config.Region = region
		_, err := cloudtrail.NewFromConfig(config).DescribeTrails(ctx, nil)
		return err
	}
}

// inBoth asks for the trails of accounts in two regions, 64 accounts at a time, and returns the errors in one of them.
func inBoth(t *testing.T, ask func(context.Context, string, string) error, accounts int) (failures []error) {
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(64)
	for i := range accounts {
		group.Go(func() error {
			var both errgroup.Group
			both.Go(func() error { return ask(t.Context(), fmt.Sprint(i), "us-east-1") })
			both.Go(func() error {
				err := ask(t.Context(), fmt.Sprint(i), "eu-west-3")
				mu.Lock()
				defer mu.Unlock()
				failures = append(failures, err)
				return nil
			})
			return both.Wait()
		})
	}
	assert.NoError(t, group.Wait(), "what does answer is not given up")
	return failures
}

func TestARegionThatIsOutDoesNotAddUp(t *testing.T) {
	for name, refuses := range map[string]bool{"hangs": false, "refuses": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{silent: "eu-west-3", refuses: refuses, pause: 20 * time.Millisecond}
				connection, ask := connect(c)
				began := time.Now()
				for _, err := range inBoth(t, ask, 1000) {
					assert.True(t, IsOutage(err))
					assert.True(t, awserr.IsNetwork(err))
					assert.Equal(t, awserr.CodeUnreachable, awserr.Code(err))
					assert.Regexp(t, `^RegionUnreachable: CloudTrail in eu-west-3 did not answer [0-9]+ calls in a row \(the last: .*\), so it is not asked for other accounts$`, awserr.Text(err))
				}
				assert.Less(t, time.Since(began), attemptTimeout+outagePatience+time.Second)

				c.set("")
				connection.TryAgain(time.Minute)
				assert.True(t, IsOutage(ask(t.Context(), "1", "eu-west-3")), "it was asked a moment ago")
				connection.TryAgain(0)
				for _, err := range inBoth(t, ask, 100) {
					assert.NoError(t, err)
				}

				c.set("eu-west-3")
				inBoth(t, ask, 100)
				c.set("")
				time.Sleep(outageLasts)
				for _, err := range inBoth(t, ask, 100) {
					assert.NoError(t, err, "it lapses")
				}
			})
		})
	}
}

func TestOnlyOneCallFindsOutWhetherAnOutageIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{silent: "eu-west-3"}
		connection, ask := connect(c)
		inBoth(t, ask, 100)
		connection.TryAgain(0)
		asked, began := c.requests(), time.Now()
		for _, err := range inBoth(t, ask, 64) {
			assert.True(t, IsOutage(err))
		}
		assert.Equal(t, 1, c.requests()-asked)
		assert.Equal(t, probeTimeout, time.Since(began).Truncate(time.Second))

		// Whoever asks may give up, and whoever waits too.
		connection.TryAgain(0)
		first, giveUp := context.WithCancel(t.Context())
		var group errgroup.Group
		group.Go(func() error { return ask(first, "1", "eu-west-3") })
		synctest.Wait()
		impatient, leave := context.WithCancel(t.Context())
		group.Go(func() error { return ask(impatient, "2", "eu-west-3") })
		second := make(chan error, 1)
		go func() { second <- ask(t.Context(), "3", "eu-west-3") }()
		synctest.Wait()
		c.set("")
		leave()
		giveUp()
		assert.NoError(t, <-second)
		assert.Equal(t, awserr.CodeCanceled, awserr.Code(group.Wait()))
	})
}

func TestWhatIsNoOutage(t *testing.T) {
	const region = "eu-west-3"
	for name, do := range map[string]func(t *testing.T, c *cloud, ask func(context.Context, string, string) error){
		"one account": func(t *testing.T, _ *cloud, ask func(context.Context, string, string) error) {
			var group errgroup.Group
			for range 100 {
				group.Go(func() error {
					assert.Equal(t, awserr.CodeTimeout, awserr.Code(ask(t.Context(), "1", region)))
					return nil
				})
			}
			assert.NoError(t, group.Wait())
		},
		"over in a moment": func(t *testing.T, c *cloud, ask func(context.Context, string, string) error) {
			c.refuses = true
			time.AfterFunc(4*time.Second, func() { c.set("") })
			for _, err := range inBoth(t, ask, 64) {
				assert.NoError(t, err)
			}
		},
		"cancelled": func(t *testing.T, c *cloud, ask func(context.Context, string, string) error) {
			ctx, cancel := context.WithTimeout(t.Context(), attemptTimeout-time.Second)
			defer cancel()
			var group errgroup.Group
			for i := range 64 {
				group.Go(func() error { _ = ask(ctx, fmt.Sprint(i), region); return nil })
			}
			assert.NoError(t, group.Wait())
			c.set("")
			assert.NoError(t, ask(t.Context(), "1", region))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{silent: region}
				_, ask := connect(c)
				do(t, c, ask)
			})
		})
	}
}

func TestWhoCannotAssumeARoleForWantOfAnswersDoesNotHoldUpTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{silent: "sts."}
		connection, _ := connect(c)
		base := aws.Config{HTTPClient: c, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), Region: "us-east-1"}
		base.Retryer = func() aws.Retryer { return Config{}.retryer(&connection.limits.refused) }
		began := time.Now()
		var group errgroup.Group
		group.SetLimit(64)
		for i := range 1000 {
			group.Go(func() error {
				role := fmt.Sprintf("arn:aws:iam::%012d:role/audit", i)
				member := base.Copy()
				member.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(connection.limits.applyTo(base, "1")), role))
				_, err := cloudtrail.NewFromConfig(connection.limits.applyTo(member, fmt.Sprint(i))).DescribeTrails(t.Context(), nil)
				assert.True(t, IsOutage(err))
				assert.Contains(t, awserr.TextOn(err, ""), "RegionUnreachable: STS in us-east-1 did not answer")
				return nil
			})
		}
		assert.NoError(t, group.Wait())
		assert.Less(t, time.Since(began), attemptTimeout+outagePatience+time.Second)
		assert.Nil(t, connection.limits.outages.endpoints[endpointKey{"CloudTrail", "us-east-1"}].out, "it was never asked")
	})
}

// What is under way when the outage turns out does not wait for its own time to be over.
func TestAnOutageCutsShortWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{silent: "eu-west-3"}
		_, ask := connect(c)
		go inBoth(t, ask, outageCalls)
		time.Sleep(attemptTimeout - time.Second)
		began := time.Now()
		assert.True(t, IsOutage(ask(t.Context(), "late", "eu-west-3")))
		assert.Equal(t, time.Second+outagePatience, time.Since(began).Truncate(time.Second))
		synctest.Wait()
	})
}

// What retries would have sat out loses nothing because it was an outage.
func TestAnOutageThatIsOverSoonLosesNothing(t *testing.T) {
	for name, refuses := range map[string]bool{"hangs": false, "refuses": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{silent: "eu-west-3", refuses: refuses, pause: 20 * time.Millisecond}
				_, ask := connect(c)
				time.AfterFunc(12*time.Second, func() { c.set("") })
				for _, err := range inBoth(t, ask, 1000) {
					assert.NoError(t, err)
				}
			})
		})
	}
}

// However often it is to be asked again, nobody waits for longer than the endpoint is given.
func TestPatienceWithAnOutageHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{silent: "eu-west-3", refuses: true}
		connection, ask := connect(c)
		ctx, stop := context.WithCancel(t.Context())
		go func() {
			for ctx.Err() == nil {
				connection.TryAgain(0)
				time.Sleep(100 * time.Millisecond)
			}
		}()
		began := time.Now()
		for _, err := range inBoth(t, ask, 64) {
			assert.True(t, IsOutage(err))
		}
		assert.Less(t, time.Since(began), outageTime+outagePatience+maxRetryDelay+probeTimeout)
		stop()
		time.Sleep(time.Second)
	})
}

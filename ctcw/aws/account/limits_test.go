package account_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// As many accounts as a query scans at once, in many more regions than there are slots for calls: each call waits
// for new credentials of its account, and they take a call too.
func TestCredentialsOfManyAccountsThatExpireAtOnce(t *testing.T) {
	const members = 64
	org := &sample.Organization{ID: "o-test", Management: "100000000000"}
	for i := range members + 1 {
		org.Accounts = append(org.Accounts, &sample.Account{ID: fmt.Sprint(100000000000 + i), Roles: []sample.Role{{Name: "audit"}}})
	}
	server := serve(t, org)
	config := keysOf(org)
	config.EndpointURL, config.Accounts, config.RoleName = server.URL(), []string{"*"}, "audit"
	c, err := account.Open(context.Background(), config)
	require.NoError(t, err)

	// Sessions last for 15 minutes, of which this leaves five seconds.
	server.SetClock(func() time.Time { return time.Now().Add(5*time.Second - 15*time.Minute) })
	list := func() error {
		group, ctx := errgroup.WithContext(context.Background())
		self, err := c.Self(ctx)
		if err != nil {
			return err
		}
		for _, a := range org.Accounts[1:] {
			session, err := c.Session(ctx, self, a.ID)
			if err != nil {
				return err
			}
			regions, err := session.Regions()
			if err != nil {
				return err
			}
			for _, region := range regions {
				group.Go(func() error {
					_, err := cloudtrail.NewFromConfig(session.In(region.Name)).DescribeTrails(ctx, nil)
					return err
				})
			}
		}
		return group.Wait()
	}
	require.NoError(t, list())
	expired := time.Now().Add(5 * time.Second)
	server.SetClock(time.Now)
	server.SetLatency(5 * time.Millisecond)
	time.Sleep(time.Until(expired))
	server.ResetCalls()

	began := time.Now()
	require.NoError(t, list())
	assert.Less(t, time.Since(began), 25*time.Second, "waiting for one another takes as long as a call may, 30 s; a busy machine under the race detector 16")
	assert.Equal(t, members, server.Calls().Of(assumeRole))
	t.Logf("%d calls in %v", server.Calls().Total(), time.Since(began))
}

func TestCallsFindThePaceOfAQuota(t *testing.T) {
	org := one()
	server := serve(t, org)
	config := keysOf(org)
	config.EndpointURL = server.URL()
	c, err := account.Open(context.Background(), config)
	require.NoError(t, err)
	self, err := c.Self(context.Background())
	require.NoError(t, err)

	const calls = 150
	server.SetQuotas(sample.Quotas{"cloudtrail:DescribeTrails": {Rate: 50, Burst: 10}})
	began := time.Now()
	var group errgroup.Group
	client := cloudtrail.NewFromConfig(self.In("us-east-1"))
	for range calls {
		group.Go(func() error {
			_, err := client.DescribeTrails(context.Background(), nil)
			return err
		})
	}
	require.NoError(t, group.Wait())
	t.Logf("%d of %d attempts refused, %v", server.Calls().Throttled(""), server.Calls().Total(), time.Since(began))
	assert.Less(t, server.Calls().Throttled(""), 3*calls)
	assert.Less(t, time.Since(began), 20*time.Second)
}

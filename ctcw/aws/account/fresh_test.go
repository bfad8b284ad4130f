package account

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// What an account has is believed for some minutes, not for as long as the connection lasts: regions get enabled.
func TestASessionInAnotherAccountIsBelievedForMinutes(t *testing.T) {
	const member = "222222222222"
	server := sample.New(&sample.Organization{ID: "o-test", Management: "111111111111", Accounts: []*sample.Account{
		{ID: "111111111111", AccessKeyID: "AKIAMAIN", SecretAccessKey: "secret"},
		{ID: member, Regions: []string{"us-east-1"}, Roles: []sample.Role{{Name: "audit"}}},
	}})
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Close() })
	ctx := context.Background()
	c, err := Open(ctx, Config{AccessKey: "AKIAMAIN", SecretKey: "secret", EndpointURL: server.URL(), Accounts: []string{member}, RoleName: "audit"})
	require.NoError(t, err)
	self, err := c.Self(ctx)
	require.NoError(t, err)
	session := func() (*Session, int) {
		s, err := c.Session(ctx, self, member)
		require.NoError(t, err)
		regions, err := s.Regions()
		require.NoError(t, err)
		return s, len(regions)
	}
	first, regions := session()
	assert.Equal(t, 1, regions)
	assert.WithinDuration(t, time.Now().Add(identityTTL), first.fresh, time.Minute)
	server.Update(func(o *sample.Organization) { o.Accounts[1].Regions = []string{"us-east-1", "af-south-1"} })
	again, regions := session()
	assert.Same(t, first, again)
	assert.Equal(t, 1, regions)
	first.fresh = time.Now().Add(-time.Second)
	_, regions = session()
	assert.Equal(t, 2, regions)
}

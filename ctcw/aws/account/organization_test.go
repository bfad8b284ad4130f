package account_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// An account that is not listed has no row: a page that is not what AWS would answer must not pass for the last.
func TestNoPageOfAnOrganizationIsLost(t *testing.T) {
	const listAccounts = "organizations:ListAccounts"
	for name, c := range map[string]struct {
		fault sample.Fault
		err   string
		calls int
	}{
		"no fault":                 {sample.Fault{Action: "none:None", Kind: sample.EmptyBody}, "", 3},
		"a second page of nulls":   {sample.Fault{Action: listAccounts, Kind: sample.NullValues, After: 1}, "ListAccounts returned ", 2},
		"an empty second page":     {sample.Fault{Action: listAccounts, Kind: sample.EmptyBody, After: 1}, "ListAccounts returned no list of accounts", 2},
		"a token that comes again": {sample.Fault{Action: listAccounts, Kind: sample.RepeatingToken}, "ListAccounts returned the same NextToken twice", 2},
	} {
		t.Run(name, func(t *testing.T) {
			org := one()
			for i := range 44 {
				org.Accounts = append(org.Accounts, &sample.Account{ID: fmt.Sprintf("2222222222%02d", i), Name: fmt.Sprint("member ", i)})
			}
			server := serve(t, org)
			server.Inject(c.fault)
			config := keysOf(org)
			config.EndpointURL, config.Accounts, config.RoleName = server.URL(), []string{"*"}, "audit"
			connection, err := account.Open(context.Background(), config)
			require.NoError(t, err)
			_, list, err := connection.Accounts(context.Background())
			require.NoError(t, err)
			accounts, err := list.All(context.Background())
			assert.Equal(t, c.calls, server.Calls().Of(listAccounts))
			if c.err != "" {
				assert.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Len(t, accounts, 45)
		})
	}
}

package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestTheConnectionsAttemptsGoBeforeThoseOfTheEnvironment(t *testing.T) {
	cases := map[string]struct {
		environment string
		config      int
		want        int
	}{
		"more than the environment says": {"1", 3, 3},
		"fewer":                          {"5", 2, 2},
		"only the environment":           {"2", 0, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_MAX_ATTEMPTS", c.environment)
			org := one()
			server := serve(t, org)
			server.Inject(sample.Fault{Action: getCallerIdentity, Kind: sample.ServerError})
			config := keysOf(org)
			config.EndpointURL, config.MaxAttempts = server.URL(), c.config
			_, err := self(t, config)
			assert.Error(t, err)
			assert.Equal(t, c.want, server.Calls().Of(getCallerIdentity))
		})
	}
}

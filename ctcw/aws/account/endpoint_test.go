package account_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
)

func TestTheConnectionsEndpointGoesBeforeTheEnvironment(t *testing.T) {
	nowhere := "http://127.0.0.1:1"
	for name, environment := range map[string]map[string]string{
		"nothing":                  {},
		"ignoring endpoints":       {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
		"an endpoint":              {"AWS_ENDPOINT_URL": nowhere},
		"an endpoint of a service": {"AWS_ENDPOINT_URL_STS": nowhere},
		"everything at once":       {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL": nowhere, "AWS_ENDPOINT_URL_STS": nowhere},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range environment {
				t.Setenv(variable, value)
			}
			org := one()
			config := keysOf(org)
			config.EndpointURL = serve(t, org).URL()
			id, err := self(t, config)
			require.NoError(t, err)
			assert.Equal(t, "111111111111", id)
		})
	}
}

func TestAPlainEndpointOnAnotherMachineGetsAWarning(t *testing.T) {
	for endpoint, warned := range map[string]bool{
		"http://aws.invalid:4566": true, "http://user:marked-password@aws.invalid:4566": true, "https://aws.invalid:4566": false,
		"http://127.0.0.1:1": false, "http://localhost:1": false, "http://[::1]:1": false, "http://x.localhost:1": false,
	} {
		t.Run(endpoint, func(t *testing.T) {
			p := &person{}
			ctx := operator.With(context.Background(), p)
			config := keysOf(one())
			config.EndpointURL, config.MaxAttempts = endpoint, 2
			c, err := account.Open(ctx, config)
			require.NoError(t, err)
			for range 2 {
				_, err = c.Self(ctx)
				assert.Error(t, err, "nobody is there")
			}
			if !warned {
				assert.Empty(t, p.told)
			} else if assert.Len(t, p.told, 1, "once") {
				assert.Contains(t, p.told[0], "requests to http://aws.invalid:4566 are not encrypted")
			}
		})
	}
}

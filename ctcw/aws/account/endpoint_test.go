package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

package e2e

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDemoIsAskedWhateverEndpointsTheEnvironmentNames(t *testing.T) {
	env := []string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ENDPOINT_URL_CLOUDTRAIL=http://127.0.0.1:1"}
	got := ctcw(t, env, "query", "--demo", "--output", "csv", "--header=false", "select count(*) from cloudtrail_cloudwatch_status where delivery_status = 'no_trail'")
	require.Zero(t, got.code, got.stderr)
	assert.Equal(t, "2\n", got.stdout)
}

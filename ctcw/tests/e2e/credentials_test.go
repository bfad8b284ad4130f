package e2e

import (
	"os"
	"os/exec"
	"strings"
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

// The same profile, the same environment: the aws command line and this program are the same caller.
func TestAgainstMotoTheRoleOfAProfileIsAssumed(t *testing.T) {
	m := startMoto(t)
	config := write(t, "config", "[profile audit]\nrole_arn = arn:aws:iam::210987654321:role/audit\nsource_profile = main\n")
	credentials := write(t, "credentials", "[main]\naws_access_key_id = testing\naws_secret_access_key = testing\n")
	env := []string{"AWS_ENDPOINT_URL=" + m.url, "AWS_CONFIG_FILE=" + config, "AWS_SHARED_CREDENTIALS_FILE=" + credentials, "AWS_DEFAULT_REGION=us-east-1"}

	aws := exec.Command("aws", "sts", "get-caller-identity", "--profile", "audit", "--query", "Account", "--output", "text")
	aws.Env = append(os.Environ(), append(env, "AWS_PAGER=")...)
	out, err := aws.CombinedOutput()
	require.NoError(t, err, string(out))

	got := ctcw(t, env, "query", "--profile", "audit", "--output", "csv", "--header=false", "select account_id from cloudtrail_cloudwatch_status")
	require.Zero(t, got.code, got.stderr)
	assert.Equal(t, strings.TrimSpace(string(out))+"\n", got.stdout)
	assert.Equal(t, "210987654321\n", got.stdout)
}

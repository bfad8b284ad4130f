package ctcw_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// Steampipe starts a plugin once; whoever signs in anew does so while it runs.
func TestRenewedCredentialsAreUsed(t *testing.T) {
	h := start(t, organization())
	main := h.org.Accounts[0]
	credentials := filepath.Join(t.TempDir(), "credentials")
	signIn := func(keyID string) {
		text := fmt.Sprintf("[renewed]\naws_access_key_id = %s\naws_secret_access_key = %s\n", keyID, main.SecretAccessKey)
		require.NoError(t, os.WriteFile(credentials, []byte(text), 0o600))
	}
	expire := func(now string) { h.endpoint.Update(func(*sample.Organization) { main.AccessKeyID = now }) }
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", credentials)
	h.configure(&proto.ConnectionConfig{Connection: "renewed", Config: "profile = \"renewed\"\nendpoint_url = \"" + h.endpoint.URL() + "\"\nmin_error_retry_delay = 1\n"})
	query := func() error {
		rows, err := h.execute(request{connections: []string{"renewed"}, columns: []string{"account_id", "delivery_status"}})
		if err == nil && assert.Len(t, rows, 1) {
			assert.Equal(t, "delivering", rows[0]["delivery_status"])
		}
		return err
	}

	signIn(main.AccessKeyID)
	require.NoError(t, query())
	require.NoError(t, query())
	assert.Equal(t, 1, h.endpoint.Calls().Of(getCallerIdentity), "the identity is believed")

	expire("AKIASECOND")
	assert.ErrorContains(t, query(), `until "aws sts get-caller-identity --profile renewed" works`)
	signIn("AKIASECOND")
	require.NoError(t, query())

	expire("AKIATHIRD")
	signIn("AKIATHIRD")
	require.NoError(t, query(), "nobody saw the keys expire")
}

package ctcw_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

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

// The sessions in other accounts are believed for some minutes too, and may be over before they expire, as when a role's
// sessions are revoked: here by AWS's clock, which has gone on by two hours.
func TestSessionsThatAreOverAreMadeAnewOnceCredentialsAreRefused(t *testing.T) {
	h := start(t, company(1), everyAccount)
	member := func() row { return by(h.rows(request{}), "account_id")["100000000001"] }
	assert.Equal(t, "delivering", member()["delivery_status"])
	h.endpoint.SetClock(func() time.Time { return time.Now().Add(2 * time.Hour) })
	mend := h.endpoint.Inject(sample.Fault{Action: describeTrails, Account: "100000000000", Kind: sample.ExpiredToken})
	assert.Equal(t, "unknown", member()["delivery_status"])
	mend()
	r := member()
	assert.Equal(t, "delivering", r["delivery_status"], r["status_reason"])
}

package ctcw_test

import (
	"fmt"
	"net/http"
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

// The sessions in other accounts are believed for some minutes too, and may be over before they expire, as when somebody
// revokes a role's sessions: here by AWS's clock, which has gone on by two hours.
func TestSessionsThatAreOverAreMadeAnew(t *testing.T) {
	h := start(t, company(1), everyAccount)
	member := func() row { return by(h.rows(request{}), "account_id")["100000000001"] }
	assert.Equal(t, "delivering", member()["delivery_status"])
	later := time.Now().Add(2 * time.Hour)
	h.endpoint.SetClock(func() time.Time { return later })
	h.endpoint.Update(func(o *sample.Organization) { o.Accounts[1].Trails[0].Status = sample.Healthy(later) })
	asked := h.endpoint.Calls().Of(assumeRole)
	r := member()
	assert.Equal(t, "delivering", r["delivery_status"], r["status_reason"])
	assert.Equal(t, asked+1, h.endpoint.Calls().Of(assumeRole))

	h.endpoint.Inject(sample.Fault{Account: "100000000001", Action: describeTrails, Kind: sample.ExpiredToken})
	asked = h.endpoint.Calls().Of(assumeRole)
	assert.Equal(t, "unknown", member()["delivery_status"])
	assert.Equal(t, asked+1, h.endpoint.Calls().Of(assumeRole), "once more, and no more than that")
}

// A program that gives credentials for a while may give those of another account next, while the identity of the first is
// believed. The second one's trails must not come under the first one's id, nor what it sees of the organization.
func TestCredentialsOfAnotherAccountAreAnotherIdentity(t *testing.T) {
	org := company(1)
	management, member := org.Accounts[0], org.Accounts[1]
	management.Trails[0].Status.Logging = false
	for _, a := range org.Accounts {
		a.AccessKeyID, a.SecretAccessKey = "AKIAGIVEN"+a.ID, "secret/"+a.ID
	}
	org.DelegatedAdmins = []string{member.ID}
	h := start(t, org)
	answer, config := filepath.Join(t.TempDir(), "answer.json"), filepath.Join(t.TempDir(), "config")
	give := func(a *sample.Account, lasts time.Duration) {
		text := fmt.Sprintf(`{"Version":1,"AccessKeyId":%q,"SecretAccessKey":%q,"Expiration":%q}`, a.AccessKeyID, a.SecretAccessKey, time.Now().Add(lasts).UTC().Format(time.RFC3339))
		require.NoError(t, os.WriteFile(answer, []byte(text), 0o600))
	}
	require.NoError(t, os.WriteFile(config, []byte("[profile given]\ncredential_process = cat "+answer+"\n"), 0o600))
	t.Setenv("AWS_CONFIG_FILE", config)
	given := fmt.Sprintf("profile = \"given\"\nendpoint_url = %q\nmin_error_retry_delay = 1\n", h.endpoint.URL())
	h.configure(
		&proto.ConnectionConfig{Connection: "alone", Config: given},
		&proto.ConnectionConfig{Connection: "organization", Config: given + everyAccount + "\n"},
	)
	statuses := func(connection string) map[any]any {
		found := map[any]any{}
		for _, r := range h.rows(request{connections: []string{connection}, columns: []string{"account_id", "trail_account_id", "delivery_status"}}) {
			found[r["account_id"]] = r["delivery_status"]
		}
		return found
	}
	give(management, 2*time.Second)
	assert.Equal(t, map[any]any{management.ID: "logging_stopped"}, statuses("alone"))
	assert.Equal(t, map[any]any{management.ID: "logging_stopped", member.ID: "delivering"}, statuses("organization"))
	give(member, time.Hour)
	time.Sleep(2500 * time.Millisecond)
	assert.Equal(t, map[any]any{member.ID: "delivering"}, statuses("alone"))
	assert.NotEqual(t, "delivering", statuses("organization")[management.ID])
}

// As above, while a scan goes on: the identity was the first account's, and its regions show what the second one has.
func TestCredentialsOfAnotherAccountInTheMiddleOfAScan(t *testing.T) {
	const trails = `{"trailList":[{"Name":"t","TrailARN":"arn:aws:cloudtrail:eu-west-1:222222222222:trail/t","HomeRegion":"eu-west-1","IsMultiRegionTrail":true,` +
		`"IsOrganizationTrail":false,"CloudWatchLogsLogGroupArn":"arn:aws:logs:eu-west-1:222222222222:log-group:g:*"}]}`
	h := startBehind(t, "middle", company(0), func(w http.ResponseWriter, r *http.Request, serve func()) {
		switch {
		case isCall(r, "DescribeTrails"):
			answerJSON(w, http.StatusOK, trails)
		case isCall(r, "GetTrailStatus"):
			answerJSON(w, http.StatusOK, fmt.Sprintf(`{"IsLogging":true,"LatestCloudWatchLogsDeliveryTime":%d}`, time.Now().Unix()))
		default:
			serve()
		}
	})
	for table, verdict := range map[string]string{table: "delivery_status", alarmTable: "alarm_status", arrivalTable: "arrival_status"} {
		for _, r := range h.rows(request{table: table}) {
			assert.Equal(t, "unknown", r[verdict], table)
			assert.Contains(t, r["scan_error"], "the credentials are not those of account 100000000000", table)
		}
	}
}

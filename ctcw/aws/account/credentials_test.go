package account_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
)

const (
	roleProfile = "[profile audit]\nrole_arn = arn:aws:iam::111111111111:role/audit\nsource_profile = main\n"
	mainKeys    = "[main]\naws_access_key_id = AKIAMAIN\naws_secret_access_key = secret\n"
)

func TestTheRoleOfAProfileIsAssumedAtTheEndpoint(t *testing.T) {
	org := one()
	server := serve(t, org)
	cases := map[string]struct {
		environment map[string]string
		profile     string
		config      account.Config
	}{
		"of the environment":           {environment: map[string]string{"AWS_ENDPOINT_URL": server.URL()}},
		"of the environment, region":   {environment: map[string]string{"AWS_ENDPOINT_URL": server.URL(), "AWS_REGION": "eu-west-1"}},
		"of the environment, services": {environment: map[string]string{"AWS_ENDPOINT_URL_STS": server.URL(), "AWS_ENDPOINT_URL_EC2": server.URL()}},
		"of the profile":               {profile: "endpoint_url = " + server.URL() + "\n"},
		"of the connection":            {config: account.Config{EndpointURL: server.URL()}},
		"of the connection, all others ignored": {config: account.Config{EndpointURL: server.URL()},
			environment: map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			writeFiles(t, roleProfile+c.profile, mainKeys)
			for variable, value := range c.environment {
				t.Setenv(variable, value)
			}
			server.ResetCalls()
			c.config.Profile = "audit"
			id, err := self(t, c.config)
			require.NoError(t, err)
			assert.Equal(t, "111111111111", id)
			assert.Equal(t, 1, server.Calls().Of(assumeRole))
		})
	}
}

// formOf reads what STS is asked, and leaves it to be read again.
func formOf(r *http.Request) url.Values {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	return form
}

func TestTheRoleOfAWebIdentityIsAssumedAtTheEndpoint(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch formOf(r).Get("Action") {
		case "AssumeRoleWithWebIdentity":
			fmt.Fprint(w, `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAWEB</AccessKeyId>`+
				`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>`+
				`</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`)
		case "GetCallerIdentity":
			assert.Contains(t, r.Header.Get("Authorization"), "Credential=ASIAWEB/")
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::222222222222:assumed-role/web/ctcw</Arn>`+
				`<Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("web"), 0o600))
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::222222222222:role/web")
	for name, config := range map[string]account.Config{"of the connection": {EndpointURL: server.URL}, "of the environment": {}} {
		t.Run(name, func(t *testing.T) {
			if config.EndpointURL == "" {
				t.Setenv("AWS_ENDPOINT_URL", server.URL)
			}
			id, err := self(t, config)
			require.NoError(t, err)
			assert.Equal(t, "222222222222", id)
		})
	}
}

// It sleeps for longer than any other source of credentials may take.
func TestACredentialProcessMayTakeItsTime(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes 9 s")
	}
	const process = `sh -c 'sleep 9; echo "{\"Version\":1,\"AccessKeyId\":\"AKIAMAIN\",\"SecretAccessKey\":\"secret\"}"'`
	writeFiles(t, "[profile audit]\ncredential_process = "+process+"\n", "")
	id, err := self(t, account.Config{Profile: "audit", EndpointURL: serve(t, one()).URL()})
	require.NoError(t, err)
	assert.Equal(t, "111111111111", id)
}

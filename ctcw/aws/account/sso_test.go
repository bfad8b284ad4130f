package account_test

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

const ssoProfile = `[profile sso]
sso_session = work
sso_account_id = 111111111111
sso_role_name = audit
region = us-east-1
[sso-session work]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
`

// portal is what gives credentials for the token of an SSO session, and another token for one that is over.
type portal struct {
	*httptest.Server
	mu        sync.Mutex
	keyID     string
	valid     string // the token that it takes
	lasts     time.Duration
	presented []string // tokens that it was shown
}

// set has other credentials given, for another token.
func (p *portal) set(keyID, token string, lasts time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keyID, p.valid, p.lasts = keyID, token, lasts
}

func startPortal(t *testing.T, keyID string) *portal {
	t.Helper()
	p := &portal{keyID: keyID, valid: "bearer-1", lasts: time.Hour}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.URL.Path == "/token" {
			fmt.Fprintf(w, `{"accessToken":%q,"expiresIn":3600,"refreshToken":"refresh-2"}`, p.valid)
			return
		}
		token := r.Header.Get("x-amz-sso_bearer_token")
		p.presented = append(p.presented, token)
		if token != p.valid {
			w.Header().Set("X-Amzn-Errortype", "UnauthorizedException")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"message":"Session token not found or invalid"}`)
			return
		}
		fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":%q,"secretAccessKey":"secret","expiration":%d}}`, p.keyID, time.Now().Add(p.lasts).UnixMilli())
	}))
	t.Cleanup(p.Close)
	t.Setenv("AWS_ENDPOINT_URL_SSO", p.URL)
	t.Setenv("AWS_ENDPOINT_URL_SSO_OIDC", p.URL)
	return p
}

// signIn writes what "aws sso login" leaves behind, in a home of the test's own.
func signIn(t *testing.T, home, token string, expires time.Time) {
	t.Helper()
	hash := sha1.Sum([]byte("work"))
	path := filepath.Join(home, ".aws", "sso", "cache", hex.EncodeToString(hash[:])+".json")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	text, err := json.Marshal(map[string]any{"accessToken": token, "expiresAt": expires.UTC().Format(time.RFC3339), "clientId": "c", "clientSecret": "s", "refreshToken": "refresh-1"})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

func TestTheTokenOfAnSSOSessionGoesToNoEndpointOfTheConnection(t *testing.T) {
	for name, expires := range map[string]time.Time{"token": time.Now().Add(time.Hour), "token to refresh": time.Now().Add(-time.Hour)} {
		for where, general := range map[string]bool{"of the connection": false, "of the environment": true} {
			t.Run(name+", endpoint "+where, func(t *testing.T) {
				writeFiles(t, ssoProfile, "")
				portal := startPortal(t, "AKIAMAIN")
				home := t.TempDir()
				t.Setenv("HOME", home)
				signIn(t, home, "bearer-1", expires)

				server := sample.New(one())
				endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					assert.Empty(t, r.Header.Get("x-amz-sso_bearer_token"))
					assert.Equal(t, "/", r.URL.Path)
					server.ServeHTTP(w, r)
				}))
				t.Cleanup(endpoint.Close)
				config := account.Config{Profile: "sso", EndpointURL: endpoint.URL}
				if general {
					t.Setenv("AWS_ENDPOINT_URL", endpoint.URL)
					config.EndpointURL = ""
				}
				id, err := self(t, config)
				require.NoError(t, err)
				assert.Equal(t, "111111111111", id)
				assert.Equal(t, []string{"bearer-1"}, portal.presented)
			})
		}
	}
}

package account_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/aws/account"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// plugin is one connection of a plugin that lives long.
type plugin struct {
	config account.Config
	open   *account.Connection
}

// query opens the connection where it is not open, or no longer what it was, and asks who it is.
func (p *plugin) query() error {
	ctx := context.Background()
	if p.open == nil || !p.open.Current(ctx) {
		var err error
		if p.open, err = account.Open(ctx, p.config); err != nil {
			p.open = nil
			return err
		}
	}
	_, err := p.open.Self(ctx)
	return err
}

// renew gives the account other keys: the old ones are refused from now on.
func renew(server *sample.Server, keyID string) {
	server.Update(func(o *sample.Organization) { o.Accounts[0].AccessKeyID = keyID })
}

func rewrite(t *testing.T, path, old, new string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, new)), 0o600))
}

func TestRenewedKeysInAFile(t *testing.T) {
	const both = "[main]\naws_access_key_id = AKIAMAIN\naws_secret_access_key = secret\n[other]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = secret\n"
	files := writeFiles(t, roleProfile, both)
	for name, profile := range map[string]string{"of the profile": "main", "of the profile that its role is assumed from": "audit"} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, one())
			p := &plugin{config: account.Config{Profile: profile, EndpointURL: server.URL()}}
			require.NoError(t, p.query())
			asked := server.Calls().Total()

			rewrite(t, files.credentials, "AKIAOTHER", "AKIANOTHER")
			require.NoError(t, p.query())
			assert.Equal(t, asked, server.Calls().Total(), "nothing is asked again for another profile's sake")

			renew(server, "AKIARENEWED")
			rewrite(t, files.credentials, "AKIAMAIN", "AKIARENEWED")
			require.NoError(t, p.query())
			assert.Greater(t, server.Calls().Total(), asked)
			rewrite(t, files.credentials, "AKIARENEWED", "AKIAMAIN")
			rewrite(t, files.credentials, "AKIANOTHER", "AKIAOTHER")
		})
	}
}

func TestAProfileThatComesLater(t *testing.T) {
	files := writeFiles(t, "[default]\nregion = us-east-1\n", "")
	p := &plugin{config: account.Config{EndpointURL: serve(t, one()).URL()}}
	require.ErrorContains(t, p.query(), "found no AWS credentials")
	require.NoError(t, os.WriteFile(files.credentials, []byte(strings.ReplaceAll(mainKeys, "main", "default")), 0o600))
	require.NoError(t, p.query())
}

func TestASessionSignedInAnew(t *testing.T) {
	writeFiles(t, ssoProfile, "")
	home := t.TempDir()
	t.Setenv("HOME", home)
	portal := startPortal(t, "AKIAMAIN")
	server := serve(t, one())
	p := &plugin{config: account.Config{Profile: "sso", EndpointURL: server.URL()}}
	signIn(t, home, "bearer-1", time.Now().Add(time.Hour))
	require.NoError(t, p.query())
	require.NoError(t, p.query())
	assert.Len(t, portal.presented, 1, "the role's credentials are kept")

	// The role's credentials are revoked long before they would expire.
	renew(server, "AKIARENEWED")
	portal.set("AKIARENEWED", "bearer-2", time.Hour)
	p.open.Forget() // as after a scan that was refused
	require.ErrorContains(t, p.query(), "AWS refuses the credentials")
	require.ErrorContains(t, p.query(), `aws sso login --profile sso`)
	signIn(t, home, "bearer-2", time.Now().Add(time.Hour))
	require.NoError(t, p.query())
}

func TestASessionThatEndsWhileTheIdentityIsBelieved(t *testing.T) {
	writeFiles(t, strings.ReplaceAll(ssoProfile, "sso_session = work", "sso_start_url = work\nsso_region = us-east-1"), "")
	home := t.TempDir()
	t.Setenv("HOME", home)
	portal := startPortal(t, "AKIAMAIN")
	portal.set("AKIAMAIN", "bearer-1", 2*time.Second)
	p := &plugin{config: account.Config{Profile: "sso", EndpointURL: serve(t, one()).URL()}}
	signIn(t, home, "bearer-1", time.Now().Add(2*time.Second))
	require.NoError(t, p.query())
	time.Sleep(2 * time.Second)
	require.ErrorContains(t, p.query(), `the SSO session has expired`)
	signIn(t, home, "bearer-1", time.Now().Add(time.Hour))
	require.NoError(t, p.query())
}

// Its answer has no time of expiry, so that the SDK believes it for ever.
func TestAProcessThatGivesOtherKeys(t *testing.T) {
	answer := filepath.Join(t.TempDir(), "answer.json")
	give := func(keyID string) {
		require.NoError(t, os.WriteFile(answer, fmt.Appendf(nil, `{"Version":1,"AccessKeyId":%q,"SecretAccessKey":"secret"}`, keyID), 0o600))
	}
	give("AKIAMAIN")
	writeFiles(t, "[profile audit]\ncredential_process = cat "+answer+"\n", "")
	server := serve(t, one())
	p := &plugin{config: account.Config{Profile: "audit", EndpointURL: server.URL()}}
	require.NoError(t, p.query())
	renew(server, "AKIARENEWED")
	p.open.Forget()
	require.ErrorContains(t, p.query(), "AWS refuses the credentials")
	give("AKIARENEWED")
	require.NoError(t, p.query())
}

func TestCredentialsThatAssumeNoRoleAnyMore(t *testing.T) {
	org := one()
	org.Accounts = append(org.Accounts, &sample.Account{ID: "222222222222", Roles: []sample.Role{{Name: "audit"}}})
	server := serve(t, org)
	answer := filepath.Join(t.TempDir(), "answer.json")
	writeFiles(t, "[profile audit]\ncredential_process = cat "+answer+"\n", "")
	require.NoError(t, os.WriteFile(answer, []byte(`{"Version":1,"AccessKeyId":"AKIAMAIN","SecretAccessKey":"secret"}`), 0o600))
	p := &plugin{config: account.Config{Profile: "audit", EndpointURL: server.URL(), Accounts: []string{"222222222222"}, RoleName: "audit"}}
	require.NoError(t, p.query())
	renew(server, "AKIARENEWED")
	member := func() error {
		me, err := p.open.Self(context.Background())
		require.NoError(t, err)
		_, err = p.open.Session(context.Background(), me, "222222222222")
		return err
	}
	require.ErrorContains(t, member(), "InvalidClientTokenId")
	require.NoError(t, os.WriteFile(answer, []byte(`{"Version":1,"AccessKeyId":"AKIARENEWED","SecretAccessKey":"secret"}`), 0o600))
	require.NoError(t, p.query())
	require.NoError(t, member())
}

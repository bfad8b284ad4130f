package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
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
	aws.Env = append(os.Environ(), append(env, "AWS_PAGER=", "HOME="+t.TempDir())...) // at home it keeps what it was given
	out, err := aws.CombinedOutput()
	require.NoError(t, err, string(out))

	got := ctcw(t, env, "query", "--profile", "audit", "--output", "csv", "--header=false", "select account_id from cloudtrail_cloudwatch_status")
	require.Zero(t, got.code, got.stderr)
	assert.Equal(t, strings.TrimSpace(string(out))+"\n", got.stdout)
	assert.Equal(t, "210987654321\n", got.stdout)
}

// The proxy sees where the program would go with the token; there is no AWS behind it.
func TestTheTokenOfAnSSOSessionIsForAWSOnly(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]bool{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.Method+" "+r.Host] = true
		mu.Unlock()
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(proxy.Close)
	endpoint := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the endpoint was asked") }))
	t.Cleanup(endpoint.Close)
	home := t.TempDir()
	cache := filepath.Join(home, ".aws", "sso", "cache")
	require.NoError(t, os.MkdirAll(cache, 0o700))
	// The name is the SHA-1 of the session's.
	token := fmt.Sprintf(`{"accessToken":"marked-token","expiresAt":%q}`, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	require.NoError(t, os.WriteFile(filepath.Join(cache, "e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json"), []byte(token), 0o600))
	config := write(t, "config", "[profile sso]\nsso_session = work\nsso_account_id = 111111111111\nsso_role_name = audit\nregion = eu-west-1\n"+
		"[sso-session work]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n")

	got := ctcw(t, []string{"HOME=" + home, "AWS_CONFIG_FILE=" + config, "HTTPS_PROXY=" + proxy.URL},
		"query", "--profile", "sso", "--endpoint-url", endpoint.URL, "select 1 from cloudtrail_cloudwatch_status")
	assert.Equal(t, 3, got.code)
	assert.Contains(t, got.stderr, "found no AWS credentials that work", got.stderr)
	assert.NotContains(t, got.stderr, "marked-token")
	assert.Equal(t, map[string]bool{"CONNECT portal.sso.us-east-1.amazonaws.com:443": true}, asked)
}

// A proxy stands for the other machine, so that the test needs none.
func TestAPlainEndpointOnAnotherMachineGetsAWarning(t *testing.T) {
	server, org := serve(t)
	elsewhere := httptest.NewServer(server)
	t.Cleanup(elsewhere.Close)
	keys := org.Account("payments-prod")
	block := fmt.Sprintf("connection \"one\" {\n plugin = \"ctcw\"\n access_key = %q\n secret_key = %q\n endpoint_url = \"http://aws.example.com\"\n}\n", keys.AccessKeyID, keys.SecretAccessKey)
	env := []string{"HTTP_PROXY=" + elsewhere.URL}
	got := ctcw(t, env, "query", "--config", write(t, "one.spc", block), "--output", "csv", "--header=false",
		"select a.name from cloudtrail_cloudwatch_status a join cloudtrail_cloudwatch_status b on a.arn = b.arn where a.name = 'payments-audit'")
	require.Zero(t, got.code, got.stderr)
	assert.Equal(t, "payments-audit\n", got.stdout)
	assert.Equal(t, "Warning: requests to http://aws.example.com are not encrypted: on the way there session tokens can be read, and answers read and forged. Use https://.\n", got.stderr)
}

func TestTheWarningIsInSteampipesLog(t *testing.T) {
	server, org := serve(t)
	elsewhere := httptest.NewServer(server)
	t.Cleanup(elsewhere.Close)
	var log buffer
	client, p, err := serving(append(environment(t), "STEAMPIPE_LOG_LEVEL=WARN", "HTTP_PROXY="+elsewhere.URL), &log)
	t.Cleanup(client.Kill)
	require.NoError(t, err)
	config := connectionTo(server, org.Account("payments-prod"))
	config.Config = strings.ReplaceAll(config.Config, server.URL(), "http://aws.example.com")
	_, err = p.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{Configs: []*proto.ConnectionConfig{config}, MaxCacheSizeMb: 16})
	require.NoError(t, err)
	rows, err := execute(p, []string{"name"}, false, config.Connection)
	require.NoError(t, err)
	assert.NotEmpty(t, rows)
	client.Kill()
	assert.Regexp(t, `\[WARN\].*requests to http://aws.example.com are not encrypted`, log.String())
}

// mfa is an account whose role is assumed with a code, and what AssumeRole was asked.
func mfa(t *testing.T) (env []string, asked func() []string) {
	t.Helper()
	server, org := serve(t)
	a := org.Account("payments-prod")
	server.Update(func(o *sample.Organization) {
		a.Roles = append(a.Roles, sample.Role{Name: "with-mfa", TrustedAccounts: []string{a.ID}})
	})
	var mu sync.Mutex
	var codes []string
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		if form, _ := url.ParseQuery(string(body)); form.Get("Action") == "AssumeRole" {
			mu.Lock()
			codes = append(codes, form.Get("SerialNumber")+" "+form.Get("TokenCode"))
			mu.Unlock()
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(endpoint.Close)
	config := write(t, "config", fmt.Sprintf("[profile mfa]\nrole_arn = arn:aws:iam::%s:role/with-mfa\nsource_profile = main\nmfa_serial = arn:aws:iam::%s:mfa/me\nregion = us-east-1\n", a.ID, a.ID))
	credentials := write(t, "credentials", fmt.Sprintf("[main]\naws_access_key_id = %s\naws_secret_access_key = %s\n", a.AccessKeyID, a.SecretAccessKey))
	env = []string{"AWS_CONFIG_FILE=" + config, "AWS_SHARED_CREDENTIALS_FILE=" + credentials, "AWS_ENDPOINT_URL=" + endpoint.URL}
	return env, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(codes)
	}
}

const countTrails = "select account_id, count(*) as n from cloudtrail_cloudwatch_status group by 1"

func TestTheCodeOfMFAIsAskedForOnATerminal(t *testing.T) {
	script, err := exec.LookPath("script")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("SKIPPED: there is no script(1) of util-linux to make a terminal")
	}
	env, asked := mfa(t)
	cmd := exec.Command(script, "-qec", fmt.Sprintf("%s query --profile mfa --output csv '%s'", binary, countTrails), "/dev/null")
	cmd.Env = append(environment(t), env...)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	terminal := bufio.NewReader(stdout)
	prompt, err := terminal.ReadString(':')
	require.NoError(t, err)
	for !strings.HasSuffix(prompt, "mfa/me:") {
		more, err := terminal.ReadString(':')
		require.NoError(t, err, prompt)
		prompt += more
	}
	assert.True(t, strings.HasSuffix(prompt, "Enter the MFA code of arn:aws:iam::444455556666:mfa/me:"), prompt)
	time.Sleep(time.Second) // longer than the progress waits to be shown, which must not write over the question
	fmt.Fprintln(stdin, "123456")
	rest, err := io.ReadAll(terminal)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait(), string(rest))
	before, _, _ := strings.Cut(string(rest), "123456")
	assert.Equal(t, " ", before, "nothing is written over the question")
	assert.Contains(t, string(rest), "444455556666,3")
	assert.Equal(t, []string{"arn:aws:iam::444455556666:mfa/me 123456"}, asked())
}

func TestWithoutATerminalTheWayRoundMFAIsNamed(t *testing.T) {
	env, asked := mfa(t)
	got := ctcw(t, env, "query", "--profile", "mfa", countTrails)
	assert.Equal(t, 3, got.code)
	assert.Equal(t, `Error: connection "ctcw": profile "mfa" needs an MFA code (of arn:aws:iam::444455556666:mfa/me), and there is no terminal to ask on: `+
		`sign in with "aws sts get-caller-identity --profile mfa", and name a profile that has credential_process = aws configure export-credentials --profile mfa`+"\n", got.stderr)
	assert.Empty(t, asked())
}

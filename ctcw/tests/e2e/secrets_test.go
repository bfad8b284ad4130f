package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/export"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// secrets are what no output may show: the marks of the connections below, and the beginnings of what the
// sample organization's AssumeRole hands out.
var secrets = []string{"MARKEDKEY", "marked/secret", "marked-token", "marked-external-id", "ASIASAMP", "sample/this-is-not-a-secret", "sample/session"}

// marked is a connection block in which everything secret is marked, to an organization that knows those
// secrets or, with other keys, refuses them.
func marked(url string, keys, more string) string {
	return fmt.Sprintf("%s\nendpoint_url = %q\nmin_error_retry_delay = 1\nmax_error_retry_attempts = 2\nregions = [\"eu-west-1\"]\n%s", keys, url, more)
}

const (
	goodKeys     = "access_key = \"AKIAMARKEDKEY0000001\"\nsecret_key = \"marked/secret/1\""
	unknownKeys  = "access_key = \"AKIAMARKEDKEY0000009\"\nsecret_key = \"marked/secret/9\"\nsession_token = \"marked-token\""
	wrongSecret  = "access_key = \"AKIAMARKEDKEY0000001\"\nsecret_key = \"marked/secret/9\""
	organization = "accounts = [\"*\"]\nrole_name = \"audit\"\nexternal_id = \"marked-external-id\"\n"
)

// markedOrganization is two accounts, each with a trail, that know the marked secrets.
func markedOrganization(t *testing.T) *sample.Server {
	t.Helper()
	org := &sample.Organization{ID: "o-test", Management: "100000000001"}
	for i := range 2 {
		a := &sample.Account{
			ID: fmt.Sprintf("10000000000%d", i+1), AccessKeyID: fmt.Sprintf("AKIAMARKEDKEY000000%d", i+1), SecretAccessKey: fmt.Sprintf("marked/secret/%d", i+1),
			Roles: []sample.Role{{Name: "audit", ExternalID: "marked-external-id"}},
		}
		a.LogGroups = []*sample.LogGroup{{Name: "logs", Region: "eu-west-1"}}
		a.Trails = []*sample.Trail{{Name: "trail", HomeRegion: "eu-west-1", CloudWatchLogsLogGroupARN: org.LogGroupARN(a.ID, "eu-west-1", "logs"), Status: sample.Healthy(time.Now())}}
		org.Accounts = append(org.Accounts, a)
	}
	server := sample.New(org)
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Close() })
	return server
}

// connections are every way to succeed and to fail: by name, their blocks. Those that are malformed are
// rejected when they are parsed.
func markedConnections(url string) map[string]string {
	return map[string]string{
		"good":         marked(url, goodKeys, organization),
		"unknown_keys": marked(url, unknownKeys, ""),
		"wrong_secret": marked(url, wrongSecret, ""),
		"wrong_id":     marked(url, goodKeys, strings.ReplaceAll(organization, "id\"", "id-wrong\"")),
		"refused":      marked("http://127.0.0.1:1", goodKeys, ""),
		"userinfo":     marked("http://MARKEDKEY:marked-token@127.0.0.1:1", goodKeys, ""),
		"half":         "secret_key = \"marked/secret/1\"\n",
		"token_only":   "session_token = \"marked-token\"\n",
		"bad_url":      marked("127.0.0.1/marked-token", goodKeys, ""),
		"bad_glob":     marked(url, goodKeys, "ignore_error_messages = [\"(\"]\n"),
	}
}

func malformedConnections(url string) map[string]string {
	return map[string]string{
		"unknown_argument": marked(url, unknownKeys, "region = \"marked-token\"\n"),
		"wrong_type":       marked(url, unknownKeys, "accounts = \"marked-external-id\"\n"),
		"unclosed":         "access_key = \"AKIAMARKEDKEY\nsecret_key = \"marked/secret",
		"unquoted":         "secret_key = marked/secret/1\n",
		"template":         "secret_key = \"marked/secret/${nope}\"\n",
	}
}

func clean(t *testing.T, what, text string) {
	t.Helper()
	for _, secret := range secrets {
		if i := strings.Index(text, secret); i >= 0 {
			t.Errorf("%s shows %q: …%s…", what, secret, text[max(0, i-200):min(len(text), i+100)])
		}
	}
}

// faultsOf are what goes wrong at AWS.
var faultsOf = map[string]sample.Fault{
	"": {}, "denied": {Action: "*:*", Kind: sample.AccessDenied}, "denied later": {Action: "cloudtrail:*", Kind: sample.SCPDenied},
	"expired": {Kind: sample.ExpiredToken, Action: "sts:*"}, "broken": {Kind: sample.TruncatedJSON, Action: "*:*"},
	"role refused": {Kind: sample.AccessDenied, Action: "sts:AssumeRole"}, "role in pieces": {Kind: sample.TruncatedJSON, Action: "sts:AssumeRole"},
	"role reset": {Kind: sample.Reset, Action: "sts:AssumeRole"}, "empty": {Kind: sample.EmptyBody, Action: "*:*"}, "nulls": {Kind: sample.NullValues, Action: "*:*"},
}

// The SDK logs at TRACE into the log that Steampipe keeps, and the command line, when it is asked to, to
// standard error.
func TestTheCommandLineShowsNoSecret(t *testing.T) {
	server := markedOrganization(t)
	env := []string{"STEAMPIPE_LOG_LEVEL=TRACE", "STEAMPIPE_LOG=TRACE", "TF_LOG=TRACE"}
	seen := func(what, connection, block string, env []string, args ...string) run {
		config := write(t, "marked.spc", fmt.Sprintf("connection %q {\n plugin = \"ctcw\"\n%s}\n", connection, block))
		got := ctcw(t, env, append([]string{"query", "--config", config, "select * from cloudtrail_cloudwatch_status"}, args...)...)
		clean(t, what, got.stdout+got.stderr)
		return got
	}
	for name, block := range markedConnections(server.URL()) {
		got := seen(name, name, block, env, "--output", "json")
		if name == "good" {
			require.Zero(t, got.code, got.stderr)
			assert.Contains(t, got.stdout, "100000000002", "the role was assumed")
		}
	}
	for name, block := range malformedConnections(server.URL()) {
		assert.Equal(t, 3, seen(name, name, block, env).code, name)
	}
	for _, format := range []string{"table", "csv", "json", "jsonl", "line"} {
		require.Zero(t, seen(format, "good", markedConnections(server.URL())["good"], env, "--output", format).code)
	}
	for name, fault := range faultsOf {
		if fault.Kind != 0 {
			remove := server.Inject(fault)
			seen(name, "good", markedConnections(server.URL())["good"], env, "--output", "line")
			remove()
		}
	}
	// Keys that are in the environment and in files, not in the connection.
	credentials := filepath.Join(t.TempDir(), "credentials")
	require.NoError(t, os.WriteFile(credentials, []byte("[audit]\naws_access_key_id = AKIAMARKEDKEY0000009\naws_secret_access_key = marked/secret/9\naws_session_token = marked-token\n"), 0o600))
	seen("keys in a file", "good", fmt.Sprintf("profile = \"audit\"\nendpoint_url = %q\n", server.URL()), append(env, "AWS_SHARED_CREDENTIALS_FILE="+credentials))
	seen("keys in the environment", "good", fmt.Sprintf("endpoint_url = %q\n", server.URL()),
		append(env, "AWS_ACCESS_KEY_ID=AKIAMARKEDKEY0000009", "AWS_SECRET_ACCESS_KEY=marked/secret/9", "AWS_SESSION_TOKEN=marked-token"))
}

// Every command that shows or keeps what was found, over everything that goes well and wrong.
func TestWrittenFilesHoldNoSecret(t *testing.T) {
	server := markedOrganization(t)
	good := markedConnections(server.URL())["good"]
	for name, fault := range faultsOf {
		remove := func() {}
		if fault.Kind != 0 {
			remove = server.Inject(fault)
		}
		dir := t.TempDir()
		config := write(t, "marked.spc", fmt.Sprintf("connection \"good\" {\n plugin = \"ctcw\"\n%s}\n", good))
		env := []string{"STEAMPIPE_LOG_LEVEL=TRACE"}
		for _, args := range [][]string{
			{"snapshot", "--config", config, filepath.Join(dir, "s.db")},
			append([]string{"check", "--config", config}, everyExport(dir)...),
		} {
			got := ctcw(t, env, args...)
			clean(t, name+" "+args[0], got.stdout+got.stderr)
			assert.Equal(t, got.code == 3, strings.Contains(got.stderr, "\nError: ") || strings.HasPrefix(got.stderr, "Error: "), got.stderr)
		}
		remove()
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		if name == "" {
			require.Len(t, files, 1+len(export.Formats(output.CSVOptions{})))
		}
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(dir, f.Name()))
			require.NoError(t, err)
			clean(t, name+" "+f.Name(), string(text))
			info, err := f.Info()
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), f.Name())
		}
	}
}

// everyExport are the flags that write a check in every format.
func everyExport(dir string) (flags []string) {
	for _, f := range export.Formats(output.CSVOptions{}) {
		flags = append(flags, "--export", filepath.Join(dir, "c"+f.Suffix))
	}
	return flags
}

// buffer collects what the plugin writes.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestThePluginsLogAndRowsShowNoSecret(t *testing.T) {
	server := markedOrganization(t)
	var log buffer
	// The last variable fills _ctx.
	client, p, err := serving(append(environment(t), "STEAMPIPE_LOG_LEVEL=TRACE", "STEAMPIPE_DIAGNOSTIC_LEVEL=all"), &log)
	t.Cleanup(client.Kill)
	require.NoError(t, err)

	var configs []*proto.ConnectionConfig
	for name, block := range markedConnections(server.URL()) {
		configs = append(configs, &proto.ConnectionConfig{Connection: name, Config: block})
	}
	_, err = p.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{Configs: configs, MaxCacheSizeMb: 16})
	require.NoError(t, err)
	for name, block := range malformedConnections(server.URL()) {
		err := p.UpdateConnectionConfigs(&proto.UpdateConnectionConfigsRequest{Added: []*proto.ConnectionConfig{{Connection: name, Config: block}}})
		clean(t, name, fmt.Sprint(err))
	}
	schema, err := p.GetSchema("good")
	require.NoError(t, err)
	var columns []string
	for _, c := range schema.Schema["cloudtrail_cloudwatch_status"].Columns {
		columns = append(columns, c.Name)
	}
	require.Contains(t, columns, "_ctx")
	for what, fault := range faultsOf {
		remove := func() {}
		if fault.Kind != 0 {
			remove = server.Inject(fault)
		}
		for _, c := range configs {
			rows, err := execute(p, columns, what == "", c.Connection)
			clean(t, what+" "+c.Connection, fmt.Sprint(rows, err))
			if what == "" && c.Connection == "good" {
				require.NoError(t, err)
				require.Len(t, rows, 2)
				assert.Contains(t, string(rows[0].Columns["_ctx"].GetJsonValue()), "good")
			}
		}
		remove()
		// Opened anew, so that the identity is asked again with the next fault.
		for i := range configs {
			configs[i].Config += "\n"
		}
		err = p.UpdateConnectionConfigs(&proto.UpdateConnectionConfigsRequest{Changed: configs})
		require.NoError(t, err)
	}
	client.Kill()
	require.Contains(t, log.String(), "TRACE", "the log is on")
	require.Greater(t, len(log.String()), 10000)
	clean(t, "the log", log.String())
}

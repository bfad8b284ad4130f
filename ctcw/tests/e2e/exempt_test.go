package e2e

import (
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestAnExemptionOfNothingIsReported: a typo in a pattern is an exemption that someone believes in, or an alarm that
// nobody understands.
func TestAnExemptionOfNothingIsReported(t *testing.T) {
	server, org := serve(t)
	arguments := func(exempt string) string {
		management := org.Account(org.Management)
		return fmt.Sprintf("access_key = %q\nsecret_key = %q\nendpoint_url = %q\naccounts = [\"*\"]\nskip_accounts = [%q]\nrole_name = \"OrganizationAccountAccessRole\"\nexempt = {\n%s}\n",
			management.AccessKeyID, management.SecretAccessKey, server.URL(), sample.DemoApart, exempt)
	}
	const (
		right  = "\"arn:aws:cloudtrail:*:333344445555:trail/siem-direct\" = \"r\"\n"
		typo   = "\"arn:aws:cloudtrail:*:333344445555:trail/siem-dircet\" = \"r\"\n"
		other  = "\"arn:aws:cloudtrail:*:222222222222:trail/x\" = \"r\"\n"
		unread = "\"arn:aws:cloudtrail:*:141414141414:trail/x\" = \"r\"\n\"*:trail/none\" = \"r\"\n" // 141414141414 could not be read
	)
	config := write(t, "c.spc", "connection \"acme\" {\nplugin = \"ctcw\"\n"+arguments(right+typo+other+unread)+"}\n")
	fine := write(t, "c.spc", "connection \"acme\" {\nplugin = \"ctcw\"\n"+arguments(right)+"}\n")
	const warning = "Warning: connection \"acme\": exempt matches no trail: arn:aws:cloudtrail:*:222222222222:trail/x, arn:aws:cloudtrail:*:333344445555:trail/siem-dircet\n"
	query := func(config, sql string) run {
		return ctcw(t, nil, "query", "--config", config, "--output", "csv", sql)
	}
	const all = "select distinct a.arn from cloudtrail_cloudwatch_status a, cloudtrail_cloudwatch_status b"
	assert.Equal(t, warning, query(config, all).stderr, "once, and only what could have matched")
	assert.Equal(t, query(fine, all+" order by 1").stdout, query(config, all+" order by 1").stdout)
	assert.Equal(t, warning, ctcw(t, nil, "check", "--config", config, "cis_v200").stderr)
	assert.Regexp(t, "^"+regexp.QuoteMeta(warning)+`Wrote \d+ rows to `, ctcw(t, nil, "snapshot", "--config", config, filepath.Join(t.TempDir(), "s.db")).stderr)

	assert.Empty(t, query(fine, all).stderr)
	for _, sql := range []string{"select arn from cloudtrail_cloudwatch_status limit 1",
		"select arn from cloudtrail_cloudwatch_status where account_id = '333344445555'", "select arn from cloudtrail_cloudwatch_status where region = 'us-east-1'"} {
		assert.NotContains(t, query(config, sql).stderr, "Warning", "not every account was scanned, or not for all trails: %s", sql)
	}

	t.Run("by the plugin, in its log", func(t *testing.T) {
		var log buffer
		client, p, err := serving(append(environment(t), "STEAMPIPE_LOG_LEVEL=WARN"), &log)
		t.Cleanup(client.Kill)
		require.NoError(t, err)
		_, err = p.SetAllConnectionConfigs(&proto.SetAllConnectionConfigsRequest{
			Configs: []*proto.ConnectionConfig{{Connection: "acme", Config: arguments(right + typo)}}, MaxCacheSizeMb: -1})
		require.NoError(t, err)
		_, err = p.SetCacheOptions(&proto.SetCacheOptionsRequest{Enabled: false, Ttl: 300, MaxSizeMb: 16})
		require.NoError(t, err)
		rows, err := execute(p, []string{"arn"}, false, "acme")
		require.NoError(t, err)
		assert.NotEmpty(t, rows)
		client.Kill()
		assert.Contains(t, log.String(), "exempt matches no trail: arn:aws:cloudtrail:*:333344445555:trail/siem-dircet")
	})
}

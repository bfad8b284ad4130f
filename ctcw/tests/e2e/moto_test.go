package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moto is an AWS emulator that nobody here wrote, driven by the aws command line.
type moto struct {
	t   *testing.T
	url string
}

func startMoto(t *testing.T) *moto {
	t.Helper()
	for _, program := range []string{"moto_server", "aws"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: %s is not on PATH, so nothing is checked against moto", program)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().(*net.TCPAddr)
	listener.Close()
	cmd := exec.Command("moto_server", "-H", "127.0.0.1", "-p", fmt.Sprint(address.Port))
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	m := &moto{t, "http://" + address.String()}
	require.Eventually(t, func() bool {
		response, err := http.Get(m.url + "/moto-api/")
		if err != nil {
			return false
		}
		response.Body.Close()
		return true
	}, time.Minute, 50*time.Millisecond, "moto_server does not answer")
	return m
}

var motoKeys = []string{"AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing", "AWS_DEFAULT_REGION=us-east-1"}

// aws runs the aws command line, which must succeed.
func (m *moto) aws(command string) {
	m.t.Helper()
	out, err := m.shell("aws --endpoint-url " + m.url + " " + command)
	require.NoError(m.t, err, "aws %s: %s", command, out)
}

func (m *moto) shell(command string) (string, error) {
	cmd := exec.Command("sh", "-c", command)
	cmd.Env = append(os.Environ(), append(motoKeys, "AWS_ENDPOINT_URL="+m.url, "AWS_PAGER=")...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// query runs a query with the built binary against moto.
func (m *moto) query(sql string) []map[string]any {
	m.t.Helper()
	got := ctcw(m.t, motoKeys, "query", "--endpoint-url", m.url, "--output", "jsonl", sql)
	require.Zero(m.t, got.code, got.stderr)
	var rows []map[string]any
	for _, line := range lines(got.stdout) {
		row := map[string]any{}
		require.NoError(m.t, json.Unmarshal([]byte(line), &row), line)
		rows = append(rows, row)
	}
	return rows
}

func TestAgainstMoto(t *testing.T) {
	m := startMoto(t)
	m.aws("s3 mb s3://trail-bucket")
	m.aws("iam create-role --role-name to-logs --assume-role-policy-document '{}'")
	m.aws("logs create-log-group --region eu-west-1 --log-group-name org/trail.main")
	m.aws("logs put-retention-policy --region eu-west-1 --log-group-name org/trail.main --retention-in-days 365")
	m.aws("logs create-log-group --region us-east-1 --log-group-name gone-and-more")
	m.aws("cloudtrail create-trail --region eu-west-1 --name main --is-multi-region-trail --s3-bucket-name trail-bucket" +
		" --cloud-watch-logs-log-group-arn 'arn:aws:logs:eu-west-1:123456789012:log-group:org/trail.main:*' --cloud-watch-logs-role-arn arn:aws:iam::123456789012:role/to-logs")
	m.aws("cloudtrail start-logging --region eu-west-1 --name main")
	m.aws("cloudtrail create-trail --region us-east-1 --name bare --s3-bucket-name trail-bucket --tags-list Key=team,Value=audit")
	m.aws("cloudtrail create-trail --region us-east-1 --name broken --s3-bucket-name trail-bucket" +
		" --cloud-watch-logs-log-group-arn 'arn:aws:logs:us-east-1:123456789012:log-group:gone:*' --cloud-watch-logs-role-arn arn:aws:iam::123456789012:role/to-logs")
	m.aws("cloudtrail start-logging --region us-east-1 --name broken")

	rows := m.query(`select name, account_id, home_region, log_group_name, retention_in_days, is_logging, is_multi_region_trail,
		log_group_status, delivery_status, tags, unscanned_regions from cloudtrail_cloudwatch_status order by name`)
	assert.Equal(t, []map[string]any{
		{"name": "bare", "account_id": "123456789012", "home_region": "us-east-1", "log_group_name": nil, "retention_in_days": nil, "is_logging": false,
			"is_multi_region_trail": false, "log_group_status": nil, "delivery_status": "not_configured", "tags": map[string]any{"team": "audit"}, "unscanned_regions": nil},
		{"name": "broken", "account_id": "123456789012", "home_region": "us-east-1", "log_group_name": "gone", "retention_in_days": nil, "is_logging": true,
			"is_multi_region_trail": false, "log_group_status": "not_found", "delivery_status": "log_group_missing", "tags": map[string]any{}, "unscanned_regions": nil},
		{"name": "main", "account_id": "123456789012", "home_region": "eu-west-1", "log_group_name": "org/trail.main", "retention_in_days": 365.0, "is_logging": true,
			"is_multi_region_trail": true, "log_group_status": "found", "delivery_status": "never_delivered", "tags": map[string]any{}, "unscanned_regions": nil},
	}, rows)

	t.Run("the aws command line takes the remediations, and they mend", func(t *testing.T) {
		for _, row := range m.query("select name, remediation from cloudtrail_cloudwatch_status where remediation is not null") {
			if row["name"] == "bare" {
				// The role that a remediation proposes has to be there.
				m.aws("iam create-role --role-name CloudTrail_CloudWatchLogs_Role --assume-role-policy-document '{}'")
			}
			out, err := m.shell(row["remediation"].(string))
			require.NoError(t, err, "%s\n%s", row["remediation"], out)
		}
		for _, row := range m.query("select name, log_group_status, log_group_name from cloudtrail_cloudwatch_status") {
			assert.Equal(t, "found", row["log_group_status"], "%v", row)
			assert.True(t, strings.HasPrefix(row["log_group_name"].(string), "aws-cloudtrail-logs-123456789012-bare") || row["name"] != "bare")
		}
	})

	t.Run("and that of an account without a trail", func(t *testing.T) {
		for _, row := range m.query("select name, home_region from cloudtrail_cloudwatch_status") {
			m.aws(fmt.Sprintf("cloudtrail delete-trail --name %s --region %s", row["name"], row["home_region"]))
		}
		rows := m.query("select delivery_status, remediation from cloudtrail_cloudwatch_status")
		require.Len(t, rows, 1)
		require.Equal(t, "no_trail", rows[0]["delivery_status"])
		m.aws("s3 mb s3://aws-cloudtrail-logs-123456789012") // the bucket, too, has to be there
		out, err := m.shell(rows[0]["remediation"].(string))
		require.NoError(t, err, "%s\n%s", rows[0]["remediation"], out)
		rows = m.query("select is_logging, log_group_status, retention_in_days from cloudtrail_cloudwatch_status")
		assert.Equal(t, []map[string]any{{"is_logging": true, "log_group_status": "found", "retention_in_days": 365.0}}, rows)
	})
}

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// moto is an AWS emulator that nobody here wrote, driven by the aws command line.
type moto struct {
	t     *testing.T
	url   string
	other []string // credentials of motoOther
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
	m := &moto{t: t, url: "http://" + address.String()}
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

func (m *moto) shell(command string, env ...string) (string, error) {
	cmd := exec.Command("bash", "-c", command)
	cmd.Env = slices.Concat(os.Environ(), motoKeys, []string{"AWS_ENDPOINT_URL=" + m.url, "AWS_PAGER="}, env)
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
	out, err := m.shell("aws sts assume-role --role-arn arn:aws:iam::" + motoOther + ":role/admin --role-session-name other --query Credentials --output text")
	require.NoError(t, err, out)
	fields := strings.Fields(out) // in the order of their names: AccessKeyId, Expiration, SecretAccessKey, SessionToken
	require.Len(t, fields, 4, out)
	m.other = []string{"AWS_ACCESS_KEY_ID=" + fields[0], "AWS_SECRET_ACCESS_KEY=" + fields[2], "AWS_SESSION_TOKEN=" + fields[3]}
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
		// The role that a remediation proposes has to be there.
		m.aws("iam create-role --role-name CloudTrail_CloudWatchLogs_Role --assume-role-policy-document '{}'")
		rows := m.query("select name, remediation from cloudtrail_cloudwatch_status where remediation is not null")
		assert.Len(t, rows, 3)
		for _, row := range rows {
			m.paste(row["remediation"].(string))
		}
		for _, row := range m.query("select name, log_group_status, log_group_name from cloudtrail_cloudwatch_status") {
			assert.Equal(t, "found", row["log_group_status"], "%v", row)
			assert.True(t, strings.HasPrefix(row["log_group_name"].(string), "aws-cloudtrail-logs-123456789012-bare") || row["name"] != "bare")
		}
	})

	t.Run("a log group that is there keeps its retention", func(t *testing.T) {
		m.aws("logs delete-log-group --region us-east-1 --log-group-name gone")
		remediation := m.query("select remediation from cloudtrail_cloudwatch_status where name = 'broken'")[0]["remediation"].(string)
		m.aws("logs create-log-group --region us-east-1 --log-group-name gone") // someone was faster, and keeps it for ever
		m.paste(remediation)
		rows := m.query("select retention_never_expires from cloudtrail_cloudwatch_status where name = 'broken'")
		assert.Equal(t, []map[string]any{{"retention_never_expires": true}}, rows)
	})

	t.Run("a log group of another account is made there", func(t *testing.T) {
		m.aws("cloudtrail update-trail --region us-east-1 --name broken" +
			" --cloud-watch-logs-log-group-arn 'arn:aws:logs:eu-central-1:" + motoOther + ":log-group:central:*' --cloud-watch-logs-role-arn arn:aws:iam::123456789012:role/to-logs")
		config := write(t, "both.spc", fmt.Sprintf("connection \"both\" {\n plugin = \"ctcw\"\n endpoint_url = %q\n accounts = [\"123456789012\", %q]\n role_name = \"audit\"\n}\n", m.url, motoOther))
		ask := func() map[string]any {
			got := ctcw(t, motoKeys, "query", "--config", config, "--output", "jsonl",
				"select log_group_status, remediation from cloudtrail_cloudwatch_status where name = 'broken' and account_id = '123456789012'")
			require.Zero(t, got.code, got.stderr)
			row := map[string]any{}
			require.NoError(t, json.Unmarshal([]byte(got.stdout), &row))
			return row
		}
		row := ask()
		require.Equal(t, "not_found", row["log_group_status"])
		m.refuse(row["remediation"].(string), nil)
		for range 2 {
			out, err := m.shell(row["remediation"].(string), m.other...)
			require.NoError(t, err, "%s\n%s", row["remediation"], out)
		}
		assert.Equal(t, "found", ask()["log_group_status"])
	})

	t.Run("and that of an account without a trail", func(t *testing.T) {
		for _, row := range m.query("select name, home_region from cloudtrail_cloudwatch_status") {
			m.aws(fmt.Sprintf("cloudtrail delete-trail --name %s --region %s", row["name"], row["home_region"]))
		}
		rows := m.query("select delivery_status, remediation from cloudtrail_cloudwatch_status")
		require.Len(t, rows, 1)
		require.Equal(t, "no_trail", rows[0]["delivery_status"])
		m.refuse(rows[0]["remediation"].(string), nil) // no bucket was named
		m.paste(rows[0]["remediation"].(string), "BUCKET=trail-bucket")
		rows = m.query("select is_logging, log_group_status, retention_in_days, s3_bucket_name from cloudtrail_cloudwatch_status")
		assert.Equal(t, []map[string]any{{"is_logging": true, "log_group_status": "found", "retention_in_days": 365.0, "s3_bucket_name": "trail-bucket"}}, rows)
	})
}

// moto 5.2.1 has no RPC v2 CBOR, the only protocol in which the AWS SDK speaks to CloudWatch, but knows the same operations
// in JSON. So the binary asks a front, which says the same to moto in JSON, and passes everything else on as it is.
func (m *moto) inCBOR() *moto {
	target, err := url.Parse(m.url)
	require.NoError(m.t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operation, ok := strings.CutPrefix(r.URL.Path, "/service/GraniteServiceVersion20100801/operation/")
		if !ok {
			proxy.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if !assert.NoError(m.t, err) {
			return
		}
		asked, err := cbor.Decode(body)
		if !assert.NoError(m.t, err) {
			return
		}
		text, err := json.Marshal(plainOf(asked))
		if !assert.NoError(m.t, err) {
			return
		}
		q, err := http.NewRequestWithContext(r.Context(), http.MethodPost, m.url, bytes.NewReader(text))
		if !assert.NoError(m.t, err) {
			return
		}
		q.Header.Set("Authorization", r.Header.Get("Authorization"))
		q.Header.Set("Content-Type", "application/x-amz-json-1.0")
		q.Header.Set("X-Amz-Target", "GraniteServiceVersion20100801."+operation)
		answer, err := http.DefaultClient.Do(q)
		if !assert.NoError(m.t, err) {
			return
		}
		defer answer.Body.Close()
		text, err = io.ReadAll(answer.Body)
		if !assert.NoError(m.t, err) {
			return
		}
		if answer.StatusCode == http.StatusOK {
			var document map[string]any
			if !assert.NoError(m.t, json.Unmarshal(text, &document), "%s", text) {
				return
			}
			text = cbor.Encode(cborOf("", document))
			answer.Header.Set("Content-Type", "application/cbor")
			answer.Header.Set("smithy-protocol", "rpc-v2-cbor")
		}
		answer.Header.Del("Content-Length")
		maps.Copy(w.Header(), answer.Header)
		w.WriteHeader(answer.StatusCode)
		w.Write(text)
	}))
	m.t.Cleanup(front.Close)
	return &moto{t: m.t, url: front.URL}
}

// plainOf is a value of CBOR as JSON has it.
func plainOf(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		all := map[string]any{}
		for name, value := range v {
			all[name] = plainOf(value)
		}
		return all
	case cbor.List:
		all := []any{}
		for _, value := range v {
			all = append(all, plainOf(value))
		}
		return all
	case cbor.String:
		return string(v)
	case cbor.Uint:
		return uint64(v)
	case cbor.Bool:
		return bool(v)
	default:
		return nil
	}
}

// cborOf is a value of JSON as CloudWatch says it in CBOR: times have a tag, and what is a count is no fraction.
func cborOf(name string, v any) cbor.Value {
	switch v := v.(type) {
	case map[string]any:
		all := cbor.Map{}
		for name, value := range v {
			if value != nil {
				all[name] = cborOf(name, value)
			}
		}
		return all
	case []any:
		all := cbor.List{}
		for _, value := range v {
			all = append(all, cborOf(name, value))
		}
		return all
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case float64:
		switch {
		case strings.HasSuffix(name, "Timestamp"):
			return &cbor.Tag{ID: 1, Value: cbor.Float64(v)}
		case name == "Threshold":
			return cbor.Float64(v)
		default:
			return cbor.Uint(v)
		}
	default:
		return &cbor.Nil{}
	}
}

// TestTheChainAgainstMoto makes filter, metric, alarm, topic and subscription with the aws command line. moto does not
// deliver a trail's events, and so says nothing of a delivery: the chain behind it shows in the columns and in chains. Nor
// does it count subscriptions: a topic of it has none.
func TestTheChainAgainstMoto(t *testing.T) {
	m := startMoto(t)
	m.aws("s3 mb s3://trail-bucket")
	m.aws("iam create-role --role-name to-logs --assume-role-policy-document '{}'")
	m.aws("logs create-log-group --region eu-west-1 --log-group-name trail-logs")
	m.aws("cloudtrail create-trail --region eu-west-1 --name main --is-multi-region-trail --s3-bucket-name trail-bucket" +
		" --cloud-watch-logs-log-group-arn 'arn:aws:logs:eu-west-1:123456789012:log-group:trail-logs:*' --cloud-watch-logs-role-arn arn:aws:iam::123456789012:role/to-logs")
	m.aws("cloudtrail start-logging --region eu-west-1 --name main")
	m.aws(`logs put-metric-filter --region eu-west-1 --log-group-name trail-logs --filter-name trails` +
		` --filter-pattern '{ ($.eventName = "*Trail") || ($.eventName = "*Logging") }' --metric-transformations metricName=trails,metricNamespace=CIS,metricValue=1`)
	m.aws(`logs put-metric-filter --region eu-west-1 --log-group-name trail-logs --filter-name keys` +
		` --filter-pattern '{ $.eventSource = "kms.amazonaws.com" && $.eventName = "DisableKey" }' --metric-transformations metricName=keys,metricNamespace=CIS,metricValue=1`)
	m.aws("sns create-topic --region eu-west-1 --name told")
	m.aws("sns subscribe --region eu-west-1 --topic-arn arn:aws:sns:eu-west-1:123456789012:told --protocol email --notification-endpoint someone@example.com")
	const alarm = "cloudwatch put-metric-alarm --region eu-west-1 --alarm-name %[1]s --namespace CIS --metric-name %[1]s --statistic Sum --period 300" +
		" --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching" +
		" --alarm-actions arn:aws:sns:eu-west-1:123456789012:told"
	m.aws(fmt.Sprintf(alarm, "trails"))
	m.aws(fmt.Sprintf(alarm, "keys"))

	front := m.inCBOR()
	rows := front.query(`select event_class, alarm_status, delivery_status, filter_name, metric_namespace, metric_name, alarm_name, alarm_actions_enabled,
		alarm_fires_on_first_event, topic_arn, subscriptions_confirmed, json_extract(chains, '$[0].status') as chain, json_array_length(chains) as chains,
		event_selectors_error, metric_filter_error, topic_error, alarm_state from cloudtrail_cloudwatch_alarm_status
		where event_class in ('cloudtrail_changes', 'kms_key_deletion', 'vpc_changes') order by event_class`)
	require.Len(t, rows, 3)
	same := map[string]any{"delivery_status": "never_delivered", "alarm_status": "not_delivering", "event_selectors_error": nil, "metric_filter_error": nil, "topic_error": nil, "alarm_state": "OK"}
	with := func(more map[string]any) map[string]any {
		maps.Copy(more, same)
		return more
	}
	assert.Equal(t, with(map[string]any{"event_class": "cloudtrail_changes", "filter_name": "trails", "metric_namespace": "CIS", "metric_name": "trails",
		"alarm_name": "trails", "alarm_actions_enabled": true, "alarm_fires_on_first_event": true, "topic_arn": "arn:aws:sns:eu-west-1:123456789012:told",
		"subscriptions_confirmed": 0.0, "chain": "no_subscriber", "chains": 1.0}), rows[0])
	assert.Equal(t, "keys", rows[1]["alarm_name"])
	assert.Equal(t, "no_subscriber", rows[1]["chain"])
	assert.Equal(t, 0.0, rows[2]["chains"])

	// moto knows no mute rules, and fails at them: that is said, and is no reason to doubt the rest.
	muted := front.query("select distinct alarm_error from cloudtrail_cloudwatch_alarm_status")
	require.Len(t, muted, 1)
	assert.Contains(t, muted[0]["alarm_error"], "HTTP status 500 Internal Server Error")
	assert.Contains(t, muted[0]["alarm_error"], "(on cloudwatch:ListAlarmMuteRules)")

	// Without the front CloudWatch is not understood at all: unknown at best, and said.
	raw := m.query("select distinct alarm_status, alarm_error from cloudtrail_cloudwatch_alarm_status where event_class = 'cloudtrail_changes'")
	require.Len(t, raw, 1)
	assert.Contains(t, raw[0]["alarm_error"], "HTTP status 404 Not Found")
}

// motoOther is another account than that of motoKeys.
const motoOther = "222222222222"

// paste gives a remediation to bash as a person would: first in the wrong account, and then twice in the right one.
func (m *moto) paste(remediation string, env ...string) {
	m.t.Helper()
	m.refuse(remediation, slices.Concat(m.other, env))
	for range 2 {
		out, err := m.shell(remediation, env...)
		require.NoError(m.t, err, "%s\n%s", remediation, out)
	}
}

// refuse asserts that a remediation fails there, and changes nothing.
func (m *moto) refuse(remediation string, env []string) {
	m.t.Helper()
	before := m.state()
	out, err := m.shell(remediation, env...)
	assert.Error(m.t, err, "%s\n%s", remediation, out)
	assert.Equal(m.t, before, m.state(), remediation)
}

// state is what a remediation might change, in every account.
func (m *moto) state() string {
	m.t.Helper()
	response, err := http.Get(m.url + "/moto-api/data.json")
	require.NoError(m.t, err)
	defer response.Body.Close()
	var services map[string]json.RawMessage
	require.NoError(m.t, json.NewDecoder(response.Body).Decode(&services))
	require.NotEmpty(m.t, services["cloudtrail"])
	return string(services["cloudtrail"]) + string(services["logs"])
}

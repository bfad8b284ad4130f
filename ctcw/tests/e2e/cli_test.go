package e2e

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const demoQuery = "select account_id, name, delivery_status, retention_in_days from cloudtrail_cloudwatch_status order by account_id, arn"

func TestQueryDemoAsCSV(t *testing.T) {
	got := ctcw(t, nil, "query", "--demo", demoQuery, "--output", "csv")
	require.Zero(t, got.code, got.stderr)
	assert.Empty(t, got.stderr)
	golden(t, "demo.csv", got.stdout)
}

func TestTheDemoShowsEveryDeliveryStatus(t *testing.T) {
	got := ctcw(t, nil, "query", "--demo", "--output", "csv", "--header=false",
		"select distinct delivery_status from cloudtrail_cloudwatch_status order by 1")
	require.Zero(t, got.code, got.stderr)
	assert.Equal(t, []string{"degraded", "delivering", "log_group_missing", "logging_stopped", "never_delivered", "no_trail",
		"not_configured", "stale", "unknown"}, lines(got.stdout))
}

func TestQueryAsJSONKeepsTypes(t *testing.T) {
	got := ctcw(t, nil, "query", "--demo", "--output", "json", `select name, retention_in_days, cloudwatch_logs_delivery_age_hours, is_logging, tags, akas,
		kms_key_id, checked_at from cloudtrail_cloudwatch_status where account_id = '101010101010' and name = 'mobile-audit'`)
	require.Zero(t, got.code, got.stderr)
	var result struct {
		Columns []struct{ Name, DataType string }
		Rows    []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &result))
	require.Len(t, result.Rows, 1)
	r := result.Rows[0]
	assert.Equal(t, 545.0, r["retention_in_days"])
	assert.IsType(t, 0.0, r["cloudwatch_logs_delivery_age_hours"])
	assert.Equal(t, true, r["is_logging"])
	assert.Equal(t, map[string]any{"owner": "mobile"}, r["tags"])
	assert.Equal(t, []any{"arn:aws:cloudtrail:us-west-2:101010101010:trail/mobile-audit"}, r["akas"])
	assert.Nil(t, r["kms_key_id"])
	checked, err := time.Parse(time.RFC3339, r["checked_at"].(string))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), checked, 2*time.Minute)
	assert.Contains(t, got.stdout, `"data_type": "int8"`)
}

func TestEveryOutputFormatHasEveryRow(t *testing.T) {
	query := func(args ...string) string {
		got := ctcw(t, nil, append([]string{"query", "--demo", demoQuery}, args...)...)
		require.Zero(t, got.code, got.stderr)
		return got.stdout
	}
	records, err := csv.NewReader(strings.NewReader(query("--output", "csv"))).ReadAll()
	require.NoError(t, err)
	rows := len(records) - 1
	assert.Len(t, lines(query("--output", "csv", "--header=false")), rows)
	assert.Contains(t, query("--output", "csv", "--separator", ";"), "account_id;name;delivery_status;retention_in_days\n")
	assert.Len(t, lines(query("--output", "jsonl")), rows)
	assert.Equal(t, rows, strings.Count(query("--output", "line"), "-[ RECORD "))
	assert.Len(t, lines(query("--output", "table")), rows+4)
	assert.Len(t, lines(query("--output", "table", "--header=false")), rows+2)
}

func TestFormulasAreEscapedWhereAskedFor(t *testing.T) {
	const sql = "select '=1+1' as a, -1 as b, '@x' as c"
	assert.Equal(t, "=1+1,-1,@x\n", ctcw(t, nil, "query", "--demo", "--output", "csv", "--header=false", sql).stdout)
	assert.Equal(t, "'=1+1,-1,'@x\n", ctcw(t, nil, "query", "--demo", "--output", "csv", "--header=false", "--escape-formulas", sql).stdout)

	export := filepath.Join(t.TempDir(), "out.csv")
	got := ctcw(t, nil, "check", "--demo", "cis_v200", "--escape-formulas", "--output", "csv", "--export", export)
	assert.Equal(t, 2, got.code, got.stderr)
	text, err := os.ReadFile(export)
	require.NoError(t, err)
	assert.Equal(t, got.stdout, string(text))
}

func TestQueryFromAFileAndFromStandardInput(t *testing.T) {
	file := write(t, "q.sql", "-- a comment; with a semicolon\nselect count(*) as n from cloudtrail_cloudwatch_status where delivery_status = 'no_trail';\n")
	assert.Equal(t, "n\n2\n", ctcw(t, nil, "query", "--demo", "--output", "csv", file).stdout)
	for _, command := range []string{
		`"$CTCW" query --demo --output csv - < "$FILE"`,
		`cat "$FILE" | "$CTCW" query --demo --output csv /dev/stdin`,
		`"$CTCW" query --demo --output csv <(cat "$FILE")`,
	} {
		cmd := exec.Command("bash", "-c", command)
		cmd.Env = append(environment(t), "CTCW="+binary, "FILE="+file)
		out, err := cmd.Output()
		assert.NoError(t, err, command)
		assert.Equal(t, "n\n2\n", string(out), command)
	}
}

func TestAQueryMayBeginWithAComment(t *testing.T) {
	for _, sql := range []string{
		"-- a comment\nselect 1 as n", "--a=comment\nselect 1 as n", "--- a comment\nselect 1 as n", "--\nselect 1 as n", "/* a comment */ select 1 as n", "\n-- a comment\nselect 1 as n",
		"select 1 as n -- as in report.sql", "/* as in */ select 1 as n -- report.sql",
	} {
		for _, args := range [][]string{{"query", sql, "--demo", "--output", "csv"}, {"query", "--demo", "--output", "csv", sql}, {"query", "--demo", "--output", "csv", "--", sql}} {
			got := ctcw(t, nil, args...)
			assert.Equal(t, "n\n1\n", got.stdout, "%q %s", args, got.stderr)
		}
	}
	assert.Contains(t, ctcw(t, nil, "query", "--demo", "--colour", "select 1").stderr, "unknown flag: --colour")
	assert.Contains(t, ctcw(t, nil, "query", "--demo", "--colour=dark red", "select 1").stderr, "unknown flag: --colour")
}

func TestJoinsAndDistinctAskForNothingTwice(t *testing.T) {
	server, org := serve(t)
	config := write(t, "one.spc", fmt.Sprintf("connection \"one\" {\n plugin = \"ctcw\"\n access_key = %q\n secret_key = %q\n endpoint_url = %q\n}\n",
		org.Account("payments-prod").AccessKeyID, org.Account("payments-prod").SecretAccessKey, server.URL()))
	cases := map[string]struct {
		sql, want string
		calls     map[string]int
	}{
		"distinct": {"select distinct delivery_status from cloudtrail_cloudwatch_status", "delivering\n",
			map[string]int{"cloudtrail:DescribeTrails": 17, "cloudtrail:GetTrailStatus": 3, "logs:DescribeLogGroups": 2}},
		"self join": {`select a.name, b.retention_in_days from cloudtrail_cloudwatch_status a join cloudtrail_cloudwatch_status b on a.arn = b.arn order by 1`,
			"acme-organization,\npayments-audit,365\npayments-data-events,30\n",
			map[string]int{"cloudtrail:DescribeTrails": 17, "cloudtrail:GetTrailStatus": 0, "logs:DescribeLogGroups": 2}},
		"qualified by connection, one region": {"select name from one.cloudtrail_cloudwatch_status where region = 'eu-central-1'", "payments-data-events\n",
			map[string]int{"cloudtrail:DescribeTrails": 1, "cloudtrail:GetTrailStatus": 0, "logs:DescribeLogGroups": 0}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server.ResetCalls()
			got := ctcw(t, nil, "query", "--config", config, "--output", "csv", "--header=false", c.sql)
			require.Zero(t, got.code, got.stderr)
			assert.Equal(t, c.want, got.stdout)
			for action, n := range c.calls {
				assert.Equal(t, n, server.Calls().Of(action), action)
			}
			assert.Equal(t, 1, server.Calls().Of("sts:GetCallerIdentity"))
		})
	}
}

func TestFlagsOverrideTheConnectionFile(t *testing.T) {
	server, _ := serve(t)
	home := t.TempDir()
	credentials := filepath.Join(home, "credentials")
	require.NoError(t, os.WriteFile(credentials, []byte(server.CredentialsFile()), 0o600))
	env := []string{"AWS_SHARED_CREDENTIALS_FILE=" + credentials, "STEAMPIPE_INSTALL_DIR=" + home}

	t.Run("profile and regions", func(t *testing.T) {
		got := ctcw(t, env, "query", "--profile", "payments-prod", "--regions", "eu-central-1,us-east-?", "--output", "csv", "--header=false",
			"select name from cloudtrail_cloudwatch_status order by 1")
		require.Zero(t, got.code, got.stderr)
		assert.Equal(t, "acme-organization\npayments-audit\npayments-data-events\n", got.stdout)
		assert.Equal(t, 3, server.Calls().Of("cloudtrail:DescribeTrails"))
	})
	t.Run("ctcw.spc of Steampipe is the default", func(t *testing.T) {
		require.NoError(t, os.MkdirAll(filepath.Join(home, "config"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(home, "config", "ctcw.spc"),
			[]byte("connection \"a\" {\n  plugin = \"local/ctcw\"\n  profile = \"acme-security\"\n}\nconnection \"b\" {\n  plugin = \"local/ctcw\"\n  profile = \"payments-prod\"\n}\n"), 0o600))
		got := ctcw(t, env, "query", "--output", "csv", "select distinct account_id from cloudtrail_cloudwatch_status")
		assert.Equal(t, 3, got.code)
		assert.Equal(t, "Error: the connection file has several connections, choose one with --connection: a, b\n", got.stderr)
		got = ctcw(t, env, "query", "--connection", "b", "--output", "csv", "select distinct account_id from cloudtrail_cloudwatch_status")
		assert.Equal(t, "account_id\n444455556666\n", got.stdout, got.stderr)
	})
}

func TestTheOnlyAggregatorIsTheDefaultConnection(t *testing.T) {
	server, org := serve(t)
	connection := func(name, account string) string {
		a := org.Account(account)
		return fmt.Sprintf("connection %q {\n  plugin = \"local/ctcw\"\n  access_key = %q\n  secret_key = %q\n  endpoint_url = %q\n}\n", name, a.AccessKeyID, a.SecretAccessKey, server.URL())
	}
	aggregator := func(name string) string {
		return fmt.Sprintf("connection %q {\n  plugin = \"local/ctcw\"\n  type = \"aggregator\"\n  connections = [\"a_*\"]\n}\n", name)
	}
	accounts := connection("a_prod", "payments-prod") + connection("a_security", "acme-security")
	ask := func(file string, args ...string) run {
		return ctcw(t, nil, append([]string{"query", "--config", write(t, "c.spc", file), "--output", "csv", "--header=false",
			"select distinct account_id from cloudtrail_cloudwatch_status order by 1"}, args...)...)
	}
	const both = "222233334444\n444455556666\n"
	assert.Equal(t, both, ask(accounts+aggregator("z_all")).stdout)
	assert.Equal(t, both, ask(accounts+aggregator("z_all")+connection("ctcw", "payments-staging")).stdout, "it stands for the others")
	assert.Equal(t, "444455556666\n", ask(accounts+aggregator("z_all"), "--connection", "a_prod").stdout)
	assert.Equal(t, both, ask(accounts+aggregator("z_all")+aggregator("ctcw")).stdout, "of two aggregators, the one named ctcw")
	assert.Contains(t, ask(accounts+aggregator("z_all")+aggregator("y_all")).stderr, "several connections, choose one with --connection: a_prod, a_security, y_all, z_all")
}

// Every failure is one line on stderr that says what is wrong, exit code 3, and nothing on stdout.
func TestFailuresAreOneClearLine(t *testing.T) {
	hang, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { hang.Close() })
	keys := []string{"AWS_ACCESS_KEY_ID=AKIAMARKEDKEYID", "AWS_SECRET_ACCESS_KEY=marked/secret"}
	const q = "select name from cloudtrail_cloudwatch_status"
	number := write(t, "number.spc", "connection \"ctcw\" {\n  plugin = \"ctcw\"\n  endpoint_url = 4566\n}\n")
	malformed := write(t, "bad.spc", "connection \"a\" {\n  plugin = \"ctcw\"\n  region = \"eu-west-1\"\n}\n")
	cases := []struct {
		name   string
		env    []string
		args   []string
		want   []string
		within time.Duration
	}{
		{"bad SQL", nil, []string{"query", "--demo", "selct 1"}, []string{`near "selct"`, "syntax error"}, 5 * time.Second},
		{"unknown column", nil, []string{"query", "--demo", "select delivry_status from cloudtrail_cloudwatch_status"}, []string{"no such column: delivry_status", "delivery_status"}, 5 * time.Second},
		{"unknown column in double quotes", nil, []string{"query", "--demo", `select "nam" from cloudtrail_cloudwatch_status`}, []string{`no such column: "nam"`}, 5 * time.Second},
		{"unknown table", nil, []string{"query", "--demo", "select * from aws_cloudtrail_trail"}, []string{"no such table: aws_cloudtrail_trail", "cloudtrail_cloudwatch_status"}, 5 * time.Second},
		{"a statement that writes", nil, []string{"query", "--demo", "create table x (a)"}, []string{"Error: "}, 5 * time.Second},
		{"two statements", nil, []string{"query", "--demo", "select 1; select 2"}, []string{"more than one SQL statement"}, 5 * time.Second},
		{"no statement", nil, []string{"query", "--demo", ""}, []string{"Error: "}, 5 * time.Second},
		{"missing file", nil, []string{"query", "--demo", "nowhere/missing.sql"}, []string{"cannot read the query file", "nowhere/missing.sql"}, 5 * time.Second},
		{"missing connection file", nil, []string{"query", "--config", "nowhere.spc", q}, []string{"cannot read the connection file", "nowhere.spc"}, 5 * time.Second},
		{"unknown connection argument", nil, []string{"query", "--config", malformed, q}, []string{`bad.spc line 3: An argument named "region" is not expected here (did you mean "regions"?)`}, 5 * time.Second},
		{"a connection file that cannot be looked for", []string{"STEAMPIPE_INSTALL_DIR=" + malformed}, []string{"query", q}, []string{"cannot read the connection file", "not a directory"}, 5 * time.Second},
		{"an endpoint that is a number", keys, []string{"snapshot", filepath.Join(t.TempDir(), "a.db"), "--config", number}, []string{"endpoint_url is not a URL"}, 5 * time.Second},
		{"unknown connection", nil, []string{"query", "--config", malformed, "--connection", "z", q}, []string{`there is no connection "z", only a`}, 5 * time.Second},
		{"unknown format", nil, []string{"query", "--demo", "--output", "xml", q}, []string{`--output "xml" is not a format: use table, csv, json, jsonl or line`}, 5 * time.Second},
		{"no argument", nil, []string{"query"}, []string{"query takes one argument"}, 5 * time.Second},
		{"unknown command", nil, []string{"qeury"}, []string{`unknown command "qeury"`}, 5 * time.Second},
		{"unknown flag", nil, []string{"query", "--colour", q}, []string{"unknown flag: --colour"}, 5 * time.Second},
		{"a flag misspelt", nil, []string{"query", "--ouptut", "csv", q}, []string{"unknown flag: --ouptut (did you mean --output?)"}, 5 * time.Second},
		{"an unknown shell", nil, []string{"completion", "bsh"}, []string{`unknown command "bsh"`}, 5 * time.Second},
		{"no credentials", nil, []string{"query", q}, []string{`connection "ctcw": found no AWS credentials`, `aws sts get-caller-identity`}, 10 * time.Second},
		{"no credentials, and no metadata service to say so at once", []string{"AWS_EC2_METADATA_DISABLED=false", "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://" + hang.Addr().String()},
			[]string{"query", q}, []string{`connection "ctcw": found no AWS credentials`}, 10 * time.Second},
		{"unknown profile", nil, []string{"query", "--profile", "audit", q}, []string{`connection "ctcw": profile "audit" is not in the AWS config and credentials files`}, 10 * time.Second},
		{"an endpoint that refuses", keys, []string{"query", "--endpoint-url", "http://127.0.0.1:1", q}, []string{"http://127.0.0.1:1", "connection refused"}, 10 * time.Second},
		{"an endpoint that refuses, with what may be secret", keys, []string{"query", "--endpoint-url", "http://marked:marked%2Fsecret@127.0.0.1:1/a?token=marked/secret#marked/secret", q}, []string{"http://127.0.0.1:1", "connection refused"}, 10 * time.Second},
		{"an endpoint that hangs", keys, []string{"query", "--endpoint-url", "http://" + hang.Addr().String(), q}, []string{hang.Addr().String(), "no answer within the time limit"}, 25 * time.Second},
		{"an endpoint that is no URL", keys, []string{"query", "--endpoint-url", "localhost", q}, []string{`connection "ctcw": endpoint_url is not a URL`}, 5 * time.Second},
		{"a region that does not exist", nil, []string{"query", "--demo", "--regions", "eu-wst-1", q}, []string{`"eu-wst-1" matches no region`, "eu-west-1"}, 5 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ctcw(t, c.env, c.args...)
			assert.Equal(t, 3, got.code)
			assert.Empty(t, got.stdout)
			assert.Len(t, lines(got.stderr), 1, got.stderr)
			assert.True(t, strings.HasPrefix(got.stderr, "Error: "), got.stderr)
			for _, want := range c.want {
				assert.Contains(t, got.stderr, want)
			}
			assert.NotContains(t, got.stderr, "marked/secret")
			assert.NotContains(t, got.stderr, "goroutine")
			assert.Less(t, got.took, c.within)
		})
	}
}

func TestErrorsDoNotSteerTheTerminal(t *testing.T) {
	got := ctcw(t, nil, "query", "--demo", "select * from \"\x1b]0;title\x07\u202egnp.exe\x1b[2J\"")
	assert.Equal(t, 3, got.code)
	assert.Contains(t, got.stderr, "no such table: �]0;title��gnp.exe�[2J")
	assert.NotRegexp(t, "[\x00-\x09\x0b-\x1f\x7f\u202e]", got.stderr)
}

func TestDemoServesAndPrintsConnectionsThatWork(t *testing.T) {
	cmd := exec.Command(binary, "demo")
	cmd.Env = environment(t)
	file := filepath.Join(t.TempDir(), "demo.spc")
	spc, err := os.Create(file)
	require.NoError(t, err)
	defer spc.Close()
	cmd.Stdout = spc
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	ready, err := bufio.NewReader(stderr).ReadString('\n')
	require.NoError(t, err)
	assert.Contains(t, ready, "Serving 21 accounts at http://127.0.0.1:")

	got := ctcw(t, nil, "query", "--config", file, "--connection", "ctcw", "--output", "csv", demoQuery)
	require.Zero(t, got.code, got.stderr)
	golden(t, "demo.csv", got.stdout)

	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.NoError(t, cmd.Wait(), "an interrupted demo has done its work")
}

// golden compares with a file in testdata; CTCW_UPDATE=1 writes it anew.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("CTCW_UPDATE") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

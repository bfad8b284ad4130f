package check_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
)

var update = flag.Bool("update", false, "write the golden files")

func result(status check.Status, account, name, trail, region, reason string) check.Result {
	r := check.Result{
		Status: status, Reason: reason, AccountName: name, Resource: "arn:aws:cloudtrail:" + region + ":" + account + ":trail/" + trail,
		Dimensions: []check.Dimension{{Key: "account_id", Value: account}, {Key: "region", Value: region}},
	}
	if trail == "" {
		r.Resource = "arn:aws:::" + account
	}
	return r
}

// report has what makes a table hard to read: long words, long names, the same said often, control characters, wide ones.
func report(controls int) *check.Report {
	denied := result(check.Error, "151515151515", "finance", "finance-audit", "us-east-1", "")
	denied.Reason = "GetTrailStatus failed, so delivery cannot be judged: AccessDeniedException: User: arn:aws:sts::151515151515:assumed-role/OrganizationAccountAccessRole/ctcw is not " +
		"authorized to perform: cloudtrail:GetTrailStatus on resource: " + denied.Resource + " because no identity-based policy allows the cloudtrail:GetTrailStatus action."
	stopped := result(check.Alarm, "555566667777", "payments-staging", "payments-audit", "us-east-1", "The trail is not logging; it was stopped at 2026-11-21T17:13:29Z.")
	stopped.Remediation = "aws cloudtrail start-logging --name arn:aws:cloudtrail:us-east-1:555566667777:trail/payments-audit --region us-east-1"
	const none = "No trail is visible in this account; a trail that covers all regions would be visible in any of them."
	const bare = "No CloudWatch Logs log group is configured."
	first := check.Run{Control: mod.Control{Name: "cis_v200_3_4", Title: "3.4 Ensure CloudTrail trails are integrated with CloudWatch Logs"}, Results: []check.Result{
		denied,
		result(check.Alarm, "121212121212", "", "alice-test", "eu-west-1", bare),
		result(check.Alarm, "121212121212", "", "sandbox-trail", "us-east-1", bare),
		result(check.Alarm, "181818181818", "marketing", "", "global", none),
		result(check.Alarm, "191919191919", "東京 zürich", "", "global", none),
		stopped,
		result(check.Alarm, "777788889999", "\x1b[31mred", "bell\a", "us-east-1", "a\nline "+strings.Repeat("x", 90)),
		result(check.Info, "171717171717", "", "acme-organization", "us-east-1", "Only its owner can mend it."),
		result(check.OK, "171717171717", "", "own", "us-east-1", "CloudTrail delivered to CloudWatch Logs at 2026-11-21T17:13:29Z."),
		result(check.Skip, "333344445555", "siem", "siem-direct", "us-east-1", "Exempt: The SIEM reads this trail from S3 and alerts on it (SEC-1482)"),
	}}
	second := check.Run{Control: mod.Control{Name: "delivery_healthy", Title: "Delivery"}, Results: []check.Result{denied, stopped}}
	third := check.Run{Control: mod.Control{Name: "empty", Title: "Nothing"}}
	return &check.Report{
		Groups: []check.Group{{ID: "ctcw.benchmark.b", Title: "AWS CIS v2.0.0: CloudTrail to CloudWatch Logs", Runs: []check.Run{first, second, third}[:controls]}},
		About:  check.About{Accounts: []check.Account{{ID: "121212121212"}, {ID: "141414141414", Unread: "denied"}, {ID: "151515151515", Unscanned: map[string]string{"eu-west-1": "AccessDenied"}}}},
	}
}

func shown(t *testing.T, controls int, v check.View) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, report(controls).WriteTable(&b, v))
	return b.String()
}

func TestTable(t *testing.T) {
	for name, v := range map[string]check.View{"": {}, "fix": {Fix: true}, "all": {All: true}, "only": {Only: []check.Status{check.Alarm, check.Error}}} {
		for _, width := range []int{0, 60, 80, 120, 200} {
			for _, color := range []bool{false, true} {
				if name != "" && (width != 80 || color) {
					continue
				}
				v.Width, v.Color = width, color
				got := shown(t, 3, v)
				file := filepath.Join("testdata", strings.Trim(fmt.Sprintf("%s-%d", name, width), "-"))
				if color {
					file += "-color"
				}
				file += ".txt"
				if *update {
					require.NoError(t, os.MkdirAll("testdata", 0o755))
					require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				}
				want, err := os.ReadFile(file)
				require.NoError(t, err)
				assert.Equal(t, string(want), got, "%s: go test ./ctcw/standalone/check -update writes it", file)
			}
		}
	}
}

func TestTheTableFitsTheTerminal(t *testing.T) {
	for width := 40; width <= 220; width++ {
		for _, color := range []bool{false, true} {
			for line := range strings.SplitSeq(shown(t, 3, check.View{Width: width, Color: color}), "\n") {
				require.LessOrEqual(t, text.StringWidthWithoutEscSequences(line), width, "%d: %q", width, line)
			}
		}
	}
	for _, line := range strings.Split(shown(t, 1, check.View{}), "\n") {
		assert.NotContains(t, line, "\x1b", "what comes from AWS does not reach the terminal as a command")
		assert.NotContains(t, line, "\a")
	}
}

func TestTheTableOfNothing(t *testing.T) {
	var b bytes.Buffer
	r := &check.Report{Groups: []check.Group{{ID: "ctcw.benchmark.b", Title: "B", Runs: []check.Run{{Control: mod.Control{Name: "one", Title: "One"}}}}}}
	require.NoError(t, r.WriteTable(&b, check.View{}))
	assert.Equal(t, "One (one)\nno row\n", b.String())
}

// TestTheTableSaysOnceWhatIsTheSame of accounts that differ in something else.
func TestTheTableSaysOnceWhatIsTheSame(t *testing.T) {
	const shared = "Alarm root_usage tells nobody: its actions are disabled."
	run := check.Run{Control: mod.Control{Name: "one", Title: "One"}, Results: []check.Result{
		result(check.Alarm, "111111111111", "first", "", "global", shared),
		result(check.Alarm, "222222222222", "second", "own", "us-east-1", "The trail is not logging."),
		result(check.Alarm, "222222222222", "second", "", "global", shared),
		result(check.Info, "333333333333", "third", "", "global", shared),
	}}
	r := &check.Report{Groups: []check.Group{{ID: "ctcw.benchmark.b", Title: "B", Runs: []check.Run{run}}}}
	var b bytes.Buffer
	require.NoError(t, r.WriteTable(&b, check.View{}))
	assert.Equal(t, `One (one)
3 alarm, 1 info

ALARM 111111111111 first, 222222222222 second
      Alarm root_usage tells nobody: its actions are disabled.
ALARM 222222222222 second: own (us-east-1)
      The trail is not logging.
INFO  333333333333 third
      Alarm root_usage tells nobody: its actions are disabled.

3 alarm, 1 info
`, b.String())
}

// TestFixSaysWhatItTakesForGranted: a role, where a command names the one that ctcw cannot know, and a little time.
func TestFixSaysWhatItTakesForGranted(t *testing.T) {
	const role, wait = "The commands name the role CloudTrail_CloudWatchLogs_Role", "check again then"
	shown := func(remediation string, v check.View) string {
		found := result(check.Alarm, "111111111111", "", "t", "us-east-1", "Bad.")
		found.Remediation = remediation
		r := &check.Report{Groups: []check.Group{{Title: "B", Runs: []check.Run{{Control: mod.Control{Name: "one", Title: "One"}, Results: []check.Result{found}}}}}}
		var b bytes.Buffer
		require.NoError(t, r.WriteTable(&b, v))
		return b.String()
	}
	const update = "aws cloudtrail update-trail --cloud-watch-logs-role-arn arn:aws:iam::111111111111:role/CloudTrail_CloudWatchLogs_Role"
	assert.Contains(t, shown(update, check.View{Fix: true}), role)
	assert.Contains(t, shown(update, check.View{Fix: true}), wait)
	assert.NotContains(t, shown(update, check.View{}), role)
	assert.NotContains(t, shown("aws cloudtrail start-logging", check.View{Fix: true}), role)
	assert.Contains(t, shown("aws cloudtrail start-logging", check.View{Fix: true}), wait)
	assert.NotContains(t, shown("", check.View{Fix: true}), wait)
}

func TestFold(t *testing.T) {
	for want, names := range map[string][]string{
		"":                               nil,
		"one":                            {"one"},
		"cis_4_1, cis_4_2":               {"cis_4_1", "cis_4_2"},
		"cis_4_1 to cis_4_3":             {"cis_4_1", "cis_4_2", "cis_4_3"},
		"cis_3_4, cis_4_9 to cis_4_11":   {"cis_3_4", "cis_4_9", "cis_4_10", "cis_4_11"},
		"cis_4_1, cis_4_3, cis_4_5":      {"cis_4_1", "cis_4_3", "cis_4_5"},
		"a_1, b_2, c_3, a_2 to a_4, end": {"a_1", "b_2", "c_3", "a_2", "a_3", "a_4", "end"},
	} {
		assert.Equal(t, want, strings.Join(check.Fold(names), ", "))
	}
}

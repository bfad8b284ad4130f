package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

func TestAnOrganizationThroughOneConnectionAsSteampipeAsks(t *testing.T) {
	server, org := serve(t)
	management := org.Account("acme-management")
	connection := connectionTo(server, management)
	connection.Config += "accounts = [\"*\"]\nrole_name = \"OrganizationAccountAccessRole\"\n"
	p := startPlugin(t, connection)

	rows, err := execute(p, []string{"account_id", "delivery_status", "retention_in_days", "arn"}, false, management.Name)
	require.NoError(t, err)
	accounts := map[string]bool{}
	for _, r := range rows {
		accounts[r.Columns["account_id"].GetStringValue()] = true
		if r.Columns["arn"].GetStringValue() == "arn:aws:cloudtrail:us-east-1:111122223333:trail/acme-organization" {
			assert.Equal(t, "delivering", r.Columns["delivery_status"].GetStringValue())
			assert.EqualValues(t, 365, r.Columns["retention_in_days"].GetIntValue(), "the owner's log group")
		}
	}
	assert.Len(t, accounts, 18, "every account but the one outside the organization")
}

func TestAnInterruptedSnapshotEndsAtOnceAndLeavesNoFile(t *testing.T) {
	org := sample.Large(1000, 1, time.Now())
	server := sample.New(org)
	server.SetLatency(20 * time.Millisecond)
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Close() })
	config := write(t, "o.spc", fmt.Sprintf("connection \"o\" {\n plugin = \"ctcw\"\n access_key = %q\n secret_key = %q\n endpoint_url = %q\n accounts = [\"*\"]\n role_name = \"OrganizationAccountAccessRole\"\n}\n",
		org.Accounts[0].AccessKeyID, org.Accounts[0].SecretAccessKey, server.URL()))
	dir := t.TempDir()
	cmd := exec.Command(binary, "snapshot", "--config", config, filepath.Join(dir, "s.db"))
	cmd.Env = environment(t)
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return server.Calls().Of("logs:DescribeLogGroups") > 50 }, time.Minute, 5*time.Millisecond, "the scan is under way")
	interrupted := time.Now()
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.Error(t, cmd.Wait())
	t.Logf("ended %v after the interrupt", time.Since(interrupted).Round(time.Millisecond))
	assert.Less(t, time.Since(interrupted), 5*time.Second, "one second is the aim, on a machine that does nothing else")
	assert.Equal(t, 130, cmd.ProcessState.ExitCode())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// A role that is missing in most accounts, as where it is rolled out with a StackSet that failed: a row for each account,
// and of what a person reads one line, with their number.
func TestARoleThatIsMissingInManyAccountsIsOneWarning(t *testing.T) {
	const accounts, missing = 300, 200
	org := sample.Large(accounts, 1, time.Now())
	for _, a := range org.Accounts[accounts-missing:] {
		a.Roles = nil
	}
	server := sample.New(org)
	require.NoError(t, server.Start())
	t.Cleanup(func() { server.Close() })
	config := write(t, "o.spc", fmt.Sprintf("connection \"o\" {\n plugin = \"ctcw\"\n access_key = %q\n secret_key = %q\n endpoint_url = %q\n accounts = [\"*\"]\n role_name = \"ctcw-audit\"\n}\n",
		org.Accounts[0].AccessKeyID, org.Accounts[0].SecretAccessKey, server.URL()))
	said := func(args ...string) (stdout, stderr string) {
		cmd := exec.Command(binary, append(args, "--config", config)...)
		cmd.Env = environment(t)
		var out, errs strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errs
		_ = cmd.Run() // alarms and errors have exit codes of their own
		return out.String(), errs.String()
	}

	csv, stderr := said("query", "select account_id, scan_error from cloudtrail_cloudwatch_status", "--output", "csv")
	assert.Equal(t, accounts+1, strings.Count(csv, "\n"), "a row for each, and the header")
	assert.Equal(t, missing, strings.Count(csv, "AccessDenied: "))
	assert.Empty(t, stderr)
	_, stderr = said("query", "select arn from cloudtrail_cloudwatch_status where name = 'trail-1'")
	assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	assert.Contains(t, stderr, "200 accounts could not be read in full")
	stdout, stderr := said("check", "cis_v200_3_4", "--only", "alarm")
	assert.Contains(t, stdout, "200 accounts not readable (")
	assert.Less(t, strings.Count(stdout+stderr, "\n"), 40, stdout+stderr)
}

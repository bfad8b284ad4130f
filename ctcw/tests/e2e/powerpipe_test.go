package e2e

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestPowerpipeOnAFileOfRuns needs Powerpipe alone: a file of runs is its database.
func TestPowerpipeOnAFileOfRuns(t *testing.T) {
	if _, err := exec.LookPath("powerpipe"); err != nil {
		t.Skip("SKIPPED: powerpipe is not on PATH, so the benchmark over_time runs in no Powerpipe")
	}
	server, org := serve(t)
	management := org.Account(org.Management)
	config := write(t, "ctcw.spc", "connection \"ctcw\" {\n  plugin = \"local/ctcw\"\n  access_key = \""+management.AccessKeyID+"\"\n  secret_key = \""+management.SecretAccessKey+
		"\"\n  endpoint_url = \""+server.URL()+"\"\n  accounts = [\"*\"]\n  role_name = \"OrganizationAccountAccessRole\"\n}\n")
	dir := t.TempDir()
	file, modDir := filepath.Join(dir, "evidence.db"), filepath.Join(dir, "mod")
	require.Zero(t, ctcw(t, nil, "mod", modDir).code)
	require.Zero(t, ctcw(t, nil, "snapshot", "--config", config, "--append", file).code)
	server.Update(func(org *sample.Organization) { org.Account("acme-security").Trails[0].Status.Logging = false })
	require.Zero(t, ctcw(t, nil, "snapshot", "--config", config, "--append", file).code)

	powerpipe := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("powerpipe", append(args, "--mod-location", modDir, "--database", "sqlite://"+file)...)
		cmd.Dir = modDir
		cmd.Env = append(os.Environ(), "POWERPIPE_UPDATE_CHECK=false", "POWERPIPE_INSTALL_DIR="+filepath.Join(dir, "install"))
		out, err := cmd.CombinedOutput()
		require.True(t, err == nil || cmd.ProcessState.ExitCode() <= ExitError, "powerpipe %s: %v\n%s", strings.Join(args, " "), err, out)
		return string(out)
	}
	benchmark := func(name string) []map[string]string {
		t.Helper()
		export := filepath.Join(dir, name+".csv")
		powerpipe("benchmark", "run", "ctcw.benchmark."+name, "--output", "none", "--progress=false", "--export", export)
		text, err := os.ReadFile(export)
		require.NoError(t, err)
		records, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		require.NoError(t, err)
		var rows []map[string]string
		for _, r := range records[1:] {
			row := map[string]string{}
			for i, name := range records[0] {
				row[name] = r[i]
			}
			rows = append(rows, row)
		}
		return rows
	}
	t.Run("the tables' own names are the latest run", func(t *testing.T) {
		ours := ctcw(t, nil, "check", "--from", file, "--output", "csv", "cis_v200")
		assert.Equal(t, sorted(verdicts(table(t, ours.stdout))), sorted(verdicts(benchmark("cis_v200"))))
	})
	t.Run("over_time", func(t *testing.T) {
		found := map[string]string{}
		for _, row := range benchmark("over_time") {
			assert.NotEqual(t, "", row["reason"])
			found[row["control_id"][strings.LastIndex(row["control_id"], ".")+1:]+" "+row["resource"]] = row["status"] + " " + row["reason"]
		}
		const audit = "arn:aws:cloudtrail:eu-west-1:222233334444:trail/security-audit"
		assert.Contains(t, found["over_time_delivery "+audit], "alarm 1 gap, first found at ")
		assert.Contains(t, found["over_time_changes "+audit], "alarm Was delivering, is logging_stopped.")
	})
	t.Run("its dashboard", func(t *testing.T) {
		out := powerpipe("dashboard", "run", "ctcw.dashboard.over_time", "--output", "snapshot", "--progress=false")
		assert.Contains(t, out, "Days without a complete run")
		assert.Contains(t, out, "security-audit")
		assert.NotContains(t, out, `"status": "error"`)
	})
}

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// TestEvidence goes the way of a user: runs in one file, then everything from it, without AWS and without credentials.
func TestEvidence(t *testing.T) {
	server, org := serve(t)
	asked := time.Now().Add(time.Hour) // by AWS's clock, which stands still
	server.SetClock(func() time.Time { return asked })
	management := org.Account(org.Management)
	config := write(t, "ctcw.spc", "connection \"ctcw\" {\n  plugin = \"local/ctcw\"\n  access_key = \""+management.AccessKeyID+"\"\n  secret_key = \""+management.SecretAccessKey+
		"\"\n  endpoint_url = \""+strings.Replace(server.URL(), "http://", "http://user:marked-secret@", 1)+"\"\n  accounts = [\"*\"]\n  role_name = \"OrganizationAccountAccessRole\"\n  external_id = \"marked-external\"\n}\n")
	file := filepath.Join(t.TempDir(), "evidence.db")
	appendRun := func() {
		t.Helper()
		got := ctcw(t, nil, "snapshot", "--config", config, "--append", file)
		require.Zero(t, got.code, got.stderr)
		assert.Len(t, lines(got.stderr), 1)
		assert.Contains(t, got.stderr, ", hash ")
	}
	appendRun()
	live := ctcw(t, nil, append([]string{"check", "--config", config, "--output", "csv"}, everyControl(t)...)...)
	server.Update(func(org *sample.Organization) { org.Account("acme-security").Trails[0].Status.Logging = false })
	appendRun()
	server.Close()

	t.Run("no secret is in it", func(t *testing.T) {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, secret := range []string{management.AccessKeyID, management.SecretAccessKey, "marked-secret", "marked-external"} {
			assert.NotContains(t, string(content), secret)
		}
		got := ctcw(t, nil, "query", "--from", file, "--output", "json", "select callers, connections, accounts, calls > 0 as asked, complete from ctcw_run where run_id = 1")
		assert.Contains(t, got.stdout, "arn:aws:iam::111122223333:user/", got.stderr)
		assert.Contains(t, got.stdout, `"role_name": "OrganizationAccountAccessRole"`)
		assert.Contains(t, got.stdout, `"complete": false`, "an account of it cannot be read")
	})
	t.Run("check says of a run what it said then", func(t *testing.T) {
		got := ctcw(t, nil, append([]string{"check", "--from", file, "--at", "1", "--output", "csv"}, everyControl(t)...)...)
		assert.Equal(t, live.code, got.code, got.stderr)
		then, now := withoutTimes(live.stdout), withoutTimes(got.stdout)
		require.Len(t, now, len(then))
		for i := range then {
			require.Equal(t, then[i], now[i])
		}
		assert.Contains(t, got.stderr, "run 1 of ")
		said := ctcw(t, nil, "check", "--from", file, "--at", "1", "--output", "csv").stdout
		assert.NotEqual(t, said, ctcw(t, nil, "check", "--from", file, "--at", "1", "--output", "csv", "--var", "max_delivery_age_hours=0").stdout)
	})
	t.Run("query", func(t *testing.T) {
		got := ctcw(t, nil, "query", "--from", file, "--output", "csv", "--header=false",
			"select run_id, is_logging from cloudtrail_cloudwatch_status_history where name = 'security-audit' order by 1")
		assert.Equal(t, "1,true\n2,false\n", got.stdout, got.stderr)
		got = ctcw(t, nil, "query", "--from", file, "--output", "csv", "--header=false", "select is_logging from cloudtrail_cloudwatch_status where name = 'security-audit'")
		assert.Equal(t, "false\n", got.stdout, "its own name means the latest run")
	})
	t.Run("diff", func(t *testing.T) {
		got := ctcw(t, nil, "diff", file, "--control", "cis_v200_3_4")
		assert.Equal(t, 1, got.code, got.stderr)
		assert.Contains(t, got.stdout, "222233334444")
		assert.Contains(t, got.stdout, "  WORSE    security-audit (eu-west-1), cis_v200_3_4: ok → alarm\n")
		assert.Contains(t, got.stdout, "\n1 worse.\n")
		got = ctcw(t, nil, "diff", file, "--control", "cis_v200_3_4", "--output", "json")
		var parsed struct{ Changes []map[string]any }
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &parsed))
		require.Len(t, parsed.Changes, 1)
		assert.Equal(t, "worse", parsed.Changes[0]["kind"])
	})
	t.Run("report", func(t *testing.T) {
		for _, name := range []string{"r.html", "r.json", "r.csv"} {
			out := filepath.Join(t.TempDir(), name)
			got := ctcw(t, nil, "report", file, out)
			require.Zero(t, got.code, got.stderr)
			content, err := os.ReadFile(out)
			require.NoError(t, err)
			assert.Contains(t, string(content), "222233334444")
			if strings.HasSuffix(name, ".html") {
				onPage := regexp.MustCompile(`(\d+)</b> gaps? in the period`).FindStringSubmatch(string(content))
				require.Len(t, onPage, 2)
				assert.Contains(t, got.stderr, ", "+onPage[1]+" gap", "as many as the page says")
			}
		}
	})
	t.Run("verify", func(t *testing.T) {
		got := ctcw(t, nil, "verify", file)
		assert.Zero(t, got.code, got.stderr)
		assert.Contains(t, got.stdout, "2 runs from ")
		got = ctcw(t, nil, "verify", file, "--holds", "0123")
		assert.Equal(t, 1, got.code)
		assert.Contains(t, got.stdout, "No run has the hash 0123: the chain is another one.")
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		// All of them: SQLite leaves copies in parts of its pages that nothing shows any more.
		changed := strings.ReplaceAll(string(content), "No CloudWatch Logs log group is configured.", "No CloudWatch Logs log group is configurex.")
		require.NotEqual(t, string(content), changed)
		got = ctcw(t, nil, "verify", write(t, "changed.db", changed))
		assert.Equal(t, 1, got.code)
		assert.Contains(t, got.stdout, "The content of run 1 was changed after it was written.")
	})
	t.Run("failures are one clear line", func(t *testing.T) {
		text := write(t, "text.db", "this is no database at all, but a text that is long enough to be one")
		for want, args := range map[string][]string{
			"--at says which run of a file":            {"query", "--at", "1", "select 1"},
			"asks nothing of AWS: leave out --demo":    {"check", "--from", file, "--demo"},
			"has no run 7, only 1 to 2":                {"check", "--from", file, "--at", "7"},
			"is not a SQLite file":                     {"query", "--from", text, "select 1"},
			"no such file or directory":                {"verify", file + "x"},
			"neither the number of a run nor a time":   {"diff", file, "--since", "monday"},
			"is not before run 1":                      {"diff", file, "--since", "2", "--at", "1"},
			"must end in .html, .json or .csv":         {"report", file, "out.pdf"},
			"there is no folder nowhere":               {"report", file, "nowhere/out.html"},
			"is before --since":                        {"report", file, "--since", "2026-02-01", "--until", "2026-01-01", "out.html"},
			"has no run from 2026-01-01":               {"report", file, "--since", "2026-01-01", "--until", "2026-01-02", "out.html"},
			"--append adds to a file and --force":      {"snapshot", "--demo", "--append", "--force", file},
			"report takes two arguments":               {"report", file},
			"is not a format: use text or json":        {"diff", file, "--output", "xml"},
			"there is no control or benchmark \"cis\"": {"diff", file, "--control", "cis"},
		} {
			got := ctcw(t, nil, args...)
			assert.Equal(t, 3, got.code, "%v: %s", args, got.stderr)
			assert.Contains(t, got.stderr, want)
			assert.Empty(t, got.stdout)
		}
		_, err := os.Stat("out.html")
		assert.ErrorIs(t, err, os.ErrNotExist)
	})
}

// withoutTimes leaves out of check's CSV when it was made.
func withoutTimes(csv string) []string {
	var kept []string
	for _, line := range lines(csv) {
		var cells []string
		for cell := range strings.SplitSeq(line, ",") {
			if !strings.HasPrefix(cell, "20") || !strings.HasSuffix(cell, "Z") {
				cells = append(cells, cell)
			}
		}
		kept = append(kept, strings.Join(cells, ","))
	}
	return kept
}

// everyControl returns the names of the controls that check runs.
func everyControl(t *testing.T) []string {
	t.Helper()
	m, err := mod.Load()
	require.NoError(t, err)
	var names []string
	for _, c := range m.Everywhere() {
		names = append(names, c.Name)
	}
	return names
}

package e2e

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// times ask whether a delivery came after another time (TIME) of the same day, in the forms in which one may write it.
// A T comes after a space, so as mere text an RFC 3339 time would always be the later one.
var times = []string{
	"latest_cloudwatch_logs_delivery_time > datetime('TIME')",
	"not datetime('TIME') >= latest_cloudwatch_logs_delivery_time",
	"julianday(latest_cloudwatch_logs_delivery_time) > julianday('TIME')",
	"datetime(latest_cloudwatch_logs_delivery_time) > datetime('TIME')",
	"(select max(latest_cloudwatch_logs_delivery_time) from cloudtrail_cloudwatch_status where name = 'payments-audit') > datetime('TIME')",
}

// Only the embedded engine can tell these: a column of a file cannot say how it compares with other forms of text.
var timesInTheEngine = append([]string{
	"latest_cloudwatch_logs_delivery_time > strftime('%Y-%m-%dT%H:%M:%SZ', 'TIME')",
	"latest_cloudwatch_logs_delivery_time > strftime('%Y-%m-%dT%H:%M:%S+05:30', 'TIME', '+330 minutes')",
	"latest_cloudwatch_logs_delivery_time > julianday('TIME')",
	"latest_cloudwatch_logs_delivery_time > unixepoch('TIME')",
}, times...)

func TestTimesCompareWithWhatSQLitesFunctionsReturn(t *testing.T) {
	server, org := serve(t)
	noon := time.Now().UTC().Truncate(24 * time.Hour).Add(-36 * time.Hour)
	server.Update(func(org *sample.Organization) {
		org.Account("payments-prod").Trails[0].Status.LatestCloudWatchLogsDelivery = noon
	})
	a := org.Account("payments-prod")
	env := []string{"AWS_ACCESS_KEY_ID=" + a.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + a.SecretAccessKey, "AWS_ENDPOINT_URL=" + server.URL()}
	path := filepath.Join(t.TempDir(), "s.db")
	require.Zero(t, ctcw(t, env, "snapshot", path).code)
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	require.NoError(t, err)
	defer db.Close()

	for _, c := range []struct {
		cutoff time.Time
		after  string
	}{{noon.Add(-time.Second), "1"}, {noon.Add(-11 * time.Hour), "1"}, {noon, "0"}, {noon.Add(time.Second), "0"}, {noon.Add(11 * time.Hour), "0"}} {
		ask := func(condition string) string {
			return "select count(*) from cloudtrail_cloudwatch_status where name = 'payments-audit' and " +
				strings.ReplaceAll(condition, "TIME", c.cutoff.Format(time.DateTime))
		}
		for _, condition := range timesInTheEngine {
			if strings.Contains(condition, "max(") && c.cutoff.Equal(noon) {
				continue // the result of a function has no collation: one instant in two forms is not equal
			}
			got := ctcw(t, env, "query", "--output", "csv", "--header=false", "--regions", "us-east-1", ask(condition))
			assert.Equal(t, c.after+"\n", got.stdout, "%s %s", ask(condition), got.stderr)
		}
		for _, condition := range times {
			var n string
			require.NoError(t, db.QueryRow(ask(condition)).Scan(&n), condition)
			assert.Equal(t, c.after, n, "in a snapshot: %s", ask(condition))
		}
	}
	var shown string
	require.NoError(t, db.QueryRow("select latest_cloudwatch_logs_delivery_time || '' from cloudtrail_cloudwatch_status where name = 'payments-audit'").Scan(&shown))
	assert.Equal(t, noon.Format(time.DateTime), shown, "as SQLite itself writes times")
}

func TestTimesAreShownAsRFC3339(t *testing.T) {
	for _, column := range []string{"checked_at", "max(checked_at)", "coalesce(latest_delivery_time, checked_at)"} {
		for _, format := range []string{"csv", "jsonl", "line"} {
			got := ctcw(t, nil, "query", "--demo", "--output", format, "--header=false", fmt.Sprintf("select %s as at from cloudtrail_cloudwatch_status limit 1", column))
			assert.Regexp(t, `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`, got.stdout, "%s as %s", column, format)
		}
	}
}

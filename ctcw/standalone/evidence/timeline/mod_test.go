package timeline_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/check"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/evidence"
)

// overTime runs the controls that Powerpipe runs on a file, in SQLite as it does.
func overTime(t *testing.T, path string) map[string][]string {
	t.Helper()
	file, err := evidence.OpenFile(ctx, path)
	require.NoError(t, err)
	defer file.Close()
	m, err := mod.Load()
	require.NoError(t, err)
	got := map[string][]string{}
	for _, c := range m.Controls {
		if !c.RunsOnly {
			continue
		}
		query, args, err := c.Query(nil)
		require.NoError(t, err)
		rows, err := file.DB.QueryContext(ctx, query, args...)
		require.NoError(t, err, c.Name)
		for rows.Next() {
			var resource, status, reason, account, region string
			require.NoError(t, rows.Scan(&resource, &status, &reason, &account, &region))
			got[c.Name] = append(got[c.Name], fmt.Sprintf("%s %s: %s", resource, status, reason))
		}
		require.NoError(t, rows.Err())
		rows.Close()
	}
	return got
}

func TestTheModOverTime(t *testing.T) {
	got := overTime(t, week(t).Path)
	m, err := mod.Load()
	require.NoError(t, err)
	days := got["over_time_days"]
	require.Len(t, days, 6)
	assert.Equal(t, "day/2026-07-01 ok: Run 1 is complete.", days[0])
	assert.Contains(t, days[3], "day/2026-07-04 error: No run of this day is complete. Run 4 could not read accounts {\""+account(4))
	assert.Equal(t, "day/2026-07-05 alarm: There is no run of this day.", days[4])
	assert.Equal(t, []string{
		"arn:aws:::" + account(4) + " error: 1 gap, first found at 2026-07-04 05:17, last at 2026-07-04 05:17. 0 of 1 days were good.",
		"arn:aws:::" + account(5) + " alarm: 1 gap, first found at 2026-07-03 05:17, last at 2026-07-06 05:17. 0 of 3 days were good.",
		trail(1) + " skip: Exempt: The SIEM reads this trail from S3 (SEC-1)",
		trail(2) + " alarm: 1 gap, first found at 2026-07-02 05:17, last at 2026-07-03 05:17. 2 of 5 days were good.",
		trail(3) + " ok: No gap in 4 days, 3 of them with a complete run.",
		trail(4) + " ok: No gap in 4 days, 4 of them with a complete run.",
	}, sortedBy(got["over_time_delivery"]))
	assert.Equal(t, []string{
		"arn:aws:::" + account(4) + " info: Was unknown, and is not seen any more.",
		"arn:aws:::" + account(5) + " ok: Still no_trail.",
		trail(1) + " skip: Exempt: The SIEM reads this trail from S3 (SEC-1)",
		trail(2) + " ok: Still delivering.",
		trail(3) + " info: Was delivering, and is not seen any more.",
	}, sortedBy(got["over_time_changes"])[:5])
	_, err = check.NewPlan(m, []string{"over_time"}, nil)
	assert.ErrorContains(t, err, "runs over a file of")
}

func sortedBy(lines []string) []string { return slices.Sorted(slices.Values(lines)) }

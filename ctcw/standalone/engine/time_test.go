package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// TestTimesCompareInEveryForm compares a column with times around it, written as RFC 3339 and as SQLite's functions
// return them, in every way in which a statement may compare.
func TestTimesCompareInEveryForm(t *testing.T) {
	seen := time.Date(2026, 11, 21, 2, 40, 4, 0, time.UTC)
	e, _ := openPlugin(t, imitation{&stub{things: []thing{{ID: "a", Seen: &seen}}}})
	forms := []string{ // %s is what SQLite's functions take
		"datetime('%s')", "strftime('%%Y-%%m-%%d %%H:%%M:%%f', '%s')", "strftime('%%s', '%s')", "unixepoch('%s')", "julianday('%s')",
		"strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', '%s')", "strftime('%%Y-%%m-%%dT%%H:%%M:%%S+02:00', '%s', '+2 hours')",
		"strftime('%%Y-%%m-%%d %%H:%%M:%%S -01:30', '%s', '-90 minutes')", "strftime('%%Y-%%m-%%dT%%H:%%M:%%fz', '%s')",
	}
	for _, apart := range []time.Duration{-49 * time.Hour, -24 * time.Hour, -time.Hour, -time.Second, 0, time.Second, time.Hour, 25 * time.Hour} {
		for _, form := range forms {
			other := fmt.Sprintf(form, seen.Add(apart).Format(time.DateTime))
			for operator, want := range map[string]bool{"=": apart == 0, "<>": apart != 0, "<": apart > 0, "<=": apart >= 0, ">": apart < 0, ">=": apart <= 0} {
				statement := fmt.Sprintf("select count(*) from thing where seen %s %s", operator, other)
				assert.Equal(t, [][]any{{map[bool]int64{true: 1}[want]}}, query(t, e, statement), "%s %s", apart, statement)
			}
			assert.Equal(t, [][]any{{map[bool]int64{true: 1}[apart == 0]}},
				query(t, e, fmt.Sprintf("select count(*) from thing where seen in ('x', %s)", other)), other)
		}
	}
	for condition, want := range map[string]bool{
		"seen > date('2026-11-21')": true, "seen < date('2026-11-22')": true, "seen >= '2026-11-22'": false, "seen = '2026-11-21'": false,
		"seen between '2026-11-21' and '2026-11-22'": true, "seen > '2026-11'": true, "seen < '2026-12'": true, "seen > '2026'": true,
		"seen > '2026-11-21 02:40'": true, "seen < '2026-11-21T02:41'": true, "seen = '2026-11-21T02:40:04.0004Z'": false,
		"seen < '2026-11-21T02:40:04.0004Z'": true, "date(seen) = '2026-11-21'": true, "seen > ''": true, "seen > 'never'": false,
		// A function's result has no collation: what SQLite's functions return is still compared with rightly.
		"(select max(seen) from thing) > datetime('2026-11-21 02:40:05')": false, "(select max(seen) from thing) > datetime('2026-11-21 02:40:03')": true,
		"coalesce(seen, 'never') < datetime('2026-11-21 03:00:00')": true, "coalesce(seen, '') > date('2026-11-21')": true, "seen < now()": true,
	} {
		assert.Equal(t, [][]any{{map[bool]int64{true: 1}[want]}}, query(t, e, "select count(*) from thing where "+condition), condition)
	}
	assert.Equal(t, [][]any{{"a"}}, query(t, e, "select id from thing where seen = ?", seen.In(time.FixedZone("", 3600))))
}

func TestTimesAreTimesInResults(t *testing.T) {
	e, _ := open(t, &stub{things: things(5)})
	latest := time.Date(2026, 11, 21, 2, 40, 4, 0, time.UTC)
	rows, err := e.Query(t.Context(), "select max(seen), coalesce(seen, 'never'), datetime(seen), now() from thing where seen > '2026-11-21T02:40:03.999Z'")
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next())
	assert.Equal(t, []any{latest, latest, "2026-11-21 02:40:04"}, rows.Values()[:3], "what is no time of the table is as SQLite has it")
	assert.WithinDuration(t, time.Now(), rows.Values()[3].(time.Time), time.Minute)
	assert.Equal(t, proto.ColumnType_TIMESTAMP, rows.Columns()[0].Type)
	assert.Equal(t, [][]any{{"never"}, {latest}}, query(t, e, "select 'never' union all select max(seen) from thing"))
}

// TestTimesInAFile: other programs know no collation, so there the text has to do.
func TestTimesInAFile(t *testing.T) {
	at := time.Date(2026, 11, 21, 2, 40, 4, 0, time.UTC)
	assert.Equal(t, "2026-11-21 02:40:04", SQLValue(at))
	assert.Equal(t, "2026-11-21 02:40:04.250", SQLValue(at.Add(250*time.Millisecond)))
	assert.Equal(t, "2026-11-21 02:40:10", SQLValue(at.Add(6*time.Second)))
}

// TestTheOrderOfTimesIsAnOrder: SQLite sorts and groups by it.
func TestTheOrderOfTimesIsAnOrder(t *testing.T) {
	texts := []string{"", "x", "2026", "2026-11", "2026-11-21", "2026-11-21T00:00:00Z", "2026-11-21 00:00:00.000Z", "2026-11-20T23:00:00-01:00", "2026-11-21 00:00",
		"2026-11-21T00:00:00.0004Z", "2026-11-21 00:00:00.001Z", "2026-11-21 00:00:00.000A", "2026-11-21 nonsense", "2461365.5", "1795219200", "12", "~", "2026-13-41", "-1"}
	for _, a := range texts {
		for _, b := range texts {
			assert.Equal(t, compareTimes(a, b), -compareTimes(b, a), "%q %q", a, b)
			for _, c := range texts {
				if compareTimes(a, b) <= 0 && compareTimes(b, c) <= 0 {
					assert.LessOrEqual(t, compareTimes(a, c), 0, "%q %q %q", a, b, c)
				}
			}
		}
	}
	sorted := slices.SortedFunc(slices.Values([]string{"2026-11-22", "2026-11-21T12:00:00+02:00", "2026-11-21 11:00:00"}), compareTimes)
	assert.Equal(t, "2026-11-21T12:00:00+02:00 2026-11-21 11:00:00 2026-11-22", strings.Join(sorted, " "))
}

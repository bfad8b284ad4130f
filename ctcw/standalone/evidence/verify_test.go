package evidence

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestVerifyNamesWhatWasChanged(t *testing.T) {
	path := runs(t, 4, 3)
	for name, c := range map[string]struct{ change, want string }{
		"nothing":                 {"select 1", ""},
		"a text":                  {"update status_content set remediation = 'none' where content_id = 1", "The content of run 1 was changed after it was written."},
		"a time":                  {"update status_rows set checked_at_ms = checked_at_ms + 1 where run_id = 3 and position = 0", "The content of run 3 was changed after it was written."},
		"a row removed":           {"delete from status_rows where run_id = 2 and position = 1", "The content of run 2 was changed after it was written."},
		"a row added":             {"insert into status_rows select 2, 9, content_id, delivered_at_ms, checked_at_ms, age, retention from status_rows where run_id = 1 and position = 0", "The content of run 2 was changed"},
		"completeness":            {"update ctcw_run set complete = not complete where run_id = 2", "What the file says of run 2"},
		"when":                    {"update ctcw_run set checked_at = '2026-07-02 06:17:00.456' where run_id = 2", "What the file says of run 2"},
		"who":                     {"update ctcw_run set callers = '[]' where run_id = 4", "What the file says of run 4"},
		"a run removed":           {"delete from status_rows where run_id = 2; delete from ctcw_run where run_id = 2", "Run 2 is missing: it was removed."},
		"the last run removed":    {"delete from status_rows where run_id = 4; delete from ctcw_run where run_id = 4", "The file has had 4 runs, and the last that it holds is run 3: later ones were removed."},
		"a run removed, numbers":  {"delete from status_rows where run_id = 2; delete from ctcw_run where run_id = 2; update ctcw_run set run_id = run_id - 1 where run_id > 2; update status_rows set run_id = run_id - 1 where run_id > 2", "Run 2 does not follow run 1"},
		"a run inserted":          {"insert into ctcw_run select 5, started, finished, checked_at, version, source, callers, connections, accounts, not_readable, not_scanned, left_out, calls, throttled, complete, tables, content_hash, previous_hash, hash from ctcw_run where run_id = 4; insert into status_rows select 5, position, content_id, delivered_at_ms, checked_at_ms, age, retention from status_rows where run_id = 4", "Run 5 does not follow run 4"},
		"rows of no run":          {"insert into status_rows select 9, position, content_id, delivered_at_ms, checked_at_ms, age, retention from status_rows where run_id = 4", "status_rows has 3 rows of no run."},
		"what the table shows":    {"drop view status; create view status as select * from status_history where run_id = 1", "The view status does not show what the runs hold: it was changed."},
		"what history shows":      {"drop view status_history; create view status_history as select 1 as run_id", "The view status_history does not show what the runs hold: it was changed."},
		"what ctcw_snapshot says": {"drop view ctcw_snapshot; create view ctcw_snapshot as select 1 as taken_at", "The view ctcw_snapshot does not show what the runs hold: it was changed."},
		"another view":            {"create view cloudtrail as select 1", "The view cloudtrail is none of this program's."},
		"a trigger":               {"create trigger x after insert on ctcw_run begin delete from ctcw_run; end", "The trigger x is none of this program's."},
		"a column's life":         {"update ctcw_column set since_run = 2 where name = 'remediation'", "The content of run 1 was changed"},
	} {
		t.Run(name, func(t *testing.T) {
			copied := copyOf(t, path)
			change(t, copied, c.change)
			file := open(t, copied)
			wrong, err := file.Verify(ctx)
			require.NoError(t, err)
			if c.want == "" {
				assert.Empty(t, wrong)
				assert.True(t, file.Holds(file.Runs[1].Hash))
				assert.False(t, file.Holds("other"))
				return
			}
			assert.Contains(t, strings.Join(wrong, "\n"), c.want)
		})
	}
}

// TestNoByteChangesUnseen changes single bytes all over a file: verify finds it, or all that the file shows is as it was,
// as it is where the byte is in a part of a page that is not in use.
func TestNoByteChangesUnseen(t *testing.T) {
	path := runs(t, 3, 40)
	want, err := dump(path)
	require.NoError(t, err)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	found, unused := 0, 0
	changed := copyOf(t, path)
	for range 200 {
		at := rand.IntN(len(content))
		spoilt := append([]byte{}, content...)
		spoilt[at] ^= 1 << rand.IntN(8)
		require.NoError(t, os.WriteFile(changed, spoilt, 0o600))
		if seen(t, changed) {
			found++
			continue
		}
		got, err := dump(changed)
		require.NoError(t, err)
		require.True(t, want == got, "byte %d of %d: what the file shows has changed, and verify does not say so", at, len(content))
		unused++
	}
	t.Logf("of 200 bytes, verify found %d; %d are of no use", found, unused)
	assert.Greater(t, found, 40)
}

// seen reports whether opening or verifying a file finds it changed.
func seen(t *testing.T, path string) bool {
	t.Helper()
	file, err := OpenFile(ctx, path)
	if err != nil {
		return true
	}
	defer file.Close()
	wrong, err := file.Verify(ctx)
	return err != nil || len(wrong) > 0
}

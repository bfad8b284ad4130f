package evidence

import (
	"bufio"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/file"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
)

// TestWhatGoesInComesOut compares every cell of the plugin with that of the file, values and types, for each run.
func TestWhatGoesInComesOut(t *testing.T) {
	path := runs(t, 3, 20)
	file := open(t, path)
	require.Len(t, file.Runs, 3)
	for day, run := range file.Runs {
		e, err := file.Engine(run)
		require.NoError(t, err)
		assert.Equal(t, cells(t, status(20, on(day+1)).engine(t), "select * from status"), cells(t, e, "select * from status"))
		assert.Equal(t, on(day+1), run.CheckedAt)
		e.Close()
	}
	e, err := file.Engine(file.Runs[0])
	require.NoError(t, err)
	defer e.Close()
	assert.Equal(t, []any{int64(60), int64(3)}, cells(t, e, "select count(*), count(distinct run_id) from status_history")[2:])
	assert.Equal(t, []any{on(3)}, cells(t, file.latest(t), "select checked_at from status limit 1")[1:], "its own name means the latest run")

	var contents int
	require.NoError(t, file.DB.QueryRow("select count(*) from status_content").Scan(&contents))
	assert.Equal(t, 20, contents, "rows that differ only in times and numbers are stored once")
}

func (f *File) latest(t *testing.T) Querier {
	e, err := f.Engine(f.Latest())
	require.NoError(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

func cells(t *testing.T, from Querier, sql string) []any {
	t.Helper()
	rows, err := from.Query(ctx, sql)
	require.NoError(t, err)
	defer rows.Close()
	var all []any
	for _, c := range rows.Columns() {
		all = append(all, fmt.Sprint(c.Name, c.Type))
	}
	for rows.Next() {
		all = append(all, rows.Values()...)
	}
	require.NoError(t, rows.Err())
	return all
}

func TestTextWithBracesOfItsOwn(t *testing.T) {
	p := status(1, on(1))
	const own = "{checked_at} of 2026-07-01T05:17:00Z"
	p.rows["status"][0]["remediation"] = protoValue(proto.ColumnType_STRING, own)
	path := filepath.Join(t.TempDir(), "runs.db")
	p.append(t, path)
	assert.Equal(t, own, cells(t, open(t, path).latest(t), "select remediation from status")[1])
}

func TestColumnsAndTablesComeAndGo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runs.db")
	status(2, on(1)).append(t, path)
	more := status(2, on(2), &proto.ColumnDefinition{Name: "extra", Type: proto.ColumnType_STRING})
	more.tables["second"] = more.tables["status"]
	more.rows["second"] = more.rows["status"][:1]
	more.append(t, path)
	status(2, on(3)).append(t, path)
	more.append(t, path)
	file := open(t, path)
	wrong, err := file.Verify(ctx)
	require.NoError(t, err)
	assert.Empty(t, wrong)
	first, err := file.Engine(file.Runs[0])
	require.NoError(t, err)
	defer first.Close()
	_, err = first.Query(ctx, "select extra from status")
	assert.ErrorContains(t, err, "no such column: extra")
	_, err = first.Query(ctx, "select * from second")
	assert.ErrorContains(t, err, "run 1 of 2026-07-01 05:17:00")
	assert.ErrorContains(t, err, "has no table second: it was taken by version 1.2.3")
	assert.Equal(t, []any{"more", "more"}, cells(t, file.latest(t), "select extra from status")[1:])
	assert.Equal(t, []any{nil, nil, "more", "more", nil, nil, "more", "more"}, cells(t, first, "select extra from status_history order by run_id")[1:])

	changed := status(1, on(5))
	changed.tables["status"].Columns[0] = &proto.ColumnDefinition{Name: "account_id", Type: proto.ColumnType_INT}
	collected, err := Collect(ctx, changed.engine(t))
	require.NoError(t, err)
	_, err = collected.Append(ctx, path, Provenance{})
	assert.ErrorContains(t, err, "begin a new file")
	assert.Len(t, open(t, path).Runs, 4)
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	collected, err := Collect(ctx, status(1, on(1)).engine(t))
	require.NoError(t, err)
	path := filepath.Join(dir, "a.db")
	_, err = collected.Write(ctx, path, Provenance{}, false)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode(), "account ids and ARNs are nobody else's business")
	_, err = collected.Write(ctx, path, Provenance{}, false)
	assert.ErrorIs(t, err, file.ErrExists)
	_, err = collected.Append(ctx, dir, Provenance{})
	assert.ErrorContains(t, err, "it is not a regular file")
	text := filepath.Join(dir, "text.db")
	require.NoError(t, os.WriteFile(text, []byte("this is no database, however long it may go on about being one"), 0o600))
	_, err = collected.Append(ctx, text, Provenance{})
	assert.ErrorContains(t, err, "is not a SQLite file")
	other := filepath.Join(dir, "other.db")
	change(t, other, "create table mine (a)")
	_, err = collected.Append(ctx, other, Provenance{})
	assert.ErrorContains(t, err, "none of this program's snapshots")
	_, err = OpenFile(ctx, other)
	assert.ErrorContains(t, err, "none of this program's snapshots")
	_, err = OpenFile(ctx, filepath.Join(dir, "nowhere.db"))
	assert.EqualError(t, err, "cannot read "+filepath.Join(dir, "nowhere.db")+": no such file or directory")
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestASnapshotOfAnEarlierVersion reads a file as version 0 wrote it.
func TestASnapshotOfAnEarlierVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	change(t, path, `create table cloudtrail_cloudwatch_status ("account_id" TEXT, "is_logging" BOOLEAN, "checked_at" TIMESTAMP TEXT, "tags" JSON TEXT);
		insert into cloudtrail_cloudwatch_status values ('111122223333', 1, '2026-05-01T05:17:00.250Z', '{"a":1}');
		create table ctcw_snapshot (taken_at TIMESTAMP TEXT, source TEXT, version TEXT, row_count INTEGER);
		insert into ctcw_snapshot values ('2026-05-01T05:17:01.000Z', 'profile audit', '0.1.0', 1)`)
	file := open(t, path)
	assert.Equal(t, "run 1 of 2026-05-01 05:17:00", file.Latest().Title())
	e := file.latest(t)
	assert.Equal(t, []any{"account_idSTRING", "is_loggingBOOL", "checked_atTIMESTAMP", "111122223333", true, time.Date(2026, 5, 1, 5, 17, 0, 250e6, time.UTC)},
		cells(t, e, "select account_id, is_logging, checked_at from cloudtrail_cloudwatch_status"))
	assert.Equal(t, []any{"profile audit"}, cells(t, e, "select source from ctcw_snapshot")[1:])
	_, err := file.Verify(ctx)
	assert.ErrorContains(t, err, "it has no hashes to verify")
	assert.ErrorContains(t, CheckAppend(ctx, path), "--append needs a new file")
}

func TestFind(t *testing.T) {
	file := open(t, runs(t, 3, 1))
	for at, want := range map[string]int64{"": 3, "2": 2, "2026-07-02": 2, "2026-07-02T05:17:00Z": 1, "2026-07-02T05:17:01Z": 2, "2027-01-01": 3} {
		run, err := file.Find(at)
		require.NoError(t, err, at)
		assert.Equal(t, want, run.ID, at)
	}
	for at, want := range map[string]string{"9": "has no run 9, only 1 to 3", "2026-06-30": "no run at 2026-06-30 or before", "yesterday": "neither the number of a run nor a time"} {
		_, err := file.Find(at)
		assert.ErrorContains(t, err, want)
	}
}

func TestAnotherProcessWrites(t *testing.T) {
	path := runs(t, 1, 1)
	db, err := sql.Open("sqlite", dsn(path, "_txlock=immediate"))
	require.NoError(t, err)
	defer db.Close()
	tx, err := db.Begin()
	require.NoError(t, err)
	patience = 200 * time.Millisecond
	defer func() { patience = time.Minute }()
	collected, err := Collect(ctx, status(1, on(2)).engine(t))
	require.NoError(t, err)
	_, err = collected.Append(ctx, path, Provenance{})
	assert.EqualError(t, err, path+": another process is writing to it; waited for 200ms")
	patience = time.Minute
	time.AfterFunc(300*time.Millisecond, func() { tx.Rollback() })
	_, err = collected.Append(ctx, path, Provenance{})
	assert.NoError(t, err, "it waits")
}

func TestManyProcessesAppendAtOnce(t *testing.T) {
	path := runs(t, 1, 300)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			cmd := appender(path)
			out, err := cmd.CombinedOutput()
			assert.NoError(t, err, string(out))
		})
	}
	all.Wait()
	file := open(t, path)
	assert.Len(t, file.Runs, 5)
	wrong, err := file.Verify(ctx)
	require.NoError(t, err)
	assert.Empty(t, wrong)
}

func appender(path string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asAppender+"="+path)
	return cmd
}

// TestKilledWhileAppending kills a process at 20 moments from the beginning of an append to its end: the file has what it
// had, or the whole run.
func TestKilledWhileAppending(t *testing.T) {
	path := runs(t, 2, 1500)
	first, err := dump(path)
	require.NoError(t, err)
	whole := killAfter(t, copyOf(t, path), time.Hour)
	killed, kept := 0, 0
	for i := range 20 {
		moment := time.Duration((float64(i) + rand.Float64()) / 20 * float64(whole) * 1.05)
		victim := copyOf(t, path)
		killAfter(t, victim, moment)
		file := open(t, victim)
		wrong, err := file.Verify(ctx)
		require.NoError(t, err)
		require.Empty(t, wrong, "killed after %s of %s", moment, whole)
		switch len(file.Runs) {
		case 2:
			killed++
			now, err := dump(victim)
			require.NoError(t, err)
			require.True(t, first == now, "killed after %s: the file is as it was", moment)
		case 3:
			kept++
		default:
			t.Fatalf("%d runs", len(file.Runs))
		}
		file.Close()
		status(1, on(9)).append(t, victim)
		require.Len(t, open(t, victim).Runs, 3+len(file.Runs)-2, "the next append works")
	}
	t.Logf("an append of 1500 rows took %s; of 20 that were killed %d left the file as it was and %d had been done", whole, killed, kept)
	assert.Greater(t, killed, 5, "most moments are before the end")
}

// killAfter appends in a process of its own, which is killed after a time, and returns how long it took.
func killAfter(t *testing.T, path string, after time.Duration) time.Duration {
	t.Helper()
	cmd := appender(path)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	began := time.Now()
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait() // it may have been killed
	return time.Since(began)
}

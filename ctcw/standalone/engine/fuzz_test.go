//go:build !race

package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzQuery runs any text as SQL. It may fail, with an error that says something; it never panics, never
// goes on after its time, and leaves nothing written.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"", "select 1", "select * from thing", "select id, count from thing where id = 'id-1' order by 1 limit 2", "select count(*) from thing a join thing b on a.id = b.id",
		"create table x (a)", "attach 'evil.db' as e", "vacuum into 'evil.db'", "pragma journal_mode = wal", "select 1; drop table thing", "with recursive r(n) as (select 1 union all select n + 1 from r) select n from r",
		"insert into thing values (1)", "select load_extension('x')", "select writefile('evil', 'x')", "select zeroblob(1 << 40)", "explain query plan select * from thing", "select * from stub.thing where region in ('eu', 'us') and id glob '*1'",
		"select \"nope\" from thing", "-- nothing", "select randomblob(999999999999)", "select ?1", "select tags ->> '$.k' from thing group by 1 having count(*) > 1",
	} {
		f.Add(s)
	}
	dir := f.TempDir()
	f.Chdir(dir)
	s := &stub{things: things(20)}
	e, err := Open(newPlugin(s), []Connection{{Name: "stub"}}, "stub")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { e.Close() })
	f.Fuzz(func(t *testing.T, sql string) {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		rows, err := e.Query(ctx, sql)
		if err == nil {
			for n := 0; n < 1000 && rows.Next(); n++ {
				_ = rows.Values()
			}
			err = rows.Err()
			rows.Close()
		}
		if err != nil && strings.TrimSpace(err.Error()) == "" {
			t.Fatal("an error without a text")
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Fatalf("took %s", took)
		}
		if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) > 0 {
			for _, name := range found {
				os.Remove(name)
			}
			t.Fatalf("wrote %v", found)
		}
		again, err := e.Query(context.Background(), "select count(*) from thing")
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if !again.Next() || again.Values()[0] != int64(20) {
			t.Fatalf("the table has changed: %v", again.Err())
		}
	})
}

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestColumnsArePruned(t *testing.T) {
	s := &stub{things: things(5)}
	e, p := open(t, s)

	query(t, e, "select id, count from thing where size > 1")
	asked := p.asked()
	require.Len(t, asked, 1)
	assert.Equal(t, []string{"id", "count", "size"}, asked[0].QueryContext.Columns)
	assert.Zero(t, s.details.Load(), "hydrate calls")

	assert.Equal(t, [][]any{{int64(5)}}, query(t, e, "select count(*) from thing"))
	assert.Empty(t, p.asked()[0].QueryContext.Columns)

	query(t, e, "select detail from thing")
	assert.EqualValues(t, 5, s.details.Load(), "hydrate calls")
}

func TestManyColumns(t *testing.T) {
	s := &source{used: 1<<63 | 1}
	assert.True(t, s.uses(0))
	assert.False(t, s.uses(1))
	assert.False(t, s.uses(62))
	assert.True(t, s.uses(63), "bit 63 is column 63")
	assert.True(t, s.uses(69), "and all after it")
}

func TestKeyColumnsArePushedDown(t *testing.T) {
	type quals = map[string]any
	for _, test := range []struct {
		where string
		want  []quals
	}{
		{"id = 'id-1'", []quals{{"id": "id-1"}}},
		{"id is 'id-1'", []quals{{"id": "id-1"}}},
		{"id = 'id-' || 1", []quals{{"id": "id-1"}}},
		{"id = 'id-1' and region = 'eu'", []quals{{"id": "id-1", "region": "eu"}}},
		{"id = 'id-1' and count = 1", []quals{{"id": "id-1"}}},
		{"id in ('id-1', 'id-2')", []quals{{"id": "id-1"}, {"id": "id-2"}}},
		{"id = 'id-1' or id = 'id-2'", []quals{{"id": "id-1"}, {"id": "id-2"}}},
		{"id in ('it''s „ü“ \"ß\"')", []quals{{"id": `it's „ü“ "ß"`}}},
		{"id in (1, 2)", []quals{{"id": "1"}, {"id": "2"}}}, // IN converts to the column's type
		{"id = null", nil}, // never true: nobody is asked
		// What follows, the plugin might take for something else than SQL does.
		{"id = 1", []quals{{}}},
		{"count = 1", []quals{{}}},
		{"id is null", []quals{{}}},
		{"id <> 'id-1'", []quals{{}}},
		{"id like 'id-1'", []quals{{}}},
		{"id = 'id-1' or count = 2", []quals{{}}},
		{"id = 'ID-1' collate nocase", []quals{{}}},
	} {
		e, p := open(t, &stub{things: things(5)})
		query(t, e, "select * from thing where "+test.where)
		var got []quals
		for _, request := range p.asked() {
			got = append(got, qualsOf(request))
		}
		assert.Equal(t, test.want, got, test.where)
	}
}

func TestLimitIsPushedDown(t *testing.T) {
	const none = -1
	for _, test := range []struct {
		sql  string
		want int64
		rows int
	}{
		{"select id from thing limit 2", 2, 2},
		{"select id from thing limit 2 offset 3", 5, 2},
		{"select id from thing limit ?", 2, 2},
		{"select * from (select id from thing limit 2)", 2, 2},
		{"select id from thing limit -1", none, 20},
		{"select id from thing where size >= 0 limit 2", none, 2},
		{"select id from thing where region = 'eu' limit 2", none, 2},
		{"select id from thing order by id limit 2", none, 2},
		{"select distinct region from thing limit 2", none, 2},
		{"select count(*) from thing limit 2", none, 1},
		{"select a.id from thing a, thing b limit 2", none, 2},
	} {
		e, p := open(t, &stub{things: things(20)})
		assert.Len(t, query(t, e, test.sql, 2), test.rows, test.sql)
		got := int64(none)
		if limit := p.asked()[0].ExecuteConnectionData["stub"].Limit; limit != nil {
			got = limit.Value
		}
		assert.Equal(t, test.want, got, test.sql)
	}
}

func TestOneScanServesTheStatement(t *testing.T) {
	for _, sql := range []string{
		"select a.id, b.detail from thing a join thing b on a.id = b.id",
		"select a.id, b.id from thing a join thing b on a.count = b.count",
		"select distinct region from thing",
		"select region, count(*) from thing group by region",
		"select id, (select detail from thing b where b.id = a.id) from thing a",
		"select id from thing a where exists (select 1 from thing b where b.id = a.id and b.count > 3)",
		"with t as (select id, region from thing) select * from t a join t b on a.region = b.region",
		"select id from thing where id in (select id from thing where count > 3)",
		"select id from thing union all select detail from thing",
		"select id from thing where size > (select avg(size) from thing)",
		"select a.id from thing a join stub.thing b on a.id = b.id",
		"select a.id from thing a full join thing b on a.id = b.id",
	} {
		s := &stub{things: things(50)}
		e, p := open(t, s)
		query(t, e, sql)
		assert.Len(t, p.asked(), 1, sql)
		assert.LessOrEqual(t, s.details.Load(), int64(50), sql)
	}
}

func TestManyValuesBecomeOneScan(t *testing.T) {
	e, p := open(t, &stub{things: things(50)})
	list := make([]string, 20)
	for i := range list {
		list[i] = fmt.Sprintf("('id-%d')", i)
	}
	for _, sql := range []string{
		"select * from thing where id in (" + strings.Join(list, ",") + ")",
		"with v(id) as (values " + strings.Join(list, ",") + ") select (select t.id from thing t where t.id = v.id) from v",
	} {
		assert.Len(t, query(t, e, sql), 20)
		asked := p.asked()
		require.Len(t, asked, maxNarrow+1, sql)
		assert.Contains(t, qualsOf(asked[maxNarrow-1]), "id")
		assert.Empty(t, qualsOf(asked[maxNarrow]))
	}

	// What has not varied stays.
	query(t, e, "select * from thing where region = 'eu' and id in ("+strings.Join(list, ",")+")")
	asked := p.asked()
	require.Len(t, asked, maxNarrow+1)
	assert.Equal(t, map[string]any{"region": "eu"}, qualsOf(asked[maxNarrow]))
}

func TestSelfJoinIsNotQuadratic(t *testing.T) {
	if testing.Short() {
		t.Skip("goes by time, and the race detector takes that")
	}
	e, _ := openPlugin(t, imitation{&stub{things: things(10_000)}})
	for _, column := range []string{"id", "size"} {
		start := time.Now()
		rows := query(t, e, fmt.Sprintf("select count(*) from thing a join thing b on a.%[1]s = b.%[1]s", column))
		assert.Equal(t, [][]any{{int64(10_000)}}, rows)
		assert.Less(t, time.Since(start), time.Second, column)
	}
}

func TestTypes(t *testing.T) {
	s := &stub{things: things(7)}
	addr := "10.0.0.1"
	s.things[1].Addr = &addr
	e, _ := open(t, s)

	rows, err := e.Query(context.Background(), `
		select id, count, size, active, seen, tags, addr, detail, sp_connection_name, sp_ctx,
			coalesce(tags, '') as text, count(*) over () as n, size / 4 as d, upper(id) as u, null as nil
		from thing where id in ('id-1', 'id-6') -- one of each, and NULLs
		order by id;`)
	require.NoError(t, err)
	var names, types []string
	for _, c := range rows.Columns() {
		names, types = append(names, c.Name), append(types, c.Type.String())
	}
	assert.Equal(t, strings.Fields("id count size active seen tags addr detail sp_connection_name sp_ctx text n d u nil"), names)
	assert.Equal(t, strings.Fields("STRING INT DOUBLE BOOL TIMESTAMP JSON INET STRING STRING JSON STRING INT DOUBLE STRING UNKNOWN"), types)

	require.True(t, rows.Next())
	first := rows.Values()
	assert.Equal(t, []any{"id-1", int64(1), .5, false, time.Date(2026, 11, 21, 2, 40, 1, 250e6, time.UTC)}, first[:5])
	assert.IsType(t, json.RawMessage{}, first[5])
	assert.JSONEq(t, `{"k": "v1", "n": 1}`, string(first[5].(json.RawMessage)))
	assert.Equal(t, []any{addr, "about id-1", "stub"}, first[6:9])
	assert.Contains(t, string(first[9].(json.RawMessage)), `"connection_name"`)
	assert.JSONEq(t, `{"k": "v1", "n": 1}`, first[10].(string))
	assert.Equal(t, []any{int64(2), .125, "ID-1", nil}, first[11:])

	require.True(t, rows.Next())
	assert.Equal(t, []any{"id-6", nil, 3., nil, nil, nil, nil, "about id-6", "stub"}, rows.Values()[:9])
	assert.False(t, rows.Next())
	assert.NoError(t, rows.Err())

	// Through subqueries too; and a union's other half stays what it is.
	assert.Equal(t, [][]any{{true}}, query(t, e, "select a from (select active as a from thing where id = 'id-2')"))
	assert.Equal(t, [][]any{{true}, {"yes"}}, query(t, e, "select active from thing where id = 'id-2' union all select 'yes'"))
}

func TestSQL(t *testing.T) {
	e, _ := open(t, &stub{things: things(3)})
	for sql, want := range map[string]any{
		"select 1;": int64(1),
		"\ufeff ; -- a; b\n select 1 /* ; */ ; -- ;":          int64(1),
		"select ';' || \"a;b\" from (select 'x' as \"a;b\")":  ";x",
		"select 'it''s' || [a;b] from (select 1 as [a;b])":    "it's1",
		"select 'A' like 'a'":                                 int64(0), // as in Postgres
		"select split_part('arn:aws:x', ':', 2)":              "aws",
		"select split_part('arn:aws:x', ':', -1)":             "x",
		"select split_part('arn:aws:x', ':', 9)":              "",
		"select split_part(null, ':', 9)":                     nil,
		"select concat_ws('-', 'a', null, 'b')":               "a-b",
		"select x'0aff'":                                      `\x0aff`,
		"select ?1":                                           "bound",
		"select name from pragma_table_info('thing') limit 1": "id",
		"values ('v')":                                        "v",
	} {
		rows, err := collect(e, sql, "bound")
		if assert.NoError(t, err, sql) {
			assert.Equal(t, [][]any{{want}}, rows, sql)
		}
	}
	assert.NotEmpty(t, query(t, e, "explain query plan select * from thing"))
	assert.NotEmpty(t, query(t, e, "pragma table_info(thing)"))
	assert.Empty(t, query(t, e, "select * from thing where false"))
}

func TestErrors(t *testing.T) {
	e, _ := open(t, &stub{things: things(3)})
	for sql, want := range map[string]string{
		"":                            "there is no SQL statement",
		"-- nothing\n ;":              "there is no SQL statement",
		"select 1; select 2":          "there is more than one SQL statement: run them one at a time",
		"select regoin from thing":    `no such column: regoin (did you mean "region"?)`,
		"select t.actve from thing t": `no such column: t.actve (did you mean "active"?)`,
		"select nonsense from thing":  "no such column: nonsense",
		"select * from thing where active = 'true'":        "active is a boolean: write true or false, without quotes",
		"select * from thing where active <> 'F'":          "active is a boolean: write true or false, without quotes",
		"select * from thing where active in (1, 'false')": "active is a boolean: write true or false, without quotes",
		"select * from thing where active is not 'true'":   "active is a boolean: write true or false, without quotes",
		"select 1 where 'a' ilike 'A'":                     `near "ilike": syntax error (like minds the case here: write lower(a) like lower(b))`,
		`select * from thing where id = "id-1"`:            `no such column: "id-1" - should this be a string literal in single-quotes?`,
		"select * from thign":                              "no such table: thign (there is: thing)",
		"select * from nowhere.thing":                      "no such table: nowhere.thing (there is: thing)",
		"selct 1":                                          `near "selct": syntax error`,
		"select count::text from thing":                    `unrecognized token: ":" (instead of value::type write cast(value as type))`,
		"select ?":                                         "missing argument with index 1",
		"select nofunction(1)":                             "no such function: nofunction",
		"select json_extract('{', '$')":                    "malformed JSON",
		"select split_part('a', ',', 0)":                   "split_part: the field position must be an integer other than 0",
	} {
		_, err := collect(e, sql)
		assert.EqualError(t, err, want, sql)
	}
	_, err := Open(newPlugin(&stub{}), []Connection{{Name: "stub"}}, "other")
	assert.EqualError(t, err, `there is no connection "other"`)
}

// TestTheHintForILikeLeadsToRows: a hint that leads to none is worse than none.
func TestTheHintForILikeLeadsToRows(t *testing.T) {
	e, _ := open(t, &stub{things: things(3)})
	_, err := collect(e, "select id from thing where id ilike 'ID-1%'")
	require.Error(t, err)
	_, hint, ok := strings.Cut(err.Error(), "write ")
	require.True(t, ok, err)
	condition := strings.NewReplacer("(a)", "(id)", "(b))", "('ID-1%')").Replace(hint)
	assert.Equal(t, [][]any{{"id-1"}}, query(t, e, "select id from thing where "+condition))
}

func TestOnlyReading(t *testing.T) {
	e, _ := open(t, &stub{things: things(3)})
	t.Chdir(t.TempDir())
	for _, sql := range []string{
		"create table t (a)", "create temp table t (a)", "create view v as select 1", "create virtual table v using steampipe(1)",
		"create virtual table v using fts5(a)", "insert into thing (id) values ('x')", "update thing set id = 'x'", "delete from thing",
		"with t as (select 1) delete from thing", "drop table thing", "attach 'file.db' as f", "detach main", "vacuum into 'file.db'", "vacuum",
		"begin", "savepoint s", "analyze", "pragma writable_schema = 1", "pragma journal_mode = wal", "pragma temp_store_directory = '.'",
		"select load_extension('file.so')", "alter table thing rename to t",
	} {
		_, err := collect(e, sql)
		assert.EqualError(t, err, "only statements that read are allowed: select, with, values, explain", sql)
	}
	left, _ := filepath.Glob("*")
	assert.Empty(t, left)
	assert.Len(t, query(t, e, "select * from thing"), 3)
}

func TestPluginErrors(t *testing.T) {
	broken := errors.New("ctcw: no credentials:\n\trun aws sso login")
	fail := func(at int) func(string, int) error {
		return func(_ string, i int) error {
			if i == at {
				return broken
			}
			return nil
		}
	}
	t.Run("before rows", func(t *testing.T) {
		e, _ := open(t, &stub{things: things(3), before: fail(0)})
		_, err := e.Query(context.Background(), "select id from thing")
		assert.EqualError(t, err, "ctcw: no credentials: run aws sso login")
	})
	t.Run("after rows", func(t *testing.T) {
		e, _ := open(t, &stub{things: things(3), hold: func(context.Context, string) error {
			time.Sleep(50 * time.Millisecond) // the SDK drops rows that an error overtakes
			return broken
		}})
		rows, err := e.Query(context.Background(), "select id from thing")
		require.NoError(t, err)
		n := 0
		for rows.Next() {
			n++
		}
		assert.Equal(t, 3, n)
		assert.EqualError(t, rows.Err(), "ctcw: no credentials: run aws sso login")
		_, err = collect(e, "select count(*) from thing a join thing b on a.id = b.id")
		assert.EqualError(t, err, "ctcw: no credentials: run aws sso login")
	})
	t.Run("panic", func(t *testing.T) {
		e, _ := open(t, &stub{things: []thing{{ID: "panic"}}})
		_, err := collect(e, "select detail from thing")
		assert.ErrorContains(t, err, "failed with panic out of cheese")
		assert.NotContains(t, err.Error(), "rpc error")
		assert.NotContains(t, err.Error(), "stub:")
	})
}

func TestConnections(t *testing.T) {
	s := &stub{things: things(2)}
	e, p := open(t, s, Connection{Name: "all", Children: []string{"one", "two", "three"}},
		Connection{Name: "one"}, Connection{Name: "two"}, Connection{Name: "three"})

	assert.Equal(t, [][]any{{"one", int64(2)}, {"three", int64(2)}, {"two", int64(2)}},
		query(t, e, "select sp_connection_name, count(*) from thing group by 1 order by 1"))
	asked := p.asked()
	require.Len(t, asked, 1)
	assert.Equal(t, "all", asked[0].Connection)
	assert.Len(t, asked[0].ExecuteConnectionData, 3)

	assert.Len(t, query(t, e, "select id from thing limit 3"), 3)
	assert.Equal(t, [][]any{{"two"}, {"two"}}, query(t, e, "select sp_connection_name from two.thing"))
	assert.Equal(t, [][]any{{int64(12)}}, query(t, e, `select count(*) from "all".thing join One.thing on true`))

	s.before = func(connection string, _ int) error {
		if connection == "two" {
			return errors.New("two is down")
		}
		return nil
	}
	_, err := collect(e, "select count(*) from thing")
	assert.EqualError(t, err, "two: two is down")
	_, err = collect(e, "select count(*) from two.thing")
	assert.EqualError(t, err, "two is down")
	assert.Len(t, query(t, e, "select * from one.thing"), 2)
}

func TestStatementsSideBySide(t *testing.T) {
	small, _ := open(t, &stub{things: things(20)})
	large, _ := open(t, &stub{things: things(200)})
	for _, e := range []*Engine{small, large} {
		query(t, e, "select * from thing") // the SDK keeps some goroutines for each connection
	}
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var all sync.WaitGroup
	for i := range 8 {
		e, n := small, 20
		if i%2 == 1 {
			e, n = large, 200
		}
		all.Go(func() {
			for range 5 {
				rows, err := collect(e, "select a.id, b.detail from thing a join thing b on a.id = b.id")
				assert.NoError(t, err)
				assert.Len(t, rows, n)
			}
		})
	}
	all.Wait()
	left := 0
	statements.Range(func(any, any) bool { left++; return true })
	assert.Zero(t, left)
}

func TestCancel(t *testing.T) {
	s := &stub{things: things(3), hold: func(ctx context.Context, _ string) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	e, _ := open(t, s)
	warm, err := e.Query(context.Background(), "select id from thing")
	require.NoError(t, err)
	require.NoError(t, warm.Close())
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())

	t.Run("by context, before the first row", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		_, err := e.Query(ctx, "select count(*) from thing")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("by context, after rows", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		rows, err := e.Query(ctx, "select id from thing")
		require.NoError(t, err)
		for range 3 {
			require.True(t, rows.Next())
		}
		cancel()
		assert.False(t, rows.Next())
		assert.ErrorIs(t, rows.Err(), context.Canceled)
	})
	t.Run("by LIMIT", func(t *testing.T) {
		rows := query(t, e, "select id from thing where size >= 0 limit 2")
		assert.Len(t, rows, 2)
	})
	t.Run("by Close", func(t *testing.T) {
		rows, err := e.Query(context.Background(), "select id from thing")
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		require.NoError(t, rows.Close())
		assert.False(t, rows.Next())
		assert.NoError(t, rows.Err())
	})
	t.Run("a statement of SQLite's own", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		_, err := e.Query(ctx, "with recursive n(i) as (select 1 union all select i + 1 from n) select sum(i) from n")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("by closing the engine", func(t *testing.T) {
		rows, err := e.Query(context.Background(), "select id from thing")
		require.NoError(t, err)
		require.NoError(t, e.Close())
		for rows.Next() {
		}
		assert.Equal(t, errClosed, rows.Err())
		_, err = e.Query(context.Background(), "select 1")
		assert.Equal(t, errClosed, err)
	})
}

func TestNothingIsPrinted(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = file
	defer func() { os.Stdout = stdout }()
	e, _ := open(t, &stub{things: things(3)})
	query(t, e, "select * from thing")
	printed, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	assert.Empty(t, printed)
}

func BenchmarkScan(b *testing.B) {
	s := &stub{things: things(10_000)}
	for name, plugin := range map[string]Plugin{"sdk": newPlugin(s), "engine": imitation{s}} {
		for _, sql := range []string{
			"select * from thing",
			"select count(*) from thing a join thing b on a.id = b.id",
		} {
			b.Run(name+"/"+sql, func(b *testing.B) {
				e, _ := openPlugin(b, plugin)
				for b.Loop() {
					query(b, e, sql)
				}
			})
		}
	}
}

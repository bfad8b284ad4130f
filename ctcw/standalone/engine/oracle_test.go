//go:build !race

// These tests run on one goroutine: the race detector would find nothing, slowly.

package engine

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"
)

// What is pushed down, filtered and shared must not change a result. So ordinary SQLite tables with the same rows
// are asked the same, and have to say the same.

var predicates = []string{
	"id = 'id-3'", "id is 'id-3'", "id is null", "id = null", "id = 3", "id = 'nothing'", "'id-3' = id", "id > 'id-3'",
	"id <> 'id-3'", "id in ('id-1', 'id-2', 'id-2', 'x')", "id not in ('id-1', 'id-2')", "id in (select id from thing where count < 3)",
	"id between 'id-3' and 'id-5'", "id like 'id-1%'", "id glob 'id-1*'", "id = 'ID-3' collate nocase", "id collate nocase = 'ID-3'",
	"id = 'id-3' or region = 'eu'", "id = 'id-3' or id = 'id-4'", "id = 'id-3' or count = 4", "count = 3 or size = 2 or active",
	"(id = 'id-3' and count = 3) or (region = 'eu' and count = 2)", "region = 'eu' and (id = 'id-3' or count = 6)",
	"region = 'eu' and (count = 3 or count = 6)", "region is null", "region is not null", "region = null", "region is not 'eu'",
	"region = 'eu'", "region = 'eu' and id = 'id-3'", "region = 'eu' and region = 'us'", "region in ('eu', 'us') and id in ('id-1', 'id-3')",
	"region in ('eu', null)", "region = upper('eu')", "region = lower('EU')", "region || '' = 'eu'", "not region = 'eu'",
	"count = 5", "count = '5'", "count = 5.0", "count = 5.5", "count in (1, '2', 3.0)", "count is 5", "count = size", "count + 0 = 5", "-count = -5",
	"count is null", "count not null", "count = true", "count > 5 and count < 8", "count = cast('5' as text)", "count = x'35'",
	"size = 1", "size = 1.5", "size = '1.5'", "size in (1, 2.5)", "size = count / 2.0",
	"active", "not active", "active = true", "active = false", "active is true", "active is not true", "active is false", "active = 1",
	"active = '1'", "active is null", "active in (true)",
	"seen = '2026-11-21T02:40:04.000Z'", "seen > '2026-11-21T02:40:05'", "seen = (select max(seen) from thing)",
	"seen = '2026-11-21 02:40:04'", "seen in ('2026-11-21T03:40:04+01:00', '2026-11-21 02:40:05.25', 'x')", "seen < '2026-11-21 02:40'",
	"seen is not '2026-11-21 02:40:04'", "seen = '2026-11-21T02:40:05.25Z' collate binary", "seen between '2026-11-21' and '2026-11-21 02:40:09'",
	"tags ->> 'k' = 'v1'", "tags ->> '$.n' = 5", "tags is null", "json_extract(tags, '$.k') in ('v1', 'v2')",
	"detail = 'about id-3'", "detail is not null", "detail is not null and region = 'eu'", "addr is null",
	"(id, region) = ('id-3', 'eu')", "(id, count) in (('id-3', 3), ('id-4', 4))", "true", "false", "null", "1 = 1", "id = id",
	"exists (select 1 from thing t where t.id = thing.id and t.count = 3)", "random() is not null",
	"count = (select count from thing where id = 'id-4')", "coalesce(region, 'eu') = 'eu'", "case when active then region = 'eu' else false end",
}

var wholes = []string{
	"select count(*) from thing",
	"select count(*), count(region), count(distinct region), sum(count), min(seen), max(id) from thing",
	"select distinct region from thing",
	"select region, count(*), avg(size) from thing group by region having count(*) > 1",
	"select region, active, count(*) filter (where count > 3) from thing group by 1, 2",
	"select a.id, b.id from thing a join thing b on a.id = b.id",
	"select a.id, b.detail from thing a join thing b on a.count = b.count and a.region = b.region",
	"select a.id, b.id from thing a join thing b on a.region = b.region where a.id = 'id-3' or b.count = 1",
	"select a.id, b.id from thing a join thing b on a.id = b.id or a.count = b.size",
	"select a.id, b.id from thing a left join thing b on a.region = b.region and b.id = 'id-0'",
	"select a.id, b.id from thing a left join thing b on a.count = b.size where b.id is null",
	"select a.id, b.id from (select * from thing where count < 3) a right join thing b on a.id = b.id",
	"select a.id, b.id from (select * from thing where count < 3) a right join (select * from thing where region = 'eu') b on a.id = b.id and b.region = a.region",
	"select a.id, b.id from (select * from thing where region = 'eu') a full join (select * from thing where count = 3) b on a.id = b.id",
	"select x.column1, t.id from (values ('id-1'), ('id-5'), ('none')) x right join thing t on t.id = x.column1",
	"select x.column1, t.id from (values ('id-1'), ('id-5'), ('none')) x full join thing t on t.id = x.column1",
	"select x.column1, t.id from (values ('id-1'), ('id-5'), ('none')) x left join thing t on t.id = x.column1",
	"select x.column1, t.id from (values (1), ('2'), (3.0)) x join thing t on t.count = x.column1",
	"select a.id, b.id, c.id from thing a join thing b on b.id = a.id join thing c on c.region = b.region where a.count = 3",
	"select id, (select count(*) from thing b where b.region = a.region) from thing a",
	"select id, (select b.detail from thing b where b.id = a.id) from thing a",
	"select id, (select b.id from thing b where b.count > a.count order by b.count, b.id limit 1) from thing a",
	"select id from thing a where not exists (select 1 from thing b where b.count = a.count and b.id < a.id)",
	"select id from thing a where count = (select max(count) from thing b where b.region = a.region)",
	"with t as (select id, region from thing where active) select * from t a join t b on a.region = b.region",
	"with t as materialized (select id, region from thing) select a.id from t a join t b on a.id = b.id where b.region = 'eu'",
	"with recursive r(n) as (select 0 union all select n + 1 from r where n < 9) select n, id from r join thing on id = 'id-' || n",
	"select id from thing where region = 'eu' union select id from thing where region = 'us'",
	"select id from thing where region = 'eu' union all select id from thing where region = 'eu'",
	"select id from thing except select id from thing where count = 3",
	"select id from thing where region = 'eu' intersect select id from thing where active",
	"select id, row_number() over (partition by region order by id), sum(count) over (order by id) from thing",
	"select thing.id, key, value from thing, json_each(tags)",
	"select t.id from json_each('[\"id-1\",\"id-2\"]') j join thing t on t.id = j.value",
	"select * from (select id, region from thing order by id limit 5) where region = 'eu'",
	"select * from (select id from thing where region = 'eu' union all select id from thing where count = 1) where id > 'id-1'",
	"select string_agg(id, ',' order by id desc) from thing where region in ('eu', 'ap')",
	"select count(*) from thing where id in (select a.id from thing a join thing b using (id) where b.region = 'us')",
	"select a.id, b.id from thing a join thing b on a.seen = b.seen",
	"select a.id, b.id from thing a join thing b on a.seen = datetime(b.seen)",
	"values (1, 'a'), (2, 'b')",
}

// Statements about single predicates, with %s for the predicate.
var shapes = []string{
	"select id, region, detail from thing where %s",
	"select count(*) from thing where %s",
	"select id from thing where %s order by id limit 4",
	"select id from thing where %s order by id desc limit 3 offset 2",
	"select region, count(*) from thing where %s group by region",
	"select distinct region from thing where %s limit 10",
	"select (select count(*) from thing where %s)",
}

// Here only the number of rows is sure, and that they are rows of the same statement without its limit.
var limited = []string{
	"select id from thing where %s limit 3", "select id from thing where %s limit 2 offset 1", "select id from thing where %s limit -1",
	"select id from thing where %s limit -1 offset 3", "select id from thing where %s limit 0", "select id from thing where %s limit 1000 offset 1",
	"select id from thing where %s limit 1 + 1 offset (select 1)",
}

func TestSameAsOrdinaryTables(t *testing.T) {
	for _, ignores := range []bool{false, true} {
		t.Run(fmt.Sprintf("plugin ignores quals %v", ignores), func(t *testing.T) {
			s := &stub{things: things(23), ignores: ignores}
			s.things[3].Region = s.things[0].Region
			e, _ := openPlugin(t, imitation{s})
			db := oracle(t, e)
			compare := func(statement string) {
				t.Helper()
				want, got := text(t, db, statement), lines(query(t, e, statement))
				require.Equal(t, want, got, statement)
			}
			for _, statement := range wholes {
				compare(statement)
			}
			for i, p := range predicates {
				for j := i % 19; j < len(predicates); j += 19 {
					compare(fmt.Sprintf("select id from thing where (%s) and (%s)", p, predicates[j]))
					compare(fmt.Sprintf("select id, detail from thing where (%s) or (%s)", p, predicates[j]))
				}
				for _, shape := range shapes {
					compare(fmt.Sprintf(shape, p))
				}
				all := text(t, db, "select id from thing where "+p)
				for _, shape := range limited {
					statement := fmt.Sprintf(shape, p)
					got := lines(query(t, e, statement))
					require.Len(t, got, len(text(t, db, statement)), statement)
					require.Subset(t, all, got, statement)
				}
			}
		})
	}
}

func init() { sqlite.MustRegisterCollationUtf8(TimeCollation, compareTimes) }

func oracle(t *testing.T, e *Engine) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:?_dqs=0&_pragma=case_sensitive_like(1)")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	source := newSource(nil, "", "thing", e.schemas["stub"]["thing"])
	_, err = db.Exec(source.declaration())
	require.NoError(t, err)
	rows, err := e.Query(t.Context(), "select * from thing")
	require.NoError(t, err)
	for rows.Next() {
		values := rows.Values()
		for i, v := range values {
			values[i] = plain(v)
		}
		_, err := db.Exec("insert into thing values (?"+strings.Repeat(",?", len(values)-1)+")", values...)
		require.NoError(t, err)
	}
	require.NoError(t, rows.Err())
	return db
}

// plain is a value as SQLite has it.
func plain(v any) any {
	switch v := v.(type) {
	case time.Time:
		return formatTime(v)
	case json.RawMessage:
		return string(v)
	}
	return v
}

func text(t *testing.T, db *sql.DB, statement string) []string {
	t.Helper()
	rows, err := db.Query(statement)
	require.NoError(t, err, statement)
	defer rows.Close()
	columns, _ := rows.Columns()
	var all [][]any
	for rows.Next() {
		values, pointers := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		require.NoError(t, rows.Scan(pointers...))
		all = append(all, values)
	}
	require.NoError(t, rows.Err())
	return lines(all)
}

func lines(rows [][]any) []string {
	all := []string{}
	for _, row := range rows {
		for i, v := range row {
			if v == true || v == false {
				row[i] = map[any]int{true: 1, false: 0}[v]
			}
			row[i] = plain(row[i])
		}
		all = append(all, fmt.Sprint(row))
	}
	slices.Sort(all)
	return all
}

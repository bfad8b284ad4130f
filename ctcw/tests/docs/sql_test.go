package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/pgtest"
)

// example is one query of the pages, in both dialects.
type example struct {
	name             string
	sqlite, postgres string
}

func examples(t *testing.T) []example {
	t.Helper()
	var all []example
	for _, page := range append(tablePages(), indexPage) {
		found := blocks(read(t, page))
		for _, b := range language(found, "sql") { // as the Hub's index pages have it: one text for both
			all = append(all, example{fmt.Sprintf("%s line %d", page, b.line), b.text, b.text})
		}
		sqlite, postgres := language(found, "sql+sqlite"), language(found, "sql+postgres")
		require.Equal(t, len(postgres), len(sqlite), "%s: each example is there in both dialects", page)
		for i := range postgres {
			require.Equal(t, postgres[i].heading, sqlite[i].heading, "%s line %d", page, sqlite[i].line)
			all = append(all, example{page + " " + postgres[i].heading, sqlite[i].text, postgres[i].text})
		}
	}
	return all
}

func TestEveryExampleIsInTheHubsShape(t *testing.T) {
	count := 0
	for _, page := range tablePages() {
		_, text, ok := strings.Cut(read(t, page), "\n## Examples\n")
		require.True(t, ok, page)
		text, _, _ = strings.Cut(text, "\n## ")
		sections := strings.Split(text, "\n### ")[1:]
		assert.NotEmpty(t, sections, page)
		count += len(sections)
		for _, section := range sections {
			heading, rest, _ := strings.Cut(section, "\n")
			introduction, _, _ := strings.Cut(rest, "```")
			assert.NotEmpty(t, strings.TrimSpace(introduction), "%s: say what it is for", heading)
			var languages []string
			for _, b := range blocks(rest) {
				languages = append(languages, b.language)
			}
			assert.Equal(t, []string{"sql+postgres", "sql+sqlite"}, languages, heading)
		}
	}
	assert.GreaterOrEqual(t, count, 15)
}

// TestEveryQueryOfThePagesRuns runs each in its engine, over the same sample organization: SQLite in the embedded
// engine, Postgres on a real server over the rows that the embedded engine gives.
func TestEveryQueryOfThePagesRuns(t *testing.T) {
	d := startDemo(t)
	all := examples(t)
	inSQLite := map[string]result{}
	t.Run("sqlite", func(t *testing.T) {
		for _, e := range all {
			got, err := d.query(e.sqlite)
			if assert.NoError(t, err, e.name) {
				assert.NotEmpty(t, got.rows, "%s: shows nothing over the sample organization", e.name)
				inSQLite[e.name] = got
			}
		}
	})
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Start(t)
		for name := range tables() {
			rows, err := d.query("select * from " + name)
			require.NoError(t, err)
			load(server, name, rows)
		}
		loadOtherTables(server)
		for _, e := range all {
			got, err := server.Query(e.postgres)
			if assert.NoError(t, err, e.name) {
				assert.ElementsMatch(t, normal(inSQLite[e.name].rows), normal(got), "%s: the dialects differ", e.name)
			}
		}
	})
}

// TestTheOutputShownIsReal compares what the index page shows below its query.
func TestTheOutputShownIsReal(t *testing.T) {
	found := blocks(read(t, indexPage))
	require.Equal(t, "sql", found[0].language)
	got := run(t, binary, "query", "--demo", found[0].text)
	require.Zero(t, got.code, got.stderr)
	if rewrite(t, indexPage, found[1].text, got.stdout); !*update {
		assert.Equal(t, got.stdout, found[1].text)
	}
}

var postgresType = map[proto.ColumnType]string{
	proto.ColumnType_BOOL: "bool", proto.ColumnType_INT: "int8", proto.ColumnType_DOUBLE: "float8", proto.ColumnType_STRING: "text",
	proto.ColumnType_JSON: "jsonb", proto.ColumnType_TIMESTAMP: "timestamptz",
}

func load(server *pgtest.Server, table string, r result) {
	var columns []pgtest.Column
	for _, c := range r.columns {
		columns = append(columns, pgtest.Column{Name: c.Name, Type: postgresType[c.Type]})
	}
	server.Load(table, columns, r.rows)
}

// normal writes rows so that two engines' can be compared. Left out is what depends on the second in which AWS
// was asked; parts of a list that an aggregate made may stand in any order.
func normal(rows []map[string]any) []string {
	var all []string
	for _, row := range rows {
		var text strings.Builder
		for _, name := range slices.Sorted(maps.Keys(row)) {
			switch name {
			case "checked_at", "age_hours", "status_reason", "reason", "what_is_known":
				continue
			}
			fmt.Fprintf(&text, "%s=%v ", name, plain(row[name]))
		}
		all = append(all, text.String())
	}
	return all
}

func plain(value any) any {
	switch v := value.(type) {
	case int64:
		return float64(v)
	case bool:
		if v {
			return 1.0
		}
		return 0.0
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case json.RawMessage:
		return string(v)
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.UTC().Format(time.RFC3339)
		}
		parts := strings.Split(v, ",")
		for i, p := range parts {
			parts[i] = strings.TrimSpace(p)
		}
		slices.Sort(parts)
		return strings.Join(parts, ",")
	default:
		return value
	}
}

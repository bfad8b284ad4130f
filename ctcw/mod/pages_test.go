package mod

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the queries into the pages")

// queriesOf are those of a page that is not named after its only query.
var queriesOf = map[string][]string{"index": nil, "frameworks": nil, "cis": nil, "coverage": nil, "over_time": {"over_time_days", "over_time_delivery", "over_time_changes"}}

// TestEveryPageShowsItsQueryInFull: who reads a control's page sees what it runs.
func TestEveryPageShowsItsQueryInFull(t *testing.T) {
	const begin, end = "\n## Query\n", "```\n"
	pages, err := os.ReadDir("docs")
	require.NoError(t, err)
	for _, page := range pages {
		name := strings.TrimSuffix(page.Name(), ".md")
		queries, other := queriesOf[name]
		if !other {
			queries = []string{name}
		}
		if queries == nil {
			continue
		}
		want := begin
		for _, query := range queries {
			sql, err := os.ReadFile("queries/" + query + ".sql")
			require.NoError(t, err)
			want += "\nThe named query `query." + query + "`, as `queries/" + query + ".sql` has it:\n\n```sql\n" + string(sql) + end
		}
		path := "docs/" + page.Name()
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		if *update {
			kept, _, _ := strings.Cut(string(text), begin)
			text = []byte(strings.TrimRight(kept, "\n") + "\n" + want)
			require.NoError(t, os.WriteFile(path, text, 0o644))
		}
		assert.True(t, strings.HasSuffix(string(text), want), "%s: go test ./ctcw/mod -run Page -update writes it", path)
	}
}

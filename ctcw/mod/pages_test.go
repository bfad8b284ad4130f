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

// queryOf are the pages whose control has a named query of another name.
var queryOf = map[string]string{"index": "", "frameworks": "", "cis": "", "coverage": "", "over_time": ""}

// TestEveryPageShowsItsQueryInFull: who reads a control's page sees what it runs.
func TestEveryPageShowsItsQueryInFull(t *testing.T) {
	const begin, end = "\n## Query\n", "```\n"
	pages, err := os.ReadDir("docs")
	require.NoError(t, err)
	for _, page := range pages {
		name := strings.TrimSuffix(page.Name(), ".md")
		query, other := queryOf[name]
		if !other {
			query = name
		}
		if query == "" {
			continue
		}
		sql, err := os.ReadFile("queries/" + query + ".sql")
		require.NoError(t, err)
		want := begin + "\nThe named query `query." + query + "`, as `queries/" + query + ".sql` has it:\n\n```sql\n" + string(sql) + end
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

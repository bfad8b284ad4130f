package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/mod"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/pgtest"
)

// TestPostgresGivesTheVerdictsOfCheck loads the rows of the sample organization, as the plugin gives them,
// into a real Postgres and runs every control there.
func TestPostgresGivesTheVerdictsOfCheck(t *testing.T) {
	server := pgtest.Start(t)
	for _, name := range []string{"cloudtrail_cloudwatch_status", "cloudtrail_cloudwatch_alarm_status", "cloudtrail_cloudwatch_arrival"} {
		load(t, server, name)
	}

	m, err := mod.Load()
	require.NoError(t, err)
	verdict := map[string][]string{} // by control
	for _, c := range m.Controls {
		if c.RunsOnly {
			continue // it needs a file of runs
		}
		query, args, err := c.Query(nil)
		require.NoError(t, err)
		rows, err := server.Query(query, args...)
		require.NoError(t, err, c.Name)
		for _, r := range rows {
			line := strings.Join([]string{r["account_id"].(string), r["resource"].(string), r["status"].(string)}, " ")
			verdict[c.Name] = append(verdict[c.Name], line)
		}
	}
	checked := map[string][]string{}
	for _, r := range table(t, ctcw(t, nil, "check", "--demo", "--output", "csv", "cloudtrail_cloudwatch", "cis_v600", "coverage").stdout) {
		name := strings.TrimPrefix(r["control_id"], "control.")
		checked[name] = append(checked[name], strings.Join([]string{r["account_id"], r["resource"], r["status"]}, " "))
	}
	require.NotEmpty(t, checked)
	for name := range checked {
		assert.ElementsMatch(t, checked[name], verdict[name], name)
	}

	t.Run("as_published passes a trail that never delivered, and has no row for an account without one", func(t *testing.T) {
		published := strings.Join(verdict["cis_v200_3_4_as_published"], "\n")
		assert.Contains(t, published, "storefront-audit ok")
		assert.NotContains(t, published, "191919191919")
	})
}

// load gives a server a table's rows as the command line prints them.
func load(t *testing.T, server *pgtest.Server, table string) {
	t.Helper()
	var result struct {
		Columns []struct {
			Name     string
			DataType string `json:"data_type"`
		}
		Rows []map[string]any
	}
	got := ctcw(t, nil, "query", "--demo", "--output", "json", "select * from "+table)
	require.Zero(t, got.code, got.stderr)
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &result))
	var columns []pgtest.Column
	for _, c := range result.Columns {
		columns = append(columns, pgtest.Column{Name: c.Name, Type: c.DataType})
	}
	server.Load(table, columns, result.Rows)
}

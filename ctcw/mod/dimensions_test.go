package mod

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withDimensions loads the mod as Powerpipe would with other values of the two variables.
func withDimensions(t *testing.T, common, tags string) *Mod {
	t.Helper()
	overlay := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, _ := fs.ReadFile(files, path)
			overlay[path] = &fstest.MapFile{Data: text}
		}
		return err
	}))
	text := string(overlay["dimensions.pp"].Data)
	for old, value := range map[string]string{`["account_id", "region"]`: common, `[]`: tags} {
		require.Equal(t, 1, strings.Count(text, "= "+old+"\n"), old)
		text = strings.Replace(text, "= "+old+"\n", "= "+value+"\n", 1)
	}
	overlay["dimensions.pp"].Data = []byte(text)
	m, err := load(overlay)
	require.NoError(t, err)
	return m
}

func TestDimensionsAsTheyAreLeaveTheQueriesAsTheyAre(t *testing.T) {
	m, err := Load()
	require.NoError(t, err)
	for _, c := range m.Controls {
		if c.RunsOnly {
			continue // no dimensions can be chosen there
		}
		assert.Contains(t, c.SQL, "account_id,\n", c.Name)
		assert.Regexp(t, `,\n  account_id,\n  (coalesce\(region, 'global'\) as region|'global' as region|region)[,\n]`, c.SQL, c.Name)
	}
}

func TestOtherDimensions(t *testing.T) {
	m := withDimensions(t, `["connection_name", "account_id"]`, `["Owner", "it's \"quoted\""]`)
	trails, accounts := 0, 0
	for _, c := range m.Controls {
		switch {
		case c.PostgresOnly, c.RunsOnly:
		case slices.Equal(c.Tables, []string{arrivalTable}):
			assert.Contains(t, c.SQL, ",\n  account_id,\n  _ctx ->> 'connection_name' as connection_name,\n", c.Name)
			assert.NotContains(t, c.SQL, "tags", "%s: the table has none", c.Name)
		case strings.Contains(c.SQL, "'arn:' || partition || ':::' || account_id as resource"): // a row for each account
			accounts++
			if c.Name != "all_regions_scanned" {
				assert.Contains(t, c.SQL, ",\n  account_id,\n", c.Name)
				assert.NotContains(t, c.SQL, "as region", c.Name)
				continue
			}
			assert.Contains(t, c.SQL, ",\n  account_id\nfrom")
		default:
			trails++
			assert.Contains(t, c.SQL, ",\n  account_id,\n  _ctx ->> 'connection_name' as connection_name,\n  tags ->> 'Owner' as \"Owner\",\n  tags ->> 'it''s \"quoted\"' as \"it's \"\"quoted\"\"\"", c.Name)
			assert.NotContains(t, c.SQL, "as region", c.Name)
		}
	}
	assert.NotZero(t, trails)
	assert.Equal(t, 2+134, accounts, "all_regions_scanned, account_covered, and the monitoring items")
}

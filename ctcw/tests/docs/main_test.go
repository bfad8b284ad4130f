// Package docs tests what the project's pages say: every query runs in its engine, every command runs as it is
// written, and what a page lists is what the plugin has.
package docs

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/grpc"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/tests/program"
)

const (
	root  = "../../../"
	table = "cloudtrail_cloudwatch_status" // the first, which README and the index page are about

	indexPage = "docs/index.md"
)

// tables are those of the plugin, by name.
func tables() map[string]*plugin.Table { return ctcw.Plugin(context.Background()).TableMap }

func pageOf(table string) string { return "docs/tables/" + table + ".md" }

// tablePages are those of all tables.
func tablePages() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(tables())) {
		all = append(all, pageOf(name))
	}
	return all
}

var binary string

func TestMain(m *testing.M) {
	program.Isolate()
	var err error
	if binary, err = program.Path(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(program.Run(m))
}

// With -update the pages are given what they should show of the program: the columns, the connection file, the output.
var update = flag.Bool("update", false, "write the parts of the pages that repeat the program")

func rewrite(t *testing.T, path, old, new string) {
	t.Helper()
	if !*update || old == new {
		return
	}
	text := read(t, path)
	require.Contains(t, text, old)
	require.NoError(t, os.WriteFile(filepath.Join(root, path), []byte(strings.Replace(text, old, new, 1)), 0o644))
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	return string(text)
}

// pages returns the paths of the pages that exist, from patterns.
func pages(t *testing.T, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		for _, path := range found {
			all = append(all, strings.TrimPrefix(path, root))
		}
	}
	return all
}

// demo is the sample organization and the plugin's embedded engine over it, the only ones of this package: the
// query cache that the SDK makes for a plugin takes memory and is never freed.
type demo struct {
	org      *sample.Organization
	endpoint *sample.Server
	plugin   *grpc.PluginServer
	engine   *engine.Engine
	configs  map[string]string // of the connections
}

// Names of the connections of the demo.
const (
	everything   = "ctcw" // an aggregator
	organization = "organization"
	single       = "single" // one account of it, with its own credentials
	apart        = "apart"
	outside      = "outside" // and the id: those that are not in it
)

var sharedDemo = sync.OnceValues(func() (*demo, error) {
	d := &demo{org: sample.Demo(time.Now()), plugin: ctcw.Server()}
	d.endpoint = sample.New(d.org)
	if err := d.endpoint.Start(); err != nil {
		return nil, err
	}
	var connections []engine.Connection
	all := []string{organization}
	for _, a := range d.org.Accounts {
		name := apart
		switch {
		case a.Standalone:
			name = outside + a.ID
		case a.ID != sample.DemoApart:
			continue
		}
		connections = append(connections, engine.Connection{Name: name, Config: d.keys(a)})
		all = append(all, name)
	}
	exempt := "exempt = {\n"
	for glob, reason := range sample.DemoExempt {
		exempt += fmt.Sprintf("%q = %q\n", glob, reason)
	}
	connections = append(connections,
		engine.Connection{Name: organization, Config: d.keys(d.org.Account(d.org.Management)) + fmt.Sprintf(
			"accounts = [\"*\"]\nskip_accounts = [%q]\nrole_name = \"OrganizationAccountAccessRole\"\n%s}\n", sample.DemoApart, exempt)},
		engine.Connection{Name: single, Config: d.keys(d.org.Account("payments-prod"))},
		engine.Connection{Name: everything, Children: all})
	d.configs = map[string]string{}
	for _, c := range connections {
		d.configs[c.Name] = c.Config
	}
	var err error
	d.engine, err = engine.Open(withOtherPlugins{d.plugin}, connections, everything)
	return d, err
})

func startDemo(t *testing.T) *demo {
	t.Helper()
	d, err := sharedDemo()
	require.NoError(t, err)
	return d
}

// keys is the configuration of a connection with an account's own credentials.
func (d *demo) keys(a *sample.Account) string {
	return fmt.Sprintf("access_key = %q\nsecret_key = %q\nendpoint_url = %q\n", a.AccessKeyID, a.SecretAccessKey, d.endpoint.URL())
}

// result is what a query returns, in either engine.
type result struct {
	columns []engine.Column
	rows    []map[string]any
}

func (d *demo) query(sql string) (result, error) {
	rows, err := d.engine.Query(context.Background(), sql)
	if err != nil {
		return result{}, err
	}
	defer rows.Close()
	var r result
	for rows.Next() {
		row := map[string]any{}
		for i, c := range rows.Columns() {
			row[c.Name] = rows.Values()[i]
		}
		r.rows = append(r.rows, row)
	}
	r.columns = slices.Clone(rows.Columns())
	return r, rows.Err()
}

package mod

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// use is what the .pp files refer to.
type use struct {
	files      map[string]bool // by file()
	references map[string]bool // var.NAME, local.NAME, query.NAME, control.NAME
}

func uses(t *testing.T) use {
	t.Helper()
	u := use{files: map[string]bool{}, references: map[string]bool{}}
	paths, err := fs.Glob(files, "*.pp")
	require.NoError(t, err)
	for _, path := range paths {
		text, err := files.ReadFile(path)
		require.NoError(t, err)
		file, diags := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
		require.False(t, diags.HasErrors(), diags.Error())
		hclsyntax.VisitAll(file.Body.(*hclsyntax.Body), func(node hclsyntax.Node) hcl.Diagnostics {
			switch node := node.(type) {
			case *hclsyntax.FunctionCallExpr:
				if node.Name == "file" {
					name, diags := node.Args[0].Value(nil)
					require.False(t, diags.HasErrors(), diags.Error())
					u.files[strings.TrimPrefix(name.AsString(), "./")] = true
				}
			case *hclsyntax.ScopeTraversalExpr:
				if len(node.Traversal) == 2 {
					u.references[node.Traversal.RootName()+"."+node.Traversal[1].(hcl.TraverseAttr).Name] = true
				}
			}
			return nil
		})
	}
	return u
}

func TestEveryFileIsUsedAndExists(t *testing.T) {
	used := uses(t).files
	for path := range used {
		_, err := fs.Stat(Files(), path)
		assert.NoError(t, err)
	}
	for _, pattern := range []string{"queries/*", "docs/*"} {
		paths, err := fs.Glob(Files(), pattern)
		require.NoError(t, err)
		for _, path := range paths {
			assert.True(t, used[path], "%s is not used", path)
		}
	}
}

func TestReferences(t *testing.T) {
	m, err := Load()
	require.NoError(t, err)
	body, err := parse(files)
	require.NoError(t, err)
	content, _, diags := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "variable", LabelNames: []string{"name"}},
		{Type: "query", LabelNames: []string{"name"}},
		{Type: "control", LabelNames: []string{"name"}},
	}})
	require.False(t, diags.HasErrors(), diags.Error())
	declared := map[string]bool{}
	for _, block := range content.Blocks {
		name := block.Type + "." + block.Labels[0]
		declared[strings.Replace(name, "variable.", "var.", 1)] = true
	}
	used := uses(t).references
	for name := range used {
		assert.True(t, declared[name] || strings.HasPrefix(name, "local."), "%s is not declared", name)
	}
	for name := range declared {
		assert.True(t, used[name], "%s is not used", name) // a control: it is in no benchmark
	}
	for _, c := range m.Controls {
		for _, p := range c.Params {
			assert.True(t, used["var."+p.Name], "%s: a parameter has the name of its variable", c.Name)
		}
	}
}

func TestTags(t *testing.T) {
	m, err := Load()
	require.NoError(t, err)
	for _, c := range m.Controls {
		assert.Equal(t, "Compliance", c.Tags["category"], c.Name)
		assert.Equal(t, "aws", c.Tags["plugin"], c.Name)
		assert.Equal(t, "AWS/CloudTrail", c.Tags["service"], c.Name)
		assert.Contains(t, []string{"low", "medium", "high", "critical"}, c.Severity, c.Name)
		for tag := range c.Tags {
			if framework, item := strings.CutSuffix(tag, "_item_id"); item && framework != "cis" && framework != "foundational_security" {
				assert.Equal(t, "true", c.Tags[framework], "%s: %s", c.Name, tag)
			}
		}
		if version, ok := c.Tags["cis_version"]; ok {
			name := "cis_" + strings.ReplaceAll(version+"."+c.Tags["cis_item_id"], ".", "_")
			assert.Equal(t, strings.Replace(name, strings.ReplaceAll(version, ".", "_"), strings.ReplaceAll(version, ".", ""), 1), c.Name)
			assert.True(t, strings.HasPrefix(c.Title, c.Tags["cis_item_id"]+" "), c.Name)
			assert.True(t, strings.HasPrefix(c.Tags["cis_item_id"], c.Tags["cis_section_id"]+"."), c.Name)
		}
	}
}

func TestEveryCaseEndsInElse(t *testing.T) {
	sqls := slices.Concat(dashboardQueries(t, "dashboard.pp"), dashboardQueries(t, "monitoring.pp"))
	paths, err := fs.Glob(files, "queries/*")
	require.NoError(t, err)
	for _, path := range paths {
		text, err := files.ReadFile(path)
		require.NoError(t, err)
		sqls = append(sqls, dashboardQuery{kind: path, sql: string(text)})
	}
	noise := regexp.MustCompile(`(?s:/\*.*?\*/)|--.*|'[^']*'`)
	word := regexp.MustCompile(`\w+`)
	for _, s := range sqls {
		words := word.FindAllString(strings.ToLower(noise.ReplaceAllString(s.sql, "")), -1)
		count := func(w string) int {
			return len(slices.DeleteFunc(slices.Clone(words), func(x string) bool { return x != w }))
		}
		assert.Equal(t, count("case"), count("else"), s.kind)
	}
}

func TestQueryRefusesWhatIsNoVariable(t *testing.T) {
	for _, c := range controls(t) {
		_, _, err := c.Query(map[string]string{"max_age": "24"})
		assert.EqualError(t, err, `there is no variable "max_age"; there are max_delivery_age_hours, min_retention_days`)
		for _, value := range []string{"", "a day", "NaN", "+Inf", "24h"} {
			_, _, err = c.Query(map[string]string{"max_delivery_age_hours": value})
			assert.ErrorContains(t, err, "variable max_delivery_age_hours: ")
			assert.ErrorContains(t, err, "is not a number")
		}
	}
}

func TestParametersReachTheSQL(t *testing.T) {
	for _, c := range controls(t) {
		text, args, err := c.Query(nil)
		require.NoError(t, err)
		assert.Equal(t, len(args) == 1, strings.Contains(text, "$1"), c.Name)
		assert.NotRegexp(t, `\d /\*`, text, "%s: a marked number that no parameter replaces", c.Name)
		for _, p := range c.Params {
			assert.Equal(t, []any{p.Default}, args)
		}
	}
}

// TestTheDashboardsCutNoText: Powerpipe 1.5.2 breaks long text into lines in tables of type "line" alone, and only where told to
// by each column; elsewhere it cuts it, whatever wrap says.
func TestTheDashboardsCutNoText(t *testing.T) {
	long := regexp.MustCompile(`\b(?:cause|remediation|reason|status_reason|resource|arn|not_readable)(?: end)? as "([^"]+)"`)
	tables := 0
	for _, path := range []string{"dashboard.pp", "monitoring.pp", "over_time.pp"} {
		text, err := files.ReadFile(path)
		require.NoError(t, err)
		file, diags := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
		require.False(t, diags.HasErrors(), diags.Error())
		hclsyntax.VisitAll(file.Body.(*hclsyntax.Body), func(node hclsyntax.Node) hcl.Diagnostics {
			block, ok := node.(*hclsyntax.Block)
			if !ok || block.Type != "table" {
				return nil
			}
			tables++
			wrapped := map[string]bool{}
			for _, column := range block.Body.Blocks {
				_, wraps := column.Body.Attributes["wrap"]
				wrapped[column.Labels[0]] = wraps
			}
			sql := string(block.Body.Attributes["sql"].Range().SliceBytes(text))
			for _, m := range long.FindAllStringSubmatch(sql, -1) {
				assert.True(t, wrapped[m[1]], "%s: %s", path, m[1])
			}
			if len(wrapped) > 0 {
				assert.Contains(t, string(block.Body.Attributes["type"].Range().SliceBytes(text)), `"line"`, path)
				assert.Contains(t, sql, "limit 100", "each row of this type is drawn, seen or not")
			}
			return nil
		})
	}
	assert.Equal(t, 8, tables)
}

type dashboardQuery struct{ kind, sql string }

// dashboardQueries returns the SQL of a dashboard's cards, charts and tables, as Powerpipe evaluates it.
func dashboardQueries(t *testing.T, path string) []dashboardQuery {
	t.Helper()
	body, err := parse(files)
	require.NoError(t, err)
	var s settings
	require.False(t, gohcl.DecodeBody(body, nil, &s).HasErrors())
	scope, err := s.scope(files)
	require.NoError(t, err)
	text, err := files.ReadFile(path)
	require.NoError(t, err)
	file, diags := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
	require.False(t, diags.HasErrors(), diags.Error())

	var list []dashboardQuery
	hclsyntax.VisitAll(file.Body.(*hclsyntax.Body), func(node hclsyntax.Node) hcl.Diagnostics {
		if block, ok := node.(*hclsyntax.Block); ok {
			if attribute, ok := block.Body.Attributes["sql"]; ok {
				value, diags := attribute.Expr.Value(scope)
				require.False(t, diags.HasErrors(), diags.Error())
				list = append(list, dashboardQuery{block.Type, value.AsString()})
			}
		}
		return nil
	})
	return list
}

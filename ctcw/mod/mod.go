// Package mod is the Powerpipe mod: its files, embedded, and what they say. Titles, lists and SQL are read
// from the files, so that Powerpipe and the command line cannot tell different stories.
package mod

//go:generate go run ./monitoring/generate

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
)

//go:embed *.pp docs/*.md queries/*.sql
var files embed.FS

// Files returns the mod's files as Powerpipe reads them.
func Files() fs.FS { return files }

// Mod is what the mod's files say.
type Mod struct {
	Name        string
	Title       string
	Description string

	Variables  []Variable
	Benchmarks []Benchmark // in the order of the files, benchmarks.pp first
	Controls   []Control   // in the order of the benchmarks, each once
}

// Variable is a number that the user may set.
type Variable struct {
	Name        string
	Description string
	Default     float64
}

// Benchmark is a list of controls.
type Benchmark struct {
	Name        string
	Title       string
	Description string
	Tags        map[string]string
	Controls    []string // their names
}

// Control is a rule: SQL that returns resource, status and reason, and dimensions.
type Control struct {
	Name        string
	Title       string
	Description string
	Severity    string // "" where the control says none
	Tags        map[string]string

	SQL          string   // with $1 for the first of Params
	Tables       []string // of the plugin that it asks, sorted; other controls need none of their calls
	Params       []Param
	PostgresOnly bool // SQLite cannot run it
	RunsOnly     bool // it asks for the history that only a file of runs has

	variables []Variable
}

// OnlyIn says where a control runs, where that is not everywhere; otherwise it is empty.
func (c Control) OnlyIn() string {
	switch {
	case c.PostgresOnly:
		return "in Powerpipe on Postgres only"
	case c.RunsOnly:
		return "in Powerpipe on a file of runs only"
	default:
		return ""
	}
}

// Everywhere returns the controls that run everywhere.
func (m *Mod) Everywhere() []Control {
	return slices.DeleteFunc(slices.Clone(m.Controls), func(c Control) bool { return c.OnlyIn() != "" })
}

// Param is a parameter of a control's SQL. The variable of the same name sets it.
type Param struct {
	Name    string  `hcl:"name,label"`
	Default float64 `hcl:"default"`
}

// Query returns the control's SQL and its arguments, which vars may change. Every variable of the mod may
// be given, used by this control or not.
func (c Control) Query(vars map[string]string) (sql string, args []any, err error) {
	set := map[string]float64{}
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if !slices.ContainsFunc(c.variables, func(v Variable) bool { return v.Name == name }) {
			var known []string
			for _, v := range c.variables {
				known = append(known, v.Name)
			}
			return "", nil, fmt.Errorf("there is no variable %q%s; there are %s", name, nearest.Hint(name, known), strings.Join(known, ", "))
		}
		number, err := strconv.ParseFloat(vars[name], 64)
		if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			return "", nil, fmt.Errorf("variable %s: %q is not a number", name, vars[name])
		}
		if number < 0 {
			return "", nil, fmt.Errorf("variable %s: %s is below 0", name, vars[name])
		}
		set[name] = number
	}
	for _, p := range c.Params {
		value, ok := set[p.Name]
		if !ok {
			value = p.Default
		}
		args = append(args, value)
	}
	return c.SQL, args, nil
}

// Load reads the embedded mod.
func Load() (*Mod, error) { return load(files) }

// The files' blocks, as far as this package reads them: the rest is for Powerpipe alone.
type (
	settings struct {
		Variables []variableBlock `hcl:"variable,block"`
		Locals    []localsBlock   `hcl:"locals,block"`
		Remain    hcl.Body        `hcl:",remain"`
	}
	variableBlock struct {
		Name        string    `hcl:"name,label"`
		Description string    `hcl:"description"`
		Default     cty.Value `hcl:"default"`
		Remain      hcl.Body  `hcl:",remain"`
	}
	localsBlock struct {
		Body hcl.Body `hcl:",remain"`
	}
	resources struct {
		Mod        modBlock         `hcl:"mod,block"`
		Queries    []queryBlock     `hcl:"query,block"`
		Controls   []controlBlock   `hcl:"control,block"`
		Benchmarks []benchmarkBlock `hcl:"benchmark,block"`
		Remain     hcl.Body         `hcl:",remain"`
	}
	modBlock struct {
		Name        string   `hcl:"name,label"`
		Title       string   `hcl:"title"`
		Description string   `hcl:"description"`
		Remain      hcl.Body `hcl:",remain"`
	}
	queryBlock struct {
		Name   string   `hcl:"name,label"`
		SQL    string   `hcl:"sql"`
		Params []Param  `hcl:"param,block"`
		Remain hcl.Body `hcl:",remain"`
	}
	controlBlock struct {
		Name        string            `hcl:"name,label"`
		Title       string            `hcl:"title"`
		Description string            `hcl:"description"`
		Severity    string            `hcl:"severity,optional"`
		Tags        map[string]string `hcl:"tags"`
		Query       hcl.Expression    `hcl:"query"`
		Remain      hcl.Body          `hcl:",remain"`
	}
	benchmarkBlock struct {
		Name        string            `hcl:"name,label"`
		Title       string            `hcl:"title"`
		Description string            `hcl:"description"`
		Tags        map[string]string `hcl:"tags"`
		Children    hcl.Expression    `hcl:"children"`
		Remain      hcl.Body          `hcl:",remain"`
	}
)

func load(fsys fs.FS) (*Mod, error) {
	body, err := parse(fsys)
	if err != nil {
		return nil, err
	}
	var s settings
	if diags := gohcl.DecodeBody(body, nil, &s); diags.HasErrors() {
		return nil, diags
	}
	scope, err := s.scope(fsys)
	if err != nil {
		return nil, err
	}
	var r resources
	if diags := gohcl.DecodeBody(s.Remain, scope, &r); diags.HasErrors() {
		return nil, diags
	}
	return r.mod(s.numbers())
}

// numbers returns the variables that the controls' SQL has as parameters. The lists are for Powerpipe: they are part of
// its text.
func (s settings) numbers() []Variable {
	var numbers []Variable
	for _, v := range s.Variables {
		if v.Default.Type() == cty.Number {
			value, _ := v.Default.AsBigFloat().Float64()
			numbers = append(numbers, Variable{v.Name, v.Description, value})
		}
	}
	return numbers
}

func parse(fsys fs.FS) (hcl.Body, error) {
	paths, err := fs.Glob(fsys, "*.pp")
	if err != nil {
		return nil, err
	}
	parser := hclparse.NewParser()
	var parsed []*hcl.File
	for _, path := range paths {
		text, err := fs.ReadFile(fsys, path)
		if err != nil {
			return nil, err
		}
		file, diags := parser.ParseHCL(text, path)
		if diags.HasErrors() {
			return nil, diags
		}
		parsed = append(parsed, file)
	}
	return hcl.MergeFiles(parsed), nil
}

// scope is what the expressions in the files may use: a part of what Powerpipe offers.
func (s settings) scope(fsys fs.FS) (*hcl.EvalContext, error) {
	vars := map[string]cty.Value{}
	for _, v := range s.Variables {
		vars[v.Name] = v.Default
	}
	scope := &hcl.EvalContext{
		Variables: map[string]cty.Value{"var": cty.ObjectVal(vars)},
		Functions: map[string]function.Function{
			"contains":   stdlib.ContainsFunc,
			"file":       fileFunction(fsys),
			"merge":      stdlib.MergeFunc,
			"replace":    stdlib.ReplaceFunc,
			"trimspace":  stdlib.TrimSpaceFunc,
			"trimsuffix": stdlib.TrimSuffixFunc,
		},
	}
	locals := map[string]cty.Value{}
	for _, block := range s.Locals {
		attributes, diags := block.Body.JustAttributes()
		if diags.HasErrors() {
			return nil, diags
		}
		for name, attribute := range attributes {
			value, diags := attribute.Expr.Value(scope)
			if diags.HasErrors() {
				return nil, diags
			}
			locals[name] = value
		}
	}
	scope.Variables["local"] = cty.ObjectVal(locals)
	return scope, nil
}

func fileFunction(fsys fs.FS) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := fs.ReadFile(fsys, strings.TrimPrefix(args[0].AsString(), "./"))
			return cty.StringVal(string(text)), err
		},
	})
}

func (r resources) mod(variables []Variable) (*Mod, error) {
	m := &Mod{Name: r.Mod.Name, Title: r.Mod.Title, Description: r.Mod.Description, Variables: variables}
	controls := map[string]Control{}
	for _, block := range r.Controls {
		c, err := block.control(r.Queries, variables)
		if err != nil {
			return nil, err
		}
		controls[c.Name] = c
	}
	for _, block := range r.Benchmarks {
		b := Benchmark{Name: block.Name, Title: block.Title, Description: block.Description, Tags: block.Tags}
		children, diags := hcl.ExprList(block.Children)
		if diags.HasErrors() {
			return nil, diags
		}
		for _, child := range children {
			name, err := reference(child, "control")
			if err != nil {
				return nil, err
			}
			c, ok := controls[name]
			if !ok {
				return nil, fmt.Errorf("%s: there is no control %q", child.Range(), name)
			}
			if !slices.ContainsFunc(m.Controls, func(c Control) bool { return c.Name == name }) {
				m.Controls = append(m.Controls, c)
			}
			b.Controls = append(b.Controls, name)
		}
		m.Benchmarks = append(m.Benchmarks, b)
	}
	return m, nil
}

func (b controlBlock) control(queries []queryBlock, variables []Variable) (Control, error) {
	name, err := reference(b.Query, "query")
	if err != nil {
		return Control{}, err
	}
	i := slices.IndexFunc(queries, func(q queryBlock) bool { return q.Name == name })
	if i < 0 {
		return Control{}, fmt.Errorf("%s: there is no query %q", b.Query.Range(), name)
	}
	return Control{
		Name:         b.Name,
		Title:        b.Title,
		Description:  b.Description,
		Severity:     b.Severity,
		Tags:         b.Tags,
		SQL:          queries[i].SQL,
		Tables:       tables(queries[i].SQL),
		Params:       queries[i].Params,
		PostgresOnly: strings.HasPrefix(queries[i].SQL, "/* Postgres only"),
		RunsOnly:     strings.HasPrefix(queries[i].SQL, "/* File of runs only"),
		variables:    variables,
	}, nil
}

var asked = regexp.MustCompile(`(?i)\b(?:from|join)\s+(cloudtrail_cloudwatch_[a-z_]+)\b`)

// tables returns the tables of the plugin that a query asks.
func tables(sql string) []string {
	var names []string
	for _, found := range asked.FindAllStringSubmatch(sql, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reference returns NAME of an expression KIND.NAME.
func reference(e hcl.Expression, kind string) (string, error) {
	traversal, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		return "", diags
	}
	if len(traversal) == 2 && traversal.RootName() == kind {
		if attribute, ok := traversal[1].(hcl.TraverseAttr); ok {
			return attribute.Name, nil
		}
	}
	return "", errors.New(e.Range().String() + ": expected " + kind + ".NAME")
}

// Package spc reads the connection files of Steampipe (.spc), so that the command line uses the same
// ones.
package spc

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/danwakefield/fnmatch"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
)

// Connection is a connection block of this plugin.
type Connection struct {
	Name string
	// Children are the names of the connections that an aggregator stands for; nil for any other.
	Children []string

	arguments []argument
}

type argument struct {
	name, value string               // value is HCL source
	from        *hclsyntax.Attribute // nil when it is not from a file
}

// Set gives an argument a value, which is HCL source, in place of what the file says.
func (c *Connection) Set(name, value string) {
	c.arguments = slices.DeleteFunc(slices.Clone(c.arguments), func(a argument) bool { return a.name == name })
	c.arguments = append(c.arguments, argument{name: name, value: value})
}

// Check says which argument has no field that is tagged with its name, or not the type of that field, and where. The
// SDK, which decodes a block as a whole, names neither the line nor the file.
func (c Connection) Check(config any) error {
	fields := map[string]reflect.Type{}
	of := reflect.TypeOf(config).Elem()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("hcl"), ",")
		fields[name] = of.Field(i).Type
	}
	for _, a := range c.arguments {
		field, known := fields[a.name]
		switch {
		case a.from == nil:
		case !known:
			return fmt.Errorf("%s: An argument named %q is not expected here%s", at(a.from.SrcRange), a.name, nearest.Hint(a.name, slices.Sorted(maps.Keys(fields))))
		default:
			if diags := gohcl.DecodeExpression(a.from.Expr, nil, reflect.New(field).Interface()); diags.HasErrors() {
				return fmt.Errorf("%s: %s: %s", at(a.from.SrcRange), a.name, detail(diags))
			}
		}
	}
	return nil
}

// detail is what is wrong, without its summary where that says the same.
func detail(diags hcl.Diagnostics) string {
	return strings.TrimPrefix(strings.Join(strings.Fields(diags[0].Detail), " "), "Unsuitable value: ")
}

// Config returns the arguments as the body of a connection block, as Steampipe hands it to the plugin.
func (c Connection) Config() string {
	var b strings.Builder
	for _, a := range c.arguments {
		fmt.Fprintf(&b, "%s = %s\n", a.name, a.value)
	}
	return b.String()
}

// DefaultPath returns where Steampipe keeps the connections of this plugin: ctcw.spc in the config
// folder of its installation, which STEAMPIPE_INSTALL_DIR moves.
func DefaultPath() string {
	dir := os.Getenv("STEAMPIPE_INSTALL_DIR")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".steampipe")
	}
	return filepath.Join(dir, "config", "ctcw.spc")
}

// Read returns the connections of this plugin in a file, sorted by name. Those of other plugins, which
// may stand in the same file, are left out.
func Read(path string) ([]Connection, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the connection file: %w", err)
	}
	return Parse(source, path)
}

// Parse is [Read] of a file's content.
func Parse(source []byte, path string) ([]Connection, error) {
	file, diags := hclparse.NewParser().ParseHCL(source, path)
	if diags.HasErrors() {
		return nil, oneLine(diags)
	}
	p := parser{source: source, instances: map[string]string{}}
	blocks := file.Body.(*hclsyntax.Body).Blocks
	for _, b := range blocks {
		if b.Type == "plugin" && len(b.Labels) == 1 {
			p.instance(b)
		}
	}
	for _, b := range blocks {
		if b.Type == "connection" {
			if err := p.connection(b); err != nil {
				return nil, err
			}
		}
	}
	p.expandAggregators()
	if len(p.connections) == 0 {
		return nil, fmt.Errorf(`%s holds no connection of plugin "ctcw"%s`, path, p.others())
	}
	return p.connections, nil
}

type parser struct {
	source      []byte
	instances   map[string]string // plugin block → its source
	connections []Connection
	skipped     []string
}

// instance remembers what a plugin block stands for: connections may refer to it as plugin.NAME.
func (p *parser) instance(b *hclsyntax.Block) {
	p.instances[b.Labels[0]] = b.Labels[0]
	if a, ok := b.Body.Attributes["source"]; ok {
		if source, err := stringOf(a); err == nil {
			p.instances[b.Labels[0]] = source
		}
	}
}

func (p *parser) connection(b *hclsyntax.Block) error {
	if len(b.Labels) != 1 {
		return fmt.Errorf("%s: a connection block has one label, its name", at(b.DefRange()))
	}
	c := Connection{Name: b.Labels[0]}
	attribute, ok := b.Body.Attributes["plugin"]
	if !ok {
		return fmt.Errorf(`%s: connection %q names no plugin: add plugin = "local/ctcw"`, at(b.DefRange()), c.Name)
	}
	name, err := p.pluginOf(attribute)
	if err != nil {
		return err
	}
	if !isThisPlugin(name) {
		p.skipped = append(p.skipped, fmt.Sprintf("%s (plugin %q)", c.Name, name))
		return nil
	}
	if slices.ContainsFunc(p.connections, func(other Connection) bool { return other.Name == c.Name }) {
		return fmt.Errorf("%s: a second connection is named %q", at(b.DefRange()), c.Name)
	}
	for _, inner := range b.Body.Blocks {
		if inner.Type != "options" { // which Steampipe takes, and has no meaning here
			return fmt.Errorf("%s: A block %s { … } is not expected here: an argument is written with =", at(inner.DefRange()), inner.Type)
		}
	}
	for _, a := range inOrder(b.Body.Attributes) {
		switch a.Name {
		case "plugin", "type", "import_schema":
		case "connections":
			if c.Children, err = stringsOf(a); err != nil {
				return err
			}
		default:
			c.arguments = append(c.arguments, argument{a.Name, string(a.Expr.Range().SliceBytes(p.source)), a})
		}
	}
	p.connections = append(p.connections, c)
	slices.SortFunc(p.connections, func(a, b Connection) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func (p *parser) pluginOf(a *hclsyntax.Attribute) (string, error) {
	if t, ok := a.Expr.(*hclsyntax.ScopeTraversalExpr); ok && len(t.Traversal) == 2 && t.Traversal.RootName() == "plugin" {
		if instance, ok := t.Traversal[1].(hcl.TraverseAttr); ok { // not plugin[0]
			source, known := p.instances[instance.Name]
			if !known {
				return "", fmt.Errorf("%s: there is no plugin block %q in this file", at(a.SrcRange), instance.Name)
			}
			return source, nil
		}
	}
	return stringOf(a)
}

// expandAggregators turns the patterns of aggregators into the names of the connections they match.
func (p *parser) expandAggregators() {
	for i, c := range p.connections {
		if c.Children == nil {
			continue
		}
		children := []string{}
		for _, other := range p.connections {
			matches := func(pattern string) bool { return fnmatch.Match(pattern, other.Name, 0) }
			if other.Children == nil && slices.ContainsFunc(c.Children, matches) {
				children = append(children, other.Name)
			}
		}
		p.connections[i].Children = children
	}
}

func (p *parser) others() string {
	if len(p.skipped) == 0 {
		return ""
	}
	return ", only " + strings.Join(p.skipped, ", ")
}

// isThisPlugin understands the ways to name a plugin: ctcw, local/ctcw, ctcw/ctcw@latest and a registry's
// whole path.
func isThisPlugin(name string) bool {
	name, _, _ = strings.Cut(name, "@")
	return name == "ctcw" || strings.HasSuffix(name, "/ctcw")
}

func inOrder(attributes hclsyntax.Attributes) []*hclsyntax.Attribute {
	var all []*hclsyntax.Attribute
	for _, a := range attributes {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return all
}

func stringOf(a *hclsyntax.Attribute) (string, error) {
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type().FriendlyName() != "string" {
		return "", fmt.Errorf("%s: %s must be a string", at(a.SrcRange), a.Name)
	}
	return v.AsString(), nil
}

func stringsOf(a *hclsyntax.Attribute) ([]string, error) {
	v, diags := a.Expr.Value(nil)
	bad := fmt.Errorf("%s: %s must be a list of strings", at(a.SrcRange), a.Name)
	if diags.HasErrors() || v.IsNull() || !v.CanIterateElements() {
		return nil, bad
	}
	all := []string{}
	for _, e := range v.AsValueSlice() {
		if e.IsNull() || e.Type().FriendlyName() != "string" {
			return nil, bad
		}
		all = append(all, e.AsString())
	}
	return all, nil
}

func at(r hcl.Range) string { return fmt.Sprintf("%s line %d", r.Filename, r.Start.Line) }

// oneLine says the first thing that is wrong, and where.
func oneLine(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			where := ""
			if d.Subject != nil {
				where = at(*d.Subject) + ": "
			}
			return fmt.Errorf("%s%s: %s", where, d.Summary, strings.Join(strings.Fields(d.Detail), " "))
		}
	}
	return nil
}

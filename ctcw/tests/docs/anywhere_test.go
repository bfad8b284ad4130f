package docs

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
)

// The generators of Steampipe's stand-alone forms (Postgres FDW, SQLite extension, export tool) write a program that
// imports this package by its path and hands over this function.
var _ func(context.Context) *plugin.Plugin = ctcw.Plugin

func goTool(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), &stderr)
	return string(out)
}

// TestTheModuleIsAsTheGeneratorsExpect: they guess the package path from the plugin's name, and a replace of this
// module would not hold in theirs.
func TestTheModuleIsAsTheGeneratorsExpect(t *testing.T) {
	var module struct {
		Module                    struct{ Path string }
		Require                   []struct{ Path, Version string }
		Replace, Exclude, Retract []any
	}
	require.NoError(t, json.Unmarshal([]byte(goTool(t, nil, "mod", "edit", "-json")), &module))
	assert.Equal(t, "github.com/ctcw/steampipe-plugin-ctcw", module.Module.Path)
	assert.Empty(t, module.Replace)
	assert.Empty(t, module.Exclude)
	assert.Empty(t, module.Retract)
	assert.Equal(t, "github.com/ctcw/steampipe-plugin-ctcw/ctcw ctcw\n", goTool(t, nil, "list", "-f", "{{.ImportPath}} {{.Name}}", "./ctcw"))
	var sdk []string
	for _, r := range module.Require {
		if strings.Contains(r.Path, "steampipe-plugin-sdk") {
			sdk = append(sdk, r.Path)
		}
	}
	assert.Equal(t, []string{"github.com/turbot/steampipe-plugin-sdk/v5"}, sdk, "one major version of the SDK")
}

// TestNoCgo looks at what would be compiled with cgo allowed, as the FDW and the SQLite extension are.
func TestNoCgo(t *testing.T) {
	const format = "{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}"
	assert.Empty(t, strings.Fields(goTool(t, []string{"CGO_ENABLED=1"}, "list", "-deps", "-f", format, ".", "./ctcw")))
}

func TestPluginHasNoSideEffects(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	t.Setenv("STEAMPIPE_INSTALL_DIR", dir)
	t.Setenv("AWS_PROFILE", "does-not-exist")
	environment, goroutines := os.Environ(), runtime.NumGoroutine()

	first, second := ctcw.Plugin(context.Background()), ctcw.Plugin(context.Background())

	assert.NotSame(t, first, second)
	assert.NotSame(t, first.TableMap[table], second.TableMap[table], "each plugin has tables of its own")
	assert.Equal(t, environment, os.Environ())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, files)
	for deadline := time.Now().Add(time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), goroutines, "goroutines stay")
}

func TestTheSchemaIsStatic(t *testing.T) {
	p := ctcw.Plugin(context.Background())
	assert.Equal(t, "steampipe-plugin-ctcw", p.Name)
	assert.Nil(t, p.TableMapFunc)
	assert.NotEqual(t, plugin.SchemaModeDynamic, p.SchemaMode)
	assert.Equal(t, table, p.TableMap[table].Name)
	for _, c := range p.TableMap[table].Columns {
		assert.NotEmpty(t, c.Description, c.Name)
		assert.False(t, strings.HasPrefix(c.Name, "_"), c.Name)
	}
}

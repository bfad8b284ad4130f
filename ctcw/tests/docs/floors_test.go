package docs

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/ctcw/steampipe-plugin-ctcw"

// floors of the house, from the top, as CONTRIBUTING draws it.
var floors = []string{"main.go", "ctcw/standalone/", "ctcw/mod/", "ctcw/", "ctcw/scan/", "ctcw/verdict/", "ctcw/aws/", "ctcw/base/"}

// floorOf returns the index of a package's floor; -1 for what stands beside the house or is not of this module.
func floorOf(path string) int {
	path, ours := strings.CutPrefix(path, module)
	path = strings.TrimPrefix(path, "/") + "/"
	switch {
	case !ours || strings.HasPrefix(path, "ctcw/sample/") || strings.HasPrefix(path, "ctcw/tests/"):
		return -1
	case path == "/":
		return 0
	case path == "ctcw/":
		return slices.Index(floors, path)
	}
	return slices.IndexFunc(floors, func(floor string) bool { return floor != "ctcw/" && strings.HasPrefix(path, floor) })
}

// imports maps each package of the module to what it imports, tests not counted.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	list := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = root
	out, err := list.Output()
	require.NoError(t, err)
	all := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Fields(line)
		all[fields[0]] = fields[1:]
	}
	return all
}

func TestNoImportGoesUp(t *testing.T) {
	for from, all := range imports(t) {
		for _, to := range all {
			below := floorOf(from) < 0 || floorOf(to) < 0 || floorOf(to) >= floorOf(from)
			assert.True(t, below, "%s imports %s, which lives above it", from, to)
			if floorOf(from) >= 0 && from != module+"/ctcw/standalone/cli" {
				assert.NotContains(t, to, module+"/ctcw/sample", "%s: only the command line serves the sample organization", from)
			}
			if floorOf(from) >= 0 {
				assert.NotContains(t, to, module+"/ctcw/tests", "%s imports a test's package", from)
			}
		}
	}
}

func TestEachFloorKeepsToItself(t *testing.T) {
	const sdk = "github.com/turbot/steampipe-plugin-sdk/"
	for from, all := range imports(t) {
		name := strings.TrimPrefix(from, module+"/")
		for _, to := range all {
			switch {
			case strings.HasPrefix(name, "ctcw/verdict/"):
				ours := strings.HasPrefix(to, module+"/ctcw/verdict/")
				assert.True(t, ours || !strings.Contains(strings.Split(to, "/")[0], "."), "%s is pure, and imports %s", name, to)
			case strings.HasPrefix(name, "ctcw/aws/"):
				assert.NotRegexp(t, "/ctcw/(scan|verdict)", to, name)
			}
			if strings.HasPrefix(to, sdk) && strings.Contains(to, "/plugin") {
				assert.Contains(t, []string{module, module + "/ctcw", module + "/ctcw/tests/bench/empty"}, from,
					"the SDK's plugin API is used in ctcw only (main serves it, and an empty plugin is no more than it)")
			}
			if strings.HasPrefix(to, sdk) {
				assert.NotRegexp(t, "^ctcw/(scan|verdict|aws|base|mod|sample)", name, "Steampipe's SDK")
			}
		}
	}
}

func TestContributingDrawsTheHouse(t *testing.T) {
	text := read(t, "CONTRIBUTING.md")
	_, picture, ok := strings.Cut(text, "\n## The house\n")
	require.True(t, ok)
	at := 0
	for _, floor := range floors {
		next := strings.Index(picture[at:], "\n"+floor+" ")
		require.GreaterOrEqual(t, next, 0, "%s is not drawn, or not in its place", floor)
		at += next
	}
	for path := range imports(t) {
		if floor := floorOf(path); floor > 0 && path != module+"/"+strings.Trim(floors[floor], "/") {
			assert.Contains(t, picture, path[strings.LastIndexByte(path, '/')+1:], path)
		}
	}
}

package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Attach lets statements read a SQLite file beside the plugin's tables: as the schema of that name, and through views,
// each a select under a name of its own. It is for before the first statement.
func (e *Engine) Attach(schema, dsn string, views map[string]string) {
	e.attached = fmt.Sprintf("pragma busy_timeout = 60000; attach %s as %s;", literal(dsn), quote(schema))
	for _, name := range slices.Sorted(maps.Keys(views)) {
		e.attached += fmt.Sprintf("create temp view %s as %s;", quote(name), views[name])
	}
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

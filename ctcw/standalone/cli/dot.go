package cli

import (
	"fmt"
	"strings"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// dotCommands are what query takes beside SQL, as the shells of SQLite and Steampipe do.
var dotCommands = []string{".tables", ".columns"}

// dotCommand answers .tables and .columns TABLE from the schema: nothing is asked of AWS. It reports whether the text is
// a command.
func dotCommand(e *engine.Engine, text string) (rows output.Source, is bool, err error) {
	words := strings.Fields(strings.TrimRight(strings.TrimSpace(text), ";"))
	if len(words) == 0 || !strings.HasPrefix(words[0], ".") {
		return nil, false, nil
	}
	switch {
	case words[0] == ".tables" && len(words) == 1:
		return describe([]string{"table", "description"}, e.DescribeTables()), true, nil
	case words[0] == ".columns" && len(words) == 2:
		if columns := e.DescribeColumns(words[1]); columns != nil {
			return describe([]string{"column", "type", "description"}, columns), true, nil
		}
		return nil, true, fmt.Errorf("there is no table %q%s; .tables lists them", words[1], nearest.Hint(words[1], e.Tables()))
	case words[0] == ".tables" || words[0] == ".columns":
		return nil, true, fmt.Errorf("write .tables, or .columns and a table")
	}
	return nil, true, fmt.Errorf("there is no command %q%s, only .tables and .columns TABLE", words[0], nearest.Hint(words[0], dotCommands))
}

// describe makes rows of what the schema says.
func describe(header []string, all []engine.Described) output.Source {
	s := &described{}
	for _, name := range header {
		s.columns = append(s.columns, engine.Column{Name: name})
	}
	for _, d := range all {
		row := []any{d.Name, d.Type, d.Description}
		if len(header) == 2 {
			row = []any{d.Name, d.Description}
		}
		s.rows = append(s.rows, row)
	}
	return s
}

type described struct {
	columns []engine.Column
	rows    [][]any
	at      int
}

func (d *described) Columns() []engine.Column { return d.columns }
func (d *described) Next() bool               { d.at++; return d.at <= len(d.rows) }
func (d *described) Values() []any            { return d.rows[d.at-1] }
func (d *described) Err() error               { return nil }

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/nearest"
)

var (
	grpcStatus   = regexp.MustCompile(`rpc error: code = \w+ desc = `)
	sdkPrefix    = regexp.MustCompile(`^\w+: `) // of a connection
	noSuchColumn = regexp.MustCompile(`^no such column: (?:\w+\.)*(\w+)$`)
	denied       = regexp.MustCompile(`^(not authorized|authorization denied)`)
	noSuchTable  = regexp.MustCompile(`^no such table: `)
)

// pluginError keeps of a plugin's error what the plugin said, on one line: not the gRPC status around it, nor the
// connection that the SDK puts in front of it, if that is the one asked for or the plugin names it too. An aggregator's
// connections may each have failed, a line each, in any order.
func pluginError(err error, connection string) error {
	var said []string
	for line := range strings.Lines(grpcStatus.ReplaceAllString(err.Error(), "")) {
		line = strings.Join(strings.Fields(line), " ")
		name, rest, _ := strings.Cut(line, ": ")
		switch {
		case line == "":
		case name == connection || strings.HasPrefix(rest, fmt.Sprintf("connection %q: ", name)):
			said = append(said, rest)
		case len(said) == 0 || sdkPrefix.MatchString(line):
			said = append(said, line)
		default:
			said[len(said)-1] += " " + line
		}
	}
	slices.Sort(said)
	return errors.New(strings.Join(slices.Compact(said), "; "))
}

// fail notes what a plugin call failed with, and returns it.
func (s *statement) fail(err error, connection string) error {
	if err != nil && s.failure == nil {
		s.failure = pluginError(err, connection)
	}
	return s.failure
}

// explain returns what an error of the driver means: the statement's own end or the plugin's failure, if there is one,
// else what SQLite says, without the driver's words around it and with help.
func (s *statement) explain(err error, sql string) error {
	if cause := context.Cause(s.ctx); cause != nil {
		return cause
	}
	if s.failure != nil {
		return s.failure
	}
	var from *sqlite.Error
	if !errors.As(err, &from) {
		return err
	}
	text := strings.TrimSuffix(from.Error(), fmt.Sprintf(" (%d)", from.Code()))
	if _, message, ok := strings.Cut(text, ": "); ok {
		text = message
	}
	switch {
	case denied.MatchString(text):
		return errors.New("only statements that read are allowed: select, with, values, explain")
	case noSuchColumn.MatchString(text):
		text += nearest.Hint(noSuchColumn.FindStringSubmatch(text)[1], s.columns())
	case noSuchTable.MatchString(text):
		name, tables := strings.TrimPrefix(text, "no such table: "), s.engine.Tables()
		connection, table, qualified := strings.Cut(name, ".")
		if !qualified {
			table = name
		}
		hint := nearest.Hint(table, tables)
		if slices.Contains(tables, table) {
			hint = nearest.Hint(connection, slices.Collect(maps.Keys(s.engine.schemas)))
		}
		if hint == "" {
			hint = fmt.Sprintf(" (there is: %s)", strings.Join(tables, ", "))
		}
		text += hint
	case strings.HasPrefix(text, `near "ilike"`):
		text += " (like minds the case here: write lower(a) like lower(b))"
	case strings.Contains(sql, "::"):
		text += " (instead of value::type write cast(value as type))"
	}
	return errors.New(text)
}

// columns returns the names of the columns of the statement's tables.
func (s *statement) columns() []string {
	var names []string
	for _, source := range s.sources {
		for _, column := range source.columns {
			names = append(names, column.Name)
		}
	}
	return names
}

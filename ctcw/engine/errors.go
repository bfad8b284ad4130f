package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"modernc.org/sqlite"
)

var (
	grpcStatus   = regexp.MustCompile(`rpc error: code = \w+ desc = `)
	noSuchColumn = regexp.MustCompile(`^no such column: (?:\w+\.)*(\w+)$`)
	denied       = regexp.MustCompile(`^(not authorized|authorization denied)`)
	noSuchTable  = regexp.MustCompile(`^no such table: `)
)

// pluginError keeps of a plugin's error what the plugin said, on one line: not the gRPC status around it, nor the
// connection in front of it, which the SDK adds, if that is the one asked for. (In an aggregator it is one of many.)
func pluginError(err error, connection string) error {
	text := grpcStatus.ReplaceAllString(err.Error(), "")
	text = strings.Join(strings.Fields(text), " ")
	return errors.New(strings.TrimPrefix(text, connection+": "))
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
		if near := s.nearestColumn(noSuchColumn.FindStringSubmatch(text)[1]); near != "" {
			text += fmt.Sprintf(" (did you mean %q?)", near)
		}
	case noSuchTable.MatchString(text):
		tables := slices.Sorted(maps.Keys(s.engine.schemas[s.engine.target]))
		text += fmt.Sprintf(" (there is: %s)", strings.Join(tables, ", "))
	case strings.Contains(sql, "::"):
		text += " (instead of value::type write cast(value as type))"
	}
	return errors.New(text)
}

// nearestColumn returns the column that a misspelt name most likely meant.
func (s *statement) nearestColumn(name string) string {
	best, distance := "", max(1, len(name)/3)+1
	for _, source := range s.sources {
		for _, column := range source.columns {
			if d := levenshtein.Distance(name, column.Name, nil); d < distance {
				best, distance = column.Name, d
			}
		}
	}
	return best
}

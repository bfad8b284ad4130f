package engine

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vtab"

	shared "github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
)

// statement is what the virtual tables of one Query call share. SQLite's callbacks do not say which
// statement they serve, so each has a database of its own, in memory, that holds only virtual tables.
type statement struct {
	engine *Engine
	ctx    context.Context
	cancel context.CancelCauseFunc
	forget func() bool       // the engine's end
	shared *shared.Statement // what the plugin says of all its scans

	id      string
	sources map[[2]string]*source // by connection and table
	failure error                 // what a plugin call failed with; SQLite's callbacks lose error texts

	// What of "column = value" may be used. Both are decided by words of the SQL text: SQLite does not tell
	// a virtual table of this driver what it would have to know, and a word too many costs only speed.
	filters  bool // by the engine: not if another collation than SQLite's binary one may apply
	pushdown bool // by the plugin: not if rows of two scans may have to be recognized as the same
}

var (
	collation = regexp.MustCompile(`(?i)\bcollate\b`)
	outerJoin = regexp.MustCompile(`(?is)\b(right|full)\b.*\bjoin\b`) // looks for unmatched rows in a second pass
	qualifier = regexp.MustCompile(`(\w+)"?\s*\.`)
)

// The driver, with its module and functions, is made once for the process, because the driver package
// never forgets what was registered. The module finds a statement by the number that its tables carry.
var (
	sqliteDriver  = sync.OnceValue(newDriver)
	statements    sync.Map // id → *statement
	lastStatement atomic.Int64
)

const (
	moduleName = "steampipe"

	// Double quotes are for names only, LIKE respects case, both as in Postgres; sorting touches no files.
	dsn = ":memory:?_dqs=0&_defensive=1&_pragma=case_sensitive_like(1)&_pragma=temp_store(memory)"
)

func newDriver() *sqlite.Driver {
	d := &sqlite.Driver{}
	if err := d.RegisterModule(moduleName, module{}); err != nil {
		panic(err)
	}
	d.MustRegisterCollationUtf8(TimeCollation, compareTimes)
	d.MustRegisterScalarFunction("now", 0, now)
	d.MustRegisterDeterministicScalarFunction("split_part", 3, splitPart)
	return d
}

func (e *Engine) newStatement(ctx context.Context, sql string) *statement {
	s := &statement{
		engine:   e,
		id:       fmt.Sprint(lastStatement.Add(1)),
		sources:  map[[2]string]*source{},
		filters:  !collation.MatchString(sql),
		pushdown: !outerJoin.MatchString(sql),
	}
	ctx, s.shared = shared.With(ctx)
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	s.forget = context.AfterFunc(e.open, func() { s.cancel(errClosed) })
	statements.Store(s.id, s)
	return s
}

func (s *statement) close() {
	s.forget()
	s.cancel(nil)
	statements.Delete(s.id)
}

// connection is what the driver's connections can do beyond database/sql/driver's minimum.
type connection interface {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	sqlite.AuthorizerRegisterer
}

// connect opens the statement's database: main holds the tables of the target connection, and each
// connection that the SQL names before a dot is a schema with its own.
func (s *statement) connect(sql string) (connection, error) {
	opened, err := sqliteDriver().Open(dsn)
	if err != nil {
		return nil, err
	}
	c := opened.(connection)
	setup := s.create("main", s.engine.target)
	for _, name := range s.named(sql) {
		setup += fmt.Sprintf("attach ':memory:' as %s;", quote(name)) + s.create(name, name)
	}
	if _, err = c.ExecContext(s.ctx, setup+s.engine.attached, nil); err == nil {
		err = c.RegisterAuthorizer(authorize)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (s *statement) create(database, connection string) string {
	var sql strings.Builder
	for _, table := range slices.Sorted(maps.Keys(s.engine.schemas[connection])) {
		fmt.Fprintf(&sql, "create virtual table %s.%s using %s(%s);", quote(database), quote(table), moduleName, s.id)
	}
	return sql.String()
}

// named returns the connections that the SQL may mean: SQLite takes ten attached databases at most.
func (s *statement) named(sql string) []string {
	var names []string
	for _, match := range qualifier.FindAllStringSubmatch(sql, -1) {
		name := strings.ToLower(match[1])
		if s.engine.schemas[name] != nil && name != "main" && name != "temp" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// source returns the one source of a connection's table, whatever schema it is named in.
func (s *statement) source(connection, table string) *source {
	key := [2]string{connection, table}
	if s.sources[key] == nil {
		s.sources[key] = newSource(s, connection, table, s.engine.schemas[connection][table])
	}
	return s.sources[key]
}

// authorize lets statements read and nothing else: no writing, no attaching of files, no extensions.
func authorize(action sqlite.AuthorizerActionCode, arg1, arg2, _, _ string) sqlite.AuthorizerReturnCode {
	switch action {
	case sqlite.AuthSelect, sqlite.AuthRead, sqlite.AuthRecursive:
		return sqlite.AuthorizerOK
	case sqlite.AuthFunction:
		if arg2 != "load_extension" {
			return sqlite.AuthorizerOK
		}
	case sqlite.AuthPragma:
		if arg1 == "table_info" || arg1 == "table_xinfo" || arg1 == "table_list" {
			return sqlite.AuthorizerOK
		}
	}
	return sqlite.AuthorizerDeny
}

// module makes the virtual tables of all statements.
type module struct{}

// Create implements vtab.Module. The arguments are those of CREATE VIRTUAL TABLE: module, database, table,
// statement.
func (module) Create(ctx vtab.Context, args []string) (vtab.Table, error) {
	found, ok := statements.Load(args[3])
	if !ok {
		return nil, fmt.Errorf("no statement %s", args[3])
	}
	s := found.(*statement)
	connection := args[1]
	if connection == "main" {
		connection = s.engine.target
	}
	source := s.source(connection, args[2])
	return source, ctx.Declare(source.declaration())
}

// Connect implements vtab.Module.
func (m module) Connect(ctx vtab.Context, args []string) (vtab.Table, error) {
	return m.Create(ctx, args)
}

// VolatileArgs asks for constraint values as they are; without, text ends at its first NUL.
func (module) VolatileArgs() bool { return true }

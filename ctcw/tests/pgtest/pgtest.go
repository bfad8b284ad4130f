// Package pgtest runs a throwaway Postgres for tests, with the programs that are installed and no client library.
package pgtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Server is a Postgres server that ends with the test.
type Server struct {
	t   testing.TB
	bin string
	dir string // the socket is here
}

// Column is a column of a table, its type in Postgres's words.
type Column struct {
	Name string
	Type string
}

// Start starts a server, listening on a socket in a folder of its own. Without Postgres the test is skipped.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, bin: programs()}
	if s.bin == "" {
		t.Skip("SKIPPED: no Postgres server (initdb) on PATH or where Debian keeps it")
	}
	// Not t.TempDir: only its owner can enter that one, and the server may have to run as another user.
	dir, err := os.MkdirTemp("", "pgtest")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.dir = dir

	server := func(program string, args ...string) *exec.Cmd {
		return exec.Command(filepath.Join(s.bin, program), args...)
	}
	if os.Geteuid() == 0 {
		// Postgres refuses to be run by root.
		runuser, err := exec.LookPath("runuser")
		nobody, lookup := user.Lookup("nobody")
		if err != nil || lookup != nil {
			t.Skip("SKIPPED: Postgres does not run as root, and there is no runuser or no user nobody")
		}
		uid, err := strconv.Atoi(nobody.Uid)
		require.NoError(t, err)
		require.NoError(t, os.Chown(dir, uid, -1))
		server = func(program string, args ...string) *exec.Cmd {
			return exec.Command(runuser, append([]string{"-u", "nobody", "--", filepath.Join(s.bin, program)}, args...)...)
		}
	}
	data := filepath.Join(dir, "data")
	run(t, server("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"))
	run(t, server("pg_ctl", "-D", data, "-w", "-l", filepath.Join(dir, "log"),
		"-o", fmt.Sprintf("-k %s -c listen_addresses='' -c fsync=off", dir), "start"))
	t.Cleanup(func() { run(t, server("pg_ctl", "-D", data, "-m", "immediate", "stop")) })
	return s
}

// programs returns the folder of Postgres's programs, the newest where there are several.
func programs() string {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil { // a link may stand without psql beside it
			return filepath.Dir(initdb)
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(debian) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(debian))
}

func run(t testing.TB, c *exec.Cmd) {
	t.Helper()
	c.Dir = "/"
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// Load creates a table and fills it. Values are what encoding/json makes of them, times included; a missing
// one is null.
func (s *Server) Load(table string, columns []Column, rows []map[string]any) {
	s.t.Helper()
	var list []string
	for _, c := range columns {
		list = append(list, c.Name+" "+c.Type)
	}
	data, err := json.Marshal(rows)
	require.NoError(s.t, err)
	_, err = s.psql(fmt.Sprintf("create table %s (%s);\ninsert into %s select * from json_populate_recordset(null::%s, %s);",
		table, strings.Join(list, ", "), table, table, quote(string(data))))
	require.NoError(s.t, err)
}

// Query returns the rows of a statement in which $1, $2, … stand for args, as a driver would send them:
// apart from the text. Numbers come as float64, null as nil, all else as encoding/json reads it.
func (s *Server) Query(sql string, args ...any) ([]map[string]any, error) {
	var list []string
	for _, a := range args {
		list = append(list, quote(fmt.Sprint(a)))
	}
	execute := "execute statement"
	if len(list) > 0 {
		execute += "(" + strings.Join(list, ", ") + ")"
	}
	out, err := s.psql(fmt.Sprintf("prepare statement as select coalesce(json_agg(result), '[]') from (\n%s\n) as result;\n%s;",
		strings.TrimSuffix(strings.TrimSpace(sql), ";"), execute))
	if err != nil {
		return nil, err
	}
	var rows []map[string]any
	return rows, json.Unmarshal(out, &rows)
}

func (s *Server) psql(script string) ([]byte, error) {
	c := exec.Command(filepath.Join(s.bin, "psql"), "-h", s.dir, "-U", "postgres", "-d", "postgres",
		"-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1")
	c.Stdin = strings.NewReader(script)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, &stderr)
	}
	return stdout.Bytes(), nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

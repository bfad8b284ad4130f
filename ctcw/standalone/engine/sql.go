package engine

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// single returns the one statement in an SQL text, without what may follow it.
func single(sql string) (string, error) {
	sql = strings.TrimPrefix(sql, "\ufeff") // files may begin with it
	begin, end := -1, -1
	for i := 0; i < len(sql); {
		n, empty := token(sql[i:])
		switch {
		case sql[i] == ';':
			if begin >= 0 && end < 0 {
				end = i
			}
		case empty:
		case end >= 0:
			return "", errors.New("there is more than one SQL statement: run them one at a time")
		case begin < 0:
			begin = i
		}
		i += n
	}
	if begin < 0 {
		return "", errors.New("there is no SQL statement")
	}
	if end < 0 {
		end = len(sql)
	}
	return sql[begin:end], nil
}

// token returns the length of what an SQL text begins with, and whether it is space or comment: a comment, a quoted
// string or name, or else one byte.
func token(sql string) (n int, empty bool) {
	quoted := func(opening, closing string) int {
		if i := strings.Index(sql[len(opening):], closing); i >= 0 {
			return len(opening) + i + len(closing)
		}
		return len(sql)
	}
	switch {
	case strings.HasPrefix(sql, "--"):
		return quoted("--", "\n"), true
	case strings.HasPrefix(sql, "/*"):
		return quoted("/*", "*/"), true
	case sql[0] == '[':
		return quoted("[", "]"), false
	case strings.IndexByte("'\"`", sql[0]) >= 0:
		return quoted(sql[:1], sql[:1]), false
	}
	return 1, strings.IndexByte(" \t\n\f\r", sql[0]) >= 0
}

// now is Postgres's now(), which SQLite lacks, in the form that the tables' times have.
func now(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
	return formatTime(time.Now()), nil
}

// splitPart is Postgres's split_part(text, delimiter, n), with which ARNs are taken apart.
func splitPart(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	for _, arg := range args {
		if arg == nil {
			return nil, nil
		}
	}
	n, ok := args[2].(int64)
	if !ok || n == 0 {
		return nil, errors.New("split_part: the field position must be an integer other than 0")
	}
	parts := strings.Split(fmt.Sprint(args[0]), fmt.Sprint(args[1]))
	if n < 0 {
		n += int64(len(parts)) + 1
	}
	if n < 1 || n > int64(len(parts)) {
		return "", nil
	}
	return parts[n-1], nil
}

package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// asSQL lets a query begin with a comment. Whatever begins with -- would be taken for a flag, but no flag has a space
// or a line break in its name. One in front makes it an argument.
func asSQL(root *cobra.Command, args []string) []string {
	if len(args) == 0 || args[0] != "query" {
		return args
	}
	query, _, err := root.Find(args[:1])
	if err != nil {
		return args
	}
	all := []string{}
	for _, arg := range args {
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		spaced := strings.ContainsAny(name, " \t\r\n") || strings.Contains(arg, "\n")
		if strings.HasPrefix(arg, "--") && spaced && query.Flags().Lookup(name) == nil {
			arg = " " + arg
		}
		all = append(all, arg)
	}
	return all
}

var (
	comment = regexp.MustCompile(`^\s*(--|/\*)`)
	verb    = regexp.MustCompile(`(?i)^\s*(select|with|values|explain|pragma)\s`)
)

// readSQL returns the SQL that an argument stands for: a file's, or its own.
func readSQL(ctx context.Context, arg string, stdin io.Reader) (string, error) {
	switch {
	case arg == "-":
		return await(ctx, func() ([]byte, error) { return io.ReadAll(stdin) })
	case comment.MatchString(arg):
		return arg, nil
	case isFile(arg), strings.HasSuffix(arg, ".sql") && !verb.MatchString(arg):
		sql, err := await(ctx, func() ([]byte, error) { return os.ReadFile(arg) })
		if err != nil {
			return "", fmt.Errorf("cannot read the query file: %w", err)
		}
		return sql, nil
	default:
		return arg, nil
	}
}

// isFile reports whether there is a file to read, which may be a pipe: /dev/stdin, or what a shell makes of <(…).
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// await reads until the end or the context's: a terminal or a pipe may take for ever.
func await(ctx context.Context, read func() ([]byte, error)) (string, error) {
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return string(r.text), r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

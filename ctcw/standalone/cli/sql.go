package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings")

// readSQL returns the SQL that an argument stands for: a file's, or its own.
func readSQL(ctx context.Context, arg string, stdin io.Reader) (string, error) {
	switch {
	case arg == "-":
		return await(ctx, func() ([]byte, error) { return io.ReadAll(stdin) })
	case strings.HasSuffix(arg, ".sql") || isFile(arg):
		sql, err := await(ctx, func() ([]byte, error) { return os.ReadFile(arg) })
		if err != nil {
			return "", fmt.Errorf("cannot read the query file: %w", err)
		}
		return sql, nil
	default:
		return arg, nil
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
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

package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/operator"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/output"
)

// console is whoever typed the command, as [operator.Operator].
type console struct {
	stderr io.Writer
	mu     sync.Mutex // one question at a time
	asking atomic.Bool
}

// Warn implements [operator.Operator].
func (c *console) Warn(text string) {
	if isTerminal(c.stderr) {
		fmt.Fprint(c.stderr, clearLine)
	}
	fmt.Fprintln(c.stderr, "Warning: "+output.Clean(text))
}

// Ask implements [operator.Operator]. What is typed shows: it is no password, and the terminal stays as it is when the
// command is interrupted.
func (c *console) Ask(question string) (string, error) {
	if !isTerminal(os.Stdin) || !isTerminal(c.stderr) {
		return "", operator.ErrNobody
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asking.Store(true)
	defer c.asking.Store(false)
	fmt.Fprint(c.stderr, clearLine+output.Clean(question))
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		fmt.Fprintln(c.stderr)
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// isAsking reports whether the terminal shows a question, which nothing else may write over.
func isAsking(ctx context.Context) bool {
	c, ok := operator.From(ctx).(*console)
	return ok && c.asking.Load()
}

// printWarnings says what the scan warned of, when it is over.
func printWarnings(w io.Writer, asked *statement.Statement) {
	for _, text := range asked.Warnings() {
		fmt.Fprintln(w, "Warning: "+output.Clean(text))
	}
}

package cli

import (
	"fmt"
	"io"
)

// console is whoever typed the command, as [operator.Operator].
type console struct{ stderr io.Writer }

// Warn implements [operator.Operator].
func (c *console) Warn(text string) { fmt.Fprintln(c.stderr, "Warning: "+text) }

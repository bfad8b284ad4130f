// Package operator reaches whoever runs the program, from wherever something comes up that they should know. Who that
// is travels in the context, because the plugin's own interface has no place for it.
package operator

import (
	"context"
	"errors"
	"log"
)

// Operator is whoever runs the program.
type Operator interface {
	// Warn tells them in one sentence what they should know, though the work goes on.
	Warn(text string)
	// Ask asks them a question and returns the line that they answer. The error is ErrNobody where nobody can be asked.
	Ask(question string) (string, error)
}

// ErrNobody says that the program does not run on anybody's terminal.
var ErrNobody = errors.New("there is no terminal to ask on")

type key struct{}

// With returns a context whose work is run by an operator.
func With(ctx context.Context, o Operator) context.Context { return context.WithValue(ctx, key{}, o) }

// From returns the operator of a context. Where there is none the program is run by Steampipe, and its log is read.
func From(ctx context.Context) Operator {
	if o, ok := ctx.Value(key{}).(Operator); ok {
		return o
	}
	return steampipe{}
}

type steampipe struct{}

func (steampipe) Warn(text string) { log.Printf("[WARN] %s", text) }

func (steampipe) Ask(string) (string, error) { return "", ErrNobody }

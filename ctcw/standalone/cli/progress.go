package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
)

// showProgress shows on a terminal how far the scans of the context returned are, until stop is called.
// Elsewhere it is silent.
func showProgress(ctx context.Context, w io.Writer) (counted context.Context, stop func()) {
	if !isTerminal(w) {
		return ctx, func() {}
	}
	counter := &progress.Counter{}
	ctx = progress.With(ctx, counter)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		began := time.Now()
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if !isAsking(ctx) {
					fmt.Fprint(w, clearLine+counter.Line(time.Since(began)))
				}
			case <-done:
				fmt.Fprint(w, clearLine)
				return
			}
		}
	}()
	return ctx, func() { close(done); <-ended }
}

package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
)

// showProgress counts the scans of the context returned and, on a terminal, shows how far they are until stop is called.
func showProgress(ctx context.Context, w io.Writer) (counted context.Context, counter *progress.Counter, stop func()) {
	counter = &progress.Counter{}
	ctx = progress.With(ctx, counter)
	if !isTerminal(w) {
		return ctx, counter, func() {}
	}
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
	return ctx, counter, func() { close(done); <-ended }
}

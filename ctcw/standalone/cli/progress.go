package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/progress"
)

// showProgress counts the scans of the context returned and, on a terminal, shows how far they are until stop is called.
func showProgress(ctx context.Context, w io.Writer) (counted context.Context, counter *progress.Counter, stop func()) {
	counter = &progress.Counter{}
	ctx = progress.With(ctx, counter)
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return ctx, counter, func() {}
	}
	const clear = "\r\x1b[K"
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		began := time.Now()
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprint(w, clear+counter.Line(time.Since(began)))
			case <-done:
				fmt.Fprint(w, clear)
				return
			}
		}
	}()
	return ctx, counter, func() { close(done); <-ended }
}

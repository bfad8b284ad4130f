// Package orphan notices that the process that started this one is gone.
package orphan

import (
	"context"
	"os"
	"time"
)

// Watch returns when the process that started this one has ended, however it ended, or with ctx. It looks
// every interval, as neither a signal nor a pipe tells on every system. The parent must be alive when Watch is
// called.
func Watch(ctx context.Context, interval time.Duration) {
	parent := os.Getppid()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for os.Getppid() == parent {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

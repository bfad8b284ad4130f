// Package heap sets when garbage is collected while accounts are scanned.
package heap

import (
	"os"
	"runtime/debug"
	"sync"
)

const (
	// ballast is counted as memory in use, and never is: no page of it is touched, so the system gives none.
	ballast = 112 << 20
	percent = 50
)

var (
	once sync.Once
	held []byte
)

// Steady has the collector wait until as much was allocated as half of what is in use and [ballast] make together. Go's
// own rule, as much as is in use, is a collection every few hundred calls where little is, and twice the memory where
// there is much: with ten thousand accounts. A GOGC in the environment is somebody's decision and stays.
func Steady() {
	once.Do(func() {
		if os.Getenv("GOGC") != "" {
			return
		}
		held = make([]byte, ballast)
		debug.SetGCPercent(percent)
	})
}

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

// hold sets the collector up once, and keeps the ballast.
var hold = sync.OnceValue(func() []byte {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	debug.SetGCPercent(percent)
	return make([]byte, ballast)
})

// Steady has the collector wait until as much was allocated as half of what is in use and [ballast] make together. Go's
// own rule, as much as is in use, is a collection every few hundred calls where little is, and twice the memory where
// there is much: with ten thousand accounts. A GOGC in the environment is somebody's decision and stays.
func Steady() { hold() }

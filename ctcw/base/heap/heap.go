// Package heap sets when garbage is collected while accounts are scanned. What the environment says of that is somebody's
// decision, and stays.
package heap

import (
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

const (
	// ballast is counted as memory in use, and never is: no page of it is touched, so the system gives none.
	ballast = 112 << 20
	percent = 50
	// roomy is the least limit of memory that leaves room beside the ballast, which counts for it, too.
	roomy = 4 * ballast
)

// hold sets the collector up once, and keeps the ballast.
var hold = sync.OnceValue(func() []byte {
	if decided(os.Getenv("GOGC"), debug.SetMemoryLimit(-1)) {
		return nil
	}
	debug.SetGCPercent(percent)
	return make([]byte, ballast)
})

// decided reports whether somebody said how much memory to use, or how little: with the ballast most of a small limit,
// the collector would run all the time.
func decided(gogc string, limit int64) bool { return gogc != "" || limit < roomy }

// Steady is a time in which the collector waits until as much was allocated as half of what is in use and [ballast] make
// together. Go's own rule, as much as is in use, is a collection every few hundred calls where little is, and twice the
// memory where there is much: with ten thousand accounts. With a GOGC, or a limit of memory that is small (GOMEMLIMIT, in
// Steampipe memory_max_mb), Go's own rule stays. The zero value is ready, for one goroutine.
type Steady struct{ begun bool }

var underway atomic.Int64

// Begin may be called again.
func (s *Steady) Begin() {
	if !s.begun {
		s.begun = true
		underway.Add(1)
		hold()
	}
}

// End gives the system back the memory that was needed, unless another such time goes on. It does not wait for that.
func (s *Steady) End() {
	if s.begun && underway.Add(-1) == 0 {
		go debug.FreeOSMemory()
	}
}

// rowsToFree is the variable that tells Steampipe's SDK after how many rows it frees memory.
const rowsToFree = "STEAMPIPE_FREE_MEM_INTERVAL"

// Uninterrupted keeps Steampipe's SDK, in this process, from collecting all garbage and giving all free memory back to the
// system before the first row of a query and every hundredth. The next rows need that memory again: ten thousand accounts
// took a fifth more time.
func Uninterrupted() {
	if _, set := os.LookupEnv(rowsToFree); !set {
		_ = os.Setenv(rowsToFree, "0") // fails for names that are none
	}
}

package scan

import (
	"context"
	"maps"
	"sync"
)

// memo remembers what was asked in one query, so that each thing is asked once however many rows need
// it, at the same time or later. The zero value is ready.
//
// What is asked belongs to nobody who waits for it: it goes on while anyone does, and is given up when all have gone.
// An answer that was given up is not remembered, so that a row which is read after a LIMIT was reached, or a list call
// beside one that ended, asks anew instead of finding the error of another's end.
type memo[V any] struct {
	mu     sync.Mutex
	asking map[string]*answer[V]
	known  map[string]result[V] // there is one for each region of ten thousand accounts
}

type result[V any] struct {
	value V
	err   error
}

type answer[V any] struct {
	done    chan struct{} // closed when the result is there
	result  result[V]
	waiting int
	giveUp  context.CancelFunc
}

// get returns the answer to key. Its error is that of asking, or of the caller's own context.
func (m *memo[V]) get(ctx context.Context, key string, ask func(context.Context) (V, error)) (V, error) {
	return m.begin(ctx, key, ask)()
}

// begin is a get that does not wait: what it returns does, and has to be called, once.
func (m *memo[V]) begin(ctx context.Context, key string, ask func(context.Context) (V, error)) func() (V, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.known[key]; ok {
		return func() (V, error) { return known.value, known.err }
	}
	a := m.asking[key]
	if a == nil {
		a = m.start(ctx, key, ask)
	}
	a.waiting++
	return func() (V, error) {
		select {
		case <-a.done:
			return a.result.value, a.result.err
		case <-ctx.Done():
			m.leave(key, a)
			var none V
			return none, context.Cause(ctx)
		}
	}
}

// start asks. The lock must be held.
func (m *memo[V]) start(ctx context.Context, key string, ask func(context.Context) (V, error)) *answer[V] {
	shared, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	a := &answer[V]{done: make(chan struct{}), giveUp: giveUp}
	if m.asking == nil {
		m.asking, m.known = map[string]*answer[V]{}, map[string]result[V]{}
	}
	m.asking[key] = a
	go func() {
		defer giveUp()
		growStack()
		a.result.value, a.result.err = ask(shared)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.asking[key] == a {
			delete(m.asking, key)
			m.known[key] = a.result
		}
		close(a.done)
	}()
	return a
}

// leave is called by who does not wait any longer.
func (m *memo[V]) leave(key string, a *answer[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a.waiting--; a.waiting > 0 {
		return
	}
	a.giveUp()
	if m.asking[key] == a {
		delete(m.asking, key)
	}
}

// forget drops what is known of key, so that it is asked for again.
func (m *memo[V]) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, key)
}

// forgetIf drops the answers for which match is true.
func (m *memo[V]) forgetIf(match func(V, error) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.known, func(_ string, known result[V]) bool { return match(known.value, known.err) })
}

// growStack makes room for a call of the AWS SDK, which is some 20 KiB deep. To grow by doubling on the way down, with
// all of it to copy each time, is a tenth of what a call costs.
//
//go:noinline
func growStack() (sum byte) {
	var room [24 << 10]byte
	for i := 0; i < len(room); i += 4096 {
		sum += room[i]
	}
	return sum
}

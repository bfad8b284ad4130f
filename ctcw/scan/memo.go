package scan

import "sync"

// memo remembers what was asked in one query, so that each thing is asked once however many rows need
// it, at the same time or later. The zero value is ready.
type memo[V any] struct {
	mu      sync.Mutex
	answers map[string]func() V
}

func (m *memo[V]) get(key string, ask func() V) V {
	m.mu.Lock()
	if m.answers == nil {
		m.answers = map[string]func() V{}
	}
	answer, ok := m.answers[key]
	if !ok {
		answer = sync.OnceValue(ask)
		m.answers[key] = answer
	}
	m.mu.Unlock()
	return answer()
}

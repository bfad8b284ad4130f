// Package statement is what the scans of one SQL statement have in common. It travels in the context, because the
// plugin's own interface has no place for it: Steampipe asks once for each table of a statement, and knows of no more.
package statement

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Statement is one SQL statement. Nil is none: it remembers nothing that was not read, and cannot be warned.
type Statement struct {
	mu       sync.Mutex
	unread   map[string]string // account → why
	warnings []string
}

type key struct{}

// With returns a context whose scans belong to a new statement, unless ctx has one already.
func With(ctx context.Context) (context.Context, *Statement) {
	if s := From(ctx); s != nil {
		return ctx, s
	}
	s := &Statement{unread: map[string]string{}}
	return context.WithValue(ctx, key{}, s), s
}

// From returns the statement of a context, nil when there is none.
func From(ctx context.Context) *Statement {
	s, _ := ctx.Value(key{}).(*Statement)
	return s
}

// NotRead notes that an account could not be read, or not in full, and why: "" where nobody wants to hear of that.
func (s *Statement) NotRead(account, why string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread[account] = why
}

// Unread is an account that could not be read in full, and why: "" where nobody wants to hear of that.
type Unread struct{ Account, Why string }

// Unread returns the accounts that could not be read in full, sorted.
func (s *Statement) Unread() []Unread {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Unread
	for account, why := range s.unread {
		all = append(all, Unread{account, why})
	}
	slices.SortFunc(all, func(a, b Unread) int { return strings.Compare(a.Account, b.Account) })
	return all
}

// Warn notes what whoever asked should know, and no row says.
func (s *Statement) Warn(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.warnings, text) {
		s.warnings = append(s.warnings, text)
	}
}

// Warnings returns what was warned of, each once.
func (s *Statement) Warnings() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.warnings))
}

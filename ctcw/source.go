package ctcw

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"weak"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"
)

// source is what the table reads from.
type source struct {
	connections connections
	queries     sync.Map // weak.Pointer[plugin.QueryContext] → *query
}

func newSource() *source {
	return &source{connections: connections{open: map[string]*connection{}}}
}

// query returns the state that all calls of one query share. The SDK splits "in" over a key column into
// one list call for each value and hands none of them anything in common but the query context, so the
// state is kept for as long as that lives.
func (s *source) query(ctx context.Context, d *plugin.QueryData) (*query, error) {
	key := weak.Make(d.QueryContext)
	if known, ok := s.queries.Load(key); ok {
		return known.(*query), nil
	}
	c, err := s.connections.get(ctx, d.Connection)
	if err != nil {
		return nil, err
	}
	known, loaded := s.queries.LoadOrStore(key, newQuery(d.Connection.Name, c))
	if !loaded {
		runtime.AddCleanup(d.QueryContext, func(key weak.Pointer[plugin.QueryContext]) { s.queries.Delete(key) }, key)
	}
	return known.(*query), nil
}

// list streams the rows of a connection. Only a connection whose own identity does not work is an
// error, and it is returned before the first row: the SDK loses an error that comes after rows.
func (s *source) list(ctx context.Context, d *plugin.QueryData, _ *plugin.HydrateData) (any, error) {
	q, err := s.query(ctx, d)
	if err != nil {
		return nil, err
	}
	err = q.rows(ctx, filterOf(d.Quals), func(rows ...*row) bool {
		// The SDK's row count is not safe for calls side by side.
		q.streaming.Lock()
		defer q.streaming.Unlock()
		for _, r := range rows {
			if d.RowsRemaining(ctx) == 0 {
				return false
			}
			d.StreamListItem(ctx, r)
		}
		return d.RowsRemaining(ctx) > 0
	})
	if err != nil {
		return nil, fmt.Errorf("connection %q: %w", q.name, err)
	}
	return nil, nil
}

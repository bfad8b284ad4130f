package ctcw

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"weak"

	"github.com/turbot/steampipe-plugin-sdk/v5/plugin"
	"github.com/turbot/steampipe-plugin-sdk/v5/query_cache"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/base/statement"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/scan"
)

// source is what the tables read from.
type source struct {
	connections connections
	queries     sync.Map // queryKey → *query
}

// query is a scan, and the stream that all its list calls send to.
type query struct {
	*scan.Query
	streaming sync.Mutex
}

func newSource() *source {
	return &source{connections: connections{open: map[string]*connection{}}}
}

// queryKey is what the calls of one query have in common, each for as long as it lives: the statement, in the embedded
// engine, or the query context. The SDK splits "in" over a key column into one list call for each value, and hands
// none of them anything else.
type queryKey struct {
	connection string
	statement  weak.Pointer[statement.Statement]
	context    weak.Pointer[plugin.QueryContext]
}

// query returns the state that all calls of one query share.
func (s *source) query(ctx context.Context, d *plugin.QueryData) (*query, error) {
	key := queryKey{connection: d.Connection.Name}
	asked := statement.From(ctx)
	if asked != nil {
		key.statement = weak.Make(asked)
	} else {
		key.context = weak.Make(d.QueryContext)
	}
	if known, ok := s.queries.Load(key); ok {
		return known.(*query), nil
	}
	c, err := s.connections.get(ctx, d.Connection)
	if err != nil {
		return nil, err
	}
	known, loaded := s.queries.LoadOrStore(key, &query{Query: scan.New(c.Connection)})
	forget := func(key queryKey) { s.queries.Delete(key) }
	switch {
	case loaded:
	case asked != nil:
		runtime.AddCleanup(asked, forget, key)
	default:
		runtime.AddCleanup(d.QueryContext, forget, key)
	}
	return known.(*query), nil
}

// list returns a list call that streams the rows of a connection, those of each account as it is done. Only a
// connection whose own identity does not work is an error, and it is returned only where there is no row: the SDK loses
// an error that comes after rows, and rows with it. A row says the same then.
func list[R trailRow](s *source, rows func(context.Context, *scan.Account, scan.Filter) []R) plugin.HydrateFunc {
	return func(ctx context.Context, d *plugin.QueryData, _ *plugin.HydrateData) (any, error) {
		q, err := s.query(ctx, d)
		if err != nil {
			return nil, err
		}
		var (
			filter  = filterOf(d.Quals)
			found   = map[string]bool{} // by ARN
			instead []R
		)
		err = q.Accounts(ctx, filter, d.QueryContext.Limit != nil, func(a *scan.Account) bool {
			some := rows(ctx, a, filter)
			// The SDK's row count is not safe for calls side by side.
			q.streaming.Lock()
			defer q.streaming.Unlock()
			for _, row := range some {
				if row.Base().OnlyIfNotFound() {
					instead = append(instead, row)
					continue
				}
				if d.RowsRemaining(ctx) == 0 {
					return false
				}
				found[row.Base().Trail.ARN] = true
				d.StreamListItem(ctx, row)
			}
			return d.RowsRemaining(ctx) > 0
		})
		if err != nil && len(found) == 0 {
			return nil, fmt.Errorf("connection %q: %w", d.Connection.Name, err)
		}
		for _, row := range instead {
			if !found[row.Base().Trail.ARN] {
				d.StreamListItem(ctx, row)
			}
		}
		warnOfUnused(ctx, d.Connection.Name, q.UnusedExempt())
		return nil, nil
	}
}

// asked makes rows of a scanned account without asking more of AWS.
func asked[R trailRow](rows func(*scan.Account, scan.Filter) []R) func(context.Context, *scan.Account, scan.Filter) []R {
	return func(_ context.Context, a *scan.Account, f scan.Filter) []R { return rows(a, f) }
}

// warnOfUnused says what of exempt matches no trail: someone believes in an exemption that is none. Whoever runs the
// statement is told, else it is in the log.
func warnOfUnused(ctx context.Context, connection string, globs []string) {
	if len(globs) == 0 {
		return
	}
	text := fmt.Sprintf("connection %q: exempt matches no trail: %s", connection, strings.Join(globs, ", "))
	if asked := statement.From(ctx); asked != nil {
		asked.Warn(text)
	} else {
		plugin.Logger(ctx).Warn(text)
	}
}

// exactly makes optional key columns. Rows that report a failure carry what the query filters on, so a cached
// answer to a wider query is none to a narrower one.
func exactly(columns ...string) plugin.KeyColumnSlice {
	var keys plugin.KeyColumnSlice
	for _, column := range columns {
		keys = append(keys, &plugin.KeyColumn{Name: column, Require: plugin.Optional, CacheMatch: query_cache.CacheMatchExact})
	}
	return keys
}

// filterOf reads the = and in of a query.
func filterOf(quals plugin.KeyColumnQualMap) scan.Filter {
	f := scan.Filter{}
	for column, of := range quals {
		for _, qual := range of.Quals {
			var values []string
			if list := qual.Value.GetListValue(); list != nil {
				for _, v := range list.Values {
					values = append(values, v.GetStringValue())
				}
			} else {
				values = []string{qual.Value.GetStringValue()}
			}
			f[column] = append(f[column], values)
		}
	}
	return f
}

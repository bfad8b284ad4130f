package engine

import (
	"context"
	"maps"
	"sync"

	"github.com/turbot/steampipe-plugin-sdk/v5/grpc/proto"
	"modernc.org/sqlite/vtab"
)

// Sharing. A statement may read a table many times: under two aliases, in a subquery that runs once for each
// outer row, once for each value of an IN list. The plugin is asked as rarely as that allows:
//
//   - Every scan of a table asks for all columns that any part of the statement uses of it. They are known
//     before the first scan, as SQLite plans the whole statement first. So two readers of the same rows never
//     cost two scans because they use different columns; the price is that a reader which needs few columns
//     may pay for those of another.
//   - A scan serves every later reader that wants the same rows or some of them: the engine filters. A full
//     scan serves them all.
//   - Where values come one after the other (a join, a correlated subquery, an IN list), each is a narrow scan
//     at first. After maxNarrow of them the next one leaves out the values that have varied, and serves the
//     rest. A list written by hand rarely has more values, a join rarely has fewer. Regions are never left out:
//     there are few, and each costs what it adds to all.
//   - Where the plugin could not read everything, a row may say of the very value that was looked for that it may be
//     where nothing could be read. A wide scan has no such row. So a value that it does not have is looked for
//     narrowly then: the same rows come out however many values there are.
//   - Scans live until the statement ends, even if a reader stops early: another may go on. Then they are
//     cancelled.
const maxNarrow = 8

var regionColumns = map[string]bool{"region": true, "home_region": true}

// quals are the "column = value" terms that are pushed down, by column.
type quals map[int]vtab.Value

// scan is one Execute call of the plugin, and the stream that it sends to.
type scan struct {
	proto.WrapperPlugin_ExecuteServer // the rest of the stream's methods; the SDK calls none in process

	source *source
	number int64
	quals  quals
	limit  int64 // -1: none

	mu      sync.Mutex
	inbox   []*proto.Row
	over    bool
	err     error
	arrived chan struct{} // holds a token when the inbox or over has changed

	// What follows belongs to SQLite's side, which is one goroutine at a time.
	rows    [][]vtab.Value
	indexes map[int]map[any][]int
}

// scan returns a scan that has the rows the quals select, and at least limit of them; it starts one if need be.
func (s *source) scan(q quals, limit int64) *scan {
	for _, started := range s.scans {
		if started.serves(q, limit) {
			return started
		}
	}
	return s.start(s.widen(q), limit)
}

func (s *source) start(q quals, limit int64) *scan {
	started := &scan{
		source:  s,
		number:  int64(len(s.scans)),
		quals:   q,
		limit:   limit,
		arrived: make(chan struct{}, 1),
		indexes: map[int]map[any][]int{},
	}
	s.scans = append(s.scans, started)
	request := s.request(started.quals, limit)
	go func() { started.finish(s.statement.engine.plugin.Execute(request, started)) }()
	return started
}

func (s *scan) serves(q quals, limit int64) bool {
	for column, value := range s.quals {
		if wanted, ok := q[column]; !ok || wanted != value {
			return false
		}
	}
	return s.limit < 0 || limit >= 0 && limit <= s.limit
}

// missed reports whether a scan that was widened may have left out a row about what could not be read.
func (s *scan) missed(q quals) bool {
	return len(s.quals) < len(q) && len(s.source.statement.shared.Unread()) > 0
}

// narrow returns a scan with exactly these quals.
func (s *source) narrow(q quals) *scan {
	for _, started := range s.scans {
		if started.limit < 0 && maps.Equal(started.quals, q) {
			return started
		}
	}
	return s.start(q, -1)
}

// widen returns the quals without those that have varied, once enough scans have had the same columns.
func (s *source) widen(q quals) quals {
	same := maps.Clone(q)
	peers := 0
	for _, peer := range s.scans {
		if len(peer.quals) != len(q) || !haveKeys(peer.quals, q) {
			continue
		}
		peers++
		maps.DeleteFunc(same, func(column int, value vtab.Value) bool {
			return peer.quals[column] != value && !s.keys[column].required && !regionColumns[s.columns[column].Name]
		})
	}
	if peers < maxNarrow {
		return q
	}
	return same
}

func haveKeys(q, keys quals) bool {
	for column := range keys {
		if _, ok := q[column]; !ok {
			return false
		}
	}
	return true
}

// Context implements the stream.
func (s *scan) Context() context.Context { return s.source.statement.ctx }

// Send implements the stream. It must be quick: while it runs, an error of the plugin and its end can both
// come in, and of those the SDK picks one.
func (s *scan) Send(response *proto.ExecuteResponse) error {
	s.mu.Lock()
	s.inbox = append(s.inbox, response.GetRow())
	s.mu.Unlock()
	s.wake()
	return nil
}

func (s *scan) finish(err error) {
	s.mu.Lock()
	s.over, s.err = true, err
	s.mu.Unlock()
	s.wake()
}

func (s *scan) wake() {
	select {
	case s.arrived <- struct{}{}:
	default:
	}
}

// poll takes in what has arrived, and reports whether that was the last of it.
func (s *scan) poll() bool {
	s.mu.Lock()
	inbox, over := s.inbox, s.over
	s.inbox = nil
	s.mu.Unlock()
	for _, row := range inbox {
		if row != nil {
			s.rows = append(s.rows, s.source.values(row))
		}
	}
	return over
}

// row returns the row at a position, waiting for it; nil after the last one.
func (s *scan) row(position int) ([]vtab.Value, error) {
	for position >= len(s.rows) {
		over := s.poll()
		if position < len(s.rows) {
			break
		}
		if over && s.Context().Err() == nil {
			return nil, s.source.statement.fail(s.err, s.source.connection)
		}
		select {
		case <-s.arrived:
		case <-s.Context().Done():
			return nil, context.Cause(s.Context())
		}
	}
	return s.rows[position], nil
}

// index returns the positions of the rows by their value in a column. The scan must be over.
func (s *scan) index(column int) map[any][]int {
	index := s.indexes[column]
	if index == nil {
		index = map[any][]int{}
		for position, row := range s.rows {
			k := canonical(row[column])
			index[k] = append(index[k], position)
		}
		s.indexes[column] = index
	}
	return index
}

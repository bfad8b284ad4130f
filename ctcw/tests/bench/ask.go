package main

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw"
	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/standalone/engine"
)

// question is a query for a new process to ask, through the plugin and the embedded engine.
type question struct {
	SQL       string
	Whole     bool          // of the whole organization rather than the caller's own account
	CountOnly bool          // the rows are counted, and not kept
	Patience  time.Duration // after which the query is cut short; 0 means never

	Connection string
	Profile    string // file for a CPU profile, if any, and with .heap behind it for one of the memory
}

// answer is what came of it.
type answer struct {
	Wall    time.Duration // from the query to its last row, with every connection to the endpoint still to be made
	Rows    []string      // sorted
	Count   int           // of the rows
	PeakMiB float64
	Cut     bool // short

	worked  time.Duration // processor time
	calls   calls
	refused int
}

func ask(q question) (a answer, err error) {
	e, err := engine.Open(ctcw.Server(), []engine.Connection{{Name: "bench", Config: q.Connection}}, "bench")
	if err != nil {
		return a, err
	}
	defer e.Close()
	if q.Profile != "" {
		file, err := os.Create(q.Profile)
		if err != nil {
			return a, err
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			return a, err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, cancel := context.WithCancel(context.Background())
	if q.Patience > 0 {
		ctx, cancel = context.WithTimeout(context.Background(), q.Patience)
	}
	defer cancel()
	start := time.Now()
	err = a.read(ctx, e, q)
	a.Wall = time.Since(start)
	a.PeakMiB = memory("self", "VmHWM")
	if q.Profile != "" && err == nil {
		err = writeHeap(q.Profile + ".heap")
	}
	slices.Sort(a.Rows)
	if a.Cut = ctx.Err() != nil; a.Cut {
		err = nil
	}
	return a, err
}

// read asks a query and reads its rows.
func (a *answer) read(ctx context.Context, e *engine.Engine, q question) error {
	rows, err := e.Query(ctx, q.SQL)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		a.Count++
		if !q.CountOnly {
			a.Rows = append(a.Rows, fmt.Sprint(rows.Values()...))
		}
	}
	return rows.Err()
}

// writeHeap writes what memory is in use, and by whom it was allocated.
func writeHeap(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return pprof.WriteHeapProfile(file)
}

// ask has a new process ask the endpoint while it makes trouble.
func (e *endpoint) ask(q question, t trouble) (a answer, err error) {
	if err := e.reset(t); err != nil {
		return a, err
	}
	q.Connection = e.connection(q.Whole)
	if *profiles != "" {
		q.Profile = fmt.Sprintf("%s/ask-%d-%.0f.pprof", *profiles, e.Accounts, t.Throttle*100)
	}
	a, worked, err := inChild[answer]("ask", q)
	if err != nil {
		return a, err
	}
	c, err := e.counted()
	a.worked, a.calls, a.refused = worked, c.Calls, c.Refused
	return a, err
}

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
	Connection, SQL string
	Profile         string // file for a CPU profile, if any
}

// answer is what came of it.
type answer struct {
	Wall    time.Duration // from the query to its last row, with every connection to the endpoint still to be made
	Rows    []string      // sorted
	PeakMiB float64

	calls calls
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
	start := time.Now()
	rows, err := e.Query(context.Background(), q.SQL)
	if err != nil {
		return a, err
	}
	defer rows.Close()
	for rows.Next() {
		a.Rows = append(a.Rows, fmt.Sprint(rows.Values()...))
	}
	a.Wall = time.Since(start)
	a.PeakMiB = memory("self", "VmHWM")
	slices.Sort(a.Rows)
	return a, rows.Err()
}

// ask has a new process ask an endpoint that throttles a share of the calls.
func (e *endpoint) ask(sql string, whole bool, throttle float64) (a answer, err error) {
	if err := e.reset(throttle); err != nil {
		return a, err
	}
	q := question{Connection: e.connection(whole), SQL: sql}
	if *profiles != "" {
		q.Profile = fmt.Sprintf("%s/ask-%d-%.0f.pprof", *profiles, e.Accounts, throttle*100)
	}
	if a, err = inChild[answer]("ask", q); err != nil {
		return a, err
	}
	a.calls, err = e.calls()
	return a, err
}

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/ctcw/steampipe-plugin-ctcw/ctcw/sample"
)

// trouble is what a sample organization makes of calls; the zero trouble is none.
type trouble struct {
	Throttle float64 // the share of the calls that is throttled
	Quotas   bool    // AWS's quotas are kept
	Hang     string  // a region that never answers
}

// counted are the calls since the last reset.
type counted struct {
	Calls   calls
	Refused int // how many of them were throttled
}

// control lets the parent count calls and make trouble.
func control(server *sample.Server) http.Handler {
	var (
		mu    sync.Mutex
		relax []func()
	)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) {
		all := server.Calls()
		c := counted{Calls: calls{}, Refused: all.Throttled("")}
		for call, n := range all.ByCall() {
			c.Calls[call.Action] += n
		}
		_ = json.NewEncoder(w).Encode(c) // a parent that is gone needs no answer
	})
	// Faults are drawn by what was counted before, so each measurement starts from zero.
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, r *http.Request) {
		var t trouble
		if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		for _, end := range relax {
			end()
		}
		relax = nil
		server.ResetCalls()
		server.SetQuotas(nil)
		if t.Throttle > 0 {
			relax = append(relax, server.Inject(sample.Fault{Kind: sample.Throttled, Rate: t.Throttle, Seed: 1}))
		}
		if t.Hang != "" {
			relax = append(relax, server.Inject(sample.Fault{Kind: sample.Hang, Region: t.Hang}))
		}
		if t.Quotas {
			server.SetQuotas(sample.AWSQuotas())
		}
	})
	return mux
}

// reset forgets the calls so far and makes trouble of those to come.
func (e *endpoint) reset(t trouble) error {
	encoded, err := json.Marshal(t)
	if err != nil {
		return err
	}
	response, err := http.Post(e.Control+"/reset", "application/json", bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// counted returns the calls since the last reset.
func (e *endpoint) counted() (c counted, err error) {
	response, err := http.Get(e.Control + "/calls")
	if err != nil {
		return c, err
	}
	defer response.Body.Close()
	return c, json.NewDecoder(response.Body).Decode(&c)
}

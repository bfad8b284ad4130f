package sample

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Server serves an Organization over HTTP. It is an http.Handler too.
type Server struct {
	checkSignatures bool
	checkTimes      bool

	mu    sync.Mutex // guards org
	org   *Organization
	index atomic.Pointer[index]

	clock    atomic.Pointer[func() time.Time]
	lastDate atomic.Pointer[dateText]
	latency  atomic.Int64
	sessions sessions
	calls    callCounter
	faults   faultList
	quotas   atomic.Pointer[buckets]

	// closing is done when the server is being closed; requests that wait for something end then.
	closing context.Context
	close   context.CancelFunc

	url         atomic.Pointer[string]
	lifecycle   sync.Mutex // guards http
	http        *http.Server
	running     sync.WaitGroup // Serve
	connections sync.WaitGroup
}

// Option changes how a Server works.
type Option func(*Server)

// WithoutSignatureCheck makes the server believe every signature, for benchmarks of something else. Keys and session tokens
// are still looked up.
func WithoutSignatureCheck() Option {
	return func(s *Server) { s.checkSignatures = false }
}

// WithSignatureTimes makes the server refuse signatures made more than five minutes before or after now by its clock, as AWS
// does. Without it any time in a signature will do, so that a clock that is set (SetClock) costs no client a retry.
func WithSignatureTimes() Option {
	return func(s *Server) { s.checkTimes = true }
}

// New makes a server for an organization and fills in the credentials that its accounts lack. From then on the organization is
// the server's: change it through Update only.
func New(org *Organization, options ...Option) *Server {
	s := &Server{checkSignatures: true, org: org}
	s.closing, s.close = context.WithCancel(context.Background())
	s.SetClock(time.Now)
	for _, option := range options {
		option(s)
	}
	s.Update(func(*Organization) {})
	return s
}

// Start serves on a free port of 127.0.0.1.
func (s *Server) Start() error {
	return s.Listen("127.0.0.1:0")
}

// Listen serves on an address, whose host must be 127.0.0.1: credentials that everyone knows have no business on a network.
func (s *Server) Listen(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	if host != "127.0.0.1" {
		return fmt.Errorf("sample: refusing to listen on %q: only 127.0.0.1 is served", host)
	}

	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	if s.closing.Err() != nil {
		return errors.New("sample: the server has been closed")
	}
	if s.http != nil {
		return errors.New("sample: the server is already listening")
	}
	listener, err := net.Listen("tcp4", addr)
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return s.closing },
		ConnState:         s.track,
	}
	url := "http://" + listener.Addr().String()
	s.url.Store(&url)
	s.running.Go(func() {
		// It always ends with an error, and with one that matters only if the listener breaks, which clients notice.
		_ = s.http.Serve(listener)
	})
	return nil
}

// track counts the open connections, so that Close can wait for their goroutines.
func (s *Server) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.connections.Add(1)
	case http.StateClosed:
		s.connections.Done()
	}
}

// URL is the address to give to clients as their endpoint; empty before the server listens.
func (s *Server) URL() string {
	if url := s.url.Load(); url != nil {
		return *url
	}
	return ""
}

// Close ends the server and every request it is still answering, and waits until none of its goroutines is left. A closed server
// cannot be started again.
func (s *Server) Close() error {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	s.close()
	if s.http == nil {
		return nil
	}
	err := s.http.Close()
	s.running.Wait()
	// A connection accepted while the first Close ran is closed by the second.
	err = errors.Join(err, s.http.Close())
	s.connections.Wait()
	return err
}

// SetLatency makes every answer take that long.
func (s *Server) SetLatency(d time.Duration) { s.latency.Store(int64(d)) }

// SetClock replaces the clock of the AWS that is served, which is the machine's unless set: answers have its time in their Date
// header, session tokens and signatures expire by it. What is served stays as it is; to have it move along, make it anew
// relative to the clock in Update. Latency and quotas take real time.
//
// The SDKs judge for themselves, by the machine's clock, when the credentials of a role have expired.
func (s *Server) SetClock(now func() time.Time) { s.clock.Store(&now) }

// Update changes the organization while it is being served. The requests already being answered see all of it as it was, later
// ones see all of it as it is. The function must not call the server.
func (s *Server) Update(change func(*Organization)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.org)
	s.org.complete()
	s.index.Store(newIndex(s.org))
}

// Calls are the requests received since the start or the last ResetCalls, retries and failures included.
func (s *Server) Calls() Calls { return s.calls.snapshot() }

// ResetCalls starts counting afresh.
func (s *Server) ResetCalls() { s.calls.reset() }

// Inject makes matching requests fail as the Fault says until remove is called. Of several faults that match the one injected
// first strikes. Requests that do not authenticate get their own error and count for no fault.
func (s *Server) Inject(f Fault) (remove func()) { return s.faults.inject(f) }

// scratch is the memory a request needs, kept for the next one.
type scratch struct {
	body   bytes.Buffer
	buffer []byte
}

var scratches = sync.Pool{New: func() any { return &scratch{buffer: make([]byte, 0, 4096)} }}

// maxBody is more than any request of the served operations needs.
const maxBody = 1 << 20

// ServeHTTP answers a request to any of the services.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mem := scratches.Get().(*scratch)
	defer scratches.Put(mem)
	mem.body.Reset()
	if _, err := mem.body.ReadFrom(io.LimitReader(r.Body, maxBody)); err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}

	q := &request{server: s, index: s.index.Load(), body: mem.body.Bytes(), id: requestID()}
	q.address(r)
	failure := s.authenticate(q, r, mem.buffer)
	call := Call{Action: q.action(), Region: q.region}
	if q.caller.member != nil {
		call.Account = q.caller.id
	}
	ordinal := s.calls.add(call)
	if quotas := s.quotas.Load(); failure == nil && quotas != nil && !quotas.take(call) {
		failure = &q.service.throttled
	}
	delay := time.Duration(s.latency.Load())
	if failure == nil {
		f := s.faults.pick(call, q.resource, ordinal)
		q.fault = f.Kind
		delay += f.Delay
	}
	if q.fault == Hang {
		s.wait(r.Context(), forever)
	}
	s.wait(r.Context(), delay)

	a := answer{status: http.StatusOK, contentType: q.format.contentType(), body: mem.buffer[:0]}
	if failure == nil {
		a.body, failure = q.run(a.body)
	}
	if failure == &q.service.throttled {
		s.calls.throttle(call)
	}
	if failure != nil {
		a.status = failure.status
		a.body = q.writeError(mem.buffer[:0], failure)
		if q.queryMode && q.service.queryCodes != nil {
			a.queryError = q.service.queryError(failure)
		}
	}
	mem.buffer = a.body[:0] // it may have grown
	a.spoil(q.fault, q.format)
	if len(a.body) > smallAnswer {
		s.wait(r.Context(), pause)
	}
	a.send(w, q)
}

// A large answer waits for a moment, because an answer may come back faster here than any network could bring it. The AWS SDK for
// Go then stops sending before net/http has noticed that the whole request is sent, which closes the connection and loses what
// is still to be read. A small answer has arrived by then.
const (
	smallAnswer = 2 << 10
	pause       = time.Millisecond
)

// forever is how long Hang waits.
const forever time.Duration = -1

// wait waits for a time, and gives the request up when the client or the server goes away.
func (s *Server) wait(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	case <-s.closing.Done():
		panic(http.ErrAbortHandler)
	}
}

// answer is what is sent back.
type answer struct {
	status      int
	contentType string
	queryError  string // the error in the words of AWS query, for clients that ask for them
	body        []byte
}

// send writes the answer, or half of it when the fault says so.
func (a *answer) send(w http.ResponseWriter, q *request) {
	header := w.Header()
	header.Set("Date", q.server.date())
	header.Set("X-Amzn-Requestid", q.id)
	header.Set("Content-Type", a.contentType)
	if q.format == formatCBOR {
		header.Set("Smithy-Protocol", rpcV2CBOR)
	}
	if a.queryError != "" {
		header.Set("X-Amzn-Query-Error", a.queryError)
	}
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if q.fault == Reset {
		// The client is promised more than it gets.
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	// A client that has gone away is no concern of ours.
	_, _ = w.Write(a.body)
}

// dateText is the text of a second.
type dateText struct {
	second int64
	text   string
}

// date is the Date header of an answer: the time by the server's clock.
func (s *Server) date() string {
	now := s.now()
	// Most answers are given in the same second as the one before.
	if last := s.lastDate.Load(); last != nil && last.second == now.Unix() {
		return last.text
	}
	text := now.UTC().Format(http.TimeFormat)
	s.lastDate.Store(&dateText{now.Unix(), text})
	return text
}

// requestID makes an id such as AWS gives to every request.
func requestID() string {
	var raw [16]byte
	binary.NativeEndian.PutUint64(raw[:8], rand.Uint64())
	binary.NativeEndian.PutUint64(raw[8:], rand.Uint64())
	id := hex.EncodeToString(raw[:])
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}

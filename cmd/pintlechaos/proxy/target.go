package proxy

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Request is one request to a Target.
type Request struct {
	// Key is the header Idempotency-Key.
	Key string
	// Body is the whole body.
	Body []byte
	// Path is the path of the URL.
	Path string
	// At is when the body had come in whole.
	At time.Time
	// Number counts the requests of this Key, from 1.
	Number int
}

// Answer is how a Target answers one request.
type Answer struct {
	// Commit keeps the request before anything is answered, as a server does whose answer is lost.
	Commit bool
	// Wait passes before the first byte of the answer.
	Wait time.Duration
	// Status is that of the answer; zero is 200 OK.
	Status int
	Header map[string]string
	Body   []byte
	Manner Manner
}

// Manner is how an answer is written.
type Manner int

// The manners.
const (
	// Whole is an answer as it should be.
	Whole Manner = iota
	// Nothing resets the connection instead of an answer.
	Nothing
	// HalfHead resets it in the middle of the headers, HalfBody in the middle of the body.
	HalfHead
	HalfBody
	// Drip writes the headers at once and then one byte of the body each 100 ms, for ever; DripHead does so with the headers.
	Drip
	DripHead
	// Giant writes a body of GiantBytes.
	Giant
	// Garbage writes bytes that are no HTTP, GiantHead a header larger than any client should take.
	Garbage
	GiantHead
)

// GiantBytes is the length of a giant body.
const GiantBytes = 256 << 20

// Commit is one request that a Target has kept.
type Commit struct {
	Key  string
	Body []byte
	At   time.Time
}

// Target is an HTTP server that answers as it is told. Its methods are safe for concurrent use.
type Target struct {
	server *http.Server
	addr   string
	scheme string
	done   chan error // the server's end

	mu       sync.Mutex // guards what follows
	decide   func(Request) Answer
	requests map[string]int // by key
	times    []time.Time    // of all requests
	commits  []Commit
}

// Serve starts a target on a free port of the loopback, with a certificate or nil. decide is asked for each request, by
// several goroutines at once. Close it.
func Serve(certificate *tls.Certificate, decide func(Request) Answer) (*Target, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a port for the target: %w", err)
	}
	t := &Target{addr: l.Addr().String(), scheme: "http", decide: decide, requests: make(map[string]int), done: make(chan error, 1)}
	if certificate != nil {
		t.scheme = "https"
		l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12})
	}
	t.server = &http.Server{Handler: t, ReadHeaderTimeout: time.Minute, ErrorLog: silent()}
	go func() { t.done <- t.server.Serve(l) }()
	return t, nil
}

// Addr returns where the target listens, URL the address for a sink.
func (t *Target) Addr() string { return t.addr }
func (t *Target) URL() string  { return t.scheme + "://" + t.addr + "/events" }

// Decide changes who decides.
func (t *Target) Decide(decide func(Request) Answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.decide = decide
}

// Commits returns what was kept, in the order in which it was.
func (t *Target) Commits() []Commit {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Commit(nil), t.commits...)
}

// Times returns when each request came in, in order.
func (t *Target) Times() []time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]time.Time(nil), t.times...)
}

// Close breaks all connections and ends the server.
func (t *Target) Close() error {
	err := t.server.Close()
	if end := <-t.done; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// ServeHTTP implements http.Handler.
func (t *Target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the request broke off: nothing was asked
	}
	a := t.take(Request{Key: r.Header.Get("Idempotency-Key"), Body: body, Path: r.URL.Path, At: time.Now()})
	if a.Wait > 0 {
		wait := time.NewTimer(a.Wait)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
			return
		}
	}
	a.write(w, r)
}

// take counts a request, asks for its answer and keeps it if that says so.
func (t *Target) take(r Request) Answer {
	t.mu.Lock()
	t.requests[r.Key]++
	r.Number = t.requests[r.Key]
	t.times = append(t.times, r.At)
	decide := t.decide
	t.mu.Unlock()
	a := decide(r)
	if a.Commit {
		t.mu.Lock()
		t.commits = append(t.commits, Commit{Key: r.Key, Body: r.Body, At: r.At})
		t.mu.Unlock()
	}
	return a
}

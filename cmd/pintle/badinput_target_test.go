package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

const targetHCL = `
pintle {
  data_dir = "./data"
}
source "file" "posts" {
  path   = "posts.jsonl"
  fields = {
    id     = "id"
    author = "author"
    text   = "text"
  }
}
sink "http" "api" {
  url           = %q
  allow_private = true
  timeout       = "300ms"
  body          = event.text
  content_type  = "text/plain"
}
sink "file" "copy" {
  path   = "copy.txt"
  format = "text"
  line   = event.text
}
pipeline "p" {
  from = [source.file.posts]
  route "all" {
    to = [sink.http.api, sink.file.copy]
  }
}
`

// targetPosts are three events, two of them of one person.
const targetPosts = `{"id":"1","author":"a","text":"zebra a1"}
{"id":"2","author":"b","text":"zebra b1"}
{"id":"3","author":"a","text":"zebra a2"}
`

// target is a back office that behaves badly: answer decides what it says to the n-th request, from 1.
type target struct {
	*httptest.Server
	answer func(w http.ResponseWriter, r *http.Request, n int)

	mu   sync.Mutex // guards seen
	seen []request
}

type request struct {
	body, key string
	at        time.Time
	took      bool // it was answered with success
}

func newTarget(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, n int)) *target {
	s := &target{answer: answer}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.seen = append(s.seen, request{body: string(body), key: r.Header.Get("Idempotency-Key"), at: time.Now()})
	n := len(s.seen)
	s.mu.Unlock()
	noted := &noting{ResponseWriter: w}
	s.answer(noted, r, n)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[n-1].took = noted.code == 0 || noted.code < 300
}

type noting struct {
	http.ResponseWriter
	code int
}

func (w *noting) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

func (s *target) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// took checks that the target said yes to each event once, in the order of each key, and that one event always has one key.
func (s *target) took(t *testing.T) {
	t.Helper()
	keys, bodies := map[string]string{}, []string{}
	for _, r := range s.requests() {
		if r.took {
			bodies = append(bodies, r.body)
		}
		if keys[r.body] == "" {
			keys[r.body] = r.key
		}
		if keys[r.body] != r.key || r.key == "" {
			t.Errorf("%q came with the keys %q and %q", r.body, keys[r.body], r.key)
		}
	}
	if first, second := slices.Index(bodies, "zebra a1"), slices.Index(bodies, "zebra a2"); len(bodies) != 3 || first < 0 || second < first {
		t.Errorf("the target took %q, want three, a1 before a2", bodies)
	}
}

// TestTargetsThatRefuse: a refusal is a dead letter with the target's reason, never tried again; "I have it" is as good as yes;
// and a wrong password stops the sink until somebody mends it, with all events kept for then.
func TestTargetsThatRefuse(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, code int, answer int) (place, *target, books, result) {
		t.Parallel()
		s := newTarget(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.WriteHeader(answer)
			_, _ = io.WriteString(w, "I do not want your zebra")
		})
		p := newPlace(t, fmt.Sprintf(targetHCL, s.URL), map[string]string{"posts.jsonl": targetPosts})
		b, r := p.runIdle(code)
		discreet(t, r)
		if n := len(p.lines("copy.txt")); n != 3 {
			t.Errorf("the other sink got %d events, want 3", n)
		}
		return p, s, b, r
	}
	t.Run("400", func(t *testing.T) {
		p, s, b, _ := run(t, 0, http.StatusBadRequest)
		b.want(t, 3, 0, 3, 0)
		for _, l := range p.letters() {
			if l.Stage != "sink" || l.At != "sink.http.api" || l.Code != "http 400" || l.Attempts != 1 || strings.Contains(l.Reason, confidential) {
				t.Errorf("dead letter %+v", l)
			}
		}
		if n := len(s.requests()); n != 3 {
			t.Errorf("%d requests, want 3: what was refused is not tried again", n)
		}
	})
	t.Run("409", func(t *testing.T) {
		p, s, b, _ := run(t, 0, http.StatusConflict)
		b.want(t, 3, 3, 0, 0)
		if n := len(s.requests()); n != 3 || len(p.letters()) != 0 {
			t.Errorf("%d requests and dead letters %+v, want 3 and none", n, p.letters())
		}
	})
	t.Run("401", func(t *testing.T) {
		p, _, b, r := run(t, 1, http.StatusUnauthorized)
		b.want(t, 3, 0, 0, 3)
		says(t, "the run", r.err, "sink.http.api", "http 401", "check headers and secret")
		mended := newTarget(t, func(http.ResponseWriter, *http.Request, int) {})
		p.write("pintle.hcl", fmt.Sprintf(targetHCL, mended.URL))
		b, _ = p.runIdle(0)
		b.want(t, 3, 3, 0, 0)
		mended.took(t)
		if n := len(p.lines("copy.txt")); n != 3 {
			t.Errorf("the other sink has %d lines after the second run, want 3", n)
		}
	})
}

// TestTargetsThatAskToWait are tried again until they take it: each event once, and in order.
func TestTargetsThatAskToWait(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request, n int){
		"429": func(w http.ResponseWriter, _ *http.Request, n int) {
			if n <= 2 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		},
		"500": func(w http.ResponseWriter, _ *http.Request, n int) {
			if n <= 3 {
				w.WriteHeader(http.StatusInternalServerError)
			}
		},
		"no answer": func(w http.ResponseWriter, r *http.Request, n int) {
			if n <= 2 {
				<-r.Context().Done() // the sink gives up
				w.WriteHeader(http.StatusGatewayTimeout)
			}
		},
		"cut off": func(_ http.ResponseWriter, _ *http.Request, n int) {
			if n <= 2 {
				panic(http.ErrAbortHandler)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTarget(t, answer)
			p := newPlace(t, fmt.Sprintf(targetHCL, s.URL), map[string]string{"posts.jsonl": targetPosts})
			b, r := p.runIdle(0)
			b.want(t, 3, 3, 0, 0)
			discreet(t, r)
			s.took(t)
			if dead := p.letters(); len(dead) > 0 {
				t.Errorf("dead letters %+v", dead)
			}
			if name == "429" {
				checkPause(t, s.requests())
			}
		})
	}
}

// checkPause checks that nothing came within the second that the first refusal asked for, but what was on its way already.
func checkPause(t *testing.T, seen []request) {
	t.Helper()
	last := map[string]time.Time{}
	for _, r := range seen {
		if before, again := last[r.body]; again && r.at.Sub(before) < 950*time.Millisecond {
			t.Errorf("%q came again after %v, and was asked to wait 1s", r.body, r.at.Sub(before))
		}
		last[r.body] = r.at
	}
}

// TestTargetThatIsDown: the events wait for it, status says for whom and why, other sinks go on; when it comes up they arrive
// by themselves.
func TestTargetThatIsDown(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	p := newPlace(t, fmt.Sprintf(targetHCL, "http://"+address), map[string]string{"posts.jsonl": targetPosts})
	h := p.start()
	s := h.await("the sink to wait", func(s hub.Status) bool {
		api := sinkNamed(s, "sink.http.api")
		return api.State == flow.StateWaiting && sinkNamed(s, "sink.file.copy").Behind == 0 && s.Books.Accepted == 3
	})
	if b := s.Books; b.InFlight != 3 || b.Delivered != 0 || !s.Balanced {
		t.Errorf("books while it is down: %+v", b)
	}
	says(t, "status", sinkNamed(s, "sink.http.api").Error, "cannot connect", "connection refused")
	says(t, "pintle status", p.pintle("status").out, "sink.http.api", "waiting")
	says(t, "the log", lineWith(h.err.String(), "waits and tries again"), "[WARN]", "block=sink.http.api", "connection refused")

	up := &target{answer: func(http.ResponseWriter, *http.Request, int) {}}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	up.Server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: up}}
	up.Start()
	defer up.Close()
	h.await("the events", func(s hub.Status) bool { return s.Books.Delivered == 3 })
	h.stop().want(t, 3, 3, 0, 0)
	up.took(t)
	says(t, "the log", lineWith(h.err.String(), "goes on"), "[INFO]", "block=sink.http.api")
}

func sinkNamed(s hub.Status, address string) hub.SinkStatus {
	for _, p := range s.Pipelines {
		for _, k := range p.Sinks {
			if k.Address == address {
				return k
			}
		}
	}
	return hub.SinkStatus{}
}

// freeAddress returns an address of this machine at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestARunUntilIdleSaysWhatItWaitsFor: with a target that is down it waited without a word, for ever.
func TestARunUntilIdleSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fmt.Sprintf(targetHCL, "http://"+freeAddress(t)), map[string]string{"posts.jsonl": targetPosts})
	h := p.start("--until-idle")
	await(t, "a word on what is waited for", func() bool { return strings.Contains(h.err.String(), "Ctrl-C ends the run") })
	says(t, "the run", h.err.String(), "still waiting, with 3 events in flight: sink.http.api waits: try", "connection refused", "what is in flight is kept")
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := h.wait(); code != 1 {
		t.Errorf("exit code %d, want 1: not everything has arrived", code)
	}
	says(t, "the end of the run", h.err.String(), "3 events still on the way")
}

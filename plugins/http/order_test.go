package httpsink_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

func TestKeysStayInOrder(t *testing.T) {
	var keys []string
	for range 20 {
		keys = append(keys, "a", "b", "c", "d", "e")
	}
	srv := serve(t, status(http.StatusOK))
	events := said(keys...)
	if got := outcomes(write(t, open(t, srv.URL, map[string]any{"concurrency": 8}), batch(t, events...))); strings.Trim(got, "done ") != "" {
		t.Errorf("outcomes %s, want all done", got)
	}
	at := make(map[string]int)
	for n, r := range srv.requests() {
		at[r.header.Get("Idempotency-Key")] = n
	}
	for i := range len(events) - 5 {
		if at[events[i].ID] > at[events[i+5].ID] {
			t.Errorf("%s came after %s, which has the same key", events[i].ID, events[i+5].ID)
		}
	}
}

// TestConcurrency checks that four requests are under way at once, and never five: each waits for three others.
func TestConcurrency(t *testing.T) {
	var mu sync.Mutex
	waiting := 0
	gate := make(chan struct{})
	srv := serve(t, func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		mine := gate
		if waiting++; waiting == 4 {
			close(gate)
			gate, waiting = make(chan struct{}), 0
		}
		mu.Unlock()
		<-mine
	})
	keys := strings.Split("a b c d e f g h i j k l", " ")
	s := open(t, srv.URL, map[string]any{"concurrency": 4})
	if got := outcomes(write(t, s, batch(t, said(keys...)...))); strings.Trim(got, "done ") != "" {
		t.Errorf("outcomes %s, want all done", got)
	}
}

func TestLaterEventsOfAKeyWait(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Idempotency-Key") {
		case "fb_1":
			w.WriteHeader(http.StatusInternalServerError)
		case "fb_4":
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
	})
	results := write(t, open(t, srv.URL, nil), batch(t, said("a", "a", "b", "a", "b", "b")...))
	if got, want := outcomes(results), "done retry done retry reject done"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if n := len(srv.requests()); n != 5 {
		t.Errorf("%d requests, want 5: the fourth event waits for the second", n)
	}
	if results[3].Message != "http 500: the target failed" {
		t.Errorf("the fourth waits because of %q, want the reason of the second", results[3].Message)
	}
}

func TestFatalStopsTheBatch(t *testing.T) {
	srv := serve(t, status(http.StatusUnauthorized))
	results := write(t, open(t, srv.URL, map[string]any{"concurrency": 1}), batch(t, said("a", "b", "c")...))
	if got, want := outcomes(results), "fatal fatal fatal"; got != want || len(srv.requests()) != 1 {
		t.Errorf("outcomes %q after %d requests, want %q after one", got, len(srv.requests()), want)
	}
}

func TestCancelGivesTheRestBack(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") == "fb_1" {
			cancel()
			<-r.Context().Done()
		}
	})
	s := open(t, srv.URL, map[string]any{"concurrency": 1})
	results, err := s.Write(ctx, batch(t, said("a", "b", "c")...))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := outcomes(results), "done retry retry"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
}

func TestOneBadEventDoesNotStopTheOthers(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") == "fb_0" {
			broken(t, "", true)(w, r)
		}
	})
	results := write(t, open(t, srv.URL, map[string]any{"concurrency": 1}), batch(t, said("a", "b", "c")...))
	if got, want := outcomes(results), "retry done done"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
}

// TestATargetThatAskedToWaitIsLeftAlone: the events of other keys were sent before the time that Retry-After had asked for.
func TestATargetThatAskedToWaitIsLeftAlone(t *testing.T) {
	busy := true // guarded by srv.mu
	srv := serve(t, nil)
	srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		srv.mu.Lock()
		defer srv.mu.Unlock()
		srv.seen = append(srv.seen, request{})
		if busy {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		}
		busy = false
	})
	s := open(t, srv.URL, map[string]any{"concurrency": 1})
	asked := time.Now()
	if got := outcomes(write(t, s, batch(t, said("a", "b")...))); got != "retry retry" {
		t.Fatalf("outcomes %q", got)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		r := write(t, s, batch(t, said("c")...))[0]
		if r.Outcome == sdk.Done {
			break
		}
		if r.After <= 0 || r.After > time.Second || len(srv.requests()) != 1 {
			t.Fatalf("another key got %+v after %d requests", r, len(srv.requests()))
		}
		<-time.After(r.After)
	}
	if took := time.Since(asked); took < time.Second || len(srv.requests()) != 2 {
		t.Errorf("%d requests, the second after %s; want it after a second", len(srv.requests()), took)
	}
}

package httpsink_test

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

func TestStatusDecides(t *testing.T) {
	for code, want := range map[int]sdk.Outcome{
		200: sdk.Done, 201: sdk.Done, 202: sdk.Done, 204: sdk.Done, 299: sdk.Done,
		301: sdk.Fatal, 302: sdk.Fatal, 303: sdk.Fatal, 304: sdk.Fatal, 307: sdk.Fatal, 308: sdk.Fatal, // without a Location
		400: sdk.Reject, 401: sdk.Fatal, 403: sdk.Fatal, 404: sdk.Reject, 405: sdk.Reject, 408: sdk.Retry, 409: sdk.Duplicate,
		410: sdk.Reject, 413: sdk.Reject, 415: sdk.Reject, 418: sdk.Reject, 422: sdk.Reject, 425: sdk.Retry, 429: sdk.Retry,
		500: sdk.Retry, 501: sdk.Retry, 502: sdk.Retry, 503: sdk.Retry, 504: sdk.Retry, 507: sdk.Retry,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Echo", words)
				w.WriteHeader(code)
				if code >= 400 {
					_, _ = w.Write([]byte(words))
				}
			})
			r := write(t, open(t, srv.URL, nil), batch(t, said("ada")...))[0]
			if r.Outcome != want {
				t.Errorf("%d gives %s, want %s", code, r.Outcome, want)
			}
			if want == sdk.Reject && r.Code != fmt.Sprintf("http %d", code) {
				t.Errorf("code %q, want the status", r.Code)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	at := time.Now().Add(time.Hour).UTC()
	for name, tc := range map[string]struct {
		header   string
		min, max time.Duration
	}{
		"seconds":        {"120", 2 * time.Minute, 2 * time.Minute},
		"zero":           {"0", 0, 0},
		"date":           {at.Format(http.TimeFormat), 59 * time.Minute, time.Hour},
		"date, RFC 850":  {at.Format("Monday, 02-Jan-06 15:04:05 GMT"), 59 * time.Minute, time.Hour},
		"date, asctime":  {at.Format(time.ANSIC), 59 * time.Minute, time.Hour},
		"date long gone": {"Sun, 06 Nov 1994 08:49:37 GMT", 0, 0},
		"centuries":      {"4294967295", sdk.MaxDuration, sdk.MaxDuration},
		"negative":       {"-5", 0, 0},
		"words":          {"soon", 0, 0},
		"nothing":        {"", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", tc.header)
				w.WriteHeader(http.StatusTooManyRequests)
			})
			r := write(t, open(t, srv.URL, nil), batch(t, said("ada")...))[0]
			if r.Outcome != sdk.Retry || r.After < tc.min || r.After > tc.max {
				t.Errorf("%s after %s, want a retry after %s to %s", r.Outcome, r.After, tc.min, tc.max)
			}
		})
	}
}

func TestRefusedFieldIsNamed(t *testing.T) {
	const kind = "application/problem+json; charset=utf-8"
	for name, tc := range map[string]struct{ kind, body, field string }{
		"pointer":             {kind, `{"errors":[{"detail":"` + words + `","pointer":"#/author/age"}]}`, "author/age"},
		"parameters":          {kind, `{"invalid-params":[{"name":"age","reason":"` + words + `"}]}`, "age"},
		"member":              {kind, `{"title":"` + words + `","field":"author.age"}`, "author.age"},
		"second error":        {kind, `{"errors":[{"field":"` + words + `"},{"field":"age"}]}`, "age"},
		"text instead":        {kind, `{"field":"` + words + `"}`, ""},
		"plain JSON":          {"application/json", `{"field":"age"}`, ""},
		"no JSON":             {kind, words, ""},
		"another shape":       {kind, `{"errors":"` + words + `"}`, ""},
		"longer than we read": {kind, `{"x":"` + strings.Repeat("a", 70<<10) + `","field":"age"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", tc.kind)
				w.WriteHeader(http.StatusUnprocessableEntity)
				_, _ = w.Write([]byte(tc.body))
			})
			want := []sdk.Result{sdk.RejectWith("http 422", tc.field, "the target refuses the event")}
			if diff := cmp.Diff(want, write(t, open(t, srv.URL, nil), batch(t, said("ada")...))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s := open(t, srv.URL, map[string]any{"timeout": "50ms", "concurrency": 1})
	results := write(t, s, batch(t, said("a", "b", "c", "d", "e", "f")...))
	if got, want := outcomes(results), "retry retry retry retry retry retry"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if n := len(srv.requests()); n != 3 {
		t.Errorf("%d requests, want that it gives up after the third without an answer", n)
	}
}

// broken answers by hand: it writes raw and closes the connection, at once if reset is set.
func broken(t *testing.T, raw string, reset bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		if reset {
			_ = conn.(*net.TCPConn).SetLinger(0)
		}
		_, _ = conn.Write([]byte(raw))
		_ = conn.Close()
	}
}

func TestBrokenAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		raw  string
		want sdk.Outcome
	}{
		"half a status":         {"HTTP/1.1 2", sdk.Retry},
		"half of the headers":   {"HTTP/1.1 200 OK\r\nContent-Le", sdk.Retry},
		"half of the body":      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", sdk.Done},
		"half of a refusal":     {"HTTP/1.1 422 No\r\nContent-Length: 100\r\nContent-Type: application/problem+json\r\n\r\n{\"fie", sdk.Reject},
		"another protocol":      {"SSH-2.0-" + words + "\r\n\r\n", sdk.Retry},
		"customer in a header":  {"HTTP/1.1 200 OK\r\n" + words + "\r\n\r\n", sdk.Retry},
		"customer as a status":  {"HTTP/1.1 999 " + words + "\r\nContent-Length: 0\r\n\r\n", sdk.Retry},
		"nothing but an ending": {"", sdk.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			srv := serve(t, broken(t, tc.raw, false))
			if r := write(t, open(t, srv.URL, nil), batch(t, said("ada")...))[0]; r.Outcome != tc.want {
				t.Errorf("result %+v, want %s", r, tc.want)
			}
		})
	}
}

// TestResetAfterCommit checks that a target which keeps our key has the event once, though its first answer was lost.
func TestResetAfterCommit(t *testing.T) {
	kept := make(map[string]int) // one request at a time
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Idempotency-Key")
		if kept[key]++; kept[key] == 1 {
			broken(t, "", true)(w, r)
			return
		}
		w.WriteHeader(http.StatusConflict)
	})
	s := open(t, srv.URL, map[string]any{"concurrency": 1})
	in := batch(t, said("ada")...)
	if r := write(t, s, in)[0]; r.Outcome != sdk.Retry {
		t.Errorf("first try: %+v, want retry", r)
	}
	if r := write(t, s, in)[0]; r.Outcome != sdk.Duplicate {
		t.Errorf("second try: %+v, want duplicate", r)
	}
	if len(kept) != 1 {
		t.Errorf("the target saw the keys %v, want one", kept)
	}
}

func TestServerThatIsDown(t *testing.T) {
	srv := httptest.NewServer(status(http.StatusOK))
	srv.Close()
	r := write(t, open(t, srv.URL, nil), batch(t, said("ada")...))[0]
	if r.Outcome != sdk.Retry || !strings.Contains(r.Message, "refused") {
		t.Errorf("result %+v, want a retry that says why", r)
	}
}

func TestCertificateNobodyKnows(t *testing.T) {
	srv := httptest.NewUnstartedServer(status(http.StatusOK))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	r := write(t, open(t, srv.URL, nil), batch(t, said("ada")...))[0]
	if r.Outcome != sdk.Retry || !strings.Contains(r.Message, "certificate") {
		t.Errorf("result %+v, want a retry that names the certificate", r)
	}
}

func TestThrottleStopsTheBatch(t *testing.T) {
	var n atomic.Int64
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 3 {
			w.Header().Set("Retry-After", "9")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	s := open(t, srv.URL, map[string]any{"concurrency": 1})
	results := write(t, s, batch(t, said("a", "b", "c", "d", "e")...))
	if got, want := outcomes(results), "done done retry retry retry"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if n.Load() != 3 || results[4].After != 9*time.Second {
		t.Errorf("%d requests, last waits %s; want 3 and 9s", n.Load(), results[4].After)
	}
}

// TestTheSlowBodyOfASuccessIsNotWaitedFor: a server that answered 200 and then sent its text byte by byte held up each request
// for the whole timeout.
func TestTheSlowBodyOfASuccessIsNotWaitedFor(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, ".")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	began := time.Now()
	if r := write(t, open(t, srv.URL, nil), batch(t, said("ada")...))[0]; r.Outcome != sdk.Done {
		t.Errorf("outcome %s, want done", r.Outcome)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s, want half a second", took)
	}
}

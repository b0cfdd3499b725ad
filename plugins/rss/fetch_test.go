package rss_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/plugins/rss"
	"github.com/pintle-hub/pintle/sdk"
)

// site is a server whose answers are scripted: the n-th request gets the n-th answer, and all later ones the last.
type site struct {
	*httptest.Server
	mu       sync.Mutex // guards all below
	requests []string   // path and conditions
	at       []time.Time
	answers  []http.HandlerFunc
}

func newSite(t testing.TB, answers ...http.HandlerFunc) *site {
	s := &site{answers: answers}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := min(len(s.requests), len(s.answers)-1)
	s.requests = append(s.requests, strings.TrimRight(fmt.Sprintf("%s %s %s", r.URL.Path, r.Header.Get("If-None-Match"),
		r.Header.Get("If-Modified-Since")), " "))
	s.at = append(s.at, time.Now())
	s.mu.Unlock()
	s.answers[n](w, r)
}

func (s *site) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

func (s *site) config() map[string]any {
	return map[string]any{"url": s.URL + "/feed", "allow_private": true}
}

// feed answers with entries and headers.
func feed(titles string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		var items []string
		for _, title := range strings.Fields(titles) {
			items = append(items, rssItem(title, title))
		}
		fmt.Fprint(w, rssFeed(items...))
	}
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

// looks reads the feed n times, each time from the last position, as a hub that is started anew would.
func looks(t *testing.T, config map[string]any, n int) (events []string, errs []error) {
	t.Helper()
	var at sdk.Position
	for range n {
		var out recorder
		errs = append(errs, look(t, config, at, &out))
		events = append(events, titles(out.events)...)
		if out.at != nil {
			at = out.at
		}
	}
	return events, errs
}

func wantLooks(t *testing.T, s *site, n int, events, requests string) {
	t.Helper()
	got, errs := looks(t, s.config(), n)
	for _, err := range errs {
		if err != nil {
			t.Errorf("Run: %v", err)
		}
	}
	if diff := cmp.Diff(strings.Fields(events), got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.Split(requests, "; "), s.seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestAsksOnlyForWhatChanged(t *testing.T) {
	s := newSite(t, feed("b a", "ETag", `"1"`, "Last-Modified", "Mon, 04 May 2026 10:00:00 GMT"), status(304),
		feed("c b a", "ETag", `"2"`), status(304))
	wantLooks(t, s, 4, "a b c", `/feed; /feed "1" Mon, 04 May 2026 10:00:00 GMT; /feed "1" Mon, 04 May 2026 10:00:00 GMT; /feed "2"`)
}

func TestKnowsAFeedThatIsTheSame(t *testing.T) {
	wantLooks(t, newSite(t, feed("b a"), feed("b a"), feed("c b a")), 3, "a b c", "/feed; /feed; /feed")
}

func TestLeavesOutAValidatorThatIsTooLong(t *testing.T) {
	wantLooks(t, newSite(t, feed("a", "ETag", strings.Repeat("x", 5000))), 2, "a", "/feed; /feed")
}

func TestFollowsALastingMove(t *testing.T) {
	for _, code := range []int{301, 308} {
		s := newSite(t, status(code, "Location", "/new"), feed("a"), feed("b a"))
		wantLooks(t, s, 2, "a b", "/feed; /new; /new")
	}
}

func TestFollowsAPassingMove(t *testing.T) {
	s := newSite(t, status(301, "Location", "/x"), status(302, "Location", "/new"), feed("a"),
		status(307, "Location", "/y"), feed("b a"))
	wantLooks(t, s, 2, "a b", "/feed; /x; /new; /feed; /y")
}

func TestReturnsFromAMoveThatFails(t *testing.T) {
	s := newSite(t, status(301, "Location", "/new"), feed("a", "ETag", "1"), status(404), feed("b a"))
	wantLooks(t, s, 2, "a b", "/feed; /new; /new 1; /feed")
}

func TestAnotherAddressInTheConfiguration(t *testing.T) {
	s := newSite(t, feed("a", "ETag", "1"), feed("b a", "ETag", "1"))
	var first, second recorder
	if err := look(t, s.config(), nil, &first); err != nil {
		t.Fatal(err)
	}
	config := s.config()
	config["url"] = s.URL + "/other"
	if err := look(t, config, first.at, &second); err != nil {
		t.Fatal(err)
	}
	if got := titles(second.events); !cmp.Equal(got, []string{"b"}) {
		t.Errorf("events %q, want what was not seen under the old address", got)
	}
	if diff := cmp.Diff([]string{"/feed", "/other"}, s.seen()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestErrorsOfServers(t *testing.T) {
	zeros := bytes.Repeat([]byte{0}, 1<<20)
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		code   sdk.Code
		want   string
		after  time.Duration
	}{
		{"gone", status(410), sdk.NotFound, "remove the source", 0},
		{"not found", status(404), sdk.NotFound, "http 404", 0},
		{"forbidden", status(403), sdk.Denied, "http 403", 0},
		{"too often", status(429, "Retry-After", "77"), sdk.Exhausted, "http 429", 77 * time.Second},
		{"busy", status(503, "Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)), sdk.Unavailable, "http 503", time.Hour},
		{"broken", status(500), sdk.Unavailable, "http 500", 0},
		{"not modified though nothing was there", status(304), sdk.NotFound, "http 304", 0},
		{"redirect loop", status(302, "Location", "/feed"), sdk.Invalid, "redirects more than 3 times", 0},
		{"redirect elsewhere", status(302, "Location", "file:///etc/passwd"), sdk.Invalid, "not http", 0},
		{"gzip bomb", gzipped(func(w http.ResponseWriter) {
			z := gzip.NewWriter(w)
			defer z.Close()
			for range 20 {
				_, _ = z.Write(zeros)
			}
		}), sdk.Invalid, "larger than 10 MiB", 0},
		{"gzip without end", gzipped(func(w http.ResponseWriter) {
			var empty bytes.Buffer
			z := gzip.NewWriter(&empty)
			_ = z.Close()
			block := bytes.Repeat(empty.Bytes(), 10_000)
			for {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}), sdk.Invalid, "larger than 10 MiB", 0},
		{"no gzip", gzipped(func(w http.ResponseWriter) { fmt.Fprint(w, "plain") }), sdk.Unavailable, "unpack", 0},
		{"another packing", feed("a", "Content-Encoding", "br"), sdk.Invalid, "packs", 0},
		{"without end", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		}, sdk.Invalid, "larger than 10 MiB", 0},
		{"cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "<rss>")
		}, sdk.Unavailable, "read the feed", 0},
		{"silent", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, sdk.Unavailable, "ask for the feed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := newSite(t, c.answer).config()
			if config["timeout"] = "20s"; c.name == "silent" {
				config["timeout"] = "100ms"
			}
			var out recorder
			err := look(t, config, nil, &out)
			if err == nil || sdk.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v of code %s, want one of code %s with %q", err, sdk.CodeOf(err), c.code, c.want)
			}
			if after := retryAfter(err); after > c.after || after < c.after-10*time.Second {
				t.Errorf("asks to wait %s, want %s", after, c.after)
			}
		})
	}
}

func gzipped(write func(http.ResponseWriter)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			http.Error(w, "not asked for", http.StatusNotAcceptable)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		write(w)
	}
}

func TestUnpacks(t *testing.T) {
	s := newSite(t, gzipped(func(w http.ResponseWriter) {
		z := gzip.NewWriter(w)
		defer z.Close()
		fmt.Fprint(z, rssFeed(rssItem("a", "a")))
	}))
	wantLooks(t, s, 1, "a", "/feed")
}

func TestGoesOnAfterPassingFaults(t *testing.T) {
	s := newSite(t, status(502), feed("a"), status(500), status(429, "Retry-After", "1"), status(404), feed("not a feed", "X", ""),
		feed("b a"), status(410))
	s.answers[5] = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }
	config := s.config()
	config["every"] = "5ms"
	source, err := open(config)
	if err != nil {
		t.Fatal(err)
	}
	var out recorder
	if err := source.Run(context.Background(), nil, &out); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("Run: %v, want that the feed is gone", err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, titles(out.events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if pause := s.at[4].Sub(s.at[3]); pause < time.Second {
		t.Errorf("came again %s after it was told to wait a second", pause)
	}
}

func TestEndsWithItsContext(t *testing.T) {
	s := newSite(t, feed("a"))
	source, err := open(s.config())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	var out recorder
	go func() { done <- source.Run(ctx, nil, &out) }()
	out.await(t, 1)
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
}

// A run until all is idle waits only for sources that say they can end.
func TestDeclaresThatOneLookCanBeAll(t *testing.T) {
	if !rss.Source().Finite {
		t.Error("a hub that is asked to end when all is read would not wait for the feed")
	}
}

func TestSaysAtOnceWhatNoLaterTryWouldMend(t *testing.T) {
	source, err := open(newSite(t, status(404)).config())
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Run(context.Background(), nil, &recorder{}); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("Run: %v", err)
	}
}

func TestRefusesPrivateAddresses(t *testing.T) {
	s := newSite(t, feed("a"))
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "127.9.9.9", "[::1]", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "10.1.2.3", "172.20.0.1",
		"192.168.1.1", "169.254.169.254", "100.64.1.1", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]",
		"224.0.0.1", "255.255.255.255", "192.0.0.8", "198.18.0.1", "240.0.0.1"} {
		err := look(t, map[string]any{"url": "http://" + host + port + "/feed"}, nil, &recorder{})
		if sdk.CodeOf(err) != sdk.Denied || !strings.Contains(err.Error(), "allow_private") {
			t.Errorf("%s: %v, want denied", host, err)
		}
	}
	if got := s.seen(); len(got) > 0 {
		t.Errorf("the server was asked: %q", got)
	}
}

func TestShowsNoSecretOfTheAddress(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	s := newSite(t, status(301, "Location", "/new?token=secret"), feed("a"))
	address := strings.Replace(s.URL, "//", "//user:secret@", 1) + "/secret?key=secret"
	config := map[string]any{"url": address, "allow_private": true}
	if err := look(t, config, nil, &recorder{}); err != nil {
		t.Fatalf("Run: %v", err)
	}
	s.Close()
	if err := look(t, config, nil, &recorder{}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v, want one without the address", err)
	}
	if !strings.Contains(log.String(), "moved for good") {
		t.Errorf("log: %s", &log)
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("log: %s", &log)
	}
}

func retryAfter(err error) time.Duration {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.RetryAfter
}

// TestAFeedThatWasReadIsLookedAtAgainAfterARestart: a hub that started while the site showed a page of its own instead of the
// feed gave the source up until somebody came.
func TestAFeedThatWasReadIsLookedAtAgainAfterARestart(t *testing.T) {
	s := newSite(t, feed("a"), status(404), feed("not a feed", "X", ""), feed("b a"), status(410))
	s.answers[2] = func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }
	config := s.config()
	var before, after recorder
	if err := look(t, config, nil, &before); err != nil {
		t.Fatal(err)
	}
	config["every"] = "5ms"
	source, err := open(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Run(context.Background(), before.at, &after); sdk.CodeOf(err) != sdk.NotFound {
		t.Errorf("Run: %v, want that the feed is gone", err)
	}
	if diff := cmp.Diff([]string{"b"}, titles(after.events)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

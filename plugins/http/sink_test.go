package httpsink_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	httpsink "github.com/pintle-hub/pintle/plugins/http"
	"github.com/pintle-hub/pintle/plugins/internal/cloudevent"
	"github.com/pintle-hub/pintle/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// request is what a server saw.
type request struct {
	method, path, body string
	header             http.Header
}

// server answers with the given handler and keeps what it saw.
type server struct {
	*httptest.Server
	mu   sync.Mutex
	seen []request
}

func serve(t testing.TB, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("server: %v", err)
		}
		s.mu.Lock()
		s.seen = append(s.seen, request{r.Method, r.URL.Path, string(body), r.Header})
		s.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// status answers every request with one status.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// open opens an http sink for a server of the test; more changes its configuration.
func open(t testing.TB, url string, more map[string]any) sdk.Sink {
	t.Helper()
	config := map[string]any{"url": url, "allow_private": true}
	for name, value := range more {
		config[name] = value
	}
	s, err := httpsink.Program().Sinks[0].Open(context.Background(), encode(t, config))
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	return s
}

func encode(t testing.TB, config map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func closeAfter(t testing.TB, s sdk.Sink) {
	t.Cleanup(func() {
		if err := s.(io.Closer).Close(); err != nil {
			t.Error(err)
		}
	})
}

const words = "the bell sounds like a duck"

// said makes one event of each key.
func said(keys ...string) []sdk.Event {
	var events []sdk.Event
	for i, key := range keys {
		events = append(events, sdk.Event{ID: fmt.Sprintf("fb_%d", i), Key: key, Time: time.Unix(1, 0), Feedback: &sdk.Feedback{Text: words}})
	}
	return events
}

func batch(t testing.TB, events ...sdk.Event) *sdk.Batch {
	t.Helper()
	in, err := sdk.BatchOf(events...)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// write writes a batch and checks that no word of a customer is in what comes back.
func write(t testing.TB, s sdk.Sink, in *sdk.Batch) []sdk.Result {
	t.Helper()
	results, err := s.Write(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != in.Len() {
		t.Fatalf("%d results for %d events", len(results), in.Len())
	}
	if shown := fmt.Sprint(results); strings.Contains(shown, "duck") {
		t.Errorf("results quote a customer: %s", shown)
	}
	return results
}

func outcomes(results []sdk.Result) string {
	var all []string
	for _, r := range results {
		all = append(all, r.Outcome.String())
	}
	return strings.Join(all, " ")
}

func TestSendsACloudEvent(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/records/7")
		w.WriteHeader(http.StatusCreated)
	})
	in := batch(t, said("ada")...)
	got := write(t, open(t, srv.URL+"/hook", map[string]any{"headers": map[string]string{"authorization": "Bearer x"}}), in)
	if diff := cmp.Diff([]sdk.Result{sdk.DoneWith("/records/7")}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	body, err := cloudevent.Marshal(in.Event(0))
	if err != nil {
		t.Fatal(err)
	}
	want := request{"POST", "/hook", string(body), http.Header{
		"Authorization": {"Bearer x"}, "Content-Type": {"application/cloudevents+json; charset=utf-8"}, "Idempotency-Key": {"fb_0"},
		"User-Agent": {"pintle"}, "Content-Length": {fmt.Sprint(len(body))},
	}}
	if diff := cmp.Diff(want, srv.requests()[0], cmp.AllowUnexported(request{})); diff != "" {
		t.Errorf("request (-want +got)\n%s", diff)
	}
}

func TestSendsTheBodyOfTheConfiguration(t *testing.T) {
	srv := serve(t, status(http.StatusNoContent))
	var b sdk.Builder
	column := sdk.Column{Name: sdk.AttrName("body", "")}
	values := []sdk.Value{sdk.StringValue(`{"a":1}`), {}, sdk.StringValue("")}
	events := said("a", "b", "c")
	for i := range events {
		if err := b.Add(&events[i]); err != nil {
			t.Fatal(err)
		}
		column.Set(i, values[i])
	}
	records, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	attrs, err := sdk.ColumnValues(&column, len(events))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, srv.URL, map[string]any{"body": true, "method": "PUT", "concurrency": 1})
	results := write(t, s, sdk.NewBatch(records, nil, nil, []*sdk.Values{attrs}))
	if got, want := outcomes(results), "done reject done"; got != want {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if results[1].Field != "body" {
		t.Errorf("rejected field %q, want body", results[1].Field)
	}
	first := srv.requests()[0]
	if first.method != "PUT" || first.body != `{"a":1}` || first.header.Get("Content-Type") != "application/json" {
		t.Errorf("request %+v", first)
	}
}

func TestIdempotencyKeyFitsInAHeader(t *testing.T) {
	srv := serve(t, status(http.StatusOK))
	events := []sdk.Event{
		{ID: "line\r\nbreak: é", Feedback: &sdk.Feedback{Text: words}},
		{ID: "in_1", Time: time.Unix(1, 0), Insight: &sdk.Insight{Title: "refund", People: 2}},
		{ID: "in_1", Time: time.Unix(2, 0), Insight: &sdk.Insight{Title: "refund", People: 3}},
	}
	write(t, open(t, srv.URL, map[string]any{"concurrency": 1}), batch(t, events...))
	var keys []string
	for _, r := range srv.requests() {
		keys = append(keys, r.header.Get("Idempotency-Key"))
	}
	if len(keys) != 3 || !strings.HasPrefix(keys[0], "ev_") || !strings.HasPrefix(keys[1], "in_1-") || keys[1] == keys[2] {
		t.Errorf("keys %q, want a hash, and one for each state of the insight", keys)
	}
}

func TestRejectsWhatIsNoJSON(t *testing.T) {
	srv := serve(t, status(http.StatusOK))
	e := sdk.Event{ID: "x", Type: "org.example.x", Data: []byte(words)}
	results := write(t, open(t, srv.URL, nil), batch(t, e))
	if results[0].Outcome != sdk.Reject || len(srv.requests()) != 0 {
		t.Errorf("result %+v after %d requests", results[0], len(srv.requests()))
	}
}

func TestRefusesConfigurations(t *testing.T) {
	for name, more := range map[string]map[string]any{
		"no host":             {"url": "https:///s3cret"},
		"another scheme":      {"url": "file:///s3cret"},
		"no address":          {"url": "https://a b/s3cret\x7f"},
		"user in the address": {"url": "https://u:s3cret@crm.example/"},
		"header with a break": {"headers": map[string]string{"X-Token": "s3cret\r\nX: y"}},
		"header with a space": {"headers": map[string]string{"X Token": "s3cret"}},
		"our own header":      {"headers": map[string]string{"idempotency-key": "s3cret"}},
		"content type":        {"content_type": "a/b\r\ns3cret"},
		"secret without name": {"secret": "s3cretAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"short secret":        {"secret": "whsec_czNjcmV0"},
	} {
		t.Run(name, func(t *testing.T) {
			config := map[string]any{"url": "https://crm.example/hook"}
			for k, v := range more {
				config[k] = v
			}
			_, err := httpsink.Program().Sinks[0].Open(context.Background(), encode(t, config))
			if sdk.CodeOf(err) != sdk.Invalid || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want an invalid one that does not quote", err)
			}
		})
	}
}

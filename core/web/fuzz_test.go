package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/core/web"
	"github.com/pintle-hub/pintle/sdk"
)

// answering is a hub with one dead letter, the seventh.
type answering struct{ troubled }

func (answering) Running() hub.Running { return hub.Running{} }
func (answering) Insights() []flow.Headline {
	return []flow.Headline{{Title: said}}
}
func (answering) DeadLetters(context.Context) ([]hub.DeadLetter, error) {
	return make([]hub.DeadLetter, 1), nil
}
func (answering) ReplayDead(_ context.Context, seq uint64) error { return seventh(seq) }
func (answering) DropDead(_ context.Context, seq uint64) error   { return seventh(seq) }
func (answering) Fsck(context.Context) (hub.Checked, error)      { return hub.Checked{}, nil }

func seventh(seq uint64) error {
	if seq != 7 {
		return sdk.Errorf(sdk.NotFound, "there is no dead letter %d", seq)
	}
	return nil
}

// FuzzAdmin asks that whatever comes over the admin socket, the answer is one that a client can read: a JSON value, or a problem
// that says what is wrong. A path may be anything that fits a request line.
func FuzzAdmin(f *testing.F) {
	for _, path := range []string{"/v1/status", "/v1/plan", "/v1/insights?limit=-1", "/v1/dead", "/metrics", "/v1/dead/7", "/v1/reload/", "//v1/status", "/v1/dead/7/replay/..", "*"} {
		f.Add(http.MethodGet, path, []byte(nil))
	}
	for _, path := range []string{"/v1/reload", "/v1/fsck?deep=%zz", "/v1/dead/7/replay", "/v1/dead/-1/replay", "/v1/dead/18446744073709551616/replay", "/v1/dead/%00/replay", "/v1/dead/%ff%2f7/replay"} {
		f.Add(http.MethodPost, path, []byte(`{"x":[`))
	}
	f.Add(http.MethodDelete, "/v1/dead/7", []byte("x"))
	f.Add("BREW", "/v1/dead/8", []byte(nil))
	s := &web.Server{Hub: answering{}, Reload: func(context.Context) (hub.Changes, error) {
		return hub.Changes{}, sdk.Errorf(sdk.Invalid, "a mistake in the configuration")
	}}
	handler := s.Handler()
	f.Fuzz(func(t *testing.T, method, path string, body []byte) {
		at, err := url.ParseRequestURI(path)
		if err != nil {
			return // net/http answers 400 before anybody of ours is asked
		}
		r := httptest.NewRequest("GET", "http://hub/", strings.NewReader(string(body)))
		r.Method, r.URL, r.RequestURI = method, at, path
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		checkAnswer(t, w.Result())
	})
}

// checkAnswer fails when an answer is a fault of the hub, or no JSON where it says so.
func checkAnswer(t *testing.T, a *http.Response) {
	t.Helper()
	text, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode >= 500 || a.StatusCode < 200 {
		t.Fatalf("status %d, %v: %.300q", a.StatusCode, err, text)
	}
	switch kind := a.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "text/plain; version="), a.StatusCode/100 == 3, a.StatusCode == http.StatusBadRequest && len(text) == 0:
		// figures, a path that is written in a roundabout way, and net/http's answer to a request for no path at all
	case kind == "application/problem+json":
		var p struct {
			Title, Detail string
			Status        int
		}
		if err := json.Unmarshal(text, &p); err != nil || p.Title == "" || p.Detail == "" || p.Status != a.StatusCode || a.StatusCode < 400 {
			t.Errorf("status %d with the problem %.300q: %v", a.StatusCode, text, err)
		}
	case kind != "application/json" || !json.Valid(text) || a.StatusCode != http.StatusOK:
		t.Errorf("status %d with %s: %.300q", a.StatusCode, kind, text)
	}
}

// A path that the hub does not know, or a method, is refused in the form of all errors, so that an older hub tells a newer client.
func TestACallThatIsNotThereIsAProblem(t *testing.T) {
	handler := (&web.Server{Hub: answering{}}).Handler()
	for _, call := range []string{"GET /v2/status", "POST /v1/status", "GET /", "PUT /v1/dead/7", "BREW /v1/dead"} {
		method, path, _ := strings.Cut(call, " ")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), method) || !strings.Contains(w.Body.String(), path) {
			t.Errorf("%s: status %d, %s", call, w.Code, w.Body)
		}
		checkAnswer(t, w.Result())
	}
}

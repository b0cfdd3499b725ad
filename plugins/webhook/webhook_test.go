package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

// unsigned is a configuration for tests in which signatures do not matter.
func unsigned(more ...any) map[string]any {
	config := map[string]any{"scheme": "none", "allow_unsigned": true, "path": "/in", "id_header": "Webhook-Id",
		"fields": map[string]string{"id": "post.id", "text": "text", "time": "at", "author": "by"}}
	for i := 0; i+1 < len(more); i += 2 {
		config[more[i].(string)] = more[i+1]
	}
	return config
}

func wantReply(t *testing.T, got reply, status int, body map[string]any) {
	t.Helper()
	if got.status != status {
		t.Errorf("status %d, want %d: %v", got.status, status, got.body)
		return
	}
	if diff := cmp.Diff(body, got.body); body != nil && diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestStoresWhatIsPosted(t *testing.T) {
	var out hub
	r := start(t, unsigned("kind", "review"), &out)
	got := r.post(`{"post":{"id":"p1"},"text":"hello","at":"2026-05-04T08:21:00Z","by":"ida","stars":4}`, "Webhook-Id", "w1")
	wantReply(t, got, 202, map[string]any{"accepted": 1.0})
	wantReply(t, r.post(` [{"text":"a"},{"post":{"id":"p2"},"text":"b"}]`, "Webhook-Id", "w2", "Content-Type", "application/x.y+json; charset=UTF-8"),
		202, map[string]any{"accepted": 2.0})
	want := sdk.Event{
		Time: time.Date(2026, 5, 4, 8, 21, 0, 0, time.UTC), Data: []byte(`{"stars":4}`),
		Feedback: &sdk.Feedback{
			Kind: "review", Text: "hello", Author: sdk.Author{ID: "ida", Handle: "ida"},
			Native: sdk.Native{Platform: "webhook", Instance: "/in", ID: "p1"},
		},
	}
	events := out.stored()
	if len(events) != 3 || out.calls != 2 {
		t.Fatalf("%d events in %d calls, want 3 in 2: a list is stored as one", len(events), out.calls)
	}
	if diff := cmp.Diff(want, events[0]); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if a, b := events[1].Feedback.Native.ID, events[2].Feedback.Native.ID; a != "w2/0" || b != "p2" {
		t.Errorf("ids %q and %q, want that of the delivery with its index, and its own", a, b)
	}
	if events[1].Time.IsZero() {
		t.Error("an event without a time of its own has none")
	}
}

func TestWithoutFieldsAllIsData(t *testing.T) {
	var out hub
	r := start(t, unsigned("fields", nil), &out)
	wantReply(t, r.post(`{"alert": {"level": 3}}`, "Webhook-Id", "w1"), 202, nil)
	e := out.stored()[0]
	if e.Feedback != nil || string(e.Data) != `{"alert": {"level": 3}}` || e.ID == "" {
		t.Errorf("event %+v", e)
	}
}

func TestSaysYesOnlyWhenItIsDurable(t *testing.T) {
	out := gated()
	r := start(t, unsigned(), out)
	answered := make(chan reply)
	go func() { answered <- r.post(`{"text":"a"}`, "Webhook-Id", "w1") }()
	<-out.entered
	wantReply(t, r.post(`{"text":"a"}`, "Webhook-Id", "w1"), 409, nil) // the same delivery, while the first is being stored
	select {
	case got := <-answered:
		t.Fatalf("it answered %d before the event was durable", got.status)
	default:
	}
	out.gate <- nil
	wantReply(t, <-answered, 202, map[string]any{"accepted": 1.0})
}

func TestDoesNotStoreTwice(t *testing.T) {
	out := gated()
	r := start(t, unsigned(), out)
	out.gate <- errors.New("the log is full")
	out.gate <- nil
	got := r.post(`{"text":"a"}`, "Webhook-Id", "w1")
	wantReply(t, got, 503, nil)
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	wantReply(t, r.post(`{"text":"a"}`, "Webhook-Id", "w1"), 202, nil)
	wantReply(t, r.post(`{"text":"a"}`, "Webhook-Id", "w1"), 200, map[string]any{"accepted": 0.0, "duplicate": true})
	out.gate <- nil
	wantReply(t, r.post(`{"text":"same"}`), 202, nil) // without a name the bytes are the name
	wantReply(t, r.post(`{"text":"same"}`), 200, map[string]any{"accepted": 0.0, "duplicate": true})
	if n := len(out.stored()); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}

func TestRefusesWhatItCannotRead(t *testing.T) {
	var out hub
	r := start(t, unsigned(), &out)
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name, body string
		headers    []string
		status     int
		detail     string
	}{
		{"empty", "", nil, 400, "neither a JSON object nor a list"},
		{"a word", `"secret"`, nil, 400, "neither a JSON object nor a list"},
		{"cut", `{"text":"secret`, nil, 400, "broken at byte 15"},
		{"cut list", `[{"text":"secret"}`, nil, 400, "not JSON"},
		{"two", `{"text":"secret"}{"text":"secret"}`, nil, 400, "broken at byte"},
		{"empty list", `[]`, nil, 400, "0 items"},
		{"long list", "[" + strings.Repeat("1,", 5000) + "1]", nil, 400, "5001 items"},
		{"not UTF-8", "{\"text\":\"secret\xff\"}", nil, 400, "not valid UTF-8"},
		{"bad time", `{"text":"secret","at":"secret"}`, nil, 400, "time is not written"},
		{"object for a text", `{"text":{"secret":1}}`, nil, 400, "object or a list"},
		{"deep", `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, nil, 400, "nests deeper"},
		{"nothing good in a list", `["secret",{"at":"secret"}]`, nil, 400, "time is not written"},
		{"long author", `{"by":"` + long[:2000] + `"}`, nil, 400, "author has 2000 bytes"},
		{"too large", `{"text":"` + long + `"}`, nil, 413, "more than 1048576 bytes"},
		{"too large an event", `{"text":"` + long[:len(long)-20] + `"}`, nil, 400, "makes an event of"},
		{"form", "text=secret", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "not JSON"},
		{"other alphabet", "{}", []string{"Content-Type", "application/json; charset=latin1"}, 415, "not JSON in UTF-8"},
		{"packed", "{}", []string{"Content-Encoding", "gzip"}, 415, "packed"},
		{"long name", "{}", []string{"Webhook-Id", long[:300]}, 401, "name of the delivery"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.t = t
			got := r.post(c.body, c.headers...)
			detail, _ := got.body["detail"].(string)
			if got.status != c.status || !strings.Contains(detail, c.detail) || strings.Contains(detail, "secret") {
				t.Errorf("status %d, %q; want %d with %q", got.status, detail, c.status, c.detail)
			}
			if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("content type %s", kind)
			}
		})
	}
	r.t = t
	if n := len(out.stored()); n > 0 {
		t.Errorf("%d events were stored", n)
	}
	if strings.Contains(r.log.String(), "secret") {
		t.Errorf("the log quotes what was posted: %s", r.log)
	}
}

func TestRejectsBadItemsOfAList(t *testing.T) {
	var out hub
	r := start(t, unsigned(), &out)
	got := r.post(`[{"text":"a"},7,{"text":"b","at":"soon"},{"text":"c"}]`, "Webhook-Id", "w1")
	wantReply(t, got, 202, map[string]any{"accepted": 2.0, "rejected": 2.0})
	var list []string
	for _, e := range out.stored() {
		if e.Type == sdk.TypeRejected {
			where, why, raw := sdk.RejectionOf(&e)
			list = append(list, fmt.Sprintf("%s: %s: %s", where, why, raw))
		} else {
			list = append(list, e.Text())
		}
	}
	want := []string{"a", "/in w1/1: it is not a JSON object: 7",
		`/in w1/2: its time is not written in the expected form; see time_format: {"text":"b","at":"soon"}`, "c"}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestOtherRequests(t *testing.T) {
	r := start(t, unsigned(), &hub{})
	got := r.do(http.MethodGet, r.url, nil)
	wantReply(t, got, 405, nil)
	if got.header.Get("Allow") != "POST" {
		t.Errorf("Allow %q", got.header.Get("Allow"))
	}
	wantReply(t, r.do(http.MethodPost, r.url+"/else", strings.NewReader("{}")), 404, nil)
	chunked := io.MultiReader(strings.NewReader(`{"text":"`), strings.NewReader(strings.Repeat("x", 2<<20)))
	wantReply(t, r.do(http.MethodPost, r.url, chunked), 413, nil)
	resp, err := http.NewRequest(http.MethodPost, r.url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Header.Set("X-Long", strings.Repeat("x", 64<<10))
	if got, err := http.DefaultClient.Do(resp); err != nil || got.StatusCode != 431 {
		t.Errorf("a long header: %v, %v; want 431", got, err)
	} else {
		got.Body.Close()
	}
}

func TestAsksToComeAgainWhenTheHubIsBusy(t *testing.T) {
	out := gated()
	r := start(t, unsigned("wait", "150ms"), out)
	before := time.Now()
	got := r.post(`{"text":"a"}`, "Webhook-Id", "w1")
	wantReply(t, got, 503, nil)
	if took := time.Since(before); took < 150*time.Millisecond || got.header.Get("Retry-After") == "" {
		t.Errorf("answered after %s, Retry-After %q", took, got.header.Get("Retry-After"))
	}
	out.gate <- nil
	wantReply(t, r.post(`{"text":"a"}`, "Webhook-Id", "w1"), 202, nil)
}

func TestTakesOnlySoManyAtOnce(t *testing.T) {
	out := gated()
	r := start(t, unsigned(), out)
	answers := make(chan reply)
	for i := range 65 {
		go func() { answers <- r.post(`{"text":"a"}`, "Webhook-Id", fmt.Sprint(i)) }()
	}
	wantReply(t, <-answers, 503, nil)
	close(out.gate)
	for range 64 {
		wantReply(t, <-answers, 202, nil)
	}
}

func TestFinishesWhatItHasBegun(t *testing.T) {
	out := gated()
	r := start(t, unsigned(), out)
	answered := make(chan reply)
	go func() { answered <- r.post(`{"text":"a"}`, "Webhook-Id", "w1") }()
	<-out.entered
	stopped := make(chan error)
	go func() { stopped <- r.stop() }()
	for {
		c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(r.url, "http://"), "/in"))
		if err != nil {
			break // it listens no more
		}
		c.Close()
	}
	out.gate <- nil
	wantReply(t, <-answered, 202, nil)
	if err := <-stopped; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestDoesNotWaitForeverForAHubThatDoesNotAnswer(t *testing.T) {
	out := gated()
	r := start(t, unsigned(), out)
	answered := make(chan reply)
	go func() { answered <- r.post(`{"text":"a"}`, "Webhook-Id", "w1") }()
	<-out.entered
	before := time.Now()
	if err := r.stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if took := time.Since(before); took > 6*time.Second {
		t.Errorf("it took %s to stop", took)
	}
	wantReply(t, <-answered, 503, nil)
}

func TestAnAddressInUse(t *testing.T) {
	r := start(t, unsigned(), &hub{})
	config := unsigned()
	config["listen"] = strings.TrimSuffix(strings.TrimPrefix(r.url, "http://"), "/in")
	s, err := open(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(context.Background(), nil, &hub{}); sdk.CodeOf(err) != sdk.Unavailable {
		t.Errorf("Run: %v, want unavailable", err)
	}
}

package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// The numbers are those of an example that other implementations publish, so they cannot come from our own code.
func TestKnownSignature(t *testing.T) {
	verify, err := newVerifier(SourceConfig{
		Scheme: "standard", Secret: sdk.NewSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Tolerance: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	h.Set("Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set("Webhook-Timestamp", "1614265330")
	h.Set("Webhook-Signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	d, err := verify(h, []byte(`{"test": 2432232314}`), time.Unix(1614265330+299, 0))
	if err != nil || d.id != "msg_p5jXN8AQM9LWM0D4loKWxJek" || d.at.Unix() != 1614265330 {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := verify(h, []byte(`{"test": 2432232314}`), time.Unix(1614265330+301, 0)); err != errTimestamp {
		t.Errorf("after five minutes: %v", err)
	}
}

func TestMemoryForgets(t *testing.T) {
	m := newMemory(10 * time.Minute)
	at := time.Unix(0, 0)
	for _, c := range []struct {
		after time.Duration
		want  standing
	}{{0, fresh}, {10 * time.Minute, stored}, {10*time.Minute + 1, fresh}} {
		if got := m.begin("a", at.Add(c.after)); got != c.want {
			t.Errorf("after %s it is %d, want %d", c.after, got, c.want)
		}
		m.end("a", true, at)
	}
	if m.begin("b", at); m.begin("b", at) != busy {
		t.Error("what is being stored is not known")
	}
	if m.end("b", false, at); m.begin("b", at) != fresh {
		t.Error("what could not be stored may not come again")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := newMemory(time.Hour)
	now := time.Now()
	for i := range maxRemembered + 1000 {
		key := fmt.Sprint(i)
		m.begin(key, now)
		m.end(key, true, now)
	}
	if len(m.known) != maxRemembered || m.begin("999", now) != fresh || m.begin("1000", now) != stored {
		t.Errorf("%d deliveries are remembered, want the last %d", len(m.known), maxRemembered)
	}
}

// checker takes events that the hub would take.
type checker struct {
	t      *testing.T
	events int
}

func (c *checker) Emit(_ context.Context, _ sdk.Position, events ...sdk.Event) error {
	if _, err := sdk.BatchOf(events...); err != nil {
		c.t.Errorf("the hub refuses the events: %v", err)
	}
	c.events = len(events)
	return nil
}

func (c *checker) Send(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	return c.Emit(ctx, at, events...)
}

// FuzzDelivery asks that whatever is posted, the answer is one of those that senders know, and its numbers are true.
func FuzzDelivery(f *testing.F) {
	for _, seed := range []string{`{"id":"1","text":"a","at":1777882860}`, `[{"text":"a"},7,{"at":"x"}]`, `[[]]`, `{"a":{"id":{}}}`, " \n[null]", "{"} {
		f.Add([]byte(seed), "w1")
	}
	config, _ := json.Marshal(map[string]any{"listen": "127.0.0.1:0", "scheme": "none", "allow_unsigned": true, "id_header": "Webhook-Id",
		"fields": map[string]string{"id": "a.id", "text": "text", "time": "at", "author": "by", "rating": "stars"}})
	s, err := Source().Open(context.Background(), config)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		out := &checker{t: t}
		r := s.(*source).newReceiver(out)
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
		req.Header.Set("Content-Type", "application/json")
		req.Header["Webhook-Id"] = []string{id}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		var got receipt
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("answer: %v", err)
		}
		switch w.Code {
		case http.StatusAccepted:
			if got.Accepted+got.Rejected != out.events || got.Accepted == 0 {
				t.Errorf("the answer counts %+v, the hub %d", got, out.events)
			}
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusRequestEntityTooLarge:
			if out.events > 0 {
				t.Errorf("status %d with %d events stored", w.Code, out.events)
			}
		default:
			t.Errorf("status %d", w.Code)
		}
	})
}

package generate_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/pintle-hub/pintle/plugins/generate"
	"github.com/pintle-hub/pintle/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a hub that dies after some calls; 0 means never.
type recorder struct {
	dieAfter int
	forget   bool
	events   []sdk.Event
	count    int
	calls    int
	at       sdk.Position
}

var errDead = errors.New("the hub is dead")

func (r *recorder) Send(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.dieAfter > 0 && r.calls == r.dieAfter {
		return errDead
	}
	r.calls++
	r.at = append(sdk.Position(nil), at...)
	r.count += len(events)
	if !r.forget {
		r.events = append(r.events, events...)
	}
	return nil
}

func (r *recorder) Emit(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	return r.Send(ctx, at, events...)
}

func open(t testing.TB, config map[string]any) sdk.Source {
	t.Helper()
	raw, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	s, err := generate.Source().Open(context.Background(), raw)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return s
}

func TestEventsAreTheSameInEveryRun(t *testing.T) {
	var first, second recorder
	for _, out := range []*recorder{&first, &second} {
		if err := open(t, map[string]any{"count": 1500, "keys": 10}).Run(context.Background(), nil, out); err != nil {
			t.Fatalf("Run: %v", err)
		}
	}
	if diff := cmp.Diff(first.events, second.events); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
	e := first.events[1234]
	if e.ID != "g-000001234" || !e.Time.Equal(time.Date(2026, 1, 1, 0, 0, 1, 234e6, time.UTC)) {
		t.Errorf("event 1234 has id %s and time %s", e.ID, e.Time)
	}
	authors, texts, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range first.events {
		fb := first.events[i].Feedback
		authors[fb.Author.ID], texts[fb.Text], ids[first.events[i].ID] = true, true, true
	}
	if len(authors) != 10 || !authors["u0009"] || len(texts) < 500 || len(ids) != 1500 {
		t.Errorf("%d authors, %d texts, %d ids; want 10, many and 1500", len(authors), len(texts), len(ids))
	}
}

func TestSizeIsWhatTheHubStores(t *testing.T) {
	for _, size := range []int{128, 300, 5000} {
		var out recorder
		if err := open(t, map[string]any{"count": 512, "size": size}).Run(context.Background(), nil, &out); err != nil {
			t.Fatalf("Run: %v", err)
		}
		var b sdk.Builder
		for i := range out.events {
			if err := b.Add(&out.events[i]); err != nil {
				t.Fatalf("the hub refuses the event: %v", err)
			}
			if b.Full() {
				t.Fatal("the test's batch is full")
			}
			if i == 99 {
				break
			}
		}
		if got := b.Size() / b.Len(); got < size*97/100 || got > size*103/100 {
			t.Errorf("size %d: an event has %d bytes", size, got)
		}
	}
}

func TestResumesAtEveryBorder(t *testing.T) {
	config := map[string]any{"count": 2000}
	var whole recorder
	if err := open(t, config).Run(context.Background(), nil, &whole); err != nil {
		t.Fatalf("Run: %v", err)
	}
	for n := 1; n <= whole.calls; n++ {
		first := recorder{dieAfter: n}
		if err := open(t, config).Run(context.Background(), nil, &first); (err == nil) != (n == whole.calls) {
			t.Fatalf("killed after %d calls: %v", n, err)
		}
		var second recorder
		if err := open(t, config).Run(context.Background(), first.at, &second); err != nil {
			t.Fatalf("Run: %v", err)
		}
		if diff := cmp.Diff(whole.events, append(first.events, second.events...)); diff != "" {
			t.Fatalf("killed after %d calls:\n%s", n, diff)
		}
	}
}

func TestManyDigits(t *testing.T) {
	var out recorder
	err := open(t, map[string]any{"count": 1_000_000_002}).Run(context.Background(), sdk.Position("999999999"), &out)
	if err != nil || len(out.events) != 3 || out.events[0].ID != "g-999999999" || out.events[2].ID != "g-1000000001" {
		t.Errorf("%v, events %v", err, out.events)
	}
}

func TestRate(t *testing.T) {
	for _, rate := range []float64{0.5, 10, 4000} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			var out recorder
			if err := open(t, map[string]any{"rate": rate}).Run(ctx, nil, &out); err != nil {
				t.Fatalf("Run: %v", err)
			}
			if want := int(20 * rate); out.count < want-1 || out.count > want {
				t.Errorf("%d events in 20 s at %g a second", out.count, rate)
			}
		})
	}
}

func TestEndlessEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := open(t, nil).Run(ctx, nil, &recorder{}); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	for config, want := range map[string]string{
		`{"start":"soon"}`:  "start",
		`{"rate":0.000001}`: "rate",
		`{"rate":-1}`:       "rate",
	} {
		if _, err := generate.Source().Open(context.Background(), []byte(config)); sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("Open of %s: %v", config, err)
		}
	}
	for _, from := range []string{"x", "-1"} {
		if err := open(t, nil).Run(context.Background(), sdk.Position(from), &recorder{}); sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("position %s: %v", from, err)
		}
	}
	if err := open(t, nil).Run(context.Background(), nil, &recorder{dieAfter: 3}); !errors.Is(err, errDead) {
		t.Errorf("a hub that dies: %v", err)
	}
}

func TestNullTakesAll(t *testing.T) {
	s, err := generate.Sink().Open(context.Background(), nil)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	batch, err := sdk.BatchOf(sdk.Event{ID: "a", Data: []byte("{}"), Type: "x.y"}, sdk.Event{ID: "b", Feedback: &sdk.Feedback{}})
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Write(context.Background(), batch)
	if diff := cmp.Diff([]sdk.Result{{}, {}}, results); err != nil || diff != "" {
		t.Errorf("Write: %v, results (-want +got):\n%s", err, diff)
	}
}

func BenchmarkGenerate(b *testing.B) {
	const events = 1 << 20
	s := open(b, map[string]any{"count": events})
	n := 0
	for b.Loop() {
		out := recorder{forget: true}
		if err := s.Run(context.Background(), nil, &out); err != nil || out.count != events {
			b.Fatalf("%d events, %v", out.count, err)
		}
		n += out.count
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

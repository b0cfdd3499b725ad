package rss_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pintle-hub/pintle/plugins/rss"
	"github.com/pintle-hub/pintle/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a hub that dies after some calls; 0 means never.
type recorder struct {
	dieAfter int

	mu      sync.Mutex // guards all below
	events  []sdk.Event
	at      sdk.Position
	calls   int
	changed chan struct{}
}

var errDead = errors.New("the hub is dead")

func (r *recorder) Send(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dieAfter > 0 && r.calls == r.dieAfter {
		return errDead
	}
	r.calls++
	r.at = append(sdk.Position(nil), at...)
	r.events = append(r.events, events...)
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
	return ctx.Err()
}

func (r *recorder) Emit(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	return r.Send(ctx, at, events...)
}

// await returns the events when there are n of them.
func (r *recorder) await(t *testing.T, n int) []sdk.Event {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		r.mu.Lock()
		events := append([]sdk.Event(nil), r.events...)
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		changed := r.changed
		r.mu.Unlock()
		if len(events) >= n {
			return events
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%d events after 10 s, want %d", len(events), n)
		}
	}
}

func open(config map[string]any) (sdk.Source, error) {
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return rss.Source().Open(context.Background(), raw)
}

// look reads the feed once.
func look(t testing.TB, config map[string]any, from sdk.Position, out *recorder) error {
	t.Helper()
	s, err := open(config)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	err = s.Run(sdk.WithOnce(context.Background()), from, out)
	if len(out.at) > sdk.MaxPosition {
		t.Errorf("the position has %d bytes", len(out.at))
	}
	for start := 0; start < len(out.events); start += 100 {
		if _, err := sdk.BatchOf(out.events[start:min(start+100, len(out.events))]...); err != nil {
			t.Errorf("the hub refuses the events: %v", err)
		}
	}
	return err
}

func ids(events []sdk.Event) []string {
	var list []string
	for i := range events {
		if e := &events[i]; e.ID != "" {
			list = append(list, e.ID)
		} else {
			list = append(list, sdk.FeedbackID(e.Feedback.Native))
		}
	}
	return list
}

func titles(events []sdk.Event) []string {
	var list []string
	for i := range events {
		if e := &events[i]; e.Feedback != nil {
			list = append(list, e.Feedback.Title)
		} else {
			_, reason, _ := sdk.RejectionOf(e)
			list = append(list, reason)
		}
	}
	return list
}

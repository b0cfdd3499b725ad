package file_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/plugins/file"
	"github.com/pintle-hub/pintle/sdk"
)

// recorder is a hub that takes everything, or dies after some calls.
type recorder struct {
	dieAfter int // calls that are stored; 0 means all

	mu      sync.Mutex // guards all below
	events  []sdk.Event
	at      sdk.Position
	calls   int
	changed chan struct{}
}

var errDead = errors.New("the hub is dead")

func (r *recorder) Emit(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	return r.Send(ctx, at, events...)
}

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

// await returns the events when there are n of them.
func (r *recorder) await(t testing.TB, n int) []sdk.Event {
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
			t.Fatalf("%d events after 10 s, want %d: %q", len(events), n, texts(events))
		}
	}
}

func (r *recorder) position() sdk.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func openSource(config map[string]any) (sdk.Source, error) {
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return file.Source().Open(context.Background(), raw)
}

// run reads to the end from a position, and checks every event against the contract.
func run(t testing.TB, config map[string]any, from sdk.Position, out *recorder) error {
	t.Helper()
	s, err := openSource(config)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	err = s.Run(sdk.WithOnce(context.Background()), from, out)
	for start := 0; start < len(out.events); start += sdk.MaxEvents {
		if _, err := sdk.BatchOf(out.events[start:min(start+sdk.MaxEvents, len(out.events))]...); err != nil {
			t.Errorf("the hub refuses the events: %v", err)
		}
	}
	return err
}

// readAll reads a file of the given contents.
func readAll(t testing.TB, contents string, config map[string]any) []sdk.Event {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.jsonl")
	put(t, path, contents)
	config["path"] = path
	var out recorder
	if err := run(t, config, nil, &out); err != nil {
		t.Fatalf("Run: %v", err)
	}
	return out.events
}

func put(t testing.TB, path, contents string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
}

// add appends to a file without closing the writer's eyes to renames: it opens by path.
func add(t testing.TB, path, contents string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(contents); err != nil {
		t.Fatal(err)
	}
}

// texts is what the events say; a rejection says where it stands and why.
func texts(events []sdk.Event) []string {
	var list []string
	for i := range events {
		if e := &events[i]; e.Type == sdk.TypeRejected {
			where, why, _ := sdk.RejectionOf(e)
			list = append(list, filepath.Base(where)+": "+why)
		} else if e.Feedback != nil {
			list = append(list, e.Text())
		} else {
			list = append(list, string(e.Data))
		}
	}
	return list
}

// ids are the identities of events as the hub will see them.
func ids(events []sdk.Event) []string {
	var list []string
	for i := range events {
		e := &events[i]
		if e.ID != "" {
			list = append(list, e.ID)
		} else {
			list = append(list, sdk.FeedbackID(e.Feedback.Native))
		}
	}
	return list
}

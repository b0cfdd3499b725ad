package sdktest

import (
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// SourceRun is a source beside a hub's memory of it: the events and the position that were stored. Every call opens the source
// anew, as after a restart, and reads on from the stored position. Used by one goroutine.
type SourceRun struct {
	t        testing.TB
	link     *link
	instance wire.Instance
	epoch    uint64

	stored   []sdk.Event
	position sdk.Position
}

// Source prepares the source of type typ. It fails the test when the program has no such source or the configuration does not
// fit its schema.
func Source(t testing.TB, p sdk.Program, typ string, config any) *SourceRun {
	t.Helper()
	return newSource(t, p, typ, config, 0)
}

func newSource(t testing.TB, p sdk.Program, typ string, config any, patience time.Duration) *SourceRun {
	t.Helper()
	i := slices.IndexFunc(p.Sources, func(s sdk.SourceSpec) bool { return s.Type == typ })
	if i < 0 {
		t.Fatalf("program %q has no source %q", p.Name, typ)
	}
	s, err := settingsOf(p.Sources[i].Schema, config)
	if err != nil {
		t.Fatalf("configuration of source %q: %v", typ, err)
	}
	return &SourceRun{t: t, link: serve(t, p, patience), instance: wire.Instance{Name: typ, Type: typ, Config: s.json}}
}

// Collect lets the source read all there is now (sdk.Once is true), stores it and returns what is new.
func (r *SourceRun) Collect() []sdk.Event {
	r.t.Helper()
	from := len(r.stored)
	s := r.start(true)
	defer s.Close()
	for r.store(s) {
	}
	return r.stored[from:]
}

// CollectWhile lets the source run as it does in a hub while do runs, then drains it, and returns what was stored. It is for
// sources that wait for others: do calls the webhook, or writes to the file that is followed.
func (r *SourceRun) CollectWhile(do func()) []sdk.Event {
	r.t.Helper()
	from := len(r.stored)
	s := r.start(false)
	defer s.Close()
	drained := make(chan error, 1)
	go func() {
		defer func() { // also when do ends its goroutine
			drained <- s.Drain()
			time.AfterFunc(r.link.patience, s.Close)
		}()
		do()
	}()
	for {
		records, id, err := s.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			r.t.Fatalf("source %q fails, or goes on for %v after it was drained: %v", r.instance.Type, r.link.patience, err)
		}
		r.keep(s, records, id)
	}
	if err := <-drained; err != nil {
		r.t.Fatalf("drain source %q: %v", r.instance.Type, err)
	}
	return r.stored[from:]
}

// KillAt stores n batches, takes one more without acknowledging it and ends the source there, as a crash would. It reports
// whether there was one more: false means that the source came to its end before.
func (r *SourceRun) KillAt(n int) bool {
	r.t.Helper()
	s := r.start(true)
	defer r.link.awaitEnd(r.t)
	defer s.Close()
	for range n {
		if !r.store(s) {
			return false
		}
	}
	_, _, ok := r.next(s)
	return ok
}

// Resume makes the next call read from at, with the memory of no event: nil is the first start.
func (r *SourceRun) Resume(at sdk.Position) { r.position, r.stored = slices.Clone(at), nil }

// Events returns everything that was stored, in order.
func (r *SourceRun) Events() []sdk.Event { return r.stored }

// Position returns the stored position, nil before the first.
func (r *SourceRun) Position() sdk.Position { return r.position }

// start opens the source and lets it read on.
func (r *SourceRun) start(once bool) *wire.SourceSession {
	r.t.Helper()
	s, err := r.open()
	if err == nil {
		err = s.Start(r.position, once)
	}
	if err != nil {
		r.t.Fatalf("open source %q: %v", r.instance.Type, err)
	}
	return s
}

func (r *SourceRun) open() (*wire.SourceSession, error) {
	r.epoch++
	ctx, cancel := r.link.timeout()
	defer cancel()
	return wire.OpenSource(ctx, r.link, wire.SourceOptions{Instance: r.instance, Epoch: r.epoch, Credits: 1})
}

// next waits for a batch; false is the end.
func (r *SourceRun) next(s *wire.SourceSession) (*sdk.Records, uint64, bool) {
	r.t.Helper()
	late := time.AfterFunc(r.link.patience, s.Close)
	records, id, err := s.Next()
	switch {
	case !late.Stop():
		r.t.Fatalf("source %q neither emits nor ends within %v, although it was asked to read once: return nil when sdk.Once(ctx) and all is read",
			r.instance.Type, r.link.patience)
	case errors.Is(err, io.EOF):
		return nil, 0, false
	case err != nil:
		r.t.Fatalf("source %q: %v", r.instance.Type, err)
	}
	return records, id, true
}

func (r *SourceRun) store(s *wire.SourceSession) bool {
	r.t.Helper()
	records, id, ok := r.next(s)
	if ok {
		r.keep(s, records, id)
	}
	return ok
}

func (r *SourceRun) keep(s *wire.SourceSession, records *sdk.Records, id uint64) {
	r.t.Helper()
	r.stored = append(r.stored, eventsOf(records)...)
	if records.Position != nil {
		r.position = records.Position
	}
	if err := s.Ack(id, nil); err != nil {
		r.t.Fatalf("acknowledge a batch of source %q: %v", r.instance.Type, err)
	}
}

func eventsOf(r *sdk.Records) []sdk.Event {
	b := sdk.NewBatch(r, nil, nil, nil)
	events := make([]sdk.Event, b.Len())
	for i := range events {
		events[i] = *b.Event(i)
	}
	return events
}

package sdktest

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

func sourceKind() kind {
	return kind{
		name: "source",
		spec: func(s *Suite) (spec, bool) {
			c, ok := s.source()
			return spec{c.Doc, c.Schema}, ok
		},
		open: func(l *link, typ string, config []byte) (session, error) {
			return opened(l, func(ctx context.Context) (*wire.SourceSession, error) {
				return wire.OpenSource(ctx, l, wire.SourceOptions{Instance: wire.Instance{Name: typ, Type: typ, Config: config}})
			})
		},
		use: func(t testing.TB, s *Suite, config any) []string {
			r := newSource(t, s.Program, s.Type, config, s.Patience)
			if c, _ := s.source(); c.Push {
				r.CollectWhile(func() {})
			} else {
				r.Collect()
			}
			return nil
		},
	}
}

func (s *Suite) source() (sdk.SourceSpec, bool) {
	i := slices.IndexFunc(s.Program.Sources, func(c sdk.SourceSpec) bool { return c.Type == s.Type })
	if i < 0 {
		return sdk.SourceSpec{}, false
	}
	return s.Program.Sources[i], true
}

func sourceChecks() []check {
	return []check{
		{"ends when it is drained", drains},
		{"ends when it is closed", closesAtOnce},
		{"gives the same events when read again", rereads},
		{"loses nothing when killed at any acknowledgement", resumes},
		{"ends when a batch cannot be stored", endsUnstored},
	}
}

// drains starts the source as a hub does and asks for the end.
func drains(t testing.TB, s *Suite) {
	newSource(t, s.Program, s.Type, s.config(t), s.Patience).CollectWhile(func() {})
}

// closesAtOnce ends the session while Run is under way; serve then waits for it to return.
func closesAtOnce(t testing.TB, s *Suite) {
	began := newSignal()
	program := withRun(s.Program, s.Type, func(ctx context.Context, inner sdk.Source, from sdk.Position, out sdk.Emitter) error {
		began.give()
		return inner.Run(ctx, from, out)
	})
	r := newSource(t, program, s.Type, s.config(t), s.Patience)
	session := r.start(false)
	defer session.Close()
	began.await(t, r.link.patience)
}

// rereads reads all there is twice from the start: ids and contents must be the same, since ids are what makes a repeat
// harmless. A source that cannot be read again is not asked.
func rereads(t testing.TB, s *Suite) {
	if c, _ := s.source(); c.Push {
		return
	}
	r := newSource(t, s.Program, s.Type, s.config(t), s.Patience)
	first := slices.Clone(r.Collect())
	if len(first) == 0 {
		t.Fatalf("there is nothing to read with the configuration of the suite, so that nothing can be shown")
	}
	end := r.Position()
	if again := r.Collect(); len(again) != 0 {
		t.Errorf("started at its last position it gives %d events again, the first with id %s", len(again), again[0].ID)
	}
	if end == nil {
		t.Error("it gives no position, so that a restart reads everything again; declare Push if its channel cannot be read again")
	}
	r.Resume(nil)
	compareEvents(t, "read again from the start", first, r.Collect())
}

// compareEvents expects every event once, with the same content. Times of events that carry none of their own differ.
func compareEvents(t testing.TB, when string, want, got []sdk.Event) {
	t.Helper()
	byID := map[string]sdk.Event{}
	for _, e := range got {
		byID[e.ID] = e
	}
	for i := range want {
		e, ok := byID[want[i].ID]
		e.Time = want[i].Time
		switch {
		case !ok:
			t.Errorf("%s: the event %s is lost (%d events, there are %d)", when, want[i].ID, len(byID), len(want))
			return
		case !reflect.DeepEqual(e, want[i]):
			t.Errorf("%s: the event %s has another content", when, e.ID)
			return
		}
	}
	if len(byID) > len(want) {
		t.Errorf("%s: %d events, there are %d", when, len(byID), len(want))
	}
}

// mostKills bounds how often a source is killed; borders beyond the first ones are taken at growing distances.
const mostKills = 64

// resumes kills the source at every acknowledgement and lets it go on at the stored position: once as it is, when a batch may
// hold many calls of Send, and once with each call a batch of its own.
func resumes(t testing.TB, s *Suite) {
	c, ok := s.source()
	if !ok || c.Push {
		return
	}
	for name, program := range map[string]sdk.Program{"": s.Program, ", with each call a batch": withSingleCalls(s.Program, s.Type)} {
		config := s.config(t)
		want := newSource(t, program, s.Type, config, s.Patience).Collect()
		step := 1
		for n := 0; n < 1<<20; n += step {
			r := newSource(t, program, s.Type, config, s.Patience)
			more := r.KillAt(n)
			before := len(r.Events())
			r.Collect()
			compareEvents(t, "killed after "+plural(n, "batch", "batches")+" ("+plural(before, "event", "events")+") and started again"+name, want, r.Events())
			if !more || t.Failed() {
				break
			}
			if n >= mostKills/2 {
				step = n
			}
		}
	}
}

// withSingleCalls returns the program with a source whose every Send is an Emit, so that each of its positions is a border.
func withSingleCalls(p sdk.Program, typ string) sdk.Program {
	return withRun(p, typ, func(ctx context.Context, inner sdk.Source, from sdk.Position, out sdk.Emitter) error {
		return inner.Run(ctx, from, emitOnly{out})
	})
}

// withRun returns the program with another Run around that of a source.
func withRun(p sdk.Program, typ string, run runner) sdk.Program {
	p.Sources = slices.Clone(p.Sources)
	for i, c := range p.Sources {
		if c.Type != typ {
			continue
		}
		p.Sources[i].Open = func(ctx context.Context, config []byte) (sdk.Source, error) {
			inner, err := c.Open(ctx, config)
			if err != nil {
				return nil, err
			}
			return around{inner, run}, nil
		}
	}
	return p
}

type runner func(ctx context.Context, inner sdk.Source, from sdk.Position, out sdk.Emitter) error

type around struct {
	sdk.Source
	run runner
}

func (a around) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	return a.run(ctx, a.Source, from, out)
}

func (a around) Close() error { return closeOf(a.Source) }

type emitOnly struct{ sdk.Emitter }

func (e emitOnly) Send(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	return e.Emit(ctx, bytes.Clone(at), events...)
}

// endsUnstored fails the first acknowledgement: the source must end with an error, so that the hub starts it at what was stored.
func endsUnstored(t testing.TB, s *Suite) {
	if c, _ := s.source(); c.Push {
		return
	}
	r := newSource(t, s.Program, s.Type, s.config(t), s.Patience)
	session := r.start(true)
	defer session.Close()
	_, id, ok := r.next(session)
	if !ok {
		t.Fatalf("there is nothing to read with the configuration of the suite, so that nothing can be shown")
	}
	if err := session.Ack(id, sdk.Errorf(sdk.Exhausted, "the disk is full")); err != nil {
		t.Fatalf("acknowledge: %v", err)
	}
	late := time.AfterFunc(r.link.patience, session.Close)
	defer late.Stop()
	if _, _, err := session.Next(); sdk.CodeOf(err) == sdk.Unavailable && !late.Stop() {
		t.Errorf("it still runs %v after a batch could not be stored: return the error of Emit and Send", r.link.patience)
	}
}

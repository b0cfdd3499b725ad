package sdktest

import (
	"context"
	"slices"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

func sinkKind() kind {
	return kind{
		name: "sink",
		spec: func(s *Suite) (spec, bool) {
			c, ok := s.sink()
			return spec{c.Doc, c.Schema}, ok
		},
		open: func(l *link, typ string, config []byte) (session, error) {
			return opened(l, func(ctx context.Context) (*wire.WorkSession, error) {
				return wire.OpenSink(ctx, l, 1, wire.Instance{Name: typ, Type: typ, Config: config})
			})
		},
		use: func(t testing.TB, s *Suite, config any) []string {
			answer, err := s.openSink(t, config).do(s.events())
			if err != nil {
				return []string{err.Error()}
			}
			var said []string
			for _, r := range answer.Results {
				said = append(said, r.Message, r.Code, r.Field, r.Receipt)
			}
			return said
		},
	}
}

func (s *Suite) sink() (sdk.SinkSpec, bool) {
	i := slices.IndexFunc(s.Program.Sinks, func(c sdk.SinkSpec) bool { return c.Type == s.Type })
	if i < 0 {
		return sdk.SinkSpec{}, false
	}
	return s.Program.Sinks[i], true
}

func (s *Suite) openSink(t testing.TB, config any) *worker {
	t.Helper()
	return openSink(t, s.Program, Instance{Type: s.Type, Config: config}, s.Patience)
}

func sinkChecks() []check {
	return []check{
		{"declares its idempotency", declaresClass},
		{"answers for every event", answersForAll},
		{"takes events that come again", takesRepeats},
		{"ends when it is closed", closesWhileWriting},
	}
}

func declaresClass(t testing.TB, s *Suite) {
	c, _ := s.sink()
	if !slices.Contains([]sdk.Idempotency{sdk.NativeKey, sdk.HeaderKey, sdk.LookFirst, sdk.NoKey}, c.Idempotency) {
		t.Errorf("its idempotency is %q; say what the target makes of an event that comes again: native, header, lookup or none", c.Idempotency)
	}
}

// answersForAll writes everything odd, in one batch and event by event.
func answersForAll(t testing.TB, s *Suite) {
	w := s.openSink(t, s.config(t))
	all := s.events()
	batches := [][]sdk.Event{all}
	for i := range all {
		batches = append(batches, all[i:i+1])
	}
	for _, events := range batches {
		answer, err := w.do(events)
		if err != nil {
			t.Errorf("it fails on %s: %v", describe(events), err)
			return
		}
		for i, r := range answer.Results {
			checkResult(t, events[i].ID, r)
		}
		if t.Failed() {
			return
		}
	}
}

// checkResult expects a result from which the hub, and a person at the dead letters, can tell what to do.
func checkResult(t testing.TB, id string, r sdk.Result) {
	t.Helper()
	switch r.Outcome {
	case sdk.Done, sdk.Duplicate:
		if r.Code != "" || r.Field != "" {
			t.Errorf("it answers %v for the event %q and gives the code %q: that is for refusals", r.Outcome, id, r.Code)
		}
	case sdk.Reject, sdk.Fatal:
		if r.Code == "" || r.Message == "" {
			t.Errorf("it answers %v for the event %q without a code or a message (%q, %q): nobody will know why", r.Outcome, id, r.Code, r.Message)
		}
		if r.Outcome == sdk.Fatal {
			t.Errorf("it answers fatal for the event %q, which stops the sink: that is for a target that cannot be worked with at all", id)
		}
	case sdk.Retry:
		t.Errorf("it answers retry for the event %q: with a target that works the event would come again and again", id)
	}
}

// takesRepeats writes the same events again, as after a crash. What was taken must be taken again, or called a duplicate.
func takesRepeats(t testing.TB, s *Suite) {
	config := s.config(t)
	var before []sdk.Result
	for range 2 {
		w := s.openSink(t, config)
		answer, err := w.do(s.events())
		if err != nil {
			t.Fatalf("it fails on %s: %v", describe(s.events()), err)
		}
		for i := range before {
			if taken(before[i]) && !taken(answer.Results[i]) {
				t.Fatalf("it answered %v for the event %q, and %v (%s) when the same came again", before[i].Outcome, s.events()[i].ID,
					answer.Results[i].Outcome, answer.Results[i].Code)
			}
		}
		before = answer.Results
		w.Close()
		w.link.awaitEnd(t) // a target may take one writer at a time
	}
}

func taken(r sdk.Result) bool { return r.Outcome == sdk.Done || r.Outcome == sdk.Duplicate }

// closesWhileWriting ends the session while Write is under way; serve then waits for it to return.
func closesWhileWriting(t testing.TB, s *Suite) {
	began := newSignal()
	program := s.Program
	program.Sinks = slices.Clone(program.Sinks)
	for i, c := range program.Sinks {
		program.Sinks[i].Open = func(ctx context.Context, config []byte) (sdk.Sink, error) {
			inner, err := c.Open(ctx, config)
			if err != nil {
				return nil, err
			}
			return writing{inner, began}, nil
		}
	}
	w := openSink(t, program, Instance{Type: s.Type, Config: s.config(t)}, s.Patience)
	w.closeDuring(t, s.events(), began)
}

type writing struct {
	sdk.Sink
	began signal
}

func (w writing) Write(ctx context.Context, in *sdk.Batch) ([]sdk.Result, error) {
	w.began.give()
	return w.Sink.Write(ctx, in)
}

func (w writing) Close() error { return closeOf(w.Sink) }

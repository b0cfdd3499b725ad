package sdktest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// Instance is one analyzer of a chain: the name of its block (empty: its type), its type and its configuration.
type Instance struct {
	Name, Type string
	Config     any
}

// Analysis is what a chain of analyzers made of a batch.
type Analysis struct {
	// Added is what each analyzer of the chain added, as the hub reads it, and Encoded as it travels.
	Added   []*sdk.Added
	Encoded [][]byte
	// Events are those that no analyzer dropped, with their annotations, the old and the new.
	Events []sdk.Event
	// Emitted are the new events, such as insights.
	Emitted []sdk.Event
	// Dropped holds the ids of dropped events by rule.
	Dropped map[string][]string
}

// Analyze runs a batch through a chain of analyzers of one program. Per-event attributes are evaluated on the events as given,
// as the hub does for analyzers that share a process.
func Analyze(t testing.TB, p sdk.Program, chain []Instance, events ...sdk.Event) *Analysis {
	t.Helper()
	w := openChain(t, p, chain, 0)
	a, err := w.analyze(events)
	if err != nil {
		t.Fatalf("analyze: %v", err)
	}
	return a
}

// Write hands events to the sink of type typ and returns its results, one an event.
func Write(t testing.TB, p sdk.Program, typ string, config any, events ...sdk.Event) []sdk.Result {
	t.Helper()
	w := openSink(t, p, Instance{Type: typ, Config: config}, 0)
	answer, err := w.do(events)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	return answer.Results
}

// worker is an opened chain or sink.
type worker struct {
	*wire.WorkSession
	link     *link
	settings []settings
}

func openChain(t testing.TB, p sdk.Program, chain []Instance, patience time.Duration) *worker {
	t.Helper()
	w := &worker{link: serve(t, p, patience)}
	var list []wire.Instance
	for _, in := range chain {
		i := slices.IndexFunc(p.Analyzers, func(a sdk.AnalyzerSpec) bool { return a.Type == in.Type })
		if i < 0 {
			t.Fatalf("program %q has no analyzer %q", p.Name, in.Type)
		}
		list = append(list, w.instance(t, p.Analyzers[i].Schema, in))
	}
	ctx, cancel := w.link.timeout()
	defer cancel()
	var err error
	if w.WorkSession, err = wire.OpenChain(ctx, w.link, 1, list); err != nil {
		t.Fatalf("open chain: %v", err)
	}
	t.Cleanup(w.Close)
	return w
}

func openSink(t testing.TB, p sdk.Program, in Instance, patience time.Duration) *worker {
	t.Helper()
	i := slices.IndexFunc(p.Sinks, func(s sdk.SinkSpec) bool { return s.Type == in.Type })
	if i < 0 {
		t.Fatalf("program %q has no sink %q", p.Name, in.Type)
	}
	w := &worker{link: serve(t, p, patience)}
	ctx, cancel := w.link.timeout()
	defer cancel()
	var err error
	if w.WorkSession, err = wire.OpenSink(ctx, w.link, 1, w.instance(t, p.Sinks[i].Schema, in)); err != nil {
		t.Fatalf("open sink %q: %v", in.Type, err)
	}
	t.Cleanup(w.Close)
	return w
}

func (w *worker) instance(t testing.TB, schema sdk.Schema, in Instance) wire.Instance {
	t.Helper()
	s, err := settingsOf(schema, in.Config)
	if err != nil {
		t.Fatalf("configuration of %q: %v", in.Type, err)
	}
	if in.Name == "" {
		in.Name = in.Type
	}
	w.settings = append(w.settings, s)
	return wire.Instance{Name: in.Name, Type: in.Type, Config: s.json}
}

// do has one batch worked on.
func (w *worker) do(events []sdk.Event) (wire.Answer, error) {
	work, err := w.work(events)
	if err != nil {
		return wire.Answer{}, err
	}
	p, err := w.Submit(work)
	if err != nil {
		return wire.Answer{}, err
	}
	ctx, cancel := w.link.timeout()
	defer cancel()
	return p.Wait(ctx)
}

func (w *worker) work(events []sdk.Event) (*wire.Work, error) {
	r, err := recordsOf(events)
	if err != nil {
		return nil, err
	}
	work := &wire.Work{Records: r}
	if work.Additions, err = additionsOf(r, events); err != nil {
		return nil, err
	}
	for _, s := range w.settings {
		work.Attributes = append(work.Attributes, s.columns(events))
	}
	return work, nil
}

func recordsOf(events []sdk.Event) (*sdk.Records, error) {
	var b sdk.Builder
	for i := range events {
		if err := b.Add(&events[i]); err != nil {
			return nil, fmt.Errorf("event %d of the test: %w", i, err)
		}
	}
	r, err := b.Records(nil)
	if err != nil {
		return nil, err
	}
	h := r.Head
	if len(events) > 0 {
		h.Source = events[0].Source
	}
	return r.Stamp(h), nil
}

// additionsOf turns the annotations that the events carry into what analyzers before would have added.
func additionsOf(r *sdk.Records, events []sdk.Event) ([][]byte, error) {
	var sets []*sdk.Additions
	batch := sdk.NewBatch(r, nil, nil, nil)
	for i := range events {
		for _, n := range events[i].Annotations {
			at := slices.IndexFunc(sets, func(a *sdk.Additions) bool { return a.Analyzer == n.Analyzer })
			if at < 0 {
				at = len(sets)
				sets = append(sets, &sdk.Additions{Analyzer: n.Analyzer, Plugin: n.Plugin, Version: n.Version, Params: n.Params})
				sets[at].Reset(batch)
			}
			annotate(sets[at], i, n)
		}
	}
	var out [][]byte
	for _, set := range sets {
		b, err := set.Encode()
		if err != nil {
			return nil, fmt.Errorf("annotations of the test's events: %w", err)
		}
		out = append(out, b)
	}
	return out, nil
}

func annotate(set *sdk.Additions, i int, n sdk.Annotation) {
	switch n.Value.Kind {
	case sdk.Bool:
		set.SetBool(i, n.Field, n.Value.Bool)
	case sdk.Number:
		set.SetNumber(i, n.Field, n.Value.Num)
	case sdk.List:
		set.SetStrings(i, n.Field, n.Value.Strings())
	case sdk.String, sdk.Object:
		set.SetString(i, n.Field, n.Value.Text())
	}
}

// analyze has one batch analyzed and gathers what was made of it.
func (w *worker) analyze(events []sdk.Event) (*Analysis, error) {
	answer, err := w.do(events)
	if err != nil {
		return nil, err
	}
	a := &Analysis{Added: answer.Added, Encoded: answer.Additions, Dropped: map[string][]string{}}
	r, err := recordsOf(events)
	if err != nil {
		return nil, err
	}
	var left []uint32
	for _, added := range answer.Added {
		left = added.Remaining(left, r.Len())
		if added.Emitted != nil {
			a.Emitted = append(a.Emitted, eventsOf(added.Emitted)...)
		}
		for _, d := range added.Drops {
			for _, i := range d.Events {
				a.Dropped[d.Rule] = append(a.Dropped[d.Rule], r.ID(int(i)))
			}
		}
	}
	b := sdk.NewBatch(r, left, answer.Added, nil)
	for i := range b.Len() {
		e := *b.Event(i)
		at := i
		if left != nil {
			at = int(left[i])
		}
		e.Annotations = append(slices.Clone(events[at].Annotations), e.Annotations...)
		a.Events = append(a.Events, e)
	}
	return a, nil
}

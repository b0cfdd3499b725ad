package sdktest

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

func analyzerKind() kind {
	return kind{
		name: "analyzer",
		spec: func(s *Suite) (spec, bool) {
			c, ok := s.analyzer()
			return spec{c.Doc, c.Schema}, ok
		},
		open: func(l *link, typ string, config []byte) (session, error) {
			return opened(l, func(ctx context.Context) (*wire.WorkSession, error) {
				return wire.OpenChain(ctx, l, 1, []wire.Instance{{Name: typ, Type: typ, Config: config}})
			})
		},
		use: func(t testing.TB, s *Suite, config any) (said []string) {
			if _, err := s.openAnalyzer(t, config).analyze(s.events()); err != nil {
				said = append(said, err.Error())
			}
			return said
		},
	}
}

func (s *Suite) analyzer() (sdk.AnalyzerSpec, bool) {
	i := slices.IndexFunc(s.Program.Analyzers, func(c sdk.AnalyzerSpec) bool { return c.Type == s.Type })
	if i < 0 {
		return sdk.AnalyzerSpec{}, false
	}
	return s.Program.Analyzers[i], true
}

// openAnalyzer opens the analyzer anew, as in a fresh process.
func (s *Suite) openAnalyzer(t testing.TB, config any) *worker {
	t.Helper()
	return openChain(t, s.Program, []Instance{{Name: "it", Type: s.Type, Config: config}}, s.Patience)
}

func analyzerChecks() []check {
	return []check{
		{"declares what it adds", declaresFields},
		{"adds only what it declares", addsDeclared},
		{"adds the same in a fresh process", deterministic},
		{"adds the same however events are batched", independentOfCuts},
		{"ends when it is closed", closesWhileAnalyzing},
		{"goes on from a snapshot at any point", restores},
	}
}

func declaresFields(t testing.TB, s *Suite) {
	c, _ := s.analyzer()
	seen := map[string]bool{}
	for _, f := range c.Adds {
		checkName(t, "the field", f.Name)
		checkDoc(t, "the field "+f.Name, f.Doc)
		if f.Kind != sdk.Bool && f.Kind != sdk.Number && f.Kind != sdk.String && f.Kind != sdk.List {
			t.Errorf("the field %s is a %v: it can be a bool, number, string or list", f.Name, f.Kind)
		}
		if len(f.Values) > 0 && f.Kind != sdk.String && f.Kind != sdk.List {
			t.Errorf("the field %s is a %v and lists the texts it may be", f.Name, f.Kind)
		}
		if seen[f.Name] {
			t.Errorf("the field %s is declared twice", f.Name)
		}
		seen[f.Name] = true
	}
	if len(c.Adds) == 0 && !c.Emits {
		t.Errorf("it adds no field and emits nothing; if it only drops events, say so in a field")
	}
}

// addsDeclared has the analyzer work on everything odd, one batch and event by event, and looks at each thing it adds.
func addsDeclared(t testing.TB, s *Suite) {
	c, _ := s.analyzer()
	w := s.openAnalyzer(t, s.config(t))
	all := s.events()
	batches := [][]sdk.Event{all}
	for i := range all {
		batches = append(batches, all[i:i+1])
	}
	for _, events := range batches {
		a, err := w.analyze(events)
		if err != nil {
			t.Errorf("it fails on %s: %v", describe(events), err)
			return
		}
		for _, v := range a.Added[0].Columns {
			checkColumn(t, c, v, len(events))
		}
		if a.Added[0].Emitted != nil && !c.Emits {
			t.Errorf("it emits events and does not declare Emits")
		}
		if t.Failed() {
			return
		}
	}
}

func checkColumn(t testing.TB, c sdk.AnalyzerSpec, v *sdk.Values, n int) {
	t.Helper()
	i := slices.IndexFunc(c.Adds, func(f sdk.Field) bool { return f.Name == v.Name })
	if i < 0 {
		t.Errorf("it adds the field %q, which it does not declare: no expression can use it", v.Name)
		return
	}
	f := c.Adds[i]
	if v.Kind != f.Kind {
		t.Errorf("it adds a %v as field %s, which it declares as a %v", v.Kind, v.Name, f.Kind)
		return
	}
	for i := range n {
		for _, text := range v.At(i).Strings() {
			if len(f.Values) > 0 && !slices.Contains(f.Values, text) {
				t.Errorf("it adds %q as field %s, which is none of the values it declares", text, v.Name)
				return
			}
		}
	}
}

// describe names events without their words.
func describe(events []sdk.Event) string {
	if len(events) == 1 {
		return "the event " + strconv.Quote(events[0].ID)
	}
	return "a batch of " + plural(len(events), "event", "events")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// deterministic gives the same batches to two instances: after a crash the hub replays them, and discards what was stored.
func deterministic(t testing.TB, s *Suite) {
	config := s.config(t)
	first, second := s.openAnalyzer(t, config), s.openAnalyzer(t, config)
	for round := range 2 {
		a, b := mustAnalyze(t, first, s.events()), mustAnalyze(t, second, s.events())
		if !bytes.Equal(a.Encoded[0], b.Encoded[0]) {
			t.Fatalf("two instances add different things to the same batch (%d bytes and %d, in round %d): use no clock, no random numbers, no order of maps",
				len(a.Encoded[0]), len(b.Encoded[0]), round+1)
		}
	}
}

func mustAnalyze(t testing.TB, w *worker, events []sdk.Event) *Analysis {
	t.Helper()
	a, err := w.analyze(events)
	if err != nil {
		t.Fatalf("it fails on %s: %v", describe(events), err)
	}
	return a
}

// independentOfCuts gives the same events in one batch, one by one and in threes: where a batch ends depends on the load.
func independentOfCuts(t testing.TB, s *Suite) {
	config, events := s.config(t), s.events()
	want := mustAnalyze(t, s.openAnalyzer(t, config), events)
	for _, size := range []int{1, 3, 7} {
		w := s.openAnalyzer(t, config)
		got := &Analysis{Dropped: map[string][]string{}}
		for part := range slices.Chunk(events, size) {
			a := mustAnalyze(t, w, part)
			got.Events = append(got.Events, a.Events...)
			for rule, ids := range a.Dropped {
				got.Dropped[rule] = append(got.Dropped[rule], ids...)
			}
		}
		if !reflect.DeepEqual(want.Dropped, got.Dropped) {
			t.Fatalf("of the same events it drops others in batches of %d than in one: %v and %v", size, got.Dropped, want.Dropped)
		}
		for i := range want.Events {
			if a, b := notes(want.Events[i]), notes(got.Events[i]); !reflect.DeepEqual(a, b) {
				t.Fatalf("the event %q gets other annotations in a batch of %d than in one of %d: %v and %v", want.Events[i].ID, size, len(events), b, a)
			}
		}
	}
}

// notes returns the annotations of an event by their address; their order may differ between batches.
func notes(e sdk.Event) map[string]string {
	out := map[string]string{}
	for _, n := range e.Annotations {
		out[n.Analyzer+"."+n.Field] = n.Value.Kind.String() + " " + n.Value.Text()
	}
	return out
}

// closesWhileAnalyzing ends the session while Analyze is under way; serve then waits for it to return.
func closesWhileAnalyzing(t testing.TB, s *Suite) {
	began := newSignal()
	program := s.Program
	program.Analyzers = slices.Clone(program.Analyzers)
	for i, c := range program.Analyzers {
		program.Analyzers[i].Open = func(ctx context.Context, config []byte) (sdk.Analyzer, error) {
			inner, err := c.Open(ctx, config)
			if err != nil {
				return nil, err
			}
			return analyzing{inner, began}, nil
		}
	}
	w := openChain(t, program, []Instance{{Type: s.Type, Config: s.config(t)}}, s.Patience)
	w.closeDuring(t, s.events(), began)
}

type analyzing struct {
	sdk.Analyzer
	began signal
}

func (a analyzing) Analyze(ctx context.Context, in *sdk.Batch, out *sdk.Additions) error {
	a.began.give()
	return a.Analyzer.Analyze(ctx, in, out)
}

func (a analyzing) Close() error { return closeOf(a.Analyzer) }

// restores takes a snapshot after every batch and goes on from it in another instance: what follows must be the same.
func restores(t testing.TB, s *Suite) {
	config := s.config(t)
	c, _ := s.analyzer()
	first := s.openAnalyzer(t, config)
	ctx, cancel := first.link.timeout()
	defer cancel()
	if _, err := first.Snapshot(ctx, 0); !c.Stateful {
		if err == nil {
			t.Error("it keeps a state and does not declare Stateful, so that a crash would lose it")
		}
		return
	}
	batches := slices.Collect(slices.Chunk(append(s.events(), again(s.events())...), 5))
	var want [][]byte
	var states [][]byte
	for _, events := range batches {
		state, err := snapshot(first)
		if err != nil {
			t.Fatalf("snapshot: %v", err)
		}
		states = append(states, state)
		want = append(want, mustAnalyze(t, first, events).Encoded[0])
	}
	for from, state := range states {
		goOn(t, s.openAnalyzer(t, config), state, batches[from:], want[from:])
		if t.Failed() {
			return
		}
	}
}

func snapshot(w *worker) ([]byte, error) {
	ctx, cancel := w.link.timeout()
	defer cancel()
	return w.Snapshot(ctx, 0)
}

func goOn(t testing.TB, w *worker, state []byte, batches [][]sdk.Event, want [][]byte) {
	t.Helper()
	ctx, cancel := w.link.timeout()
	defer cancel()
	if err := w.Restore(ctx, 0, state); err != nil {
		t.Errorf("it refuses its own snapshot of %d bytes: %v", len(state), err)
		return
	}
	for i, events := range batches {
		if got := mustAnalyze(t, w, events).Encoded[0]; !bytes.Equal(got, want[i]) {
			t.Errorf("restored from a snapshot it adds something else to batch %d after it: the state is not whole", i+1)
			return
		}
	}
}

// again returns the events as others of the next day.
func again(events []sdk.Event) []sdk.Event {
	out := slices.Clone(events)
	for i := range out {
		out[i].ID = "again " + strconv.Itoa(i)
		out[i].Time = out[i].Time.AddDate(0, 0, 1)
	}
	return out
}

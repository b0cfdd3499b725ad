package flow_test

import (
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
)

func openLog(t *testing.T) *broker.Broker {
	t.Helper()
	b, err := broker.Open(t.Context(), broker.Config{Dir: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(t.Context()) })
	return b
}

// Whatever order the sinks settle in, and wherever the hub stops: the books balance and end the same.
func TestTheBooksBalanceInAnyOrder(t *testing.T) {
	log := openLog(t)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		pipeline := "p" + rapid.StringMatching(`[a-z]{12}`).Draw(rt, "pipeline")
		sinks := []string{"sink.a.a", "sink.b.b"}
		steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *flow.Step {
			n := rapid.Uint32Range(1, 50).Draw(t, "count")
			dead := rapid.Uint32Range(0, n/3).Draw(t, "dead")
			dropped := rapid.Uint32Range(0, n/3).Draw(t, "dropped")
			return &flow.Step{Input: 1, Count: n, Dead: make([]uint32, dead), Drops: []flow.Drop{{Rule: "r", N: dropped}}, Routed: n - dead - dropped}
		}), 1, 8).Draw(rt, "steps")
		books, err := flow.OpenBooks(t.Context(), log, pipeline, sinks, 0)
		if err != nil {
			rt.Fatal(err)
		}
		var read, buried uint64
		next := map[string]int{}
		for next[sinks[0]] < len(steps) || next[sinks[1]] < len(steps) {
			sink := sinks[rapid.IntRange(0, 1).Draw(rt, "sink")]
			i := next[sink]
			if i == len(steps) {
				continue
			}
			if steps[i].Routed > 0 && rapid.IntRange(0, 4).Draw(rt, "reject") == 0 {
				if books.Dead(uint64(i+1), 0, 0) { // the other sink may have given up the same event
					buried++
				}
			}
			books.Settled(sink, uint64(i+1), steps[i])
			next[sink]++
			if rapid.IntRange(0, 5).Draw(rt, "save") == 0 {
				if err := books.Save(t.Context()); err != nil {
					rt.Fatal(err)
				}
			}
		}
		for _, s := range steps {
			read += uint64(s.Count)
		}
		if err := books.Save(t.Context()); err != nil {
			rt.Fatal(err)
		}
		again, err := flow.OpenBooks(t.Context(), log, pipeline, sinks, 0)
		if err != nil {
			rt.Fatal(err)
		}
		for _, c := range []flow.Counts{books.Counts(), again.Counts()} {
			if c.Settled != read || c.Delivered+c.Dead+c.DroppedTotal() != read {
				rt.Fatalf("%d events read, books say %+v", read, c)
			}
		}
		if step, _ := again.Floor(); step != uint64(len(steps)) {
			rt.Fatalf("floor %d of %d", step, len(steps))
		}
	})
	if run == 0 {
		t.Fatal("nothing was tried")
	}
}

func TestANewSinkStartsWhereThePipelineIs(t *testing.T) {
	log := openLog(t)
	books, err := flow.OpenBooks(t.Context(), log, "p", []string{"sink.a.a"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	books.Settled("sink.a.a", 3, &flow.Step{Input: 3})
	if err := books.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	books, err = flow.OpenBooks(t.Context(), log, "p", []string{"sink.a.a", "sink.new.b"}, 7)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := books.Position("sink.a.a"), books.Position("sink.new.b"); a != 3 || b != 7 {
		t.Errorf("positions %d and %d, want 3 and 7", a, b)
	}
}

func TestASecondWriterOfTheBooksIsFenced(t *testing.T) {
	log := openLog(t)
	var books [2]*flow.Books
	for i := range books {
		var err error
		if books[i], err = flow.OpenBooks(t.Context(), log, "p", []string{"sink.a.a"}, 0); err != nil {
			t.Fatal(err)
		}
	}
	books[0].Settled("sink.a.a", 1, &flow.Step{Input: 1})
	books[1].Settled("sink.a.a", 1, &flow.Step{Input: 1})
	if err := books[0].Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := books[1].Save(t.Context()); err == nil {
		t.Error("the second writer was not stopped")
	}
}

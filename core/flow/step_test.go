package flow_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/sdk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// anyStep draws a step with any of its parts.
func anyStep(t *rapid.T) *flow.Step {
	name := rapid.StringMatching(`[a-z]{1,6}(\.[a-z]{1,6})?`)
	list := rapid.SliceOfN(rapid.Uint32(), 0, 5)
	blob := rapid.SliceOfN(rapid.Byte(), 0, 9)
	s := &flow.Step{Input: rapid.Uint64().Draw(t, "input"), Source: name.Draw(t, "source"), Embedded: blob.Draw(t, "embedded"),
		Count: rapid.Uint32().Draw(t, "count"), Dead: list.Draw(t, "dead"), Routed: rapid.Uint32().Draw(t, "routed"),
		EmittedRouted: rapid.Uint32().Draw(t, "emitted routed"), Redeemed: rapid.Uint32().Draw(t, "redeemed"),
		RedeemedEmitted: rapid.Uint32().Draw(t, "redeemed emitted"), Uncounted: rapid.Bool().Draw(t, "uncounted"),
		Letter: rapid.Uint64().Draw(t, "letter"), Origin: name.Draw(t, "origin"), Read: rapid.Uint64().Draw(t, "read"),
		Analyzed: rapid.Bool().Draw(t, "analyzed")}
	s.Additions = rapid.SliceOfN(blob, 0, 3).Draw(t, "additions")
	s.Emitted = rapid.SliceOfN(blob, 0, 3).Draw(t, "emitted")
	for range rapid.IntRange(0, 3).Draw(t, "selections") {
		sel := flow.Selection{Sink: name.Draw(t, "sink"), Unit: rapid.Uint32().Draw(t, "unit"), All: rapid.Bool().Draw(t, "all")}
		if !sel.All {
			sel.Events = list.Draw(t, "events")
		}
		s.Selections = append(s.Selections, sel)
		s.Drops = append(s.Drops, flow.Drop{Rule: name.Draw(t, "rule"), N: rapid.Uint32().Draw(t, "n")})
		s.Totals = append(s.Totals, flow.Total{Source: name.Draw(t, "of"), N: rapid.Uint64().Draw(t, "total"), Base: rapid.Uint64().Draw(t, "base")})
	}
	return s
}

func TestAStepSurvivesItsEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyStep(t)
		got, err := flow.DecodeStep(want.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("step changed (-want +got):\n%s", d)
		}
	})
}

func FuzzDecodeStep(f *testing.F) {
	f.Add((&flow.Step{Input: 3, Source: "source.file.a", Count: 2, Dead: []uint32{1}, Additions: [][]byte{{}, {1}},
		Selections: []flow.Selection{{Sink: "sink.sql.a", Events: []uint32{0}}}}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := flow.DecodeStep(b)
		if err == nil {
			_ = s.Encode()
		}
	})
}

func records(t *testing.T, total uint64, ids ...string) *sdk.Records {
	t.Helper()
	var b sdk.Builder
	for _, id := range ids {
		if err := b.Add(&sdk.Event{ID: id, Key: "k", Feedback: &sdk.Feedback{Text: "words"}}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := b.Records(sdk.Position("here"))
	if err != nil {
		t.Fatal(err)
	}
	h := r.Head
	h.Source, h.Total = "source.test.a", total
	return r.Stamp(h)
}

func TestWhatIsCarriedKeepsThePositionAndNoEvents(t *testing.T) {
	data := flow.Carry(broker.Entry{Stream: broker.Events, Data: records(t, 12, "a", "b").Bytes()})
	r, err := sdk.ParseRecords(data)
	if err != nil {
		t.Fatal(err)
	}
	if r.Len() != 0 || string(r.Position) != "here" || r.Total != 12 || r.Source != "source.test.a" {
		t.Errorf("carried %+v", r.Head)
	}
	step := &flow.Step{Input: 9, Read: 8, Letter: 7, Source: "s", Count: 5, Routed: 5, Drops: []flow.Drop{{Rule: "x", N: 1}}, Dead: []uint32{1},
		Totals: []flow.Total{{Source: "s", N: 5}}, Selections: []flow.Selection{{Sink: "sink.a.b", All: true}}}
	s, err := flow.DecodeStep(flow.Carry(broker.Entry{Stream: broker.Insights, Data: step.Encode()}))
	if err != nil {
		t.Fatal(err)
	}
	if want := (&flow.Step{Input: 9, Read: 8, Letter: 7, Source: "s", Totals: step.Totals}); !cmp.Equal(s, want) {
		t.Errorf("carried %+v, want %+v", s, want)
	}
}

func TestDamageIsTold(t *testing.T) {
	good := records(t, 1, "a").Bytes()
	bad := append([]byte(nil), good...)
	bad[len(bad)-1] ^= 1
	for stream, data := range map[broker.Stream][]byte{broker.Events: bad, broker.Insights: {0xff}, broker.Dead: []byte("{")} {
		if flow.Verify(stream, data) == nil {
			t.Errorf("%s: damage was not told", stream)
		}
	}
	if err := flow.Verify(broker.Events, good); err != nil {
		t.Error(err)
	}
	if _, err := flow.ParseDeadLetter([]byte("{")); err == nil || errors.Unwrap(err) == nil {
		t.Errorf("a broken dead letter: %v", err)
	}
}

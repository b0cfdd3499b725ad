package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pintle-hub/pintle/sdk"
)

type moodConfig struct {
	Words []string         `pintle:"words" doc:"Words that are bad."`
	By    sdk.PerEvent     `pintle:"by" doc:"What to count by."`
	Group sdk.PerEventList `pintle:"group_by" doc:"More of it."`
	Named sdk.PerEventMap  `pintle:"named" doc:"And more."`
}

// mood counts events by author, says whether they are bad, and drops what is empty; fault is what is wrong with it.
type mood struct {
	moodConfig
	fault string
	Seen  map[string]int
	total int
}

func (m *mood) Analyze(ctx context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		e := in.Event(i)
		if strings.TrimSpace(e.Text()) == "" {
			out.Drop(i, "empty")
			continue
		}
		m.Seen[e.Key]++
		m.total++
		out.SetString(i, "label", m.label(e, in.Len()))
		out.SetNumber(i, "seen", float64(m.Seen[e.Key]))
		if err := m.wrong(ctx, in, i, out); err != nil {
			return err
		}
	}
	return nil
}

func (m *mood) label(e *sdk.Event, n int) string {
	switch {
	case m.fault == "random":
		return []string{"good", "bad"}[rand.IntN(2)]
	case m.fault == "cut" && n > 3:
		return "bad"
	case m.fault == "value":
		return "middling"
	case slices.ContainsFunc(m.Words, func(w string) bool { return strings.Contains(e.Text(), w) }):
		return "bad"
	}
	return "good"
}

// wrong does the faulty thing.
func (m *mood) wrong(ctx context.Context, in *sdk.Batch, i int, out *sdk.Additions) error {
	e := in.Event(i)
	switch m.fault {
	case "undeclared":
		out.SetBool(i, "secret", true)
	case "kind":
		out.SetBool(i, "sure", true)
		out.SetString(i, "score", "high")
	case "emits":
		out.Emit(sdk.Event{ID: "in " + e.ID, Time: e.Time, Insight: &sdk.Insight{}})
	case "dies":
		if strings.Contains(e.Text(), "\x00") {
			panic("NUL")
		}
	case "drops by size":
		if in.Len() > 3 {
			out.Drop(i, "spam")
		}
	case "total":
		out.SetNumber(i, "score", float64(m.total))
	case "stubborn":
		if i == 2 {
			<-time.After(time.Second)
		}
	case "prints":
		fmt.Fprintln(os.Stderr, "looking at", e.Text())
	case "logs":
		log.Printf("looking at %s", e.Text())
	case "quotes":
		return errors.New("cannot read " + e.Text())
	}
	return nil
}

func (m *mood) Snapshot(context.Context) ([]byte, error) {
	if m.fault == "no snapshot" {
		return nil, errors.New("disk full")
	}
	return json.Marshal(m.Seen)
}

func (m *mood) Restore(_ context.Context, state []byte) error {
	if m.fault == "no restore" {
		return errors.New("unknown version")
	}
	m.Seen = map[string]int{}
	return json.Unmarshal(state, &m.Seen)
}

func moodProgram(fault string, change ...func(*sdk.AnalyzerSpec)) sdk.Program {
	adds := []sdk.Field{{Name: "label", Kind: sdk.String, Doc: "Good or bad.", Values: []string{"good", "bad"}},
		{Name: "seen", Kind: sdk.Number, Doc: "How often the author spoke."}, {Name: "score", Kind: sdk.Number, Doc: "A score."},
		{Name: "sure", Kind: sdk.Bool, Doc: "Whether it is."}}
	spec := sdk.NewAnalyzer("mood", "Counts and labels.", adds, func(_ context.Context, c moodConfig) (sdk.Analyzer, error) {
		return &mood{moodConfig: c, fault: fault, Seen: map[string]int{}}, nil
	})
	spec.Stateful = true
	for _, f := range change {
		f(&spec)
	}
	return sdk.Program{Name: "mood", Version: "1.0.0", Analyzers: []sdk.AnalyzerSpec{spec}}
}

func TestAGoodAnalyzerPasses(t *testing.T) {
	TestAnalyzer(t, Suite{Program: moodProgram(""), Type: "mood", Config: map[string]any{"words": []string{"late"}},
		Events: []sdk.Event{{ID: "1", Time: time.Unix(9, 0), Feedback: &sdk.Feedback{Text: "two days late again", Author: sdk.Author{ID: "ann"}}}}})
}

func TestBrokenAnalyzersAreFound(t *testing.T) {
	tryBroken(t, "mood", append(common(analyzerKind()), analyzerChecks()...), []broken{
		{fault: "no doc", check: "declares itself", says: "no doc", program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Doc = "" })},
		{fault: "no version", check: "declares itself", says: "version", program: func() sdk.Program { p := moodProgram(""); p.Version = "new"; return p }()},
		{fault: "gone", check: "opens", says: "Open must return", program: moodProgram("", func(s *sdk.AnalyzerSpec) {
			s.Open = func(context.Context, []byte) (sdk.Analyzer, error) { return nil, nil }
		})},
		{fault: "takes all", check: "refuses a wrong configuration", says: "it opens with", program: moodProgram("", func(s *sdk.AnalyzerSpec) {
			s.Open = func(context.Context, []byte) (sdk.Analyzer, error) { return &mood{Seen: map[string]int{}}, nil }
		})},
		{fault: "logs", check: "keeps secrets and customers' words out of logs", says: "in the log", program: moodProgram("logs")},
		{fault: "prints", check: "keeps secrets and customers' words out of logs", says: "in the log", program: moodProgram("prints")},
		{fault: "quotes", check: "keeps secrets and customers' words out of logs", says: "in an error", program: moodProgram("quotes"),
			events: []sdk.Event{{ID: "1", Feedback: &sdk.Feedback{Text: "my private words"}}}},
		{fault: "field without doc", check: "declares what it adds", says: "no doc", program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Adds[0].Doc = "" })},
		{fault: "field name", check: "declares what it adds", says: "lower_snake", program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Adds[0].Name = "Label" })},
		{fault: "field kind", check: "declares what it adds", says: "it can be", program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Adds[0].Kind = sdk.Object })},
		{fault: "field twice", check: "declares what it adds", says: "twice", program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Adds[1].Name = "label" })},
		{fault: "texts of a number", check: "declares what it adds", says: "lists the texts", program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Adds[1].Values = []string{"1"} })},
		{fault: "nothing", check: "declares what it adds", says: "adds no field", program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Adds = nil })},
		{fault: "undeclared", check: "adds only what it declares", says: `"secret"`, program: moodProgram("undeclared")},
		{fault: "kind", check: "adds only what it declares", says: "adds a string as field score", program: moodProgram("kind")},
		{fault: "value", check: "adds only what it declares", says: "middling", program: moodProgram("value")},
		{fault: "emits", check: "adds only what it declares", says: "Emits", program: moodProgram("emits")},
		{fault: "dies of an odd text", check: "adds only what it declares", says: "panicked", program: moodProgram("dies")},
		{fault: "random", check: "adds the same in a fresh process", says: "different things", program: moodProgram("random")},
		{fault: "cut", check: "adds the same however events are batched", says: "other annotations", program: moodProgram("cut")},
		{fault: "drops by size", check: "adds the same however events are batched", says: "drops others", program: moodProgram("drops by size")},
		{fault: "stubborn", hangs: true, check: "ends when it is closed", says: "still works", program: moodProgram("stubborn")},
		{fault: "state not whole", check: "goes on from a snapshot at any point", says: "not whole", program: moodProgram("total")},
		{fault: "no snapshot", check: "goes on from a snapshot at any point", says: "disk full", program: moodProgram("no snapshot")},
		{fault: "no restore", check: "goes on from a snapshot at any point", says: "refuses its own", program: moodProgram("no restore")},
		{fault: "undeclared state", check: "goes on from a snapshot at any point", says: "does not declare Stateful",
			program: moodProgram("", func(s *sdk.AnalyzerSpec) { s.Stateful = false })},
	})
}

func TestAnalyze(t *testing.T) {
	late := sdk.Event{ID: "1", Time: time.Unix(9, 0), Feedback: &sdk.Feedback{Text: "late"}, Source: "source.rss.blog",
		Annotations: []sdk.Annotation{{Analyzer: "lang", Field: "code", Value: sdk.StringValue("en")}, {Analyzer: "lang", Field: "sure", Value: sdk.BoolValue(true)},
			{Analyzer: "lang", Field: "score", Value: sdk.NumberValue(1)}, {Analyzer: "lang", Field: "others", Value: sdk.StringsValue([]string{"de"})}}}
	empty := sdk.Event{ID: "2", Time: time.Unix(9, 0), Feedback: &sdk.Feedback{}}
	chain := []Instance{{Name: "first", Type: "mood", Config: moodConfig{Words: []string{"late"}}}, {Type: "mood"}}
	a := Analyze(t, moodProgram("emits"), chain, empty, late)
	var notes []string
	for _, n := range a.Events[0].Annotations {
		notes = append(notes, n.Analyzer+"."+n.Field+"="+n.Value.Text())
	}
	want := []string{"lang.code=en", "lang.sure=true", "lang.score=1", `lang.others=["de"]`, "first.label=bad", "first.seen=1", "mood.label=good", "mood.seen=1"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{"empty": {"2"}}, a.Dropped) + cmp.Diff([]string{"in 1", "in 1"}, ids(a.Emitted)); diff != "" {
		t.Errorf("dropped and emitted (-want +got):\n%s", diff)
	}
	if len(a.Events) != 1 || len(a.Added) != 2 || len(a.Encoded) != 2 {
		t.Errorf("%d events, additions of %d", len(a.Events), len(a.Added))
	}
}

// byAttr says what its per-event attributes were.
type byAttr struct{ moodConfig }

func (b byAttr) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		said := []string{in.Attr(i, b.By).Text()}
		for _, p := range append(b.Group.Items(), b.Named.Items()...) {
			said = append(said, in.Attr(i, p).Text())
		}
		out.SetStrings(i, "said", append(said, b.Named.Keys()...))
	}
	return nil
}

func TestPerEventAttributesAreFunctions(t *testing.T) {
	spec := sdk.NewAnalyzer("by", "", nil, func(_ context.Context, c moodConfig) (sdk.Analyzer, error) { return byAttr{c}, nil })
	config := map[string]any{
		"by":       func(e *sdk.Event) any { return len(e.Text()) },
		"group_by": []func(*sdk.Event) any{func(e *sdk.Event) any { return e.ID }, func(*sdk.Event) any { return nil }},
		"named": map[string]func(*sdk.Event) any{"b": func(*sdk.Event) any { return []string{"x", "y"} },
			"a": func(*sdk.Event) any { return sdk.BoolValue(true) }},
	}
	a := Analyze(t, sdk.Program{Analyzers: []sdk.AnalyzerSpec{spec}}, []Instance{{Type: "by", Config: config}},
		sdk.Event{ID: "1", Feedback: &sdk.Feedback{Text: "four"}}, sdk.Event{ID: "2", Feedback: &sdk.Feedback{Text: "of"}})
	for i, want := range [][]string{{"4", "1", "", "true", `["x","y"]`, "a", "b"}, {"2", "2", "", "true", `["x","y"]`, "a", "b"}} {
		if diff := cmp.Diff(want, a.Added[0].Value(i, "said").Strings()); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
}

package sdk_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
)

func TestBatchShowsItsSelection(t *testing.T) {
	r := build(t, nil, said("a", "1"), said("b", "2"), said("c", "3"), sdk.Event{ID: "d", Type: "t"}).Stamp(sdk.Head{Source: "source.rss.blog"})
	tests := []struct {
		name      string
		sel       []uint32
		ids, text []string
	}{
		{"all", nil, []string{"a", "b", "c", "d"}, []string{"1", "2", "3", ""}},
		{"some", []uint32{0, 2, 3}, []string{"a", "c", "d"}, []string{"1", "3", ""}},
		{"one", []uint32{1}, []string{"b"}, []string{"2"}},
		{"none", []uint32{}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := sdk.NewBatch(r, tt.sel, nil, nil)
			var ids, text []string
			for i := range b.Len() {
				ids, text = append(ids, b.ID(i)), append(text, b.Text(i))
				if e := b.Event(i); e.ID != b.ID(i) || e.Key != b.Key(i) || e.Text() != b.Text(i) || e.Source != "source.rss.blog" || e != b.Event(i) {
					t.Errorf("event %d is %+v", i, e)
				}
			}
			if diff := cmp.Diff(tt.ids, ids) + cmp.Diff(tt.text, text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(b.Results()); n != b.Len() || b.Source() != "source.rss.blog" {
				t.Errorf("%d results for %d events of %q", n, b.Len(), b.Source())
			}
		})
	}
}

func TestBatchTellsWhenItWasRecorded(t *testing.T) {
	r := build(t, nil, said("a", "1"))
	if at := sdk.NewBatch(r, nil, nil, nil).Recorded(); !at.IsZero() {
		t.Errorf("a batch that no log has seen was recorded at %s", at)
	}
	want := time.Date(2026, 5, 4, 12, 0, 0, 7, time.UTC)
	again, err := sdk.ParseRecords(r.Stamp(sdk.Head{Recorded: want}).Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if at := sdk.NewBatch(again, nil, nil, nil).Recorded(); !at.Equal(want) {
		t.Errorf("recorded at %s, want %s", at, want)
	}
}

func TestBatchKeepsAnnotationsInTheOrderOfTheChain(t *testing.T) {
	note := func(analyzer, field string, v sdk.Value) sdk.Annotation {
		return sdk.Annotation{Analyzer: analyzer, Plugin: "p", Version: "1", Params: "x", Field: field, Value: v}
	}
	first, second, third := said("a", "1"), said("b", "2"), said("c", "3")
	first.Annotations = []sdk.Annotation{note("lang", "code", sdk.StringValue("de")), note("mood", "score", sdk.NumberValue(0.5))}
	third.Annotations = []sdk.Annotation{note("lang", "code", sdk.StringValue("en")), note("mood", "words", sdk.StringsValue([]string{"x"}))}
	b, err := sdk.BatchOf(first, second, third)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []sdk.Event{first, second, third} {
		if diff := cmp.Diff(want.Annotations, b.Event(i).Annotations, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}
	for _, tt := range []struct {
		i               int
		analyzer, field string
		want            string
	}{{0, "lang", "code", "de"}, {1, "lang", "code", ""}, {2, "lang", "code", "en"}, {2, "mood", "words", `["x"]`},
		{2, "mood", "score", ""}, {0, "lang", "nothing", ""}, {0, "nobody", "code", ""}} {
		if got := b.Annotation(tt.i, tt.analyzer, tt.field).Text(); got != tt.want {
			t.Errorf("%s.%s of event %d is %q, want %q", tt.analyzer, tt.field, tt.i, got, tt.want)
		}
		if got := b.Event(tt.i).Annotation(tt.analyzer, tt.field).Text(); got != tt.want {
			t.Errorf("%s.%s in event %d is %q, want %q", tt.analyzer, tt.field, tt.i, got, tt.want)
		}
	}
	// An analyzer later in a chain sees a part of the batch, and what was added to that part.
	part := sdk.NewBatch(build(t, nil, first, second, third), []uint32{2}, addedTo(t, 3), nil)
	for _, got := range []sdk.Value{part.Annotation(0, "mood", "label"), part.Event(0).Annotation("mood", "label")} {
		if got.Text() != "of 2" {
			t.Errorf("the annotation of the third event, seen in a selection, is %q", got.Text())
		}
	}
}

func addedTo(t *testing.T, n int) []*sdk.Added {
	return []*sdk.Added{added(t, batchOf(t, n), n, func(a *sdk.Additions) {
		for i := range n {
			a.SetString(i, "label", "of "+string(rune('0'+i)))
		}
	})}
}

func TestBatchOfRefusesBrokenEvents(t *testing.T) {
	if _, err := sdk.BatchOf(said("a", "1"), said("", "2")); sdk.CodeOf(err) != sdk.Invalid {
		t.Errorf("got error %v", err)
	}
	twice := said("a", "1")
	n := sdk.Annotation{Analyzer: "x", Field: "f", Value: sdk.BoolValue(true)}
	twice.Annotations = []sdk.Annotation{n, n}
	if _, err := sdk.BatchOf(twice); err == nil {
		t.Error("one field twice on one event was taken")
	}
}

func TestAttributesByEvent(t *testing.T) {
	type config struct {
		Body   sdk.PerEvent     `pintle:"body"`
		Title  sdk.PerEvent     `pintle:"title"`
		Group  sdk.PerEventList `pintle:"group_by"`
		Fields sdk.PerEventMap  `pintle:"fields"`
	}
	var c config
	if err := sdk.DecodeConfig([]byte(`{"body":true,"group_by":2,"fields":["b","a"]}`), &c); err != nil {
		t.Fatal(err)
	}
	var attrs []*sdk.Values
	for name, cells := range map[string][]sdk.Value{
		"body":       {sdk.StringValue("b0"), {}, sdk.StringValue("b2")},
		"group_by.0": {sdk.NumberValue(1), sdk.NumberValue(2), sdk.NumberValue(3)},
		"group_by.1": {{}, {}, {}},
		"fields.a":   {sdk.BoolValue(true), {}, sdk.BoolValue(false)},
	} {
		v, err := sdk.ColumnValues(columnOf(name, cells), 3)
		if err != nil {
			t.Fatal(err)
		}
		attrs = append(attrs, v)
	}
	b := sdk.NewBatch(build(t, nil, said("a", "1"), said("b", "2"), said("c", "3")), []uint32{1, 2}, nil, attrs)
	if !c.Body.IsSet() || c.Title.IsSet() || len(c.Group.Items()) != 2 || !cmp.Equal(c.Fields.Keys(), []string{"b", "a"}) {
		t.Fatalf("configuration %+v", c)
	}
	tests := []struct {
		name string
		of   sdk.PerEvent
		want [2]string
	}{
		{"a scalar", c.Body, [2]string{"", "b2"}},
		{"one that is not set", c.Title, [2]string{"", ""}},
		{"the first of a list", c.Group.Items()[0], [2]string{"2", "3"}},
		{"one without any value", c.Group.Items()[1], [2]string{"", ""}},
		{"one the hub left out", c.Fields.Items()[0], [2]string{"", ""}},
		{"one of a map", c.Fields.Items()[1], [2]string{"", "false"}},
	}
	for _, tt := range tests {
		for i, want := range tt.want {
			if got := b.Attr(i, tt.of).Text(); got != want {
				t.Errorf("%s: event %d has %q, want %q", tt.name, i, got, want)
			}
		}
	}
}

// Text is what a sink or analyzer reads most: it must agree with the whole event, whoever encoded it.
func TestTextAgreesWithTheEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := genEvents().Draw(t, "events")
		theirs, err := sdk.ParseRecords(protoRecords(t, events))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []*sdk.Records{build(t, nil, events...), theirs} {
			b := sdk.NewBatch(r, nil, nil, nil)
			for i := range events {
				if got, want := b.Text(i), b.Event(i).Text(); got != want || want != events[i].Text() {
					t.Fatalf("Text %q, Event.Text %q, the source said %q", got, want, events[i].Text())
				}
			}
		}
	})
}

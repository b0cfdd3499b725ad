package sdk_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pintle-hub/pintle/sdk"
)

func said(id, text string) sdk.Event {
	return sdk.Event{ID: id, Time: time.Unix(1_700_000_000, 0).UTC(), Feedback: &sdk.Feedback{Text: text}}
}

func TestBuilderRefusesWhatNoBatchMayHold(t *testing.T) {
	long := strings.Repeat("x", sdk.MaxID+1)
	tests := []struct {
		name string
		in   sdk.Event
	}{
		{"no id", said("", "x")},
		{"id too long", said(long, "x")},
		{"id is no text", said("\xff", "x")},
		{"neither type nor body", sdk.Event{ID: "a"}},
		{"key too long", sdk.Event{ID: "a", Type: "t", Key: long}},
		{"author that cannot be a key", sdk.Event{ID: "a", Feedback: &sdk.Feedback{Author: sdk.Author{ID: long}}}},
		{"larger than an event may be", said("a", strings.Repeat("x", sdk.MaxEventBytes))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b sdk.Builder
			err := b.Add(&tt.in)
			if sdk.CodeOf(err) != sdk.Invalid {
				t.Fatalf("got error %v, want one with code invalid", err)
			}
			if b.Len() != 0 || b.Size() != 0 {
				t.Fatalf("a refused event left %d events and %d bytes", b.Len(), b.Size())
			}
			if err := b.Add(&sdk.Event{ID: "b", Type: "t"}); err != nil {
				t.Fatalf("after a refusal the next event: %v", err)
			}
		})
	}
}

// Whatever text of an event is not UTF-8, protobuf in other languages and JSON could not read the event.
func TestBuilderRefusesBytesThatAreNoText(t *testing.T) {
	whole := sdk.Event{ID: "a", Type: "t", Feedback: &sdk.Feedback{Media: make([]sdk.Media, 1), Communities: make([]sdk.Community, 1)},
		Insight: &sdk.Insight{Group: []string{""}, Evidence: []string{""}, RecommendedActions: []string{""},
			ByChannel: make([]sdk.Count, 1), Why: []sdk.Reason{{Events: []string{""}}}}}
	var b sdk.Builder
	if err := b.Add(&whole); err != nil {
		t.Fatal(err)
	}
	tried := 0
	eachText(reflect.ValueOf(&whole).Elem(), "Event", func(path string, v reflect.Value) {
		if path == "Event.Source" {
			return // the hub's
		}
		tried++
		old := v.String()
		v.SetString("bad \xff")
		if err := b.Add(&whole); sdk.CodeOf(err) != sdk.Invalid {
			t.Errorf("%s of invalid UTF-8: got error %v, want one with code invalid", path, err)
		} else if strings.Contains(err.Error(), "bad") && path != "Event.ID" {
			t.Errorf("%s: the error quotes the event: %v", path, err)
		}
		v.SetString(old)
	})
	if tried < 50 {
		t.Errorf("only %d texts were tried", tried)
	}
}

// eachText calls yield for every settable string below v.
func eachText(v reflect.Value, path string, yield func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.String:
		yield(path, v)
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), path, yield)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), path+"["+strconv.Itoa(i)+"]", yield)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			eachText(v.Field(i), path+"."+v.Type().Field(i).Name, yield)
		}
	}
}

func TestBuilderFillsInWhatTheSourceLeftOpen(t *testing.T) {
	native := sdk.Native{Platform: "mastodon", ID: "42"}
	r := build(t, nil,
		sdk.Event{Feedback: &sdk.Feedback{Native: native, Author: sdk.Author{ID: "ann"}}},
		sdk.Event{ID: "own", Insight: &sdk.Insight{}},
		sdk.Event{ID: "keyed", Type: "com.example.visit", Key: "k"})
	var got [][3]string
	for _, e := range eventsOf(r) {
		got = append(got, [3]string{e.ID, e.Type, e.Key})
	}
	want := [][3]string{
		{sdk.FeedbackID(native), sdk.TypeFeedback, "ann"},
		{"own", sdk.TypeInsight, "own"},
		{"keyed", "com.example.visit", "k"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("id, type and key (-want +got):\n%s", diff)
	}
}

func TestBuilderIsFullAtItsLimits(t *testing.T) {
	var many sdk.Builder
	e := said("a", "x")
	for range sdk.MaxEvents - 1 {
		if err := many.Add(&e); err != nil {
			t.Fatal(err)
		}
	}
	if many.Full() {
		t.Errorf("full with %d events", many.Len())
	}
	if err := many.Add(&e); err != nil || !many.Full() {
		t.Errorf("with %d events: full %v, error %v", many.Len(), many.Full(), err)
	}
	if err := many.Add(&e); sdk.CodeOf(err) != sdk.Invalid {
		t.Errorf("event %d: got error %v, want one with code invalid", sdk.MaxEvents+1, err)
	}
	var heavy sdk.Builder
	e = said("b", strings.Repeat("x", sdk.MaxEventBytes-100))
	if err := heavy.Add(&e); err != nil || heavy.Full() {
		t.Errorf("with %d bytes: full %v, error %v", heavy.Size(), heavy.Full(), err)
	}
	if err := heavy.Add(&e); err != nil || !heavy.Full() {
		t.Errorf("with %d bytes: full %v, error %v", heavy.Size(), heavy.Full(), err)
	}
}

// The index travels and is stored with the events, so long ids must fill a batch as long texts do.
func TestBuilderCountsItsIndex(t *testing.T) {
	var b sdk.Builder
	for i := 0; !b.Full(); i++ {
		id := strconv.Itoa(i)
		id += strings.Repeat("x", sdk.MaxID-len(id))
		if err := b.Add(&sdk.Event{ID: id, Type: "t"}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(r.Bytes()); n > sdk.MaxBatchBytes*5/4 {
		t.Errorf("a batch was cut only at %d bytes, want about %d", n, sdk.MaxBatchBytes)
	}
}

func TestBuilderRefusesALongPosition(t *testing.T) {
	var b sdk.Builder
	if _, err := b.Records(make(sdk.Position, sdk.MaxPosition+1)); sdk.CodeOf(err) != sdk.Invalid {
		t.Errorf("got error %v, want one with code invalid", err)
	}
	if _, err := b.Records(make(sdk.Position, sdk.MaxPosition)); err != nil {
		t.Errorf("the longest position allowed: %v", err)
	}
}

func TestTruncateTakesBackWholeEvents(t *testing.T) {
	early, late := said("early", "a"), said("late", "b")
	early.Time, late.Time = time.Unix(1, 0), time.Unix(9_000_000_000, 0)
	kept := []sdk.Event{said("one", "1"), sdk.Rejected("two", "x", "y", nil), said("three", "3")}
	kept[1].Time = kept[0].Time
	for n := range len(kept) + 1 {
		var want, got sdk.Builder
		for i := range n {
			if err := want.Add(&kept[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, e := range append(append([]sdk.Event{}, kept[:n]...), early, sdk.Rejected("r", "", "", nil), late) {
			if err := got.Add(&e); err != nil {
				t.Fatal(err)
			}
		}
		got.Truncate(n)
		got.Truncate(n + 5)
		if got.Size() != want.Size() || got.Len() != want.Len() {
			t.Errorf("truncated to %d events it has %d of %d bytes, want %d of %d", n, got.Len(), got.Size(), want.Len(), want.Size())
		}
		w, _ := want.Records(nil)
		g, _ := got.Records(nil)
		if diff := cmp.Diff(w.Bytes(), g.Bytes()); diff != "" {
			t.Errorf("truncated to %d events it differs from a batch that never had more: %+v, want %+v", n, g.Head, w.Head)
		}
	}
}

func TestFirstAndLastBoundTheTimes(t *testing.T) {
	var events []sdk.Event
	for i, sec := range []int64{50, 90, 10, 60} {
		e := said(strconv.Itoa(i), "x")
		e.Time = time.Unix(sec, 0)
		events = append(events, e)
	}
	if r := build(t, nil, events...); !r.First.Equal(time.Unix(10, 0)) || !r.Last.Equal(time.Unix(90, 0)) {
		t.Errorf("from %v to %v, want from 10 s to 90 s", r.First, r.Last)
	}
}

func TestBuilderStartsAnewAfterRecords(t *testing.T) {
	var b sdk.Builder
	first := said("a", "first")
	if err := b.Add(&first); err != nil {
		t.Fatal(err)
	}
	r, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	second := said("b", "other")
	if err := b.Add(&second); err != nil {
		t.Fatal(err)
	}
	if got := eventsOf(r)[0].Text(); got != "first" {
		t.Errorf("a finished batch changed to %q when the next was begun", got)
	}
	s, err := b.Records(nil)
	if err != nil || s.Len() != 1 || s.ID(0) != "b" {
		t.Errorf("the next batch has %d events, the first %q (%v)", s.Len(), s.ID(0), err)
	}
}

func TestRejectedKeepsItsReason(t *testing.T) {
	raw := []byte("\xff<item>" + strings.Repeat("x", 100<<10))
	e := sdk.Rejected("line-3", "dir/\xff.csv:3", "no \xff date", raw)
	r := build(t, nil, e, said("a", "x"), e)
	if diff := cmp.Diff([]uint32{0, 2}, r.Rejected()); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
	got := eventsOf(r)[0]
	where, reason, kept := sdk.RejectionOf(&got)
	if where != "dir/\ufffd.csv:3" || reason != "no \ufffd date" || string(kept) != string(raw[:64<<10]) {
		t.Errorf("got %q, %q and %d bytes", where, reason, len(kept))
	}
	foreign := sdk.Event{Type: sdk.TypeRejected, Subject: "here", Data: []byte("no JSON")}
	where, reason, kept = sdk.RejectionOf(&foreign)
	if diff := cmp.Diff([]string{"here", "no JSON"}, []string{where, string(kept)}, cmpopts.EquateEmpty()); diff != "" || reason == "" {
		t.Errorf("what another program rejected (-want +got):\n%s%s", diff, reason)
	}
}

package sdk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

func batchOf(t fataler, n int) *sdk.Batch {
	t.Helper()
	var events []sdk.Event
	for i := range n {
		events = append(events, said(fmt.Sprint("e", i), fmt.Sprint("text ", i)))
	}
	b, err := sdk.BatchOf(events...)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return b
}

// added runs add as an analyzer would and reads back what travels.
func added(t fataler, in *sdk.Batch, n int, add func(*sdk.Additions)) *sdk.Added {
	t.Helper()
	out := &sdk.Additions{Analyzer: "mood", Plugin: "sentiment", Version: "1.2.3", Params: "abcd"}
	out.Reset(in)
	add(out)
	b, err := out.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	a, err := sdk.ParseAdditions(b, n)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return a
}

func insight(id string) sdk.Event {
	return sdk.Event{ID: id, Time: time.Unix(1, 0), Insight: &sdk.Insight{Key: id}}
}

func TestAdditionsReachTheEventsTheyWereMadeFor(t *testing.T) {
	a := added(t, batchOf(t, 4), 4, func(out *sdk.Additions) {
		out.SetString(0, "label", "good")
		out.SetNumber(0, "score", 0.5)
		out.SetString(2, "label", "bad")
		out.SetBool(3, "sure", false)
		out.SetStrings(1, "words", []string{"a", "b"})
		out.SetStrings(2, "words", nil)
		out.Drop(1, "spam")
		out.Drop(3, "spam")
		out.Drop(2, "own")
		out.Emit(insight("in_1"))
	})
	want := map[string][]sdk.Value{
		"label": {sdk.StringValue("good"), {}, sdk.StringValue("bad"), {}},
		"score": {sdk.NumberValue(0.5), {}, {}, {}},
		"sure":  {{}, {}, {}, sdk.BoolValue(false)},
		"words": {{}, sdk.StringsValue([]string{"a", "b"}), sdk.StringsValue(nil), {}},
		"none":  {{}, {}, {}, {}},
	}
	for field, cells := range want {
		for i := range cells {
			if diff := cmp.Diff(cells[i], a.Value(i, field), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s of event %d (-want +got):\n%s", field, i, diff)
			}
		}
	}
	if diff := cmp.Diff([]sdk.Drop{{"spam", []uint32{1, 3}}, {"own", []uint32{2}}}, a.Drops); diff != "" {
		t.Errorf("drops (-want +got):\n%s", diff)
	}
	if a.Emitted == nil || a.Emitted.Len() != 1 || eventsOf(a.Emitted)[0].Insight.Key != "in_1" {
		t.Errorf("emitted %v", a.Emitted)
	}
	if got := [...]string{a.Analyzer, a.Plugin, a.Version, a.Params}; got != [...]string{"mood", "sentiment", "1.2.3", "abcd"} {
		t.Errorf("provenance %q", got)
	}
}

func TestAdditionsAreProtobuf(t *testing.T) {
	out := &sdk.Additions{Analyzer: "mood", Plugin: "sentiment", Version: "1", Params: "p"}
	out.Reset(batchOf(t, 3))
	out.SetString(1, "label", "good")
	out.Drop(2, "spam")
	out.Emit(insight("in"))
	b, err := out.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var read pb.Additions
	if err := proto.Unmarshal(b, &read); err != nil {
		t.Fatalf("protobuf cannot read additions: %v", err)
	}
	if r, err := sdk.ParseRecords(read.Emitted); err != nil || r.ID(0) != "in" {
		t.Errorf("emitted events: %v, %v", r, err)
	}
	read.Emitted = nil
	want := &pb.Additions{Analyzer: "mood", Plugin: "sentiment", Version: "1", Params: "p",
		Columns: []*pb.Column{{Name: "label", Kind: 3, Count: 1, Gaps: []uint32{1}, Dict: []string{"good"}, Index: []uint32{0}}},
		Drops:   []*pb.Dropped{{Rule: "spam", Events: []uint32{2}}}}
	if !proto.Equal(want, &read) {
		t.Errorf("got  %v\nwant %v", &read, want)
	}
}

// Additions number events as the record batch does, whatever part of it the analyzer sees.
func TestAdditionsOfASelection(t *testing.T) {
	r := build(t, nil, said("a", "1"), said("b", "2"), said("c", "3"), said("d", "4"))
	in := sdk.NewBatch(r, []uint32{1, 3}, nil, nil)
	a := added(t, in, 4, func(out *sdk.Additions) {
		out.SetString(0, "label", "of b")
		out.SetString(1, "label", "of d")
		out.Drop(1, "late")
	})
	if got := a.Value(1, "label").Str + ", " + a.Value(3, "label").Str; got != "of b, of d" || !a.Value(0, "label").IsNull() {
		t.Errorf("labels: %s", got)
	}
	if diff := cmp.Diff([]sdk.Drop{{"late", []uint32{3}}}, a.Drops); diff != "" {
		t.Errorf("drops (-want +got):\n%s", diff)
	}
}

func TestRemaining(t *testing.T) {
	tests := []struct {
		name  string
		drops []sdk.Drop
		sel   []uint32
		want  []uint32
	}{
		{"no drops, all", nil, nil, nil},
		{"no drops, some", nil, []uint32{1, 2}, []uint32{1, 2}},
		{"some of all", []sdk.Drop{{"a", []uint32{0}}, {"b", []uint32{2}}}, nil, []uint32{1, 3}},
		{"some of some", []sdk.Drop{{"a", []uint32{1}}}, []uint32{1, 2}, []uint32{2}},
		{"all of all", []sdk.Drop{{"a", []uint32{0, 1, 2, 3}}}, nil, []uint32{}},
	}
	for _, tt := range tests {
		got := (&sdk.Added{Drops: tt.drops}).Remaining(tt.sel, 4)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Twice dropped is still one event gone: the books count it once, under the first rule.
func TestDropCountsAnEventOnce(t *testing.T) {
	a := added(t, batchOf(t, 3), 3, func(out *sdk.Additions) {
		out.Drop(1, "spam")
		out.Drop(1, "spam")
		out.Drop(1, "own")
		out.Drop(0, "own")
	})
	if diff := cmp.Diff([]sdk.Drop{{"spam", []uint32{1}}, {"own", []uint32{0}}}, a.Drops); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEncodeReportsTheFirstMistake(t *testing.T) {
	noTime := sdk.Event{ID: "x", Insight: &sdk.Insight{}}
	tests := []struct {
		name, says string
		add        func(*sdk.Additions)
	}{
		{"a field set backwards", `"label"`, func(a *sdk.Additions) { a.SetString(1, "label", "b"); a.SetString(0, "label", "a") }},
		{"a field set twice", `"label"`, func(a *sdk.Additions) { a.SetString(1, "label", "b"); a.SetString(1, "label", "a") }},
		{"an event without time", "without a time", func(a *sdk.Additions) { a.Emit(noTime) }},
		{"an event without id", "without id", func(a *sdk.Additions) { a.Emit(insight("")) }},
		{"the first of two", "without id", func(a *sdk.Additions) { a.Emit(insight("")); a.Emit(noTime) }},
		{"the first of two, turned round", "without a time", func(a *sdk.Additions) { a.Emit(noTime); a.Emit(insight("")) }},
		{"more fields than allowed", "fields", func(a *sdk.Additions) {
			for i := range sdk.MaxFields + 1 {
				a.SetBool(0, fmt.Sprint("field", i), true)
			}
		}},
		{"more rules than allowed", "rules", func(a *sdk.Additions) {
			for i := range sdk.MaxFields + 1 {
				a.Drop(i, fmt.Sprint("rule", i))
			}
		}},
		{"more new events than a batch holds", "4096", func(a *sdk.Additions) {
			for i := range sdk.MaxEvents + 1 {
				a.Emit(insight(fmt.Sprint("in", i)))
			}
		}},
		{"more bytes than a message holds", "bytes", func(a *sdk.Additions) {
			for i := range 5 {
				a.SetString(i, "copy", fmt.Sprint(i)+strings.Repeat("x", 1<<20))
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := &sdk.Additions{}
			out.Reset(batchOf(t, sdk.MaxFields+2))
			tt.add(out)
			if _, err := out.Encode(); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("got error %v, want one that says %q", err, tt.says)
			}
			out.Reset(batchOf(t, 1))
			out.SetString(0, "label", "a")
			if _, err := out.Encode(); err != nil {
				t.Errorf("the next batch suffers from it: %v", err)
			}
		})
	}
}

// After a crash a fresh process must add the same bytes to a batch as the old one did, which had seen other batches before.
func TestAdditionsDependOnTheirBatchAlone(t *testing.T) {
	second := func(out *sdk.Additions) {
		out.SetString(0, "b", "text where a number was")
		out.SetString(0, "a", "x")
		out.SetStrings(1, "c", []string{"y"})
	}
	encode := func(out *sdk.Additions, add func(*sdk.Additions)) []byte {
		out.Reset(batchOf(t, 2))
		add(out)
		b, err := out.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	old, fresh := &sdk.Additions{}, &sdk.Additions{}
	encode(old, func(out *sdk.Additions) {
		out.SetBool(0, "c", true)
		out.SetString(0, "a", "z")
		out.SetNumber(1, "b", 1)
		out.Drop(1, "spam")
		out.Emit(insight("in"))
	})
	want := encode(fresh, second)
	for range 2 {
		if diff := cmp.Diff(want, encode(old, second)); diff != "" {
			t.Errorf("after another batch (-fresh +used):\n%s", diff)
		}
	}
}

func TestParseAdditionsRefuses(t *testing.T) {
	label := func(name string) *pb.Column {
		return &pb.Column{Name: name, Kind: 3, Count: 1, Gaps: []uint32{1}, Dict: []string{"a"}, Index: []uint32{0}}
	}
	many, rules := []*pb.Column{}, []*pb.Dropped{}
	for i := range sdk.MaxFields + 1 {
		many = append(many, label(fmt.Sprint(i)))
		rules = append(rules, &pb.Dropped{Rule: fmt.Sprint(i)})
	}
	tests := []struct {
		name string
		in   *pb.Additions
	}{
		{"a broken column", &pb.Additions{Columns: []*pb.Column{{Name: "x"}}}},
		{"one field twice", &pb.Additions{Columns: []*pb.Column{label("x"), label("y"), label("x")}}},
		{"more fields than allowed", &pb.Additions{Columns: many}},
		{"more rules than allowed", &pb.Additions{Drops: rules}},
		{"a dropped event beyond the batch", &pb.Additions{Drops: []*pb.Dropped{{Rule: "x", Events: []uint32{3}}}}},
		{"more drops than events", &pb.Additions{Drops: []*pb.Dropped{{Rule: "x", Events: []uint32{0, 1, 2, 0}}}}},
		{"an event dropped twice by a rule", &pb.Additions{Drops: []*pb.Dropped{{Rule: "x", Events: []uint32{1, 1}}}}},
		{"an event dropped by two rules", &pb.Additions{Drops: []*pb.Dropped{{Rule: "x", Events: []uint32{1}}, {Rule: "y", Events: []uint32{1}}}}},
		{"more bytes than allowed", &pb.Additions{Analyzer: strings.Repeat("x", sdk.MaxAdditionsBytes)}},
		{"emitted bytes that are no batch", &pb.Additions{Emitted: []byte("junk")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := proto.Marshal(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if a, err := sdk.ParseAdditions(b, 3); err == nil || a != nil {
				t.Errorf("got %v and error %v", a, err)
			}
		})
	}
	if a, err := sdk.ParseAdditions(nil, 3); err != nil || a.Value(2, "x").Kind != sdk.Null || a.Emitted != nil {
		t.Errorf("no additions at all: %v, %v", a, err)
	}
}

// A dead letter keeps what was added to its one event.
func TestSliceAdditions(t *testing.T) {
	var encoded [][]byte
	for _, analyzer := range []string{"lang", "mood"} {
		out := &sdk.Additions{Analyzer: analyzer, Plugin: "p", Version: "1", Params: "x"}
		out.Reset(batchOf(t, 3))
		out.SetString(1, "label", analyzer+" of 1")
		out.SetStrings(2, "words", []string{"a"})
		out.Drop(0, "spam")
		out.Emit(insight("in"))
		b, err := out.Encode()
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, b)
	}
	one, err := sdk.SliceAdditions(encoded, 3, 1)
	if err != nil || len(one) != 2 {
		t.Fatalf("%d additions, %v", len(one), err)
	}
	a, err := sdk.ParseAdditions(one[1], 1)
	if err != nil {
		t.Fatal(err)
	}
	if a.Value(0, "label").Str != "mood of 1" || !a.Value(0, "words").IsNull() || a.Drops != nil || a.Emitted != nil || a.Analyzer != "mood" || a.Params != "x" {
		t.Errorf("got %+v", a)
	}
	if _, err := sdk.SliceAdditions([][]byte{[]byte("junk")}, 3, 1); err == nil {
		t.Error("junk was sliced")
	}
	if _, err := sdk.SliceAdditions(encoded, 3, 3); err == nil {
		t.Error("an event that is not there was sliced")
	}
}

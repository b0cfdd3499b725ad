package sdk_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// genCells draws the values of a column of one kind; null where an event has none.
func genCells() *rapid.Generator[[]sdk.Value] {
	return rapid.Custom(func(t *rapid.T) []sdk.Value {
		texts := rapid.SampledFrom([]string{"", "a", "b", "long and\x00odd 👋"})
		cell := map[sdk.Kind]*rapid.Generator[sdk.Value]{
			sdk.Bool:   rapid.Map(rapid.Bool(), sdk.BoolValue),
			sdk.Number: rapid.Map(rapid.Float64(), sdk.NumberValue),
			sdk.String: rapid.Map(texts, sdk.StringValue),
			sdk.List:   rapid.Map(rapid.SliceOfN(texts, 0, 3), sdk.StringsValue),
		}[rapid.SampledFrom([]sdk.Kind{sdk.Bool, sdk.Number, sdk.String, sdk.List}).Draw(t, "kind")]
		return rapid.SliceOfN(rapid.OneOf(cell, cell, rapid.Just(sdk.Value{})), 0, 20).Draw(t, "cells")
	})
}

func columnOf(name string, cells []sdk.Value) *sdk.Column {
	c := &sdk.Column{Name: name}
	for i, v := range cells {
		c.Set(i, v)
	}
	return c
}

func cellsOf(v *sdk.Values, n int) []sdk.Value {
	var cells []sdk.Value
	for i := range n {
		cells = append(cells, v.At(i))
	}
	return cells
}

func TestColumnsKeepEveryValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := genCells().Draw(t, "cells")
		c := columnOf("mood", cells)
		parsed, err := sdk.ParseColumn(sdk.EncodeColumn(c, len(cells)), len(cells))
		if err != nil {
			t.Fatalf("cannot read a column back: %v", err)
		}
		direct, err := sdk.ColumnValues(c, len(cells))
		if err != nil {
			t.Fatalf("cannot see a column as read: %v", err)
		}
		for _, v := range []*sdk.Values{parsed, direct} {
			if diff := cmp.Diff(cells, cellsOf(v, len(cells)), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("(-in +out):\n%s", diff)
			}
			if v.Name != "mood" {
				t.Fatalf("named %q", v.Name)
			}
		}
	})
}

// TestColumnsAreProtobuf compares with the generated code in both directions.
func TestColumnsAreProtobuf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := genCells().Draw(t, "cells")
		ours := sdk.EncodeColumn(columnOf("mood", cells), len(cells))
		var read pb.Column
		if err := proto.Unmarshal(ours, &read); err != nil {
			t.Fatalf("protobuf cannot read a column: %v", err)
		}
		if got := protoCells(&read, len(cells)); !cmp.Equal(cells, got, cmpopts.EquateEmpty()) {
			t.Fatalf("as protobuf reads it (-in +out):\n%s", cmp.Diff(cells, got, cmpopts.EquateEmpty()))
		}
		theirs, err := proto.Marshal(&read)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := sdk.ParseColumn(theirs, len(cells))
		if err != nil {
			t.Fatalf("cannot read what protobuf wrote: %v", err)
		}
		if diff := cmp.Diff(cells, cellsOf(parsed, len(cells)), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-in +out):\n%s", diff)
		}
	})
}

// protoCells reads a column by the words of records.proto alone.
func protoCells(c *pb.Column, n int) []sdk.Value {
	cells := make([]sdk.Value, n)
	ord, item := uint32(0), 0
	for place := range int(c.Count) {
		if int(c.Count) != n {
			ord += c.Gaps[place]
		}
		switch sdk.Kind(c.Kind) {
		case sdk.Bool:
			cells[ord] = sdk.BoolValue(c.Bools[place] != 0)
		case sdk.Number:
			cells[ord] = sdk.NumberValue(c.Numbers[place])
		case sdk.String:
			cells[ord] = sdk.StringValue(c.Dict[c.Index[place]])
		case sdk.List:
			var list []string
			for range c.Lengths[place] {
				list = append(list, c.Dict[c.Index[item]])
				item++
			}
			cells[ord] = sdk.StringsValue(list)
		}
		ord++
	}
	return cells
}

func TestColumnSettlesOnOneKind(t *testing.T) {
	object := sdk.ValueOf(map[string]any{"a": 1.0})
	tests := []struct {
		name     string
		in, want []sdk.Value
	}{
		{"texts take others as text", []sdk.Value{sdk.StringValue("a"), sdk.NumberValue(2), sdk.BoolValue(true), object},
			[]sdk.Value{sdk.StringValue("a"), sdk.StringValue("2"), sdk.StringValue("true"), sdk.StringValue(`{"a":1}`)}},
		{"numbers leave others out", []sdk.Value{sdk.NumberValue(1), sdk.StringValue("b"), sdk.NumberValue(3)},
			[]sdk.Value{sdk.NumberValue(1), {}, sdk.NumberValue(3)}},
		{"an object is its JSON", []sdk.Value{object}, []sdk.Value{sdk.StringValue(`{"a":1}`)}},
		{"items of a list are texts", []sdk.Value{sdk.ListValue([]sdk.Value{sdk.NumberValue(1), sdk.BoolValue(false)})},
			[]sdk.Value{sdk.StringsValue([]string{"1", "false"})}},
		{"nulls do not settle it", []sdk.Value{{}, sdk.NumberValue(1)}, []sdk.Value{{}, sdk.NumberValue(1)}},
		{"nothing but nulls", []sdk.Value{{}, {}}, []sdk.Value{{}, {}}},
		{"bytes that are no text are replaced", []sdk.Value{sdk.StringValue("a\xff"), sdk.StringValue("a\xfe")},
			[]sdk.Value{sdk.StringValue("a\ufffd"), sdk.StringValue("a\ufffd")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := sdk.ParseColumn(sdk.EncodeColumn(columnOf("x", tt.in), len(tt.in)), len(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, cellsOf(v, len(tt.in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestColumnsKeepADistinctTextOnce(t *testing.T) {
	cells := make([]sdk.Value, 1000)
	for i := range cells {
		cells[i] = sdk.StringValue([]string{"a rather long word", "another rather long word"}[i%2])
	}
	b := sdk.EncodeColumn(columnOf("x", cells), len(cells))
	if n := strings.Count(string(b), "long"); n != 2 || len(b) > 1200 {
		t.Errorf("%d copies of two texts in %d bytes", n, len(b))
	}
}

func TestParseColumnRefuses(t *testing.T) {
	good := func() *pb.Column {
		return &pb.Column{Name: "x", Kind: 3, Count: 2, Gaps: []uint32{0, 1}, Dict: []string{"a", "b"}, Index: []uint32{0, 1}}
	}
	list := func() *pb.Column {
		return &pb.Column{Name: "x", Kind: 4, Count: 3, Dict: []string{"a"}, Index: []uint32{0, 0}, Lengths: []uint32{1, 0, 1}}
	}
	for _, c := range []*pb.Column{good(), list()} {
		if _, err := parseProto(t, c); err != nil {
			t.Fatalf("the column that the rows below damage: %v", err)
		}
	}
	tests := []struct {
		name   string
		of     func() *pb.Column
		change func(*pb.Column)
	}{
		{"no kind", good, func(c *pb.Column) { c.Kind = 0 }},
		{"an unknown kind", good, func(c *pb.Column) { c.Kind = 5 }},
		{"a kind that wraps round", good, func(c *pb.Column) { c.Kind = 256 + 3 }},
		{"more values than events", good, func(c *pb.Column) {
			c.Count, c.Gaps, c.Index = 4, []uint32{0, 0, 0, 0}, []uint32{0, 0, 0, 0}
		}},
		{"a count of values that are not there", good, func(c *pb.Column) { c.Count = 3 }},
		{"the largest count", good, func(c *pb.Column) { c.Count = math.MaxUint32 }},
		{"an event beyond the batch", good, func(c *pb.Column) { c.Gaps[1] = 2 }},
		{"gaps that overflow", good, func(c *pb.Column) { c.Gaps[1] = math.MaxUint32 }},
		{"a missing gap", good, func(c *pb.Column) { c.Gaps = c.Gaps[:1] }},
		{"no gaps for some events", good, func(c *pb.Column) { c.Gaps = nil }},
		{"an index beyond the dictionary", good, func(c *pb.Column) { c.Index[1] = 2 }},
		{"the largest index", good, func(c *pb.Column) { c.Index[1] = math.MaxUint32 }},
		{"no dictionary", good, func(c *pb.Column) { c.Dict = nil }},
		{"numbers for texts", good, func(c *pb.Column) { c.Kind, c.Numbers = 2, []float64{1} }},
		{"bools for texts", good, func(c *pb.Column) { c.Kind, c.Bools = 1, []byte{1} }},
		{"lists longer than the items", list, func(c *pb.Column) { c.Lengths[0] = 2 }},
		{"lists shorter than the items", list, func(c *pb.Column) { c.Lengths[0] = 0 }},
		{"lists that overflow", list, func(c *pb.Column) { c.Lengths = []uint32{math.MaxUint32, 2, 1} }},
		{"more lists than events", list, func(c *pb.Column) { c.Lengths = []uint32{1, 0, 1, 0} }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.of()
			tt.change(c)
			if v, err := parseProto(t, c); err == nil || v != nil {
				t.Errorf("got %v and error %v", v, err)
			}
		})
	}
	if _, err := sdk.ParseColumn([]byte("\x08"), 3); err == nil {
		t.Error("half a field was taken")
	}
	halfNumber := append(sdk.EncodeColumn(columnOf("x", nil), 0)[:0], "\x10\x02\x48\x01\x22\x0912345678x"...)
	if _, err := sdk.ParseColumn(halfNumber, 1); err == nil {
		t.Error("a number and a byte more were taken for one number")
	}
}

func parseProto(t *testing.T, c *pb.Column) (*sdk.Values, error) {
	b, err := proto.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return sdk.ParseColumn(b, 3)
}

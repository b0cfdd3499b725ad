package sdk_test

import (
	"bytes"
	"hash/crc32"
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

func smallBatch(t fataler) *sdk.Records {
	return build(t, sdk.Position("line 3"), said("a", "the first"), sdk.Rejected("b", "x", "y", nil), said("c", "the last"))
}

// touch reads everything of a batch that was accepted.
func touch(r *sdk.Records) {
	_ = eventsOf(r)
	for i := range r.Len() {
		_, _ = r.ID(i), r.Key(i)
	}
	_ = r.Stamp(r.Head)
}

func TestNoFlippedBitOfTheBodyPasses(t *testing.T) {
	whole := smallBatch(t).Bytes()
	var read pb.Records
	if err := proto.Unmarshal(whole, &read); err != nil {
		t.Fatal(err)
	}
	bodyAt := bytes.LastIndex(whole, read.Body)
	for i := range whole {
		for bit := range 8 {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 1 << bit
			r, err := sdk.ParseRecords(damaged)
			if err == nil {
				touch(r)
			}
			if err == nil && i >= bodyAt {
				t.Fatalf("byte %d of the body with bit %d flipped was taken", i-bodyAt, bit)
			}
			if err != nil && r != nil {
				t.Fatalf("a refused batch was returned beside its error %v", err)
			}
		}
	}
}

func TestNoPartOfABatchPasses(t *testing.T) {
	whole := smallBatch(t).Bytes()
	for n := 1; n < len(whole); n++ {
		if _, err := sdk.ParseRecords(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were taken for a batch", n, len(whole))
		}
	}
}

func TestAnyBytesAreReadOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := bytes.Clone(smallBatch(t).Bytes())
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(whole)-1).Draw(t, "at")
			put := rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "put")
			whole = append(whole[:at:at], append(put, whole[at+rapid.IntRange(0, len(whole)-at-1).Draw(t, "cut"):]...)...)
		}
		if r, err := sdk.ParseRecords(whole); err == nil {
			touch(r)
		}
	})
}

// damage returns a batch whose head was changed by a stranger who knows the format.
func damage(t fataler, change func(*pb.Records)) []byte {
	var r pb.Records
	if err := proto.Unmarshal(smallBatch(t).Bytes(), &r); err != nil {
		t.Fatalf("%v", err)
	}
	change(&r)
	b, err := proto.MarshalOptions{AllowPartial: true}.Marshal(&r)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return b
}

func TestParseRecordsRefuses(t *testing.T) {
	tests := []struct {
		name, says string
		change     func(*pb.Records)
	}{
		{"a count without events", "lengths", func(r *pb.Records) { r.Head.Count++ }},
		{"a count too small", "longer", func(r *pb.Records) { r.Head.Count-- }},
		{"a count beyond the limit", "4096", func(r *pb.Records) { r.Head.Count = sdk.MaxEvents + 1 }},
		{"the largest count", "4096", func(r *pb.Records) { r.Head.Count = math.MaxUint32 }},
		{"a missing length", "lengths", func(r *pb.Records) { r.Head.Lengths = r.Head.Lengths[1:] }},
		{"lengths that do not add up", "add up", func(r *pb.Records) { r.Head.Lengths[0]++ }},
		{"lengths that overflow", "allowed", func(r *pb.Records) { r.Head.Lengths[0] = math.MaxUint32 }},
		{"an event over the limit", "allowed", func(r *pb.Records) { r.Head.Lengths[1] = sdk.MaxEventBytes + 1 }},
		{"a missing id", "ids", func(r *pb.Records) { r.Head.Ids = r.Head.Ids[1:] }},
		{"one id too many", "more ids", func(r *pb.Records) { r.Head.Ids = append(r.Head.Ids, "d") }},
		{"one key too many", "more ids", func(r *pb.Records) { r.Head.Keys = append(r.Head.Keys, "d") }},
		{"an empty id", "no id", func(r *pb.Records) { r.Head.Ids[1] = "" }},
		{"an id over the limit", "1024", func(r *pb.Records) { r.Head.Ids[1] = strings.Repeat("x", sdk.MaxID+1) }},
		{"a key over the limit", "1024", func(r *pb.Records) { r.Head.Keys[1] = strings.Repeat("x", sdk.MaxID+1) }},
		{"a position over the limit", "position", func(r *pb.Records) { r.Head.Position = make([]byte, sdk.MaxPosition+1) }},
		{"a rejected event that is not there", "rejected", func(r *pb.Records) { r.Head.Rejected = []uint32{3} }},
		{"more rejected than events", "longer", func(r *pb.Records) { r.Head.Rejected = []uint32{0, 1, 2, 0} }},
		{"an event rejected twice", "rejected", func(r *pb.Records) { r.Head.Rejected = []uint32{1, 1} }},
		{"a wrong checksum", "checksum", func(r *pb.Records) { r.Head.Crc32C++ }},
		{"a body without head", "add up", func(r *pb.Records) { r.Head = nil }},
		{"a head without body", "add up", func(r *pb.Records) { r.Body = nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sdk.ParseRecords(damage(t, tt.change))
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got error %v, want one that says %q", err, tt.says)
			}
		})
	}
}

// Ids and keys become JSON, headers and keys of other systems: two that differ must not become the same there.
func TestParseRecordsRefusesIDsThatAreNoText(t *testing.T) {
	for _, old := range []string{"idAZ", "keyAZ"} {
		e := said("idAZ", "x")
		e.Key = "keyAZ"
		b := bytes.Clone(build(t, nil, e).Bytes())
		b[bytes.Index(b, []byte(old))+1] = 0xff
		if _, err := sdk.ParseRecords(b); err == nil || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("%s with a byte that is no text: got error %v", old, err)
		}
	}
}

func TestParseRecordsTakes(t *testing.T) {
	tests := []struct {
		name   string
		change func(*pb.Records)
	}{
		{"what it was", func(*pb.Records) {}},
		{"an empty key", func(r *pb.Records) { r.Head.Keys[0] = "" }},
		{"no events but a position", func(r *pb.Records) {
			r.Body, r.Head = nil, &pb.Head{Position: []byte("p")}
		}},
		{"fields of a newer plugin", func(r *pb.Records) {
			r.Head.ProtoReflect().SetUnknown(protowire.AppendString(protowire.AppendTag(nil, 99, protowire.BytesType), "new"))
		}},
		{"events nobody can decode", func(r *pb.Records) {
			for i := range r.Body {
				r.Body[i] = 0xff
			}
			r.Head.Crc32C = crc32.Checksum(r.Body, crc32.MakeTable(crc32.Castagnoli))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := sdk.ParseRecords(damage(t, tt.change))
			if err != nil {
				t.Fatal(err)
			}
			touch(r)
		})
	}
}

// What cannot be decoded still stands in the books under its id.
func TestAnEventNobodyCanDecodeKeepsItsID(t *testing.T) {
	r, err := sdk.ParseRecords(damage(t, func(r *pb.Records) {
		r.Body[0] = 0xff
		r.Head.Crc32C = crc32.Checksum(r.Body, crc32.MakeTable(crc32.Castagnoli))
	}))
	if err != nil {
		t.Fatal(err)
	}
	events := eventsOf(r)
	if events[0].ID != "a" || events[0].Type != sdk.TypeRejected || events[0].Feedback != nil {
		t.Errorf("got %+v", events[0])
	}
	if events[2].Text() != "the last" {
		t.Errorf("an event after it lost its text: %+v", events[2])
	}
}

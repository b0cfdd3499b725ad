package sdk_test

import (
	"bytes"
	"hash/crc32"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// fataler is *testing.T and *rapid.T alike.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// build makes a batch as a source's events become one, and reads it back.
func build(t fataler, at sdk.Position, events ...sdk.Event) *sdk.Records {
	t.Helper()
	var b sdk.Builder
	for i := range events {
		if err := b.Add(&events[i]); err != nil {
			t.Fatalf("add event %d: %v", i, err)
		}
	}
	r, err := b.Records(at)
	if err != nil {
		t.Fatalf("finish batch: %v", err)
	}
	parsed, err := sdk.ParseRecords(r.Bytes())
	if err != nil {
		t.Fatalf("read batch: %v", err)
	}
	return parsed
}

func eventsOf(r *sdk.Records) []sdk.Event {
	b := sdk.NewBatch(r, nil, nil, nil)
	var events []sdk.Event
	for i := range b.Len() {
		events = append(events, *b.Event(i))
	}
	return events
}

func TestRecordsKeepEveryField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := genEvents().Draw(t, "events")
		at := sdk.Position(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "position"))
		r := build(t, at, events...)
		if diff := cmp.Diff(events, eventsOf(r), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("events changed on the way (-in +out):\n%s", diff)
		}
		if !bytes.Equal(r.Position, at) || r.Len() != len(events) {
			t.Fatalf("position %q of %d events, want %q of %d", r.Position, r.Len(), at, len(events))
		}
		for i, e := range events {
			if r.ID(i) != e.ID || r.Key(i) != e.Key || string(r.KeyBytes(i)) != e.Key {
				t.Fatalf("event %d has id %q and key %q in the index, want %q and %q", i, r.ID(i), r.Key(i), e.ID, e.Key)
			}
		}
	})
}

func TestRecordsAreProtobuf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := genEvents().Draw(t, "events")
		r := build(t, sdk.Position("p"), events...)
		var got pb.Records
		if err := proto.Unmarshal(r.Bytes(), &got); err != nil {
			t.Fatalf("protobuf cannot read a batch: %v", err)
		}
		body, start := got.Body, uint32(0)
		for i := range events {
			var e pb.Event
			if err := proto.Unmarshal(body[start:start+got.Head.Lengths[i]], &e); err != nil {
				t.Fatalf("protobuf cannot read event %d: %v", i, err)
			}
			start += got.Head.Lengths[i]
			if want := protoEvent(&events[i]); !proto.Equal(&e, want) {
				t.Fatalf("event %d as protobuf reads it:\n%v\nwant:\n%v", i, &e, want)
			}
		}
		if sum := crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)); got.Head.Crc32C != sum {
			t.Fatalf("checksum %08x in the head, the body has %08x", got.Head.Crc32C, sum)
		}
	})
}

// protoRecords is a batch as a plugin in another language makes it.
func protoRecords(t fataler, events []sdk.Event) []byte {
	out := &pb.Records{Head: &pb.Head{Count: uint32(len(events)), Position: []byte("p"), FirstNs: 1, LastNs: 2}}
	for i := range events {
		b, err := proto.Marshal(protoEvent(&events[i]))
		if err != nil {
			t.Fatalf("marshal: %v", err)
		}
		out.Body = append(out.Body, b...)
		out.Head.Lengths = append(out.Head.Lengths, uint32(len(b)))
		out.Head.Ids = append(out.Head.Ids, events[i].ID)
		out.Head.Keys = append(out.Head.Keys, events[i].Key)
	}
	out.Head.Crc32C = crc32.Checksum(out.Body, crc32.MakeTable(crc32.Castagnoli))
	b, err := proto.Marshal(out)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return b
}

func TestRecordsReadWhatProtobufWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := genEvents().Draw(t, "events")
		r, err := sdk.ParseRecords(protoRecords(t, events))
		if err != nil {
			t.Fatalf("cannot read what protobuf wrote: %v", err)
		}
		if diff := cmp.Diff(events, eventsOf(r), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("events changed on the way (-in +out):\n%s", diff)
		}
	})
}

func TestStampKeepsBodyAndIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := append(genEvents().Draw(t, "events"), sdk.Rejected("bad", "feed.xml:3", "no date", []byte("<item>")))
		r := build(t, sdk.Position("here"), events...)
		want := sdk.Head{Source: "source.rss.blog", Partition: 3, Epoch: 7, Recorded: time.Unix(5, 6).UTC(), Position: r.Position,
			First: r.First, Last: r.Last, Count: r.Len()}
		stamped := r.Stamp(sdk.Head{Source: "source.rss.blog", Partition: 3, Epoch: 7, Recorded: want.Recorded, Position: r.Position, Count: 99})
		parsed, err := sdk.ParseRecords(stamped.Bytes())
		if err != nil {
			t.Fatalf("read stamped batch: %v", err)
		}
		for _, s := range []*sdk.Records{stamped, parsed} {
			if diff := cmp.Diff(want, s.Head); diff != "" {
				t.Fatalf("head (-want +got):\n%s", diff)
			}
			got := eventsOf(s)
			for i := range got {
				if got[i].Source != "source.rss.blog" {
					t.Fatalf("event %d has source %q", i, got[i].Source)
				}
				got[i].Source = ""
			}
			if diff := cmp.Diff(eventsOf(r), got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("events (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(r.Rejected(), s.Rejected()); diff != "" {
				t.Fatalf("rejected (-before +after):\n%s", diff)
			}
		}
		if r.Source != "" || r.Epoch != 0 {
			t.Fatalf("stamping changed the batch it was made from: %+v", r.Head)
		}
	})
}

func TestSliceKeepsTheHeadAndTheChosenEvents(t *testing.T) {
	r := smallBatch(t).Stamp(sdk.Head{Source: "s", Epoch: 2, Partition: 1, Total: 9, Position: sdk.Position("p")})
	for _, ordinals := range [][]uint32{{0}, {1}, {2, 1}, {0, 1, 2}, nil} {
		s, err := r.Slice(ordinals)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := sdk.ParseRecords(s.Bytes())
		if err != nil {
			t.Fatalf("slice %v cannot be read: %v", ordinals, err)
		}
		var want []sdk.Event
		var rejected []uint32
		for place, i := range ordinals {
			want = append(want, eventsOf(r)[i])
			if i == 1 {
				rejected = append(rejected, uint32(place))
			}
		}
		head := r.Head
		head.Count = len(ordinals)
		if diff := cmp.Diff(want, eventsOf(parsed)) + cmp.Diff(head, parsed.Head) + cmp.Diff(rejected, parsed.Rejected()); diff != "" {
			t.Errorf("slice %v (-want +got):\n%s", ordinals, diff)
		}
	}
	if _, err := r.Slice([]uint32{3}); err == nil {
		t.Error("an event that is not there was sliced")
	}
}

package sdk_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// adopted returns the batch as it is received, with room behind it.
func adopted(t fataler, r *sdk.Records, room int) *sdk.Records {
	t.Helper()
	b := slices.Grow(bytes.Clone(r.Bytes()), room)
	got, err := sdk.AdoptRecords(b[: len(b) : len(b)+room])
	if err != nil {
		t.Fatalf("read batch: %v", err)
	}
	return got
}

// TestStampIsWhatProtobufMerges stamps batches with and without room, honest and not: who reads them with the generated code,
// or with this package, must find the hub's head and the plugin's index.
func TestStampIsWhatProtobufMerges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := drawHead(t, "the plugin says")
		r := build(t, said.Position, genEvents().Draw(t, "events")...).Stamp(said)
		h := drawHead(t, "the hub says")
		s := adopted(t, r, rapid.SampledFrom([]int{0, 60, 600}).Draw(t, "room")).Stamp(h)
		h.Count, h.First, h.Last = r.Count, r.First, r.Last
		again, err := sdk.ParseRecords(s.Bytes())
		if err != nil {
			t.Fatalf("read the stamped batch: %v", err)
		}
		for _, got := range []*sdk.Records{s, again} {
			if diff := cmp.Diff(h, got.Head, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("head (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(eventsOf(r.Stamp(h)), eventsOf(got), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("events:\n%s", diff)
			}
		}
		var before, merged pb.Records
		if err := proto.Unmarshal(r.Bytes(), &before); err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(s.Bytes(), &merged); err != nil {
			t.Fatal(err)
		}
		want := before.Head
		want.Source, want.Partition, want.Epoch, want.Total, want.Position = h.Source, h.Partition, h.Epoch, h.Total, h.Position
		if want.RecordedNs = 0; !h.Recorded.IsZero() {
			want.RecordedNs = h.Recorded.UnixNano()
		}
		if !proto.Equal(want, merged.Head) || !bytes.Equal(before.Body, merged.Body) {
			t.Fatalf("the generated code reads\n%v\nwant\n%v", merged.Head, want)
		}
	})
}

func drawHead(t *rapid.T, who string) sdk.Head {
	h := sdk.Head{
		Source:    rapid.SampledFrom([]string{"", "source.rss.blog", strings.Repeat("s", 200)}).Draw(t, who+" source"),
		Partition: rapid.Uint32Range(0, 3).Draw(t, who+" partition"),
		Epoch:     rapid.Uint64Range(0, 2).Draw(t, who+" epoch"),
		Total:     rapid.Uint64Range(0, 300).Draw(t, who+" total"),
		Position:  sdk.Position(rapid.SampledFrom([]string{"", "line 3", "line 4000"}).Draw(t, who+" position")),
	}
	if rapid.Bool().Draw(t, who+" recorded") {
		h.Recorded = time.Unix(1_700_000_000, rapid.Int64Range(0, 9).Draw(t, who+" ns")).UTC()
	}
	return h
}

func TestStampTakesRoomOnce(t *testing.T) {
	r := adopted(t, smallBatch(t), 600)
	first := r.Stamp(sdk.Head{Source: "source.rss.first", Position: sdk.Position("1")})
	kept := bytes.Clone(first.Bytes())
	second := r.Stamp(sdk.Head{Source: "source.rss.other", Position: sdk.Position("2")})
	third := first.Stamp(sdk.Head{Source: "source.rss.third"})
	if !bytes.Equal(first.Bytes(), kept) || string(first.Position) != "1" || string(second.Position) != "2" || third.Source != "source.rss.third" {
		t.Error("a batch was written over when another was stamped")
	}
	if &first.Bytes()[0] != &r.Bytes()[0] || &second.Bytes()[0] == &r.Bytes()[0] {
		t.Error("want the first stamp in place and the second in memory of its own")
	}
}

// TestStampOfABatchWithTwoHeads is what a plugin could make of the second head: a third one would make the batch unreadable.
func TestStampOfABatchWithTwoHeads(t *testing.T) {
	at := smallBatch(t).Position
	two := adopted(t, adopted(t, smallBatch(t), 600).Stamp(sdk.Head{Source: "source.rss.false", Position: at}), 600)
	stamped := two.Stamp(sdk.Head{Source: "source.rss.blog", Position: at})
	r, err := sdk.ParseRecords(stamped.Bytes())
	if err != nil || r.Source != "source.rss.blog" || r.Len() != two.Len() {
		t.Errorf("%v, source %q", err, r.Source)
	}
}

func TestParseLeavesWhatIsBehindABatch(t *testing.T) {
	raw := smallBatch(t).Bytes()
	shared := append(bytes.Clone(raw), bytes.Repeat([]byte("x"), 600)...)
	r, err := sdk.ParseRecords(shared[:len(raw)])
	if err != nil {
		t.Fatal(err)
	}
	r.Stamp(sdk.Head{Source: "source.rss.blog"})
	if !bytes.Equal(shared[len(raw):], bytes.Repeat([]byte("x"), 600)) {
		t.Error("what stands behind the batch was written over")
	}
}

func TestParseRefusesManyHeads(t *testing.T) {
	raw := smallBatch(t).Bytes()
	hub := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), []byte{0x12, 1, 's'})
	if _, err := sdk.ParseRecords(slices.Concat(raw, hub)); err != nil {
		t.Errorf("two heads: %v", err)
	}
	if _, err := sdk.ParseRecords(slices.Concat(raw, hub, hub)); err == nil || !strings.Contains(err.Error(), "two heads") {
		t.Errorf("three heads: %v", err)
	}
	other := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), []byte{0x08, 2})
	if _, err := sdk.ParseRecords(slices.Concat(raw, other)); err == nil {
		t.Error("a head that says another number of events was taken")
	}
}

package wire

import (
	"bytes"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

func many(n int, b byte) []byte { return bytes.Repeat([]byte{b}, n) }

// frames are frames of every shape that the short way knows, and some that it leaves.
func frames() map[string]proto.Message {
	work := func(w *pb.Work) proto.Message { return &pb.ToPlugin{Frame: &pb.ToPlugin_Work{Work: w}} }
	emit := func(e *pb.Emit) proto.Message { return &pb.FromPlugin{Frame: &pb.FromPlugin_Emit{Emit: e}} }
	answer := func(a *pb.Answer) proto.Message { return &pb.FromPlugin{Frame: &pb.FromPlugin_Answer{Answer: a}} }
	return map[string]proto.Message{
		"work":         work(&pb.Work{Id: 7, Epoch: 1 << 60, Records: many(150_000, 'r'), Seen: 3}),
		"work of some": work(&pb.Work{Id: 7, Epoch: 5, Records: many(3000, 'r'), Events: []uint32{0, 1, 127, 128, 1 << 31}}),
		"work with all": work(&pb.Work{Id: 1, Records: many(9000, 'r'), Events: []uint32{3}, Additions: [][]byte{many(5000, 'a'), {}, many(10, 'b')},
			Attributes: []*pb.Columns{{Columns: [][]byte{many(3000, 'c'), {}, many(5, 'd')}}, {}}, Seen: 1 << 40}),
		"small work":           work(&pb.Work{Id: 1, Records: []byte("small"), Additions: [][]byte{[]byte("x")}}),
		"empty work":           work(&pb.Work{}),
		"no work":              &pb.ToPlugin{},
		"open":                 &pb.ToPlugin{Frame: &pb.ToPlugin_Open{Open: &pb.Open{Instances: []*pb.Instance{{Config: many(5000, 'o')}}}}},
		"emit":                 emit(&pb.Emit{Id: 1, Epoch: 9, Records: many(1<<20, 'e')}),
		"empty emit":           emit(&pb.Emit{}),
		"answer":               answer(&pb.Answer{Id: 4, Epoch: 2, Additions: [][]byte{many(4000, 'a'), {}, many(700, 'b')}, Instance: 3}),
		"answer of a sink":     answer(&pb.Answer{Id: 4}),
		"answer with results":  answer(&pb.Answer{Id: 4, Results: []*pb.Result{{Event: 1, Receipt: "r", Message: string(many(900, 'm'))}}}),
		"answer with an error": answer(&pb.Answer{Id: 4, Error: &pb.Error{Code: "internal", Message: string(many(900, 'm'))}}),
		"state":                &pb.FromPlugin{Frame: &pb.FromPlugin_State{State: &pb.State{Chunk: many(5000, 's')}}},
		"another service":      &pb.DescribeResponse{Name: string(many(5000, 'n'))},
	}
}

// pieces cuts b into pieces as they come from the network.
func pieces(b []byte, size int) mem.BufferSlice {
	var data mem.BufferSlice
	for len(b) > size {
		data, b = append(data, mem.SliceBuffer(b[:size])), b[size:]
	}
	return append(data, mem.SliceBuffer(b))
}

func TestCodecWritesWhatGeneratedCodeReads(t *testing.T) {
	for name, want := range frames() {
		data, err := codec{}.Marshal(want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := want.ProtoReflect().New().Interface()
		if err := proto.Unmarshal(data.Materialize(), got); err != nil || !proto.Equal(got, want) {
			t.Errorf("%s: %v; the generated code reads another frame", name, err)
		}
		if f, ok := want.(*pb.ToPlugin); ok && f.GetWork() != nil && sizeOfWork(f.GetWork()) != proto.Size(f.GetWork()) {
			t.Errorf("%s: its size is %d, not %d", name, proto.Size(f.GetWork()), sizeOfWork(f.GetWork()))
		}
	}
}

func TestCodecReadsWhatGeneratedCodeWrites(t *testing.T) {
	for name, want := range frames() {
		b, err := proto.Marshal(want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, size := range []int{7, 16 << 10, 4 << 20} {
			got := want.ProtoReflect().New().Interface()
			if err := (codec{}).Unmarshal(pieces(b, size), got); err != nil || !proto.Equal(got, want) {
				t.Errorf("%s in pieces of %d: %v; it was read as another frame", name, size, err)
			}
		}
	}
}

// TestCodecKeepsBatchesApart writes behind each part of a frame that was read: only the room behind a batch is its own.
func TestCodecKeepsBatchesApart(t *testing.T) {
	sent := &pb.FromPlugin{Frame: &pb.FromPlugin_Emit{Emit: &pb.Emit{Id: 1, Records: many(2000, 'e')}}}
	b, err := proto.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	var got pb.FromPlugin
	if err := (codec{}).Unmarshal(pieces(b, 100), &got); err != nil {
		t.Fatal(err)
	}
	if r := got.GetEmit().Records; cap(r)-len(r) != stampRoom {
		t.Errorf("a batch has room for %d bytes, want %d", cap(r)-len(r), stampRoom)
	}
	w := frames()["work with all"]
	if b, err = proto.Marshal(w); err != nil {
		t.Fatal(err)
	}
	var work pb.ToPlugin
	if err := (codec{}).Unmarshal(pieces(b, 100), &work); err != nil {
		t.Fatal(err)
	}
	parts := append([][]byte{work.GetWork().Records}, work.GetWork().Additions...)
	for _, c := range work.GetWork().Attributes {
		parts = append(parts, c.Columns...)
	}
	for i, p := range parts {
		if cap(p) != len(p) {
			t.Errorf("part %d of a work can be written behind", i)
		}
	}
}

// FuzzCodec holds the short way against the generated code: where it answers, both must agree.
func FuzzCodec(f *testing.F) {
	for _, m := range frames() {
		if b, err := proto.Marshal(m); err == nil && len(b) < 10_000 {
			f.Add(b)
		}
	}
	odd := protowire.AppendTag(nil, frameID, protowire.Fixed64Type)
	f.Add(protowire.AppendBytes(protowire.AppendTag(nil, toPluginWork, protowire.BytesType), append(odd, many(8, 1)...)))
	f.Add([]byte{0x22, 3, 0x20, 1, 0x20})       // events that are not packed
	f.Add([]byte{0x12, 2, 0x08, 1, 0x12, 0})    // a frame twice
	f.Add([]byte{0x1a, 4, 0x08, 1, 0x08, 2, 0}) // a number twice
	f.Fuzz(func(t *testing.T, b []byte) {
		to, from := &pb.ToPlugin{}, &pb.FromPlugin{}
		checkDecoded(t, b, decodeToPlugin(bytes.Clone(b), to), to, &pb.ToPlugin{})
		checkDecoded(t, b, decodeFromPlugin(bytes.Clone(b), from), from, &pb.FromPlugin{})
	})
}

func checkDecoded(t *testing.T, b []byte, ok bool, got, want proto.Message) {
	if !ok {
		return
	}
	if err := proto.Unmarshal(b, want); err != nil {
		t.Fatalf("the short way reads what the generated code refuses: %v", err)
	}
	if !proto.Equal(got, want) {
		t.Fatalf("the short way reads\n%v\nand the generated code\n%v", got, want)
	}
	again, err := codec{}.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	back := want.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(again.Materialize(), back); err != nil || !proto.Equal(back, want) {
		t.Fatalf("what was read is written as another frame: %v", err)
	}
}

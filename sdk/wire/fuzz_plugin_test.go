package wire_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// keeper is an analyzer with a state of any bytes; it reads all that a batch has.
type keeper struct{ state []byte }

func (k *keeper) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		_, _, _, _ = in.Event(i), in.Text(i), in.Key(i), in.Annotation(i, "b", "x")
		out.SetString(i, "id", in.ID(i))
	}
	return nil
}
func (k *keeper) Snapshot(context.Context) ([]byte, error) { return k.state, nil }
func (k *keeper) Restore(_ context.Context, state []byte) error {
	k.state = state
	return nil
}

// hearing is a program of one well-behaved component of each kind.
func hearing() func(*grpc.Server) {
	return wire.Register(sdk.Program{Name: "test", Version: "1",
		Sources: []sdk.SourceSpec{sdk.NewSource("t", "", func(context.Context, struct{}) (sdk.Source, error) {
			return runFunc(func(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
				for i := range 5 {
					if err := out.Send(ctx, at(i), said("a", "x")); err != nil {
						return err
					}
				}
				return out.Emit(ctx, at(5))
			}), nil
		})},
		Analyzers: []sdk.AnalyzerSpec{sdk.NewAnalyzer("t", "", nil, func(context.Context, struct{}) (sdk.Analyzer, error) { return &keeper{}, nil })},
		Sinks: []sdk.SinkSpec{sdk.NewSink("t", "", sdk.NoKey, func(context.Context, struct{}) (sdk.Sink, error) {
			return writeFunc(func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) { return in.Results(), nil }), nil
		})}})
}

// hubFrames are frames that a hub sends a source, a chain and a sink, and some that it must not.
func hubFrames(t testing.TB, r []byte) map[pb.Kind][]*pb.ToPlugin {
	credit := func(first uint64, count uint32) *pb.ToPlugin {
		return &pb.ToPlugin{Frame: &pb.ToPlugin_Credit{Credit: &pb.Credit{First: first, Count: count}}}
	}
	ack := func(a *pb.Ack) *pb.ToPlugin { return &pb.ToPlugin{Frame: &pb.ToPlugin_Ack{Ack: a}} }
	restore := func(r *pb.Restore) *pb.ToPlugin { return &pb.ToPlugin{Frame: &pb.ToPlugin_Restore{Restore: r}} }
	additions, err := proto.Marshal(&pb.Additions{Analyzer: "b", Drops: []*pb.Dropped{{Rule: "r", Events: []uint32{0}}}})
	if err != nil {
		t.Fatal(err)
	}
	return map[pb.Kind][]*pb.ToPlugin{
		pb.Kind_KIND_SOURCE: {{Frame: &pb.ToPlugin_Start{Start: &pb.Start{Position: []byte("p"), Once: true}}}, credit(1, 2), credit(1<<64-1, 1<<32-1),
			ack(&pb.Ack{Id: 1, Epoch: epoch}), ack(&pb.Ack{Id: 1<<64 - 1, Error: &pb.Error{Code: "x", RetryAfterNs: -1}}), {Frame: &pb.ToPlugin_Drain{Drain: &pb.Drain{}}}},
		pb.Kind_KIND_ANALYZER: {restore(&pb.Restore{Id: 1, Chunk: []byte("s")}), restore(&pb.Restore{Id: 1, Instance: 1<<32 - 1, Last: true}),
			toWork(&pb.Work{Id: 2, Epoch: epoch, Records: r, Events: []uint32{0, 1}, Additions: [][]byte{additions}, Attributes: []*pb.Columns{{Columns: [][]byte{nil}}}}),
			{Frame: &pb.ToPlugin_Snapshot{Snapshot: &pb.Snapshot{Id: 3}}}, {}},
		pb.Kind_KIND_SINK: {toWork(&pb.Work{Id: 1, Epoch: epoch, Records: r}), toWork(&pb.Work{Id: 9, Epoch: epoch, Records: r, Events: []uint32{1<<32 - 1}}),
			{Frame: &pb.ToPlugin_Snapshot{Snapshot: &pb.Snapshot{Id: 3, Instance: 9}}}},
	}
}

// FuzzPluginHears asks that whatever a hub sends, a plugin's half answers with frames and an end, in time and without a panic. The
// bytes are messages as they come from the network; kind says which component is opened before them, 0 and more than 3 that
// they bring their own open.
func FuzzPluginHears(f *testing.F) {
	var b sdk.Builder
	for _, e := range saids("a", "b") {
		if err := b.Add(&e); err != nil {
			f.Fatal(err)
		}
	}
	r, err := b.Records(nil)
	if err != nil {
		f.Fatal(err)
	}
	for kind, frames := range hubFrames(f, r.Bytes()) {
		f.Add(byte(kind), joined(f, frames...))
		f.Add(byte(0), joined(f, append([]*pb.ToPlugin{toOpen(kind, "t")}, frames...)...))
	}
	f.Add(byte(pb.Kind_KIND_SINK), []byte("junk"))
	conn := rawHub(f, hearing())
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		messages := split(b)
		if kind > 0 && kind <= 3 {
			messages = append(split(joined(t, toOpen(pb.Kind(kind), "t"))), messages...)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		replies, err := exchange(ctx, conn, messages)
		if status.Code(err) == codes.DeadlineExceeded || status.Code(err) == codes.Unavailable || strings.Contains(err.Error(), "panicked") {
			t.Fatalf("the stream ends with %v", err)
		}
		for _, m := range replies {
			checkReply(t, m)
		}
	})
}

// checkReply fails when a plugin's reply is no frame, or tells of a panic: the components of the test have none.
func checkReply(t *testing.T, m []byte) {
	t.Helper()
	var from pb.FromPlugin
	if err := proto.Unmarshal(m, &from); err != nil || from.Frame == nil {
		t.Fatalf("a reply that is no frame: %v", err)
	}
	for _, e := range []*pb.Error{from.GetAnswer().GetError(), from.GetState().GetError(), from.GetDone().GetError()} {
		if strings.Contains(e.GetMessage(), "panicked") {
			t.Errorf("%s\n%s", e.Message, e.Stack)
		}
	}
	if e := from.GetEmit(); e != nil {
		if _, err := sdk.ParseRecords(e.Records); err != nil {
			t.Errorf("a batch that is none: %v", err)
		}
	}
}

package wire_test

import (
	"context"
	"io"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// A plugin refuses what a hub must not send: another hub, or a newer one, is a stranger too.

func toOpen(kind pb.Kind, typ string) *pb.ToPlugin {
	return &pb.ToPlugin{Frame: &pb.ToPlugin_Open{Open: &pb.Open{Kind: kind, Epoch: epoch, Instances: []*pb.Instance{{Name: "n", Type: typ}}}}}
}

func toWork(w *pb.Work) *pb.ToPlugin { return &pb.ToPlugin{Frame: &pb.ToPlugin_Work{Work: w}} }

func everything() func(*grpc.Server) {
	ok := each(func(in *sdk.Batch, i int, out *sdk.Additions) { out.SetString(i, "id", in.ID(i)) })
	return wire.Register(sdk.Program{Name: "test",
		Sources:   []sdk.SourceSpec{sdk.NewSource("t", "", func(context.Context, struct{}) (sdk.Source, error) { return closer{close: make(chan string, 1)}, nil })},
		Analyzers: []sdk.AnalyzerSpec{sdk.NewAnalyzer("t", "", nil, func(context.Context, struct{}) (sdk.Analyzer, error) { return ok, nil })},
		Sinks: []sdk.SinkSpec{sdk.NewSink("t", "", sdk.NoKey, func(context.Context, struct{}) (sdk.Sink, error) {
			return writeFunc(func(_ context.Context, in *sdk.Batch) ([]sdk.Result, error) { return in.Results(), nil }), nil
		})}})
}

func TestStreamsThatBeginWrongly(t *testing.T) {
	tests := []struct {
		name   string
		frames []*pb.ToPlugin
	}{
		{"work before open", []*pb.ToPlugin{toWork(&pb.Work{Id: 1})}},
		{"an empty frame", []*pb.ToPlugin{{}}},
		{"no instance", []*pb.ToPlugin{{Frame: &pb.ToPlugin_Open{Open: &pb.Open{Kind: pb.Kind_KIND_SINK}}}}},
		{"no kind", []*pb.ToPlugin{toOpen(0, "t")}},
		{"an unknown kind", []*pb.ToPlugin{toOpen(9, "t")}},
		{"a source that gets no start", []*pb.ToPlugin{toOpen(pb.Kind_KIND_SOURCE, "t"), {Frame: &pb.ToPlugin_Credit{Credit: &pb.Credit{First: 1, Count: 1}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, everything(), func(t *testing.T, conn *grpc.ClientConn) {
				stream, err := pb.NewPluginClient(conn).Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range tt.frames {
					if err := stream.Send(f); err != nil {
						t.Fatal(err)
					}
				}
				for err == nil {
					_, err = stream.Recv()
				}
				if status.Code(err) != codes.InvalidArgument {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestAHubThatGoesBeforeItSpeaks(t *testing.T) {
	for name, frames := range map[string][]*pb.ToPlugin{"at once": nil, "after open": {toOpen(pb.Kind_KIND_SOURCE, "t")}} {
		t.Run(name, func(t *testing.T) {
			bubble(t, everything(), func(t *testing.T, conn *grpc.ClientConn) {
				stream, err := pb.NewPluginClient(conn).Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range frames {
					if err := stream.Send(f); err != nil {
						t.Fatal(err)
					}
				}
				if err := stream.CloseSend(); err != nil {
					t.Fatal(err)
				}
				for err == nil {
					_, err = stream.Recv()
				}
				if err != io.EOF && status.Code(err) != codes.Unknown {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestWorksNoHubMaySend(t *testing.T) {
	r := recordsOf(t, saids("a", "b", "c")...).Bytes()
	damaged := append([]byte{}, r...)
	damaged[len(damaged)-1]++
	tests := []struct {
		name string
		work *pb.Work
		code string
	}{
		{"another epoch", &pb.Work{Epoch: epoch + 1, Records: r}, "internal"},
		{"a damaged batch", &pb.Work{Epoch: epoch, Records: damaged}, "internal"},
		{"no batch", &pb.Work{Epoch: epoch, Records: []byte("junk")}, "internal"},
		{"an event that is not there", &pb.Work{Epoch: epoch, Records: r, Events: []uint32{3}}, "invalid"},
		{"the largest event", &pb.Work{Epoch: epoch, Records: r, Events: []uint32{1<<32 - 1}}, "invalid"},
		{"events out of order", &pb.Work{Epoch: epoch, Records: r, Events: []uint32{1, 0}}, "invalid"},
		{"an event twice", &pb.Work{Epoch: epoch, Records: r, Events: []uint32{1, 1}}, "invalid"},
		{"broken additions", &pb.Work{Epoch: epoch, Records: r, Additions: [][]byte{[]byte("junk")}}, "internal"},
		{"broken attributes", &pb.Work{Epoch: epoch, Records: r, Attributes: []*pb.Columns{{Columns: [][]byte{[]byte("junk")}}}}, "internal"},
	}
	for _, kind := range []pb.Kind{pb.Kind_KIND_ANALYZER, pb.Kind_KIND_SINK} {
		for _, tt := range tests {
			t.Run(kind.String()+" "+tt.name, func(t *testing.T) {
				bubble(t, everything(), func(t *testing.T, conn *grpc.ClientConn) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					stream, err := pb.NewPluginClient(conn).Run(ctx)
					if err != nil {
						t.Fatal(err)
					}
					tt.work.Id = 5
					unknown := &pb.ToPlugin{} // a frame of a newer hub is passed over
					for _, f := range []*pb.ToPlugin{toOpen(kind, "t"), unknown, toWork(tt.work), toWork(&pb.Work{Id: 6, Epoch: epoch, Records: r, Seen: 5})} {
						if err := stream.Send(f); err != nil {
							t.Fatal(err)
						}
					}
					var answers []*pb.Answer
					for len(answers) < 2 {
						f, err := stream.Recv()
						if err != nil {
							t.Fatal(err)
						}
						if a := f.GetAnswer(); a != nil {
							answers = append(answers, a)
						}
					}
					if a := answers[0]; a.Id != 5 || a.Epoch != epoch || a.Error.GetCode() != tt.code || a.Results != nil || a.Additions != nil {
						t.Errorf("answer %v, want one with code %s", a, tt.code)
					}
					if a := answers[1]; a.Id != 6 || a.Error != nil {
						t.Errorf("a good work after it: %v", a)
					}
				})
			})
		}
	}
}

package wire_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// pluginFrames are frames that a source, a chain of two and a sink send a hub, and some that they must not.
func pluginFrames(t testing.TB, r []byte) map[pb.Kind][]*pb.FromPlugin {
	added := func(name string, events ...uint32) []byte {
		b, err := proto.Marshal(&pb.Additions{Analyzer: name, Drops: []*pb.Dropped{{Rule: "r\n", Events: events}}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	good := [][]byte{added("a", 0), added("b", 1)}
	beat := &pb.FromPlugin{Frame: &pb.FromPlugin_Heartbeat{Heartbeat: &pb.Heartbeat{}}}
	return map[pb.Kind][]*pb.FromPlugin{
		pb.Kind_KIND_SOURCE: {emit(&pb.Emit{Id: 1, Epoch: epoch, Records: r}), beat, emit(&pb.Emit{Id: 2, Epoch: epoch, Records: r}),
			{Frame: &pb.FromPlugin_Done{Done: &pb.Done{Error: &pb.Error{Code: "invalid", Message: "a\nb", RetryAfterNs: -1}}}}},
		pb.Kind_KIND_ANALYZER: {answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: good}), stating(&pb.State{Id: 2, Chunk: []byte("s")}),
			stating(&pb.State{Id: 2, Last: true}), answering(&pb.Answer{Id: 3, Epoch: epoch, Instance: 1<<32 - 1, Error: &pb.Error{}})},
		pb.Kind_KIND_SINK: {answering(&pb.Answer{Id: 1, Epoch: epoch, Results: []*pb.Result{{Event: 1, Outcome: 2, AfterNs: -1 << 63, Code: "c\x1b", Receipt: "r\n"}}}),
			beat, answering(&pb.Answer{Id: 2, Epoch: epoch + 1}), {}},
	}
}

// FuzzHubHears asks that whatever a plugin sends, the hub's half refuses it in one line with a code, or gives what the contract
// allows, and that nobody waits for ever. The bytes are messages as they come from the network.
func FuzzHubHears(f *testing.F) {
	var b sdk.Builder
	for _, e := range saids("x", "y") {
		if err := b.Add(&e); err != nil {
			f.Fatal(err)
		}
	}
	records, err := b.Records(nil)
	if err != nil {
		f.Fatal(err)
	}
	for kind, frames := range pluginFrames(f, records.Bytes()) {
		f.Add(byte(kind), true, joined(f, frames...))
		f.Add(byte(kind), false, joined(f, frames...))
	}
	var says atomic.Pointer[[][]byte]
	conn := rawPlugin(f, func() [][]byte { return *says.Load() })
	f.Fuzz(func(t *testing.T, kind byte, opens bool, b []byte) {
		messages := split(b)
		if opens {
			messages = append(split(joined(t, &pb.FromPlugin{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}})), messages...)
		}
		says.Store(&messages)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		switch pb.Kind(kind) {
		case pb.Kind_KIND_SOURCE:
			hearSource(ctx, t, conn)
		case pb.Kind_KIND_ANALYZER:
			hearChain(ctx, t, conn, records)
		default:
			hearSink(ctx, t, conn, records)
		}
		if ctx.Err() != nil {
			t.Error("it took too long")
		}
	})
}

// checkRefusal fails when an error is none that a log and a status can show.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	if sdk.CodeOf(err) == "" || len(err.Error()) > 16<<10 || strings.ContainsFunc(err.Error(), unicode.IsControl) {
		t.Errorf("code %q, %d bytes: %.300q", sdk.CodeOf(err), len(err.Error()), err)
	}
}

func hearSource(ctx context.Context, t *testing.T, conn *grpc.ClientConn) {
	s, err := wire.OpenSource(ctx, conn, wire.SourceOptions{Instance: wire.Instance{Name: "blog", Type: "t"}, Epoch: epoch, Credits: 2})
	if err != nil {
		checkRefusal(t, err)
		return
	}
	defer s.Close()
	if err := s.Start(nil, true); err != nil && !errors.Is(err, io.EOF) {
		checkRefusal(t, err)
	}
	for want := uint64(1); ; want++ {
		r, id, err := s.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				checkRefusal(t, err)
			}
			return
		}
		if id != want || want > 2 {
			t.Errorf("batch %d where %d was due and 2 have room", id, want)
		}
		if _, err := sdk.ParseRecords(r.Bytes()); err != nil {
			t.Errorf("a batch that is none: %v", err)
		}
	}
}

func hearChain(ctx context.Context, t *testing.T, conn *grpc.ClientConn, r *sdk.Records) {
	s, err := wire.OpenChain(ctx, conn, epoch, []wire.Instance{{Name: "a", Type: "x"}, {Name: "b", Type: "y"}})
	if err != nil {
		checkRefusal(t, err)
		return
	}
	defer s.Close()
	checkAdded(ctx, t, s, &wire.Work{Records: r})
	if state, err := s.Snapshot(ctx, 0); err != nil {
		checkRefusal(t, err)
	} else if len(state) > sdk.MaxSnapshot {
		t.Errorf("a state of %d bytes", len(state))
	}
	checkAdded(ctx, t, s, &wire.Work{Records: r, Events: []uint32{1}})
}

// checkAdded fails when what analyzers added is not by them or about events that they did not get.
func checkAdded(ctx context.Context, t *testing.T, s *wire.WorkSession, w *wire.Work) {
	t.Helper()
	a, err := answerTo(ctx, s, w)
	if err != nil {
		checkRefusal(t, err)
		return
	}
	if len(a.Added) != 2 || len(a.Additions) != 2 {
		t.Fatalf("%d additions of 2 analyzers", len(a.Added))
	}
	live := []uint32{0, 1}
	if w.Events != nil {
		live = w.Events
	}
	for i, added := range a.Added {
		if len(a.Additions[i]) > 0 && added.Analyzer != []string{"a", "b"}[i] {
			t.Errorf("additions by %q", added.Analyzer)
		}
		for _, d := range added.Drops {
			for _, e := range d.Events {
				if !slices.Contains(live, e) {
					t.Errorf("event %d is dropped by analyzer %d, which got %v", e, i, live)
				}
			}
			if strings.ContainsFunc(d.Rule, unicode.IsControl) {
				t.Errorf("the name of a rule is %q", d.Rule)
			}
		}
		live = slices.DeleteFunc(slices.Clone(live), func(e uint32) bool {
			return slices.ContainsFunc(added.Drops, func(d sdk.Drop) bool { return slices.Contains(d.Events, e) })
		})
	}
}

func answerTo(ctx context.Context, s *wire.WorkSession, w *wire.Work) (wire.Answer, error) {
	p, err := s.Submit(w)
	if err != nil {
		return wire.Answer{}, err
	}
	return p.Wait(ctx)
}

func hearSink(ctx context.Context, t *testing.T, conn *grpc.ClientConn, r *sdk.Records) {
	s, err := wire.OpenSink(ctx, conn, epoch, wire.Instance{Name: "erp", Type: "t"})
	if err != nil {
		checkRefusal(t, err)
		return
	}
	defer s.Close()
	for _, w := range []*wire.Work{{Records: r}, {Records: r, Events: []uint32{1}}} {
		a, err := answerTo(ctx, s, w)
		if err != nil {
			checkRefusal(t, err)
			continue
		}
		if n := max(len(w.Events), r.Len()*(1-min(1, len(w.Events)))); len(a.Results) != n {
			t.Errorf("%d results for %d events", len(a.Results), n)
		}
		for _, x := range a.Results {
			text := x.Code + x.Field + x.Message + x.Receipt
			if x.Outcome > sdk.Fatal || x.After < 0 || strings.ContainsFunc(text, unicode.IsControl) {
				t.Errorf("a result no sink may give: %+v", x)
			}
		}
	}
}

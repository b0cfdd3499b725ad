package wire_test

import (
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// The plugins below are written against the generated code, as one in another language is, and break the protocol.

func emit(e *pb.Emit) *pb.FromPlugin { return &pb.FromPlugin{Frame: &pb.FromPlugin_Emit{Emit: e}} }

func answering(a *pb.Answer) *pb.FromPlugin {
	return &pb.FromPlugin{Frame: &pb.FromPlugin_Answer{Answer: a}}
}

func stating(st *pb.State) *pb.FromPlugin {
	return &pb.FromPlugin{Frame: &pb.FromPlugin_State{State: st}}
}

func wantBroken(t *testing.T, err error, says string) {
	t.Helper()
	wantCode(t, err, sdk.Internal, says)
	if err != nil && (!strings.Contains(err.Error(), "broke the protocol") || len(err.Error()) > 5<<10) {
		t.Errorf("got %.200q, %d bytes", err.Error(), len(err.Error()))
	}
}

// hugeRecords is a batch that is right in all but its size.
func hugeRecords(t *testing.T) []byte {
	r := &pb.Records{Head: &pb.Head{}}
	event, err := proto.Marshal(&pb.Event{Type: "t", Subject: strings.Repeat("x", 1<<20-100)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		r.Body = append(r.Body, event...)
		r.Head.Count++
		r.Head.Lengths = append(r.Head.Lengths, uint32(len(event)))
		r.Head.Ids, r.Head.Keys = append(r.Head.Ids, fmt.Sprint(i)), append(r.Head.Keys, "")
	}
	r.Head.Crc32C = crc32.Checksum(r.Body, crc32.MakeTable(crc32.Castagnoli))
	b, err := proto.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRogueSources(t *testing.T) {
	good := recordsOf(t, saids("a")...).Bytes()
	first := emit(&pb.Emit{Id: 1, Epoch: epoch, Records: good})
	tests := []struct {
		name, says string
		frames     []*pb.FromPlugin
		batches    int // that are taken before
	}{
		{"an id too high", "expected 1", []*pb.FromPlugin{emit(&pb.Emit{Id: 2, Epoch: epoch, Records: good})}, 0},
		{"no id", "expected 1", []*pb.FromPlugin{emit(&pb.Emit{Epoch: epoch, Records: good})}, 0},
		{"an id twice", "expected 2", []*pb.FromPlugin{first, first}, 1},
		{"another epoch", "epoch 6", []*pb.FromPlugin{emit(&pb.Emit{Id: 1, Epoch: epoch - 1, Records: good})}, 0},
		{"more than its credit", "without credit", []*pb.FromPlugin{first, emit(&pb.Emit{Id: 2, Epoch: epoch, Records: good}),
			emit(&pb.Emit{Id: 3, Epoch: epoch, Records: good})}, 2},
		{"a damaged batch", "", []*pb.FromPlugin{emit(&pb.Emit{Id: 1, Epoch: epoch, Records: good[:len(good)-1]})}, 0},
		{"a batch over the limit", "bytes", []*pb.FromPlugin{emit(&pb.Emit{Id: 1, Epoch: epoch, Records: hugeRecords(t)})}, 0},
		{"an answer", "Answer", []*pb.FromPlugin{answering(&pb.Answer{Id: 1})}, 0},
		{"a second opened", "Opened", []*pb.FromPlugin{{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}}}, 0},
		{"an empty frame", "", []*pb.FromPlugin{{}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, opened(func(s pb.Plugin_RunServer, _ *pb.Open) error {
				for _, f := range tt.frames {
					if err := s.Send(f); err != nil {
						return err
					}
				}
				return nil
			}), func(t *testing.T, conn *grpc.ClientConn) {
				s := started(t, conn, 2)
				for range tt.batches {
					next(t, s)
				}
				_, _, err := s.Next()
				wantBroken(t, err, tt.says)
			})
		})
	}
}

// TestRogueAnswers has plugins answer a batch of two events wrongly. The work fails, and so does the session.
func TestRogueAnswers(t *testing.T) {
	named := func(name string) []byte {
		b, err := proto.Marshal(&pb.Additions{Analyzer: name})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	long := strings.Repeat("n", 1<<20)
	column, err := proto.Marshal(&pb.Additions{Analyzer: long, Columns: []*pb.Column{{Name: long}}})
	if err != nil {
		t.Fatal(err)
	}
	mine := [][]byte{named("a"), named("b")}
	drop := func(name string, rules ...*pb.Dropped) []byte {
		b, err := proto.Marshal(&pb.Additions{Analyzer: name, Drops: rules})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := &pb.Dropped{Rule: "r", Events: []uint32{0}}
	many := make([]*pb.Result, sdk.MaxEvents+1)
	for i := range many {
		many[i] = &pb.Result{}
	}
	result := func(event, outcome uint32) []*pb.Result { return []*pb.Result{{Event: event, Outcome: outcome}} }
	tests := []struct {
		name, kind, says string
		frames           []*pb.FromPlugin
	}{
		{"an id that was not asked", "chain", "expected 1", []*pb.FromPlugin{answering(&pb.Answer{Id: 2, Epoch: epoch, Additions: mine})}},
		{"another epoch", "chain", "epoch 8", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch + 1, Additions: mine})}},
		{"too few additions", "chain", "1 analyzers", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: mine[:1]})}},
		{"too many additions", "chain", "3 analyzers", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: append(mine[:2:2], mine[0])})}},
		{"no additions", "chain", "0 analyzers", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch})}},
		{"additions in another's name", "chain", `"b" by "a"`, []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: [][]byte{mine[1], mine[0]}})}},
		{"broken additions", "chain", "", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: [][]byte{[]byte("junk"), mine[1]}})}},
		{"broken additions under long names", "chain", "nnn", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: [][]byte{column, mine[1]}})}},
		{"a drop of what was dropped before", "chain", "drops event 0", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: [][]byte{drop("a", first), drop("b", first)}})}},
		{"more analyzers than a chain has", "chain", "more than 256 analyzers", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Additions: make([][]byte, 1000)})}},
		{"more results than a batch has", "sink", "more than 4096 results", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Results: many})}},
		{"heartbeats without end", "chain", "heartbeats within", slices.Repeat([]*pb.FromPlugin{{Frame: &pb.FromPlugin_Heartbeat{Heartbeat: &pb.Heartbeat{}}}}, 100_001)},
		{"a state", "chain", "state", []*pb.FromPlugin{stating(&pb.State{Id: 1, Last: true})}},
		{"a part of a state", "chain", "state", []*pb.FromPlugin{stating(&pb.State{Id: 1, Chunk: []byte("x")})}},
		{"a batch", "chain", "Emit", []*pb.FromPlugin{emit(&pb.Emit{Id: 1, Epoch: epoch})}},
		{"an end", "chain", "Done", []*pb.FromPlugin{{Frame: &pb.FromPlugin_Done{Done: &pb.Done{}}}}},
		{"an empty frame", "chain", "", []*pb.FromPlugin{{}}},
		{"a result for an event that is not there", "sink", "event 2 of 2", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Results: result(2, 0)})}},
		{"the largest event", "sink", "of 2", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Results: result(1<<32-1, 0)})}},
		{"an unknown outcome", "sink", "outcome 5", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch, Results: result(0, 5)})}},
		{"another id", "sink", "expected 1", []*pb.FromPlugin{answering(&pb.Answer{Id: 7, Epoch: epoch})}},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.name, func(t *testing.T) {
			bubble(t, opened(func(s pb.Plugin_RunServer, _ *pb.Open) error {
				if _, err := s.Recv(); err != nil {
					return err
				}
				for _, f := range tt.frames {
					if err := s.Send(f); err != nil {
						return err
					}
				}
				return nil
			}), func(t *testing.T, conn *grpc.ClientConn) {
				s := openKind(t, conn, tt.kind)
				work := &wire.Work{Records: recordsOf(t, saids("x", "y")...)}
				p, err := s.Submit(work) // fails at once when the answer is here before the work is sent
				if err == nil {
					_, err = p.Wait(t.Context())
				}
				wantBroken(t, err, tt.says)
				<-s.Done()
				wantBroken(t, s.Err(), tt.says)
				if _, err := s.Submit(work); err == nil {
					t.Error("a work was taken after the end of the session")
				}
			})
		})
	}
}

func openKind(t *testing.T, conn *grpc.ClientConn, kind string) *wire.WorkSession {
	t.Helper()
	if kind == "sink" {
		return sinkOf(t, conn)
	}
	s, err := wire.OpenChain(t.Context(), conn, epoch, []wire.Instance{{Name: "a", Type: "x"}, {Name: "b", Type: "y"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestAnswersNobodyAskedFor(t *testing.T) {
	for name, f := range map[string]*pb.FromPlugin{"an answer": answering(&pb.Answer{Id: 1, Epoch: epoch}), "a state": stating(&pb.State{Id: 1, Last: true}),
		"a part of a state": stating(&pb.State{Chunk: []byte("x")})} {
		t.Run(name, func(t *testing.T) {
			bubble(t, opened(func(s pb.Plugin_RunServer, _ *pb.Open) error { return s.Send(f) }), func(t *testing.T, conn *grpc.ClientConn) {
				s := openKind(t, conn, "chain")
				<-s.Done()
				wantBroken(t, s.Err(), "not asked")
			})
		})
	}
}

func TestRogueStates(t *testing.T) {
	part := func(id uint64) *pb.FromPlugin { return stating(&pb.State{Id: id, Chunk: []byte("x")}) }
	tests := []struct {
		name, says string
		frames     []*pb.FromPlugin
	}{
		{"an answer", "state was asked for", []*pb.FromPlugin{answering(&pb.Answer{Id: 1, Epoch: epoch})}},
		{"an answer within", "within a state", []*pb.FromPlugin{part(1), answering(&pb.Answer{Id: 2, Epoch: epoch})}},
		{"parts of two", "expected 1", []*pb.FromPlugin{part(1), part(2)}},
		{"another's end", "expected 1", []*pb.FromPlugin{part(1), stating(&pb.State{Id: 3, Last: true})}},
		{"another id", "expected 1", []*pb.FromPlugin{part(9)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, opened(func(s pb.Plugin_RunServer, _ *pb.Open) error {
				for range 2 { // a snapshot and a work are asked for
					if _, err := s.Recv(); err != nil {
						return err
					}
				}
				for _, f := range tt.frames {
					if err := s.Send(f); err != nil {
						return err
					}
				}
				return nil
			}), func(t *testing.T, conn *grpc.ClientConn) {
				s := openKind(t, conn, "chain")
				asked := make(chan error, 1)
				go func() {
					_, err := s.Snapshot(t.Context(), 0)
					asked <- err
				}()
				synctest.Wait()
				p := submit(t, s, &wire.Work{Records: recordsOf(t, saids("x")...)})
				wantBroken(t, <-asked, tt.says)
				_, err := p.Wait(t.Context())
				wantBroken(t, err, tt.says)
			})
		})
	}
}

// A plugin that ends its stream in the middle leaves no work without an answer, however it falls.
func TestEveryWorkIsAnsweredWhenThePluginGoes(t *testing.T) {
	for reads := range 60 {
		bubble(t, rogue(func(s pb.Plugin_RunServer) error {
			if _, err := s.Recv(); err != nil {
				return err
			}
			if err := s.Send(&pb.FromPlugin{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}}); err != nil {
				return err
			}
			for range reads {
				if _, err := s.Recv(); err != nil {
					return err
				}
			}
			return io.ErrUnexpectedEOF
		}), func(t *testing.T, conn *grpc.ClientConn) {
			s := sinkOf(t, conn)
			var pending []*wire.Pending
			work := &wire.Work{Records: recordsOf(t, saids("x")...)}
			p, err := s.Submit(work)
			for ; err == nil; p, err = s.Submit(work) {
				pending = append(pending, p)
			}
			for i, p := range append(pending, nil) {
				if p != nil {
					_, err = p.Wait(t.Context())
				}
				if sdk.CodeOf(err) != sdk.Internal || !strings.Contains(err.Error(), "unexpected EOF") {
					t.Fatalf("work %d of %d: %v", i, len(pending), err)
				}
			}
		})
	}
}

// What a plugin says of a failure goes into logs, onto terminals and into dead letters: it is one line without tricks.
func TestAnErrorForgesNoLine(t *testing.T) {
	evil := "no\nroom [ERROR] \x1b[31mred\x1b[0m\a\r\u202egnp\u2028end\tof it"
	const tamed = "no | room [ERROR] [31mred[0mgnpend of it"
	work := &wire.Work{Records: recordsOf(t, saids("x")...)}
	for name, tell := range map[string]func(s pb.Plugin_RunServer) error{
		"an answer": func(s pb.Plugin_RunServer) error {
			return s.Send(answering(&pb.Answer{Id: 1, Epoch: epoch, Error: &pb.Error{Code: "invalid", Message: evil}}))
		},
		"the end of the stream": func(pb.Plugin_RunServer) error { return status.Error(codes.Internal, evil) },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, opened(func(s pb.Plugin_RunServer, _ *pb.Open) error {
				if _, err := s.Recv(); err != nil {
					return err
				}
				return tell(s)
			}), func(t *testing.T, conn *grpc.ClientConn) {
				s := sinkOf(t, conn)
				p := submit(t, s, work)
				if _, err := p.Wait(t.Context()); err == nil || !strings.HasSuffix(err.Error(), tamed) {
					t.Errorf("got %q, want %q at its end", err, tamed)
				}
			})
		})
	}
}

func TestAResultForgesNoLine(t *testing.T) {
	bad := &pb.Result{Outcome: uint32(sdk.Reject), Code: "a\nb", Field: "c\x1bd", Message: "e\re", Receipt: "f\u202ef"}
	bubble(t, opened(func(s pb.Plugin_RunServer, _ *pb.Open) error {
		if _, err := s.Recv(); err != nil {
			return err
		}
		return s.Send(answering(&pb.Answer{Id: 1, Epoch: epoch, Results: []*pb.Result{bad}}))
	}), func(t *testing.T, conn *grpc.ClientConn) {
		p := submit(t, sinkOf(t, conn), &wire.Work{Records: recordsOf(t, saids("x")...)})
		a, err := p.Wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := a.Results[0], (sdk.Result{Outcome: sdk.Reject, Code: "a | b", Field: "cd", Message: "ee", Receipt: "ff"}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

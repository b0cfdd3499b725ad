package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// bubble runs test with a clock of its own, over a real gRPC connection in memory. synctest.Wait says "until nothing moves
// any more", and the bubble fails when the test leaves a goroutine behind.
func bubble(t *testing.T, register func(*grpc.Server), test func(*testing.T, *grpc.ClientConn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { connected(t, register, test) })
}

// connected runs test over a real gRPC connection in memory, by the clock of the machine unless it is called in a bubble.
func connected(t *testing.T, register func(*grpc.Server), test func(*testing.T, *grpc.ClientConn)) {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(wire.MaxMessageBytes), grpc.MaxSendMsgSize(wire.MaxMessageBytes))
	register(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///plugin", append(wire.DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(conn.Close()); err != nil {
			t.Errorf("close connection: %v", err)
		}
		server.Stop()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	}()
	test(t, conn)
}

// rogue serves what breaks the protocol, written against the generated code.
func rogue(run func(pb.Plugin_RunServer) error) func(*grpc.Server) {
	return func(s *grpc.Server) { pb.RegisterPluginServer(s, &rogueServer{run: run}) }
}

type rogueServer struct {
	pb.UnimplementedPluginServer
	run      func(pb.Plugin_RunServer) error
	describe *pb.DescribeResponse
}

func (r *rogueServer) Run(stream pb.Plugin_RunServer) error { return r.run(stream) }

func (r *rogueServer) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return r.describe, nil
}

// opened is a rogue that opens like any other and then does as it likes, until the hub is gone.
func opened(run func(pb.Plugin_RunServer, *pb.Open) error) func(*grpc.Server) {
	return rogue(func(s pb.Plugin_RunServer) error {
		in, err := s.Recv()
		if err != nil {
			return err
		}
		if err := s.Send(&pb.FromPlugin{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}}); err != nil {
			return err
		}
		if err := run(s, in.GetOpen()); err != nil {
			return err
		}
		<-s.Context().Done()
		return nil
	})
}

func said(id, text string) sdk.Event {
	return sdk.Event{ID: id, Time: time.Unix(1_700_000_000, 0).UTC(), Feedback: &sdk.Feedback{Text: text}}
}

func saids(ids ...string) []sdk.Event {
	var events []sdk.Event
	for _, id := range ids {
		events = append(events, said(id, "text of "+id))
	}
	return events
}

func recordsOf(t *testing.T, events ...sdk.Event) *sdk.Records {
	t.Helper()
	var b sdk.Builder
	for i := range events {
		if err := b.Add(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	r, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func idsOf(r *sdk.Records) []string {
	var ids []string
	for i := range r.Len() {
		ids = append(ids, r.ID(i))
	}
	return ids
}

func asJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func wantCode(t *testing.T, err error, code sdk.Code, says string) {
	t.Helper()
	if err == nil || errors.Is(err, io.EOF) || sdk.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("got error %v with code %q, want code %q and the words %q", err, sdk.CodeOf(err), code, says)
	}
}

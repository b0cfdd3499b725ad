package wire_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/pintle-hub/pintle/sdk/wire"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// patience is how long a session of the fuzzers may take; one that hangs takes longer.
const patience = 20 * time.Second

// raw is a codec of bytes as they are, for a side that sends frames which are none.
type raw struct{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// split cuts bytes into messages: a length before each, and what has no length of its own is the last.
func split(b []byte) (messages [][]byte) {
	for len(b) > 0 {
		m, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return append(messages, b)
		}
		messages, b = append(messages, m), b[n:]
	}
	return messages
}

// joined is what split cuts.
func joined[M proto.Message](t testing.TB, frames ...M) (b []byte) {
	t.Helper()
	for _, f := range frames {
		m, err := proto.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		b = protowire.AppendBytes(b, m)
	}
	return b
}

// listening serves in memory until the end of the test, and returns a connection to it.
func listening(t testing.TB, server *grpc.Server, options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///plugin", append(options, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := conn.Close()
		server.Stop()
		if err := errors.Join(err, <-served); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// rawHub sends a plugin whatever it likes.
func rawHub(t testing.TB, register func(*grpc.Server)) *grpc.ClientConn {
	server := grpc.NewServer(grpc.ForceServerCodecV2(wire.Codec()))
	register(server)
	return listening(t, server, grpc.WithDefaultCallOptions(grpc.ForceCodecV2(raw{})))
}

// rawPlugin answers a hub with the messages that answers gives, after the hub's open, and ends the stream.
func rawPlugin(t testing.TB, answers func() [][]byte) *grpc.ClientConn {
	return listening(t, grpc.NewServer(grpc.ForceServerCodecV2(raw{}), grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		var open []byte
		if err := s.RecvMsg(&open); err != nil {
			return err
		}
		for _, m := range answers() {
			if err := s.SendMsg(m); err != nil {
				return err
			}
		}
		return nil
	})), wire.DialOptions()...)
}

// exchange sends a plugin messages and returns what it says until it ends the stream.
func exchange(ctx context.Context, conn *grpc.ClientConn, messages [][]byte) (replies [][]byte, err error) {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, pb.Plugin_Run_FullMethodName)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if stream.SendMsg(m) != nil {
			break // the plugin has ended the stream; why, it says below
		}
	}
	_ = stream.CloseSend()
	for {
		var m []byte
		if err := stream.RecvMsg(&m); err != nil {
			return replies, err
		}
		replies = append(replies, m)
	}
}

package wire

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// heartbeat is how often a plugin shows that it lives.
const heartbeat = 8 * time.Second

// server is the plugin's half of the contract.
type server struct {
	pb.UnimplementedPluginServer
	program sdk.Program
}

// Run serves one instance until the hub closes its half of the stream.
func (s *server) Run(stream pb.Plugin_RunServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	open := first.GetOpen()
	if open == nil || len(open.Instances) == 0 {
		return status.Error(codes.InvalidArgument, "the first frame of a stream must be open, with an instance")
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	out := &outbox{stream: stream}
	var wg sync.WaitGroup
	wg.Go(func() { out.beat(ctx) })
	defer wg.Wait()
	defer cancel()
	switch open.Kind {
	case pb.Kind_KIND_SOURCE:
		return s.runSource(ctx, open, out)
	case pb.Kind_KIND_ANALYZER:
		return s.runChain(ctx, open, out)
	case pb.Kind_KIND_SINK:
		return s.runSink(ctx, open, out)
	}
	return status.Errorf(codes.InvalidArgument, "unknown kind of component %v", open.Kind)
}

// outbox sends frames from several goroutines over one stream.
type outbox struct {
	mu     sync.Mutex // guards stream.Send
	stream pb.Plugin_RunServer
}

func (o *outbox) send(f *pb.FromPlugin) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.stream.Send(f)
}

// opened answers an open: with the fault, if there is one.
func (o *outbox) opened(err error) error {
	if err != nil {
		return o.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Done{Done: &pb.Done{Error: toError(err)}}})
	}
	return o.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Opened{Opened: &pb.Opened{}}})
}

func openedNothing(typ string) error {
	return sdk.Errorf(sdk.Internal, "opening %q gave nothing: Open must return a component or an error", typ)
}

func (o *outbox) beat(ctx context.Context) {
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if o.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Heartbeat{Heartbeat: &pb.Heartbeat{}}}) != nil {
				return
			}
		}
	}
}

// guard calls f and turns a panic in the plugin's code into an error with its stack.
func guard(f func() error) (err error) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		what := fmt.Sprintf("a %T (its text is withheld: it may quote an event)", r)
		if known, ok := r.(runtime.Error); ok {
			what = known.Error()
		}
		e := sdk.Errorf(sdk.Internal, "the plugin's code panicked: %s", what)
		e.Stack = string(debug.Stack())
		err = e
	}()
	return f()
}

package wire

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// Instance is one component to open: the block's name, its type and its checked configuration.
type Instance struct {
	Name, Type string
	Config     []byte
}

// session is what the hub's halves of all kinds share.
type session struct {
	stream pb.Plugin_RunClient
	cancel context.CancelFunc
	epoch  uint64
	born   time.Time
	seen   atomic.Int64 // nanoseconds from born to the last frame: a clock that is set does not move it
	beats  int64        // heartbeats so far; of recv alone
}

// A plugin that sends more heartbeats than so many, and so many a second, has nothing else to do than to keep the hub busy. Many
// may come at once when the hub did not listen for a while.
const (
	beatBurst = 100_000
	beatRate  = 1000
)

// open starts a stream and waits until the plugin has opened the instances, or ctx ends.
func open(ctx context.Context, conn grpc.ClientConnInterface, o *pb.Open) (*session, error) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel) // a plugin that never answers must not hold us, nor a connection that never comes up
	s := &session{cancel: cancel, epoch: o.Epoch, born: time.Now()}
	var err error
	if s.stream, err = pb.NewPluginClient(conn).Run(run, grpc.ForceCodecV2(codec{})); err != nil {
		err = fromStatus("open", err)
	} else {
		err = s.handshake(o)
	}
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		if ctx.Err() != nil {
			err = sdk.Errorf(sdk.Unavailable, "open: the plugin did not answer in time: %w", ctx.Err())
		}
		return nil, err
	}
	return s, nil
}

func (s *session) handshake(o *pb.Open) error {
	if err := s.stream.Send(&pb.ToPlugin{Frame: &pb.ToPlugin_Open{Open: o}}); err != nil && !errors.Is(err, io.EOF) {
		return fromStatus("open", err)
	}
	for {
		f, err := s.recv()
		if err != nil {
			return err
		}
		switch f := f.Frame.(type) {
		case *pb.FromPlugin_Opened:
			return nil
		case *pb.FromPlugin_Done:
			if err := fromError(f.Done.Error); err != nil {
				return err
			}
			return protocolError("it ended before it had opened")
		default:
			return protocolError("its first frame is %T, not opened", f)
		}
	}
}

// recv returns the next frame that is no heartbeat.
func (s *session) recv() (*pb.FromPlugin, error) {
	for {
		f, err := s.stream.Recv()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil, sdk.Errorf(sdk.Unavailable, "the plugin closed the stream")
			}
			return nil, fromStatus("receive", err)
		}
		age := time.Since(s.born)
		s.seen.Store(int64(age))
		if f.GetHeartbeat() == nil {
			return f, nil
		}
		if s.beats++; s.beats > beatBurst+beatRate*int64(age/time.Second) {
			return nil, protocolError("%d heartbeats within %s", s.beats, age.Round(time.Millisecond))
		}
	}
}

// LastSeen returns when the plugin last said anything; it says something every few seconds, whatever its own code does. The
// time has a monotonic reading, so that its age is right over a jump of the clock.
func (s *session) LastSeen() time.Time { return s.born.Add(time.Duration(s.seen.Load())) }

// Close ends the instance at once. Safe to call more than once.
func (s *session) Close() { s.cancel() }

func toInstances(list []Instance) []*pb.Instance {
	out := make([]*pb.Instance, len(list))
	for i, in := range list {
		out[i] = &pb.Instance{Name: in.Name, Type: in.Type, Config: in.Config}
	}
	return out
}

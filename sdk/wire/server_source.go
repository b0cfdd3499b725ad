package wire

import (
	"context"
	"io"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

func (s *server) runSource(ctx context.Context, open *pb.Open, out *outbox) error {
	var source sdk.Source
	err := guard(func() error {
		spec, err := find(s.program.Sources, open.Instances[0].Type, func(c sdk.SourceSpec) string { return c.Type })
		if err == nil {
			source, err = spec.Open(ctx, open.Instances[0].Config)
		}
		if err == nil && source == nil {
			err = openedNothing(open.Instances[0].Type)
		}
		return err
	})
	if err != nil {
		return out.opened(err)
	}
	defer closeIf(source)
	if err := out.opened(nil); err != nil {
		return err
	}
	start, err := awaitStart(out.stream)
	if err != nil || start == nil {
		return err
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	if start.Once {
		run = sdk.WithOnce(run)
	}
	e := newEmitter(open.Epoch, out.send)
	var wg sync.WaitGroup
	wg.Go(func() {
		err := guard(func() error { return source.Run(run, start.Position, e) })
		if run.Err() != nil && ctx.Err() == nil {
			err = nil // drained: whatever it says about the end of its context is no fault
		}
		if flushed := e.finish(ctx); err == nil {
			err = flushed
		}
		_ = out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Done{Done: &pb.Done{Error: toError(err)}}})
	})
	err = receiveSource(out.stream, e, stop)
	stop()
	e.fail(sdk.Errorf(sdk.Unavailable, "the hub has closed the stream"))
	wg.Wait()
	return err
}

// awaitStart returns the hub's start, or nil when it closed its half before.
func awaitStart(stream pb.Plugin_RunServer) (*pb.Start, error) {
	in, err := stream.Recv()
	switch {
	case err == io.EOF:
		return nil, nil
	case err != nil:
		return nil, err
	case in.GetStart() == nil:
		return nil, status.Error(codes.InvalidArgument, "the second frame of a source's stream must be start")
	}
	return in.GetStart(), nil
}

// receiveSource hands the hub's frames to the emitter until the hub closes its half.
func receiveSource(stream pb.Plugin_RunServer, e *emitter, stop func()) error {
	for {
		in, err := stream.Recv()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		switch f := in.Frame.(type) {
		case *pb.ToPlugin_Credit:
			e.credit(f.Credit.First, f.Credit.Count)
		case *pb.ToPlugin_Ack:
			e.ack(f.Ack.Id, fromError(f.Ack.Error))
		case *pb.ToPlugin_Drain:
			stop()
		}
	}
}

// closeIf closes what a plugin opened, if it can be closed.
func closeIf(v any) {
	if c, ok := v.(io.Closer); ok {
		_ = guard(c.Close)
	}
}

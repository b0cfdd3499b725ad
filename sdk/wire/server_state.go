package wire

import (
	"context"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// stateChunk is how much of a snapshot travels in one frame.
const stateChunk = 1 << 20

func (c *chain) stateful(instance uint32) (*link, sdk.Stateful, error) {
	if int(instance) >= len(c.links) {
		return nil, nil, sdk.Errorf(sdk.NotFound, "the chain has no analyzer %d", instance)
	}
	l := c.links[instance]
	s, ok := l.analyzer.(sdk.Stateful)
	if !ok {
		return nil, nil, sdk.Errorf(sdk.Invalid, "analyzer %q keeps no state", l.add.Analyzer)
	}
	return l, s, nil
}

func (c *chain) snapshot(ctx context.Context, f *pb.Snapshot) error {
	var state []byte
	err := guard(func() error {
		_, s, err := c.stateful(f.Instance)
		if err != nil {
			return err
		}
		state, err = s.Snapshot(ctx)
		return err
	})
	if err == nil && len(state) > sdk.MaxSnapshot {
		err = sdk.Errorf(sdk.Exhausted, "the snapshot has %d bytes, at most %d are allowed", len(state), sdk.MaxSnapshot)
	}
	if err != nil {
		return c.out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_State{State: &pb.State{Id: f.Id, Last: true, Error: toError(err)}}})
	}
	for {
		chunk := state[:min(len(state), stateChunk)]
		state = state[len(chunk):]
		frame := &pb.State{Id: f.Id, Chunk: chunk, Last: len(state) == 0}
		if err := c.out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_State{State: frame}}); err != nil || frame.Last {
			return err
		}
	}
}

func (c *chain) restore(ctx context.Context, f *pb.Restore) error {
	err := guard(func() error {
		l, s, err := c.stateful(f.Instance)
		if err != nil {
			return err
		}
		if len(l.restored)+len(f.Chunk) > sdk.MaxSnapshot {
			return sdk.Errorf(sdk.Exhausted, "the snapshot is larger than %d bytes", sdk.MaxSnapshot)
		}
		l.restored = append(l.restored, f.Chunk...)
		if !f.Last {
			return nil
		}
		state := l.restored
		l.restored = nil
		return s.Restore(ctx, state)
	})
	if err == nil && !f.Last {
		return nil
	}
	return c.out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_State{State: &pb.State{Id: f.Id, Last: true, Error: toError(err)}}})
}

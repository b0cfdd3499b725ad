package wire

import (
	"context"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// stateChunk is how much of a snapshot travels in one frame.
const stateChunk = 1 << 20

func (c *chain) stateful(instance uint32) (sdk.Stateful, error) {
	if int64(instance) >= int64(len(c.links)) {
		return nil, sdk.Errorf(sdk.NotFound, "the chain has no analyzer %d", instance)
	}
	l := c.links[instance]
	s, ok := l.analyzer.(sdk.Stateful)
	if !ok {
		return nil, sdk.Errorf(sdk.Invalid, "analyzer %q keeps no state", l.add.Analyzer)
	}
	return s, nil
}

func (c *chain) snapshot(ctx context.Context, f *pb.Snapshot) error {
	var state []byte
	err := guard(func() error {
		s, err := c.stateful(f.Instance)
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

// restore gathers the chunks of a state and answers after the last one, with the first fault if there was any.
func (c *chain) restore(ctx context.Context, f *pb.Restore) error {
	if len(c.incoming)+len(f.Chunk) > sdk.MaxSnapshot {
		c.overflow, c.incoming = true, nil
	}
	c.incoming = append(c.incoming, f.Chunk...)
	if !f.Last {
		return nil
	}
	state, overflow := c.incoming, c.overflow
	c.incoming, c.overflow = nil, false
	err := guard(func() error {
		s, err := c.stateful(f.Instance)
		if err != nil {
			return err
		}
		if overflow {
			return sdk.Errorf(sdk.Exhausted, "the snapshot is larger than %d bytes", sdk.MaxSnapshot)
		}
		return s.Restore(ctx, state)
	})
	return c.out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_State{State: &pb.State{Id: f.Id, Last: true, Error: toError(err)}}})
}

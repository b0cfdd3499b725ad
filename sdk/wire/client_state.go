package wire

import (
	"context"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// Snapshot asks for the state of analyzer instance of the chain, as it is after all works submitted before.
func (s *WorkSession) Snapshot(ctx context.Context, instance int) ([]byte, error) {
	p, err := s.submit(&Pending{}, func(id uint64) *pb.ToPlugin {
		return &pb.ToPlugin{Frame: &pb.ToPlugin_Snapshot{Snapshot: &pb.Snapshot{Id: id, Instance: uint32(instance)}}}
	})
	if err != nil {
		return nil, err
	}
	if _, err := p.Wait(ctx); err != nil {
		return nil, err
	}
	return p.state, nil
}

// Restore gives analyzer instance of the chain the state it returned from Snapshot. Called before the first work.
func (s *WorkSession) Restore(ctx context.Context, instance int, state []byte) error {
	if len(state) > sdk.MaxSnapshot {
		return sdk.Errorf(sdk.Exhausted, "a state of %d bytes, at most %d are allowed", len(state), sdk.MaxSnapshot)
	}
	for {
		chunk := state[:min(len(state), stateChunk)]
		state = state[len(chunk):]
		last := len(state) == 0
		frame := func(id uint64) *pb.ToPlugin {
			return &pb.ToPlugin{Frame: &pb.ToPlugin_Restore{Restore: &pb.Restore{Id: id, Instance: uint32(instance), Chunk: chunk, Last: last}}}
		}
		if last {
			p, err := s.submit(&Pending{}, frame)
			if err != nil {
				return err
			}
			_, err = p.Wait(ctx)
			return err
		}
		if err := s.stream.Send(frame(0)); err != nil {
			<-s.done
			return s.failure()
		}
	}
}

// stated takes one frame of a state, which belongs to the oldest question until its last.
func (s *WorkSession) stated(st *pb.State) (err error) {
	if s.stating == nil {
		if s.stating, err = s.head(st.Id); err != nil {
			return err
		}
	}
	p := s.stating
	switch {
	case p.id != st.Id:
		return protocolError("a state for %d, expected %d", st.Id, p.id)
	case p.work != nil:
		return protocolError("a state where an answer was asked for")
	case len(s.partial)+len(st.Chunk) > sdk.MaxSnapshot:
		return protocolError("a state of more than %d bytes", sdk.MaxSnapshot)
	}
	s.partial = append(s.partial, st.Chunk...)
	if !st.Last {
		return nil
	}
	p.state, p.err = s.partial, fromError(st.Error)
	s.partial, s.stating = nil, nil
	close(p.done)
	return nil
}

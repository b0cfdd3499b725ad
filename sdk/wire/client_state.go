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
	var p *Pending
	for {
		chunk := state[:min(len(state), stateChunk)]
		state = state[len(chunk):]
		last := len(state) == 0
		frame := func(id uint64) *pb.ToPlugin {
			return &pb.ToPlugin{Frame: &pb.ToPlugin_Restore{Restore: &pb.Restore{Id: id, Instance: uint32(instance), Chunk: chunk, Last: last}}}
		}
		if last {
			var err error
			if p, err = s.submit(&Pending{}, frame); err != nil {
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

func (s *WorkSession) stated(st *pb.State) error {
	if !st.Last {
		return s.chunk(st)
	}
	p, err := s.head(st.Id)
	if err != nil {
		return err
	}
	defer close(p.done)
	if p.work != nil {
		p.err = protocolError("a state where an answer was asked for")
		return p.err
	}
	p.err = fromError(st.Error)
	p.state = append(s.partial, st.Chunk...)
	s.partial = nil
	return nil
}

// chunk keeps a part of a state that is on its way.
func (s *WorkSession) chunk(st *pb.State) error {
	if len(s.partial)+len(st.Chunk) > sdk.MaxSnapshot {
		return protocolError("a state of more than %d bytes", sdk.MaxSnapshot)
	}
	s.partial = append(s.partial, st.Chunk...)
	return nil
}

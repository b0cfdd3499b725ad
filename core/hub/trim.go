package hub

import (
	"context"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
)

// Trim removes from the log what every sink has and no analyzer's state needs any more.
func (h *Hub) Trim(ctx context.Context) error {
	s, err := h.broker.Status(ctx) // before the floors: what is stored later lies above
	if err != nil {
		return err
	}
	last := make(map[broker.Stream]uint64)
	for _, stream := range s.Streams {
		last[stream.Stream] = stream.Last
	}
	step, input, crowded := last[broker.Insights], last[broker.Events], crowded(s)
	for _, u := range h.units() {
		s, in, err := h.needs(ctx, u, last, crowded)
		if err != nil {
			return err
		}
		step, input = min(step, s), min(input, in)
	}
	if step > 0 {
		if err := h.broker.Trim(ctx, broker.Insights, step, flow.Carry); err != nil {
			return err
		}
	}
	if input > 0 {
		return h.broker.Trim(ctx, broker.Events, input, flow.Carry)
	}
	return nil
}

// crowded reports whether a stream that is trimmed is more than half full.
func crowded(s broker.Status) bool {
	for _, stream := range s.Streams {
		if (stream.Stream == broker.Events || stream.Stream == broker.Insights) && int64(stream.Bytes) > stream.MaxBytes/2 {
			return true
		}
	}
	return false
}

func (h *Hub) units() []*pipelineUnit {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]*pipelineUnit, 0, len(h.pipelines))
	for _, u := range h.pipelines {
		out = append(out, u)
	}
	return out
}

// needs returns the step and the batch below which a pipeline needs nothing. One that has done all there is needs nothing up
// to last; so that a pipeline without traffic does not keep the others' log.
func (h *Hub) needs(ctx context.Context, u *pipelineUnit, last map[broker.Stream]uint64, crowded bool) (step, input uint64, err error) {
	done := h.done(u) // before the state: what comes now is above last
	step, input, err = u.StateFloor(ctx)
	if err != nil {
		return 0, 0, err
	}
	newest, _ := u.Newest()
	if done && step >= newest {
		return last[broker.Insights], last[broker.Events], nil
	}
	floor, floorInput := u.books.Floor()
	if crowded && step < floor {
		u.WantSnapshot()
	}
	return min(step, floor), min(input, floorInput), nil
}

// done reports whether a pipeline has read and settled everything that its sources have stored, with nothing on its way into
// the log.
func (h *Hub) done(u *pipelineUnit) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, address := range u.Sources {
		if s := h.sources[address]; s == nil || s.Storing() {
			return false
		}
	}
	if u.Pipeline.Storing() || !u.CaughtUp(h.total) {
		return false
	}
	newest, _ := u.Newest()
	floor, _ := u.books.Floor()
	return floor >= newest
}

package hub

import (
	"context"
	"errors"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
)

// Trim removes from the log what every sink has and no analyzer's state needs any more. Where somebody stands still and room
// is short, the others' part goes without waiting for that one. // promise 6
func (h *Hub) Trim(ctx context.Context) error {
	_, err := h.trim(ctx)
	return err
}

// trim also reports whether room is short, so that it is time to look again soon.
func (h *Hub) trim(ctx context.Context) (short bool, err error) {
	s, err := h.broker.Status(ctx) // before the floors: what is stored later lies above
	if err != nil {
		return false, err
	}
	last := make(map[broker.Stream]uint64)
	for _, stream := range s.Streams {
		last[stream.Stream] = stream.Last
	}
	f := newFloors(last[broker.Insights], last[broker.Events])
	short = crowded(s)
	apart := short && h.reloading.TryLock() // a reload may give a pipeline a source that it did not read
	if apart {
		defer h.reloading.Unlock()
	}
	for _, u := range h.units() {
		step, input, err := h.needs(ctx, u, last, short)
		if err != nil {
			return false, err
		}
		f.add(u, step, input)
	}
	if err := f.trim(ctx, h.broker); err != nil {
		return short, err
	}
	if apart {
		if err := f.trimSubjects(ctx, h.broker); err != nil {
			return false, err
		}
	}
	return short, errors.Join(h.broker.Measure(ctx, broker.Insights), h.broker.Measure(ctx, broker.Events))
}

// floors are the sequences below which nothing is needed: of whole streams, and of each pipeline's and source's subject.
type floors struct {
	step, input uint64
	steps       map[string]uint64
	inputs      map[string]uint64
}

func newFloors(step, input uint64) *floors {
	return &floors{step: step, input: input, steps: map[string]uint64{}, inputs: map[string]uint64{}}
}

func (f *floors) add(u *pipelineUnit, step, input uint64) {
	f.step, f.input = min(f.step, step), min(f.input, input)
	f.steps[flow.StepSubject(u.Name)] = step
	for _, source := range u.EverRead() {
		subject := flow.SourceSubject(source)
		if have, ok := f.inputs[subject]; !ok || input+1 < have {
			f.inputs[subject] = input + 1 // the batch itself is settled
		}
	}
}

func (f *floors) trim(ctx context.Context, log *broker.Broker) error {
	if f.step > 0 {
		if err := log.Trim(ctx, broker.Insights, f.step, flow.Carry); err != nil {
			return err
		}
	}
	if f.input > 0 {
		return log.Trim(ctx, broker.Events, f.input, flow.Carry)
	}
	return nil
}

func (f *floors) trimSubjects(ctx context.Context, log *broker.Broker) error {
	if err := log.TrimSubjects(ctx, broker.Insights, f.steps, flow.Carry); err != nil {
		return err
	}
	return log.TrimSubjects(ctx, broker.Events, f.inputs, flow.Carry)
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

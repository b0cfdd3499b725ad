package wire

import (
	"context"
	"slices"
	"sync"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// maxPending is how many bytes a batch may grow to when one call brings more than sdk.MaxBatchBytes.
const maxPending = 4 * sdk.MaxBatchBytes

// emitter gathers a source's events into batches. A batch leaves at once while nothing is in flight, and grows while the hub
// is busy: small and quick at low rates, large under load, without a timer.
type emitter struct {
	epoch uint64
	send  func(*pb.FromPlugin) error

	mu      sync.Mutex // guards all below
	changed chan struct{}
	builder sdk.Builder
	at      sdk.Position // of the last whole call in builder
	next    uint64       // id of the next batch
	limit   uint64       // ids below may be used
	acked   uint64       // ids below are durable
	err     error
}

func newEmitter(epoch uint64, send func(*pb.FromPlugin) error) *emitter {
	return &emitter{epoch: epoch, send: send, changed: make(chan struct{}), next: 1, limit: 1, acked: 1}
}

// Send implements sdk.Emitter.
func (e *emitter) Send(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	_, err := e.add(ctx, at, events)
	return err
}

// Emit implements sdk.Emitter.
func (e *emitter) Emit(ctx context.Context, at sdk.Position, events ...sdk.Event) error {
	id, err := e.add(ctx, at, events)
	if err != nil {
		return err
	}
	return e.wait(ctx, func() bool { return e.acked > id })
}

// add puts the events of one call into the pending batch, all or none, and returns the id under which they leave; of a call
// without events and position the id of what went before.
func (e *emitter) add(ctx context.Context, at sdk.Position, events []sdk.Event) (uint64, error) {
	if len(at) > sdk.MaxPosition {
		return 0, sdk.Errorf(sdk.Invalid, "position of %d bytes, at most %d are allowed", len(at), sdk.MaxPosition)
	}
	if len(events) > sdk.MaxEvents {
		return 0, tooMuch()
	}
	if err := e.put(ctx, events); err != nil {
		return 0, err
	}
	defer e.mu.Unlock()
	if at != nil {
		e.at = slices.Clone(at) // the source may build the next one in the same memory
	}
	id := e.next
	if e.builder.Len() == 0 && e.at == nil {
		id--
	}
	if e.next == e.acked || e.builder.Full() {
		e.flush()
	}
	return id, e.err
}

func tooMuch() error {
	return sdk.Errorf(sdk.Invalid, "one call emits more than %d events or %d bytes: split it, so that its position can be stored with it", sdk.MaxEvents, maxPending)
}

// put waits for room and adds events to the pending batch, with those of earlier calls if they fit. It returns with mu held,
// unless it returns an error.
func (e *emitter) put(ctx context.Context, events []sdk.Event) error {
	room := func() bool { return e.room(len(events)) }
	for {
		if err := e.lockWhen(ctx, room); err != nil {
			return err
		}
		alone := e.builder.Len() == 0
		fits, err := e.fill(events)
		if fits && err == nil {
			return nil
		}
		e.mu.Unlock()
		if err != nil {
			return err
		}
		if alone {
			return tooMuch()
		}
		room = func() bool { e.flush(); return e.builder.Len() == 0 }
	}
}

// fill adds all events or none. Called with mu held.
func (e *emitter) fill(events []sdk.Event) (fits bool, err error) {
	mark := e.builder.Len()
	for i := range events {
		if e.builder.Len() >= sdk.MaxEvents || e.builder.Size() >= maxPending {
			e.builder.Truncate(mark)
			return false, nil
		}
		if err := e.builder.Add(&events[i]); err != nil {
			e.builder.Truncate(mark)
			return false, err
		}
	}
	return true, nil
}

// room reports whether a call may add n events; it sends a full batch on its way first. Called with mu held.
func (e *emitter) room(n int) bool {
	if e.builder.Len() == 0 || !e.builder.Full() && e.builder.Len()+n <= sdk.MaxEvents {
		return true
	}
	e.flush()
	return e.builder.Len() == 0
}

// flush sends the pending batch if the hub has given room. Called with mu held.
func (e *emitter) flush() {
	if e.err != nil || e.next >= e.limit || e.builder.Len() == 0 && e.at == nil {
		return
	}
	records, err := e.builder.Records(e.at)
	if err == nil {
		e.at = nil
		err = e.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Emit{Emit: &pb.Emit{Id: e.next, Epoch: e.epoch, Records: records.Bytes()}}})
	}
	if err != nil {
		e.err = err
		return
	}
	e.next++
}

// credit, ack and fail are called by the loop that receives the hub's frames.
func (e *emitter) credit(first uint64, count uint32) {
	e.update(func() {
		e.limit = max(e.limit, first+uint64(count))
		if e.next == e.acked || e.builder.Full() {
			e.flush()
		}
	})
}

func (e *emitter) ack(id uint64, err error) {
	e.update(func() {
		if err != nil {
			e.err = err
			return
		}
		e.acked = max(e.acked, min(id+1, e.next))
		e.flush()
	})
}

func (e *emitter) fail(err error) {
	e.update(func() {
		if e.err == nil {
			e.err = err
		}
	})
}

func (e *emitter) update(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
	close(e.changed)
	e.changed = make(chan struct{})
}

// wait blocks until cond, called with mu held, is true.
func (e *emitter) wait(ctx context.Context, cond func() bool) error {
	err := e.lockWhen(ctx, cond)
	if err == nil {
		e.mu.Unlock()
	}
	return err
}

// lockWhen is wait that returns with mu held, unless it returns an error.
func (e *emitter) lockWhen(ctx context.Context, cond func() bool) error {
	for {
		e.mu.Lock()
		if e.err == nil && cond() {
			return nil
		}
		err, changed := e.err, e.changed
		e.mu.Unlock()
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// finish sends what is pending and waits until all is durable.
func (e *emitter) finish(ctx context.Context) error {
	return e.wait(ctx, func() bool {
		e.flush()
		return e.builder.Len() == 0 && e.at == nil && e.acked == e.next
	})
}

package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
)

// stateful tells whether any analyzer of the pipeline keeps state.
func (p *Pipeline) stateful() bool {
	for _, h := range p.Hops {
		for _, l := range h.Links {
			if l.Stateful {
				return true
			}
		}
	}
	return false
}

// saved is the state of all analyzers of a pipeline after one step: one blob, so that they cannot disagree about the step.
type saved struct {
	step, input uint64
	blobs       map[string][]byte // by Link.StateName
}

// unsaved is what the newest snapshot does not hold.
type unsaved struct{ steps, events int }

// much tells whether it is time for the next one: what is unsaved is what a start after a crash has to do again.
func (u unsaved) much() bool { return u.steps >= snapshotSteps || u.events >= snapshotEvents }

// stateName is where the state of a pipeline's analyzers is kept.
func stateName(pipeline string) string { return "pipeline." + pipeline }

// StateFloor returns the step and the batch after which the pipeline needs everything to rebuild its analyzers' state.
func (p *Pipeline) StateFloor(ctx context.Context) (step, input uint64, err error) {
	if !p.stateful() {
		step, input = p.Newest()
		return step, input, nil
	}
	s, err := p.loadState(ctx)
	return s.step, s.input, err
}

func (p *Pipeline) loadState(ctx context.Context) (saved, error) {
	s := saved{blobs: make(map[string][]byte)}
	data, ok, err := p.Broker.LoadState(ctx, stateName(p.Name))
	if err != nil || !ok {
		return s, err
	}
	err = eachField(data, func(num protowire.Number, n uint64, b []byte) error {
		switch num {
		case 1:
			s.step = n
		case 2:
			s.input = n
		case 3:
			return s.blob(b)
		}
		return nil
	})
	if err != nil {
		return s, fmt.Errorf("state of pipeline %s: %w: %w", p.Name, broker.ErrDamaged, err)
	}
	return s, nil
}

func (s *saved) blob(b []byte) error {
	var name string
	var blob []byte
	err := eachField(b, func(num protowire.Number, _ uint64, b []byte) error {
		switch num {
		case 1:
			name = string(b)
		case 2:
			blob = b
		}
		return nil
	})
	s.blobs[name] = blob
	return err
}

func (s *saved) encode() []byte {
	b := appendUint(appendUint(nil, 1, s.step), 2, s.input)
	for _, name := range slices.Sorted(maps.Keys(s.blobs)) {
		b = appendText(b, 3, appendText(appendText(nil, 1, []byte(name)), 2, s.blobs[name]))
	}
	return b
}

// WantSnapshot asks for a snapshot soon: the log fills up with what nothing but the analyzers' state needs.
func (p *Pipeline) WantSnapshot() {
	select {
	case p.wanted <- struct{}{}:
	default:
	}
}

// Save has the analyzers' state saved as it is now and returns when that is done, or when ctx ends: a pipeline that is waiting
// for something saves nothing. A reload calls it, so that the successors of the analyzers show whether they understand the state
// that they will get. // promise 11
func (p *Pipeline) Save(ctx context.Context) {
	if !p.stateful() {
		return
	}
	saved := make(chan struct{})
	select {
	case p.saves <- saved:
	case <-ctx.Done():
		return
	}
	select {
	case <-saved:
	case <-ctx.Done():
	}
}

// maybeSnapshot saves the analyzers' state when enough has happened since.
func (r *runner) maybeSnapshot(soft, hard context.Context) error {
	if !r.since.much() && time.Since(r.saved) < snapshotEvery || soft.Err() != nil {
		r.since.steps++
		return nil
	}
	err := r.snapshot(hard)
	for _, asked := range r.asked {
		close(asked)
	}
	r.asked = nil
	return err
}

// snapshot waits until nothing is on its way, then asks every stateful analyzer for its state and saves it together with the
// step it belongs to. // promise 11
func (r *runner) snapshot(ctx context.Context) error {
	r.since, r.saved = unsaved{}, time.Now()
	if newest, _ := r.Newest(); !r.stateful() || newest == r.savedStep && len(r.toWork)+len(r.toStore) == 0 {
		return nil
	}
	n := r.size.Load()
	for range n {
		select {
		case <-r.tokens:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() {
		for range n {
			r.tokens <- struct{}{}
		}
	}()
	s := saved{blobs: make(map[string][]byte)}
	s.step, s.input = r.Newest()
	r.savedStep = s.step
	for _, o := range r.chain {
		for i, l := range o.Links {
			if !l.Stateful {
				continue
			}
			blob, err := within(ctx, &o.Plug, o.session, func(ctx context.Context) ([]byte, error) { return o.session.Snapshot(ctx, i) })
			if err != nil {
				return failureOf(o, 0, err)
			}
			s.blobs[l.StateName] = blob
		}
	}
	err := r.owns(ctx)
	if err == nil {
		err = r.Broker.SaveState(ctx, stateName(r.Name), s.encode())
	}
	if errors.Is(err, broker.ErrFull) || errors.Is(err, broker.ErrUnavailable) {
		return nil // the older snapshot stands, and the batches since
	}
	return err
}

// owns makes sure that nobody else has written a step, before the state that belongs to ours replaces what is saved.
func (r *runner) owns(ctx context.Context) error {
	e, ok, err := r.Broker.Last(ctx, broker.Insights, StepSubject(r.Name))
	if err != nil || !ok {
		return err
	}
	mine, _ := r.writer.Last()
	if e.Seq == mine.Seq || e.Carried != 0 && e.Carried == cmp.Or(mine.Carried, mine.Seq) {
		return nil
	}
	return fmt.Errorf("save the state of step %d, found step %d: %w", mine.Seq, e.Seq, broker.ErrFenced)
}

// restore brings the analyzers to the state they had after the newest step: the newest snapshots, then the batches since,
// with what they add thrown away.
func (p *Pipeline) restore(ctx context.Context, c chain) error {
	if !p.stateful() {
		return nil
	}
	s, err := p.loadState(ctx)
	if err != nil {
		return err
	}
	p.caughtUp = unsaved{}
	newest, _ := p.Newest()
	if s.step > newest {
		return fmt.Errorf("state saved at step %d, behind the newest step %d: %w", s.step, newest, broker.ErrFenced)
	}
	if err := c.restore(ctx, s); err != nil {
		return err
	}
	return p.replay(ctx, c, s.step, newest)
}

// understands tries whether the analyzers take over the newest saved state. They get it again, or a newer one, when they begin.
func (p *Pipeline) understands(ctx context.Context, c chain) error {
	if !p.stateful() {
		return nil
	}
	s, err := p.loadState(ctx)
	if err != nil {
		return err
	}
	return c.restore(ctx, s)
}

// restore gives every stateful analyzer what is saved of it.
func (c chain) restore(ctx context.Context, s saved) error {
	for _, o := range c {
		for i, l := range o.Links {
			blob, ok := s.blobs[l.StateName]
			if !l.Stateful || !ok {
				continue
			}
			_, err := within(ctx, &o.Plug, o.session, func(ctx context.Context) (any, error) { return nil, o.session.Restore(ctx, i, blob) })
			if err != nil && !sdk.Temporary(err) {
				err = sdk.Errorf(sdk.Invalid, "%s cannot take over what an earlier version of it has counted (%w): put that version back, "+
					"or give the block another name to begin with nothing", l.Address, err)
			}
			if err != nil {
				return failureOf(o, 0, err)
			}
		}
	}
	return nil
}

// replay runs the batches of the steps after from, up to newest, through the chain again. Events that were dead then are
// left out now.
func (p *Pipeline) replay(ctx context.Context, c chain, from, newest uint64) error {
	if from >= newest {
		return nil
	}
	p.Log.Info("analyzers catch up", "pipeline", p.Name, "from", from, "to", newest)
	reader, err := p.Broker.Read(ctx, broker.ReadOptions{Stream: broker.Insights, Subjects: []string{StepSubject(p.Name)}, From: from + 1})
	if err != nil {
		return err
	}
	defer reader.Close()
	for seq := from; seq < newest; {
		e, err := reader.Next(ctx)
		if err != nil {
			return err
		}
		seq = e.Seq
		if e.Carried != 0 { // trimmed: older than the state we have
			continue
		}
		if err := p.replayStep(ctx, c, e); err != nil {
			return err
		}
		p.caughtUp.steps++
	}
	return nil
}

func (p *Pipeline) replayStep(ctx context.Context, c chain, e broker.Entry) error {
	s, err := DecodeStep(e.Data)
	if err != nil {
		return &damaged{stream: broker.Insights, seq: e.Seq, err: err}
	}
	records, err := p.batchOf(ctx, s)
	if err != nil || records == nil {
		return err
	}
	p.caughtUp.events += records.Len()
	b := &passed{records: records, live: without(nil, records.Len(), s.Dead)}
	if hop, err := c.run(ctx, b, 0, nil); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return failureOf(hop, s.Input, err)
	}
	return nil
}

// batchOf returns the batch a step was made of, nil when analysis did not see it.
func (p *Pipeline) batchOf(ctx context.Context, s *Step) (*sdk.Records, error) {
	switch {
	case s.Input != 0:
		return p.Cache.Get(ctx, s.Input)
	case s.Analyzed:
		return sdk.ParseRecords(s.Embedded)
	}
	return nil, nil
}

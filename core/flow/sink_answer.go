package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// answered handles the answer to the oldest job.
func (p *pump) answered(ctx context.Context) error {
	j := p.flying[0]
	answer, err := j.pending.Wait(ctx)
	var w *wire.WorkError
	if err != nil && !errors.As(err, &w) {
		return err // the session is over; the job still counts as flying
	}
	p.flying = p.flying[1:]
	if err != nil {
		return p.refused(ctx, j, w)
	}
	p.tries = 0
	for i, r := range answer.Results {
		if err := p.result(ctx, j, j.events[i], r); err != nil {
			return err
		}
	}
	if err := p.survived(ctx, j); err != nil {
		return err
	}
	p.release(j)
	p.feel(j, answer.Results)
	p.advance()
	p.healthy()
	return nil
}

func (p *pump) healthy() {
	held := 0
	for _, h := range p.holds {
		held += len(h.events)
	}
	p.Holding.Store(int64(held))
	if held == 0 {
		p.Health.resume(p.Log, p.Address)
	}
}

// refused handles an error for a whole batch. A temporary one is tried again; any other is narrowed down to the events that
// cause it, and those are rejected. What flies behind it comes back unattempted.
func (p *pump) refused(ctx context.Context, j *job, err *wire.WorkError) error {
	defer p.advance()
	j.pending = nil
	switch {
	case p.stalled && sdk.Temporary(err): // came back because of an earlier one
		p.redo = append(p.redo, j)
		return nil
	case sdk.Temporary(err):
		var asked *sdk.Error
		var after time.Duration
		if errors.As(err.Err, &asked) {
			after = asked.RetryAfter
		}
		p.redo = append(p.redo, j)
		p.pause = time.Now().Add(RetryDelay(p.tries, after, longProbe))
		p.tries++
		p.Health.wait(p.Log, p.Address, err)
	case len(j.events) > 1:
		half := len(j.events) / 2
		p.redo = append(p.redo, j.part(j.events[:half]), j.part(j.events[half:]))
	default:
		r := sdk.RejectWith(string(sdk.CodeOf(err)), "", err.Error())
		if err := p.result(ctx, j, j.events[0], r); err != nil {
			return err
		}
		p.release(j)
	}
	p.stalled = len(p.flying) > 0
	return nil
}

// result handles the answer for one event.
func (p *pump) result(ctx context.Context, j *job, event uint32, r sdk.Result) error {
	switch r.Outcome {
	case sdk.Done, sdk.Duplicate:
		p.Delivered.Add(1)
	case sdk.Retry:
		p.hold(j, event, r)
		return nil
	case sdk.Fatal:
		return fmt.Errorf("%w: %s %s", errFatal, r.Code, r.Message)
	case sdk.Reject:
		if err := p.bury(ctx, j, event, r); err != nil {
			return err
		}
		p.Rejected.Add(1)
	}
	if j.done == nil {
		j.done = p.settled(j.key())
	}
	j.done.add(event)
	j.open--
	return nil
}

// bury writes the dead letter of one event; only then is the event settled.
func (p *pump) bury(ctx context.Context, j *job, event uint32, r sdk.Result) error {
	one, err := single(j.records, event)
	if err != nil {
		return err
	}
	letter := DeadLetter{Stage: StageSink, At: p.Address, Event: j.records.ID(int(event)), Code: r.Code, Field: r.Field, Reason: r.Message,
		Attempts: p.attempts(j, event), Step: j.seq, Unit: j.unit, Ordinal: event, Records: one}
	letter.Shared, letter.Origin = j.origin(event)
	if j.unit == 0 {
		if letter.Additions, err = sdk.SliceAdditions(filled(j.step.Additions), j.records.Len(), event); err != nil {
			return err
		}
	}
	if err := p.letters.write(ctx, letter); err != nil {
		return err
	}
	p.Books.Dead(j.seq, j.unit, event)
	return nil
}

// origin tells whether other sinks get an event too, and then what its letters have in common.
func (j *job) origin(event uint32) (shared bool, origin string) {
	if j.step.Origin != "" {
		return true, j.step.Origin
	}
	sinks := 0
	for _, s := range j.step.Selections {
		if s.Unit == j.unit && (s.All || slices.Contains(s.Events, event)) {
			sinks++
		}
	}
	if sinks < 2 {
		return false, ""
	}
	return true, fmt.Sprintf("%d-%d-%d", j.seq, j.unit, event)
}

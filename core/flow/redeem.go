package flow

import (
	"context"

	"github.com/pintle-hub/pintle/sdk"
)

// RuleDeadDropped names the drop of dead letters that a person took out.
const RuleDeadDropped = "dead letter dropped"

// redemption is a dead letter that leaves the dead letters: replayed or dropped.
type redemption struct {
	letter  *DeadLetter
	analyze bool // goes through the analyzers again, not only to its sink
	drop    bool
	done    chan struct{} // closed when the step is stored
}

// Replay sends a dead letter on its way again: to its sink, or through the whole pipeline where analysis gave it up. It
// returns when that is durable; the caller then deletes the letter.
func (p *Pipeline) Replay(ctx context.Context, d *DeadLetter) error {
	return p.redeemOne(ctx, redemption{letter: d, analyze: d.Stage != StageSink, done: make(chan struct{})})
}

// DropDead takes a dead letter out of the books by RuleDeadDropped. It returns when that is durable.
func (p *Pipeline) DropDead(ctx context.Context, d *DeadLetter) error {
	return p.redeemOne(ctx, redemption{letter: d, drop: true, done: make(chan struct{})})
}

func (p *Pipeline) redeemOne(ctx context.Context, d redemption) error {
	if d.letter.Stage == StageSource && !d.drop {
		return sdk.Errorf(sdk.Invalid, "event %s was unreadable at its source: mend it there, and drop this letter", d.letter.Event)
	}
	select {
	case p.redeem <- d:
	case <-ctx.Done():
		return sdk.Errorf(sdk.Unavailable, "pipeline %s is not running: %w", p.Name, ctx.Err())
	}
	select {
	case <-d.done:
		return nil
	case <-ctx.Done():
		return sdk.Errorf(sdk.Unavailable, "pipeline %s did not take the letter: %w", p.Name, ctx.Err())
	}
}

// redeemed makes an item of a redemption.
func (r *runner) redeemed(d redemption) (*item, error) {
	records, err := sdk.ParseRecords(d.letter.Records)
	if err != nil {
		return nil, err
	}
	it := &item{redeem: &d, passed: passed{records: records}}
	if d.analyze || d.drop {
		return it, nil
	}
	for _, b := range d.letter.Additions {
		a, err := sdk.ParseAdditions(b, records.Len())
		if err != nil {
			return nil, err
		}
		it.additions, it.added = append(it.additions, b), append(it.added, a)
	}
	return it, nil
}

// fill completes the step of a redemption: the event itself, what it counts, and where it goes when no route decides.
func (d *redemption) fill(s *Step, it *item) {
	insight := d.letter.Unit > 0
	if insight {
		s.RedeemedEmitted, s.Count, s.Additions = 1, 0, nil
	} else {
		s.Redeemed = 1
	}
	switch {
	case d.drop && !insight:
		s.drop(RuleDeadDropped, 1)
	case d.drop:
	case insight:
		s.Emitted = [][]byte{it.records.Bytes()}
		s.EmittedRouted = 1
		s.Selections = []Selection{{Sink: d.letter.At, Unit: 1, All: true}}
	case !d.analyze:
		s.Embedded, s.Routed = it.records.Bytes(), 1
		s.Selections = []Selection{{Sink: d.letter.At, All: true}}
	default:
		s.Embedded = it.records.Bytes()
	}
}

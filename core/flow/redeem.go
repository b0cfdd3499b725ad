package flow

import (
	"context"
	"errors"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// RuleDeadDropped names the drop of dead letters that a person took out.
const RuleDeadDropped = "dead letter dropped"

// handOver is how long a pipeline may take until it begins with a redemption.
const handOver = 5 * time.Second

// Redemption is a dead letter that leaves the dead letters: replayed or dropped.
type Redemption struct {
	Letter *DeadLetter
	// Seq is the letter's number in the log. The step of the redemption carries it, so that nobody redeems it twice.
	Seq uint64
	// Drop takes the event out by RuleDeadDropped. Otherwise it goes to its sink again, or through the whole pipeline where
	// analysis gave it up.
	Drop bool
	// Uncounted leaves the books alone: another sink has a letter of the same event, which stays dead until that goes too.
	Uncounted bool
}

// redemption is one on its way. analyze means that it goes through the analyzers again, not only to its sink.
type redemption struct {
	Redemption
	analyze bool
	done    chan error // with room for the one answer
}

// answer tells who waits for the redemption what became of it. Only the first answer is heard.
func (d *redemption) answer(err error) {
	select {
	case d.done <- err:
	default:
	}
}

// Redeemed returns the number of the letter that was redeemed last, 0 when there was none.
func (p *Pipeline) Redeemed() uint64 { return p.letter.Load() }

// Redeem puts a redemption into the log. It is durable when Redeem returns nil, and the caller then deletes the letter. Called
// by one goroutine at a time.
func (p *Pipeline) Redeem(ctx context.Context, what Redemption) error {
	d := &redemption{Redemption: what, analyze: what.Letter.Stage != StageSink && !what.Drop, done: make(chan error, 1)}
	if d.Letter.Stage == StageSource && !d.Drop {
		return sdk.Errorf(sdk.Invalid, "event %s was unreadable at its source: mend it there, and drop this letter", d.Letter.Event)
	}
	late := time.NewTimer(handOver)
	defer late.Stop()
	select {
	case p.redeem <- d:
	case <-ctx.Done():
		return ctx.Err()
	case <-late.C:
		return sdk.Errorf(sdk.Unavailable, "pipeline %s does not work at present, see its status", p.Name)
	}
	select {
	case err := <-d.done:
		return err
	case <-ctx.Done():
		return sdk.Errorf(sdk.Unavailable, "pipeline %s did not take the letter: %w", p.Name, ctx.Err())
	}
}

// unredeemed answers who waits for a redemption that the end of an attempt has left behind. The letter stays as it is; if the
// step was stored after all, the next one to redeem it finds that out.
func (r *runner) unredeemed(err error) {
	var f *failure
	switch {
	case r.redeeming == nil:
	case errors.As(err, &f) && f.redemption:
		r.redeeming.answer(sdk.Errorf(sdk.Invalid, "event %s stays a dead letter, analysis still fails on it: %w", r.redeeming.Letter.Event, err))
	default:
		r.redeeming.answer(sdk.Errorf(sdk.Unavailable, "pipeline %s starts anew, try again: %w", r.Name, err))
	}
}

// redeemed makes an item of a redemption.
func (r *runner) redeemed(d *redemption) (*item, error) {
	r.redeeming = d
	records, err := sdk.ParseRecords(d.Letter.Records)
	if err != nil {
		return nil, err
	}
	it := &item{redeem: d, passed: passed{records: records}}
	if d.analyze || d.Drop {
		return it, nil
	}
	for _, b := range d.Letter.Additions {
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
	insight := d.Letter.Unit > 0
	s.Uncounted, s.Origin = d.Uncounted, d.Letter.Origin
	if insight {
		s.RedeemedEmitted, s.Count, s.Additions = 1, 0, nil
	} else {
		s.Redeemed = 1
	}
	switch {
	case d.Drop && !insight:
		s.drop(RuleDeadDropped, 1)
	case d.Drop:
	case insight:
		s.Emitted = [][]byte{it.records.Bytes()}
		s.EmittedRouted = 1
		s.Selections = []Selection{{Sink: d.Letter.At, Unit: 1, All: true}}
	case !d.analyze:
		s.Embedded, s.Routed = it.records.Bytes(), 1
		s.Selections = []Selection{{Sink: d.Letter.At, All: true}}
	default:
		s.Embedded, s.Analyzed = it.records.Bytes(), true
	}
}

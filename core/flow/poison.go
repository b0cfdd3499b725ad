package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// bisect finds the events of a batch that an analyzer cannot take, by giving ever smaller parts of it to fresh plugins. What
// it finds goes to the dead letters when the batch is worked on next. // promise 5
func (p *Pipeline) bisect(ctx context.Context, f *failure) error {
	records, err := p.Cache.Get(ctx, f.input)
	if err != nil {
		return err
	}
	var gone []uint32
	gone = append(gone, records.Rejected()...)
	for _, d := range p.poison[f.input] {
		gone = append(gone, d.event)
	}
	var live []uint32
	each(without(nil, records.Len(), gone), records.Len(), func(i uint32) { live = append(live, i) })
	b := host.NewBisect(len(live))
	var last error
	for lo, hi, ok := b.Next(); ok; lo, hi, ok = b.Next() {
		err := p.try(ctx, records, live[lo:hi])
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var broken *failure
		if err != nil && !errors.As(err, &broken) {
			return err
		}
		if err != nil {
			last = err
		}
		b.Report(err != nil)
		if b.Hopeless() {
			return fmt.Errorf("%s fails on every event, so the analyzer is at fault and not an event: %w", f.hop.Address, last)
		}
	}
	for _, i := range b.Poison() {
		p.poison[f.input] = append(p.poison[f.input], condemn(live[i], f.hop.Address, last))
	}
	p.Log.Warn("events were taken out", "pipeline", p.Name, "batch", f.input, "events", len(b.Poison()))
	return nil
}

// condemn makes the reason of a dead letter out of an analyzer's failure.
func condemn(event uint32, at string, err error) condemned {
	c := condemned{event: event, at: at, code: sdk.Internal, reason: "the analyzer failed on this event alone"}
	var w *wire.WorkError
	var f *fault
	switch {
	case errors.As(err, &w):
		c.code, c.reason = sdk.CodeOf(w), w.Error()
	case errors.As(err, &f) && f.died:
		c.reason = "the analyzer's process " + f.exit.String() + " on this event alone"
	}
	return c
}

// try gives some events of a batch to freshly started analyzers in the state of the checkpoint.
func (p *Pipeline) try(ctx context.Context, r *sdk.Records, live []uint32) error {
	c, err := openChain(ctx, p.Hops)
	if err != nil {
		return &failure{err: err}
	}
	defer c.close()
	if err := p.restore(ctx, c); err != nil {
		return err
	}
	if hop, err := c.run(ctx, &passed{records: r, live: live}, 0, nil); err != nil {
		return failureOf(hop, 0, err)
	}
	return nil
}

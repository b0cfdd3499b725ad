package parts

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
	"github.com/pintle-hub/pintle/sdk"
)

// poll is how often a source asks whether it may offer more.
const poll = 5 * time.Millisecond

// offer is a channel that can be read again: its position is the number of the last event that is stored.
type offer struct {
	stream
	ledger *ledger.Client
}

func openOffer(_ context.Context, c stream) (sdk.Source, error) {
	l, err := ledger.Dial(c.Ledger)
	return &offer{c, l}, err
}

func (o *offer) Run(ctx context.Context, from sdk.Position, out sdk.Emitter) error {
	next := uint64(1)
	if len(from) > 0 {
		last, err := strconv.ParseUint(string(from), 10, 64)
		if err != nil {
			return sdk.Errorf(sdk.Invalid, "position: %w", err)
		}
		next = last + 1
	}
	pause := pacer(o.Rate, o.Chunk)
	for ctx.Err() == nil {
		limit, err := o.ledger.Limit(o.Name)
		if err != nil {
			return err
		}
		if next > limit {
			wait(ctx, poll)
			continue
		}
		end := min(limit, next+uint64(o.Chunk)-1)
		if err := o.hand(ctx, next, end, out); err != nil {
			return err
		}
		next = end + 1
		pause(ctx)
	}
	return nil
}

// hand offers events first to last.
func (o *offer) hand(ctx context.Context, first, last uint64, out sdk.Emitter) error {
	events, r := o.events(o.Name, first, last)
	r.Kind = ledger.Replay
	if err := o.ledger.Note(r); err != nil {
		return err
	}
	return out.Send(ctx, sdk.Position(strconv.FormatUint(last, 10)), events...)
}

func (s stream) events(who string, first, last uint64) (events []sdk.Event, r ledger.Record) {
	r.Who = who
	for n := first; n <= last; n++ {
		e := s.event(who, n)
		events, r.Items = append(events, e), append(r.Items, itemOf(&e, n))
	}
	return events, r
}

// pacer returns what waits after each chunk so that rate events pass in a second.
func pacer(rate, chunk int) func(context.Context) {
	if rate <= 0 {
		return func(context.Context) {}
	}
	return func(ctx context.Context) { wait(ctx, time.Duration(chunk)*time.Second/time.Duration(rate)) }
}

// call is a channel that forgets what was acknowledged. Each of its callers has a name, keys and numbers of its own.
type call struct {
	stream
	ledger *ledger.Client
}

func openCall(_ context.Context, c stream) (sdk.Source, error) {
	l, err := ledger.Dial(c.Ledger)
	return &call{c, l}, err
}

func (c *call) Run(ctx context.Context, _ sdk.Position, out sdk.Emitter) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range c.Callers {
		wg.Go(func() {
			if err := c.caller(ctx, fmt.Sprintf("%s.%d", c.Name, i), out); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != ctx.Err() {
		return err
	}
	return nil
}

// caller calls with one event after the other; the next is behind the last that was acknowledged.
func (c *call) caller(ctx context.Context, who string, out sdk.Emitter) error {
	last, err := c.ledger.LastAcked(who)
	pause := pacer(c.Rate, c.Callers)
	for n := last + 1; ctx.Err() == nil && err == nil; {
		var limit uint64
		if limit, err = c.ledger.Limit(who); err != nil {
			break
		}
		if n > limit {
			wait(ctx, poll)
			continue
		}
		if err = c.once(ctx, who, n, out); err == nil {
			n++
			pause(ctx)
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (c *call) once(ctx context.Context, who string, n uint64, out sdk.Emitter) error {
	events, r := c.events(who, n, n)
	r.Kind = ledger.Offer
	if err := c.ledger.Note(r); err != nil {
		return err
	}
	if err := out.Emit(context.WithoutCancel(ctx), nil, events...); err != nil { // who has called waits for the answer, also at a drain
		return err
	}
	r.Kind = ledger.Acked // promise 1 begins here
	return c.ledger.Note(r)
}

package flow

import (
	"context"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// pump is one session of a sink: a single loop that owns everything below.
type pump struct {
	*Sink
	out     *openSink
	ahead   int
	window  []*delivery // unsettled, in order
	queue   []*job      // to be sent, in order
	flying  []*job      // sent, in order
	redo    []*job      // came back unattempted or to be split; sent before queue once nothing flies
	stalled bool        // nothing new is sent until all that flies has come back
	tries   int         // failures of whole batches in a row
	pause   time.Time   // nothing is sent before
	holds   map[string]*hold
	outage  outage
	load    load // of window
}

// steps is where they come from: failed hears of the end of entries.
type steps struct {
	entries <-chan broker.Entry
	failed  <-chan error
}

// run is the loop: send what can be sent, then wait for an answer, for the log, or for time to pass. When soft ends nothing
// more is sent, and what was sent is waited for until hard ends.
func (p *pump) run(soft, hard context.Context, in steps) error {
	for {
		if soft.Err() == nil {
			if err := p.send(hard); err != nil {
				return err
			}
		} else if len(p.flying) == 0 {
			return nil
		}
		if err := p.wait(soft, hard, in); err != nil {
			return err
		}
	}
}

func (p *pump) wait(soft, hard context.Context, in steps) error {
	var answered <-chan struct{}
	gone := p.out.process.Done() // while something flies its answer tells
	var late <-chan time.Time
	if len(p.flying) > 0 {
		answered, gone = p.flying[0].pending.Done(), nil
		t := time.NewTimer(p.workTimeout())
		defer t.Stop()
		late = t.C
	}
	if p.full() {
		in.entries = nil
	}
	var due <-chan time.Time
	if next, ok := p.nextDue(); ok {
		t := time.NewTimer(time.Until(next))
		defer t.Stop()
		due = t.C
	}
	ended := soft.Done()
	if soft.Err() != nil {
		ended, in.entries, due = nil, nil, nil // what flies still comes back
	}
	select {
	case e := <-in.entries:
		return p.deliver(hard, e)
	case err := <-in.failed:
		return err
	case <-answered:
		return p.answered(hard)
	case <-late:
		return sdk.Errorf(sdk.Unavailable, "the sink has not answered for %s", p.workTimeout())
	case <-due:
	case <-gone:
		return errGone
	case <-ended:
	case <-hard.Done():
		return hard.Err()
	}
	return nil
}

// full reports whether no more steps are taken from the log until the oldest is settled. A key that fails for long so lets
// the others pass for that many events.
func (p *pump) full() bool {
	return len(p.window) >= sinkWindow && (p.load.events >= sinkEvents || p.load.bytes >= sinkBytes)
}

// nextDue returns when something waiting may be sent, if that is only a matter of time: what waits for an answer is not.
func (p *pump) nextDue() (next time.Time, ok bool) {
	if !p.ready() {
		return next, false
	}
	tries := p.tries
	if len(p.queue)+len(p.redo) > 0 && time.Now().Before(p.pause) {
		next = p.pause
	}
	for _, h := range p.holds {
		if !h.busy && (next.IsZero() || h.due.Before(next)) {
			next, tries = h.due, h.tries+1
		}
	}
	if next.IsZero() {
		return next, false
	}
	if next.Before(p.pause) {
		next, tries = p.pause, max(tries, p.outage.failures)
	}
	p.Health.again(tries+1, next)
	return next, true
}

// ready reports whether another job may be under way beside those that are.
func (p *pump) ready() bool {
	return len(p.flying) == 0 || !p.stalled && len(p.flying) < p.ahead && !p.probing()
}

// deliver turns a step of the log into jobs.
func (p *pump) deliver(ctx context.Context, e broker.Entry) error {
	s, err := DecodeStep(e.Data)
	if err != nil {
		return &damaged{stream: broker.Insights, seq: e.Seq, err: err}
	}
	d := &delivery{seq: e.Seq, step: s, load: load{bytes: len(e.Data)}}
	p.window = append(p.window, d)
	for _, sel := range s.Selections {
		if sel.Sink != p.Address {
			continue
		}
		j, err := p.job(ctx, d, sel)
		if err != nil {
			return err
		}
		d.open += len(j.events)
		d.load.events, d.load.bytes = d.load.events+len(j.events), d.load.bytes+len(j.records.Bytes())
		if p.search != nil && p.search.key == j.key() && p.search.finished() {
			if err := p.endSearch(ctx, j); err != nil {
				return err
			}
			j = j.part(p.unsettled(j))
		}
		if len(j.events) > 0 {
			p.queue = append(p.queue, j)
		}
	}
	p.load.events, p.load.bytes = p.load.events+d.load.events, p.load.bytes+d.load.bytes
	p.advance()
	return nil
}

// job fetches a unit and leaves out what is settled already.
func (p *pump) job(ctx context.Context, d *delivery, sel Selection) (*job, error) {
	j := &job{delivery: d, unit: sel.Unit}
	var err error
	switch s := d.step; {
	case int(sel.Unit) > len(s.Emitted):
		return nil, &damaged{stream: broker.Insights, seq: d.seq, err: sdk.Errorf(sdk.Internal, "no unit %d", sel.Unit)}
	case sel.Unit > 0:
		j.records, err = sdk.ParseRecords(s.Emitted[sel.Unit-1])
	case len(s.Embedded) > 0:
		j.records, err = sdk.ParseRecords(s.Embedded)
	default:
		j.records, err = p.Cache.Get(ctx, s.Input)
	}
	if err != nil {
		return nil, err
	}
	if sel.Unit == 0 && len(p.Attrs) > 0 {
		for _, b := range filled(d.step.Additions) {
			a, err := sdk.ParseAdditions(b, j.records.Len())
			if err != nil {
				return nil, &damaged{stream: broker.Insights, seq: d.seq, err: err}
			}
			j.added = append(j.added, a)
		}
	}
	each(selected(sel), j.records.Len(), func(i uint32) { j.events = append(j.events, i) })
	j.events = p.unsettled(j)
	return j, nil
}

// unsettled returns the events of j that an earlier session has not settled.
func (p *pump) unsettled(j *job) []uint32 {
	settled := p.skip[j.key()]
	return slices.DeleteFunc(j.events, func(i uint32) bool { return settled.has(i) })
}

func selected(sel Selection) []uint32 {
	if sel.All {
		return nil
	}
	return sel.Events
}

// send submits what may go now.
func (p *pump) send(ctx context.Context) error {
	if len(p.flying) == 0 {
		p.stalled = false
		p.queue = append(p.redo, p.queue...)
		p.redo = nil
	}
	for p.ready() && !time.Now().Before(p.pause) {
		j := p.next()
		if j == nil {
			return nil
		}
		if err := p.submit(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

// next returns the next job: held events that are due come before new ones. Events whose key is held are kept back.
func (p *pump) next() *job {
	if j := p.dueJob(); j != nil {
		return j
	}
	for len(p.queue) > 0 {
		j := p.queue[0]
		p.queue = p.queue[1:]
		if !j.again {
			j = p.keepBack(j)
		}
		if j = p.searched(j); len(j.events) > 0 {
			return p.risk(j)
		}
	}
	return nil
}

func (p *pump) submit(ctx context.Context, j *job) error {
	w := &wire.Work{Records: j.records, Events: j.events}
	if len(j.events) == j.records.Len() {
		w.Events = nil
	}
	if j.unit == 0 {
		w.Additions = filled(j.step.Additions)
	}
	w.Attributes = [][][]byte{columns(p.Attrs, j.records, w.Events, j.added)}
	pending, err := within(ctx, &p.Plug, p.out.session, func(context.Context) (*wire.Pending, error) { return p.out.session.Submit(w) })
	j.pending = pending
	p.flying = append(p.flying, j)
	return err
}

// advance enters settled deliveries at the head of the window into the books.
func (p *pump) advance() {
	for len(p.window) > 0 && p.window[0].open == 0 {
		d := p.window[0]
		p.window = p.window[1:]
		p.load.events, p.load.bytes = p.load.events-d.load.events, p.load.bytes-d.load.bytes
		p.Books.Settled(p.Address, d.seq, d.step)
		for unit := range len(d.step.Emitted) + 1 {
			delete(p.skip, unitKey{d.seq, uint32(unit)})
		}
	}
}

package flow

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// item is one batch on its way to a step.
type item struct {
	passed
	input   uint64 // 0 for a redemption
	dead    []condemned
	pending *wire.Pending // at the first hop
	redeem  *redemption
	step    *Step
}

// runner is one attempt of a pipeline: three loops with queues between them. Tokens bound the batches in hand; one that has
// all of them knows that nothing is on its way.
type runner struct {
	*Pipeline
	chain   chain
	tokens  chan struct{}
	toWork  chan *item   // filled by read, emptied by work
	toStore chan *item   // filled by work, emptied by store
	size    atomic.Int32 // tokens there are
	since   unsaved      // since the last snapshot, with what was caught up with
	saved   time.Time
	// savedStep is the step of the newest snapshot of this attempt.
	savedStep uint64
	asked     []chan struct{} // closed when the state is saved; used by take alone
	picker    picker
	// redeeming is the newest redemption; set by read, looked at when all loops have ended.
	redeeming *redemption
}

// work runs the loops until one fails or ctx ends; what is in hand then is stored first, if it can be.
func (p *Pipeline) work(ctx context.Context, c chain) error {
	r := &runner{Pipeline: p, chain: c, tokens: make(chan struct{}, ahead), toWork: make(chan *item, ahead),
		toStore: make(chan *item, ahead), saved: time.Now(), since: p.caughtUp}
	if p.suspect != 0 {
		r.grow(1) // find out which batch it is
	} else {
		r.grow(ahead)
	}
	hard, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stopped := context.AfterFunc(ctx, func() { time.AfterFunc(defaultDrain, cancel) })
	defer stopped()
	g, gctx := errgroup.WithContext(hard)
	g.Go(func() error { return r.read(ctx, gctx) })
	g.Go(func() error { return r.analyze(gctx) })
	g.Go(func() error { return r.store(gctx) })
	err := g.Wait()
	r.unredeemed(err)
	return err
}

// grow raises the number of tokens to n.
func (r *runner) grow(n int32) {
	for r.size.Load() < n {
		r.size.Add(1)
		r.tokens <- struct{}{}
	}
}

// read takes batches from the log and submits them to the first hop. soft ends the reading, hard everything.
func (r *runner) read(soft, hard context.Context) error {
	defer close(r.toWork)
	var subjects []string
	for _, s := range r.reads() {
		subjects = append(subjects, SourceSubject(s))
	}
	_, input := r.Newest()
	reader, err := r.Broker.Read(hard, broker.ReadOptions{Stream: broker.Events, Subjects: subjects, From: input + 1})
	if err != nil {
		return err
	}
	defer reader.Close()
	entries := make(chan broker.Entry)
	g, ctx := errgroup.WithContext(hard)
	next, stop := context.WithCancel(ctx)
	defer stop()
	g.Go(func() error { return feed(next, reader, entries) })
	g.Go(func() error {
		defer stop()
		return r.take(soft, ctx, entries)
	})
	return g.Wait()
}

// feed hands what the reader finds to entries until ctx ends.
func feed(ctx context.Context, reader *broker.Reader, entries chan<- broker.Entry) error {
	for {
		e, err := reader.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		select {
		case entries <- e:
		case <-ctx.Done():
			return nil
		}
	}
}

// take turns entries and redemptions into items, each with a token.
func (r *runner) take(soft, hard context.Context, entries <-chan broker.Entry) error {
	tick := time.NewTicker(snapshotEvery)
	defer tick.Stop()
	var look <-chan time.Time
	for {
		if err := r.maybeSnapshot(soft, hard); err != nil {
			return err
		}
		select {
		case <-soft.Done():
			return r.snapshot(hard)
		case <-hard.Done():
			return hard.Err()
		case <-r.tokens:
		}
		var it *item
		var err error
		select {
		case <-soft.Done():
			r.tokens <- struct{}{}
			return r.snapshot(hard)
		case <-hard.Done():
			return hard.Err()
		case e := <-entries:
			it, err = r.item(e)
		case d := <-r.redeem:
			it, err = r.redeemed(d)
		case <-r.wanted:
			r.since.steps = snapshotSteps
		case asked := <-r.saves:
			r.since.steps, r.asked = snapshotSteps, append(r.asked, asked)
		case <-tick.C: // a pause in the traffic is a good moment for a snapshot
		case <-r.chain.gone(): // perhaps while it had something in hand: then look again once it has not
			err, look = r.diedIdle(), time.Tick(lookEvery)
		case <-look:
			err = r.diedIdle()
		}
		if err != nil {
			return err
		}
		if it == nil {
			r.tokens <- struct{}{}
			continue
		}
		if err := r.begin(hard, it); err != nil {
			return err
		}
		r.toWork <- it // never blocks: there are no more items than tokens
	}
}

// lookEvery is how often a pipeline without traffic looks whether its analyzers live, once one of them has ended.
const lookEvery = time.Second

// diedIdle is the failure of a hop whose process has ended while nothing was in hand: nobody else would notice before the next
// batch. Called with the one token that is left to take.
func (r *runner) diedIdle() error {
	if len(r.tokens) != int(r.size.Load())-1 {
		return nil // who waits for an answer hears of it
	}
	for _, o := range r.chain {
		select {
		case <-o.process.Done():
			return failureOf(o, 0, errGone)
		default:
		}
	}
	return nil
}

// item makes an item of a stored batch; nil for one that was carried over a trim and was read before.
func (r *runner) item(e broker.Entry) (*item, error) {
	if e.Carried != 0 && e.Carried <= r.input.Load() {
		return nil, nil
	}
	records := r.Cache.Held(e.Seq) // its source has just stored it
	if records == nil {
		var err error
		if records, err = sdk.ParseRecords(e.Data); err != nil {
			return nil, &damaged{stream: broker.Events, seq: e.Seq, err: err}
		}
	}
	if e.Carried != 0 || records.Len() == 0 || r.beyond(records) {
		return nil, nil
	}
	r.Cache.Put(e.Seq, records)
	r.since.events += records.Len()
	it := &item{input: e.Seq, passed: passed{records: records}}
	for _, i := range records.Rejected() {
		it.dead = append(it.dead, condemned{event: i, at: records.Source, code: sdk.Invalid, reason: "the source could not read it"})
	}
	it.dead = append(it.dead, r.poison[e.Seq]...)
	return it, nil
}

// begin takes out what is dead and submits the rest to the first hop.
func (r *runner) begin(ctx context.Context, it *item) (err error) {
	gone := make([]uint32, len(it.dead))
	for i, d := range it.dead {
		gone[i] = d.event
	}
	it.live = without(it.live, it.records.Len(), gone)
	if len(r.chain) == 0 || it.live != nil && len(it.live) == 0 || it.redeem != nil && !it.redeem.analyze {
		return nil
	}
	first := r.chain[0]
	it.pending, err = first.submit(ctx, &it.passed)
	if err != nil {
		return it.failure(first, err)
	}
	return nil
}

func (it *item) failure(hop *openHop, err error) error {
	if it.redeem != nil {
		return &failure{hop: hop, redemption: true, err: faultOf(hop.process, err)}
	}
	return failureOf(hop, it.input, err)
}

// analyze waits for the hops and routes.
func (r *runner) analyze(ctx context.Context) error {
	defer close(r.toStore)
	for it := range r.toWork {
		if it.redeem == nil || it.redeem.analyze {
			if hop, err := r.chain.run(ctx, &it.passed, 0, it.pending); err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				return it.failure(hop, err)
			}
		}
		it.step = r.route(it)
		r.toStore <- it // never blocks: there are no more items than tokens
	}
	return nil
}

// store writes dead letters, then the step. The fence in the writer makes sure that no other hub works on this pipeline.
func (r *runner) store(ctx context.Context) error {
	for it := range r.toStore {
		for _, d := range it.dead {
			if err := r.bury(ctx, it, d); err != nil {
				return err
			}
		}
		it.step.Totals, it.step.Letter = r.totalsWith(it), r.letter.Load()
		if it.redeem != nil {
			it.step.Read, it.step.Letter = r.input.Load(), it.redeem.Seq
		}
		data := it.step.Encode()
		r.storing.Store(true)
		var seq uint64
		err := persist(ctx, func() (err error) {
			seq, err = r.writer.Append(ctx, data)
			return err
		}, func(err error) { r.Health.wait(r.Log, "pipeline."+r.Name, err) })
		if err != nil {
			return err
		}
		r.stored(it, seq)
		r.storing.Store(false)
	}
	return nil
}

func (r *runner) stored(it *item, seq uint64) {
	r.took(it.step, seq)
	r.Headlines.take(r.Name, it.step)
	r.Health.resume(r.Log, "pipeline."+r.Name)
	if r.suspect != 0 && it.input >= r.suspect {
		r.suspect = 0
		r.grow(ahead)
	}
	if it.redeem != nil {
		it.redeem.answer(nil)
	}
	r.tokens <- struct{}{}
}

// bury writes the dead letter of one event.
func (r *runner) bury(ctx context.Context, it *item, d condemned) error {
	one, err := single(it.records, d.event)
	if err != nil {
		return err
	}
	letter := DeadLetter{Stage: StageAnalyze, At: d.at, Event: it.records.ID(int(d.event)), Code: string(d.code), Reason: d.reason,
		Attempts: 1, Input: it.input, Ordinal: d.event, Records: one}
	if isRejected(it.records, d.event) {
		letter.Stage = StageSource
		letter.Reason = rejection(it.records, d.event, d.reason)
	}
	return r.letters.write(ctx, letter)
}

package flow

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
)

// How a pipeline works.
const (
	// ahead is how many batches are in a pipeline's hands at once.
	ahead = 6
	// snapshotSteps, snapshotEvents and snapshotEvery say how often the state of analyzers is saved: after so many batches, so
	// many events in them, or so long.
	snapshotSteps  = 400
	snapshotEvents = 200_000
	snapshotEvery  = 30 * time.Second
)

// Pipeline reads batches from the log, runs them through the analyzers and the routes, and writes a step for each.
type Pipeline struct {
	Name    string
	Sources []string // addresses
	Hops    []*Hop
	Routes  []Route
	Broker  *broker.Broker
	Cache   *Cache
	Log     hclog.Logger
	Health  Health
	// Headlines hears of every insight once it is stored. Nil means nobody wants to know.
	Headlines *Headlines

	writer  *broker.Writer
	letters deadLetters
	first   chain // opened before Run, by Open
	redeem  chan *redemption
	wanted  chan struct{} // holds one request for a snapshot
	saves   chan chan struct{}
	poison  map[uint64][]condemned
	suspect uint64 // the batch that failed last, 0 for none
	// caughtUp is what the analyzers had to see again when they began. It counts towards the next snapshot: a hub
	// that dies again and again before it has done enough for one would have more to see again each time.
	caughtUp unsaved
	retry    host.Backoff

	mu     sync.Mutex
	totals map[string]Total // by source; guarded by mu

	input atomic.Uint64 // newest batch that has a step
	step  atomic.Uint64 // newest step
	// letter is the newest dead letter that was redeemed.
	letter atomic.Uint64

	storing atomic.Bool // a step is on its way into the log
}

// condemned is an event that analysis gives up, and why.
type condemned struct {
	event  uint32
	at     string
	code   sdk.Code
	reason string
}

// StepSubject is where the steps of a pipeline are kept.
func StepSubject(pipeline string) string {
	return fmt.Sprintf("%s.0.%s", broker.Insights.Prefix(), pipeline)
}

// Load reads the pipeline's checkpoint from the log. Called before Run and before the books are asked.
func (p *Pipeline) Load(ctx context.Context) error {
	w, err := p.Broker.Writer(ctx, broker.Insights, StepSubject(p.Name))
	if err != nil {
		return fmt.Errorf("pipeline %s: open its place in the log: %w", p.Name, err)
	}
	p.writer, p.letters = w, deadLetters{log: p.Broker, pipeline: p.Name}
	if p.redeem == nil {
		p.redeem, p.wanted, p.saves = make(chan *redemption), make(chan struct{}, 1), make(chan chan struct{})
	}
	if p.poison == nil {
		p.poison = make(map[uint64][]condemned)
	}
	totals := make(map[string]Total)
	if e, ok := w.Last(); ok {
		s, err := DecodeStep(e.Data)
		if err != nil {
			return fmt.Errorf("pipeline %s: read its last step: %w", p.Name, err)
		}
		p.at(s, e.Seq)
		for _, t := range s.Totals {
			totals[t.Source] = t
		}
	}
	p.storing.Store(false)
	return p.loadBases(ctx, totals)
}

// took notes that step s is stored as seq. The counts come last: who sees them must see the step too.
func (p *Pipeline) took(s *Step, seq uint64) {
	p.at(s, seq)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range s.Totals {
		p.totals[t.Source] = t
	}
}

// at notes which step is the newest.
func (p *Pipeline) at(s *Step, seq uint64) {
	p.step.Store(seq)
	p.letter.Store(s.Letter)
	p.input.Store(max(s.Input, s.Read))
}

// Newest returns the newest step and the newest batch that has one.
func (p *Pipeline) Newest() (step, input uint64) { return p.step.Load(), p.input.Load() }

// Open starts the analyzers, and makes sure that they understand the state which is saved for them. Run takes them over; a
// reload calls it to find out whether the new configuration works.
func (p *Pipeline) Open(ctx context.Context) error {
	c, err := openChain(ctx, p.Hops)
	if err != nil {
		return err
	}
	if err := p.understands(ctx, c); err != nil {
		c.close()
		return err
	}
	p.first = c
	return nil
}

// Discard ends what Open started and Run did not take.
func (p *Pipeline) Discard() {
	p.first.close()
	p.first = nil
}

// Run works until ctx ends. When an analyzer fails it starts again at the checkpoint: slower and batch by batch, until it is
// known whether the analyzer or an event is to blame. It returns an error only when going on is no use.
func (p *Pipeline) Run(ctx context.Context) error {
	for {
		err := p.attempt(ctx)
		switch {
		case ctx.Err() != nil:
			p.Health.set(StateStopped, nil)
			return nil
		case errors.Is(err, broker.ErrFenced), errors.Is(err, broker.ErrDamaged):
			p.Health.set(StateBroken, err)
			return fmt.Errorf("pipeline %s: %w", p.Name, err)
		}
		if err := p.recover(ctx, err); err != nil && ctx.Err() == nil {
			p.Health.set(StateBroken, err)
			return fmt.Errorf("pipeline %s: %w", p.Name, err)
		}
	}
}

// attempt opens the analyzers, brings their state to the checkpoint and works until something fails.
func (p *Pipeline) attempt(ctx context.Context) error {
	c := p.first
	p.first = nil
	if c == nil {
		var err error
		if c, err = openChain(ctx, p.Hops); err != nil {
			return &failure{err: err}
		}
	}
	defer c.close()
	if err := p.Load(ctx); err != nil { // only now: opening takes a while, and the checkpoint must be that of the state
		return err
	}
	maps.DeleteFunc(p.poison, func(input uint64, _ []condemned) bool { return input <= p.input.Load() })
	if err := p.restore(ctx, c); err != nil {
		return err
	}
	p.Health.set(StateRunning, nil)
	if err := p.work(ctx, c); err != nil {
		return err
	}
	for _, o := range c {
		finish(o.session.Finish)
	}
	return nil
}

// failure is an error of an analyzer: where, and on which batch (0 when on none) or redemption.
type failure struct {
	hop        *openHop
	input      uint64
	redemption bool
	err        error
}

// failureOf makes a failure of what hop answered, or of its death.
func failureOf(hop *openHop, input uint64, err error) error {
	return &failure{hop: hop, input: input, err: faultOf(hop.process, err)}
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// recover decides what to do after an attempt failed.
func (p *Pipeline) recover(ctx context.Context, err error) error {
	var f *failure
	if !errors.As(err, &f) {
		p.Log.Warn("pipeline failed", "pipeline", p.Name, "error", err)
		p.Health.fail(err)
		p.Health.restart()
		return p.rest(ctx)
	}
	if f.redemption { // a person asked for it and hears of it; the analyzers start anew at the checkpoint
		p.Health.restart()
		return nil
	}
	p.Health.fail(err)
	if f.hop != nil {
		if err := p.blame(ctx, f); err != nil {
			return err
		}
	} else {
		p.Log.Warn("analyzers do not start", "pipeline", p.Name, "error", err)
		return p.rest(ctx)
	}
	p.Health.restart()
	return nil
}

// rest waits the back-off of the whole pipeline.
func (p *Pipeline) rest(ctx context.Context) error {
	delay := p.retry.Next(0)
	p.Health.spell.again(time.Now().Add(delay))
	return sleep(ctx, delay)
}

// blame notes which batch an analyzer failed on. A temporary failure is waited out; a batch that failed when it was alone is
// taken apart.
func (p *Pipeline) blame(ctx context.Context, f *failure) error {
	if temporary(f.err) {
		p.Log.Warn("analyzer asks to wait", "block", f.hop.Address, "error", f.err)
		return p.rest(ctx)
	}
	if f.input == 0 || p.suspect != f.input {
		p.suspect = f.input
		return f.hop.failed(ctx, f.err)
	}
	p.Log.Warn("batch fails again and is taken apart", "pipeline", p.Name, "batch", f.input, "error", f.err)
	return p.bisect(ctx, f)
}

package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
)

// Counts are the books of one pipeline over what is settled: each event it has read ended in exactly one of them.
type Counts struct {
	// Settled is the number of events whose fate is known.
	Settled   uint64            `json:"settled"`
	Delivered uint64            `json:"delivered"`
	Dead      uint64            `json:"dead"`
	Dropped   map[string]uint64 `json:"dropped,omitempty"`

	Insights          uint64 `json:"insights"`
	InsightsDelivered uint64 `json:"insights_delivered"`
	InsightsDead      uint64 `json:"insights_dead"`
	InsightsDropped   uint64 `json:"insights_dropped"`
}

// DroppedTotal returns the number of events taken out by any rule.
func (c *Counts) DroppedTotal() uint64 {
	var n uint64
	for _, v := range c.Dropped {
		n += v
	}
	return n
}

func (c *Counts) drop(rule string, n uint64) {
	if n == 0 {
		return
	}
	if c.Dropped == nil {
		c.Dropped = make(map[string]uint64)
	}
	if _, known := c.Dropped[rule]; !known && len(c.Dropped) >= maxRules {
		rule = RuleOther
	}
	c.Dropped[rule] += n
}

// maxRules is how many rules are counted by their name. Those that come later are counted as RuleOther: an analyzer that names
// a rule after each event must not fill the books. // promise 5
const maxRules = 100

// RuleOther names the drops by more rules than the books tell apart.
const RuleOther = "other rules"

// checkpoint is what the CK stream holds for a pipeline.
type checkpoint struct {
	// Floor is the newest step that all sinks have settled, and Counts the books up to it.
	Floor uint64 `json:"floor"`
	// FloorInput is the batch that Floor was made of.
	FloorInput uint64            `json:"floor_input"`
	Sinks      map[string]uint64 `json:"sinks"`
	Counts     Counts            `json:"counts"`
	// Gone are sinks that left before they had settled all that was meant for them.
	Gone map[string]span `json:"gone,omitempty"`
}

// Books keep a pipeline's progress: how far each sink is, and what became of the events up to the slowest of them. They are
// saved behind the facts: after a crash a sink sees again what came after the last save, with the same keys. // promise 3
type Books struct {
	log      *broker.Broker
	pipeline string
	writer   *broker.Writer
	unsure   []byte // what was saved last without an answer

	mu      sync.Mutex // guards all below
	state   checkpoint
	dead    map[unitKey]map[uint32]bool // dead letters of sinks above the floor
	changed chan struct{}               // closed and renewed at every change
	dirty   bool
	lagging bool // there are steps to enter that no sink will settle any more
}

// unitKey names one unit of one step.
type unitKey struct {
	step uint64
	unit uint32
}

// CheckpointSubject is where the progress of a pipeline is kept.
func CheckpointSubject(pipeline string) string {
	return fmt.Sprintf("%s.pipeline.%s", broker.Checkpoints.Prefix(), pipeline)
}

// OpenBooks reads the books of a pipeline. A sink that is new starts behind the step newest; one that is gone is forgotten.
func OpenBooks(ctx context.Context, log *broker.Broker, pipeline string, sinks []string, newest uint64) (*Books, error) {
	w, err := log.Writer(ctx, broker.Checkpoints, CheckpointSubject(pipeline))
	if err != nil {
		return nil, fmt.Errorf("pipeline %s: open its books: %w", pipeline, err)
	}
	b := &Books{log: log, pipeline: pipeline, writer: w, dead: make(map[unitKey]map[uint32]bool), changed: make(chan struct{})}
	if e, ok := w.Last(); ok {
		if err := json.Unmarshal(e.Data, &b.state); err != nil {
			return nil, fmt.Errorf("pipeline %s: read its books: %w", pipeline, err)
		}
	} else {
		newest = 0 // nothing is settled yet
	}
	b.SetSinks(sinks, newest)
	return b, nil
}

// SetSinks changes the set of sinks, at a start or a reload: one that is new starts behind the step newest, one that is gone
// is forgotten. Called while no sink of the pipeline runs that leaves or joins.
func (b *Books) SetSinks(sinks []string, newest uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	newest = max(newest, b.state.Floor)
	at := make(map[string]uint64, len(sinks))
	for _, s := range sinks {
		seq, ok := b.state.Sinks[s]
		if !ok {
			seq = newest
		}
		at[s] = seq
	}
	for s, seq := range b.state.Sinks {
		if _, stays := at[s]; !stays {
			b.leave(s, seq, newest)
		}
	}
	b.state.Sinks = at
	b.lagging = b.state.Floor < b.lowest()
	b.touch()
}

// lowest returns the position of the slowest sink. Called with mu held.
func (b *Books) lowest() uint64 {
	if len(b.state.Sinks) == 0 {
		return b.state.Floor
	}
	return slices.Min(slices.Collect(maps.Values(b.state.Sinks)))
}

// Await returns once all sinks have settled the step seq, or names one that has not when ctx ends.
func (b *Books) Await(ctx context.Context, seq uint64) error {
	for {
		b.mu.Lock()
		floor, changed, slowest := b.state.Floor, b.changed, ""
		for sink, at := range b.state.Sinks {
			if at < seq {
				slowest = sink
			}
		}
		b.mu.Unlock()
		if floor >= seq {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return sdk.Errorf(sdk.Unavailable, "%s is not that far yet", slowest)
		}
	}
}

// Position returns the newest step the sink has settled.
func (b *Books) Position(sink string) uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state.Sinks[sink]
}

// Floor returns the newest step all sinks have settled, and the batch it was made of.
func (b *Books) Floor() (step, input uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state.Floor, b.state.FloorInput
}

// Counts returns the books up to the floor.
func (b *Books) Counts() Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.state.Counts
	c.Dropped = maps.Clone(c.Dropped)
	return c
}

// Dead notes that a sink gave up an event of a step; its dead letter is written. It returns false when that was known.
func (b *Books) Dead(step uint64, unit, event uint32) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if step <= b.state.Floor {
		return false
	}
	key := unitKey{step, unit}
	if b.dead[key] == nil {
		b.dead[key] = make(map[uint32]bool)
	}
	known := b.dead[key][event]
	b.dead[key][event] = true
	return !known
}

// Settled notes that the sink is done with step seq. When it is the last sink to be, the step enters the books.
func (b *Books) Settled(sink string, seq uint64, s *Step) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.Sinks[sink] = seq
	if !b.lagging && b.lowest() >= seq {
		b.enter(seq, s)
	}
	b.touch()
}

func (b *Books) touch() {
	b.dirty = true
	close(b.changed)
	b.changed = make(chan struct{})
}

// saveEvery is the least time between two saves of the books: how much a sink may see again after a crash.
const saveEvery = 20 * time.Millisecond

// Run saves the books while they change, until ctx ends; then once more.
func (b *Books) Run(ctx context.Context) error {
	for {
		b.mu.Lock()
		changed, dirty, lagging := b.changed, b.dirty, b.lagging
		b.mu.Unlock()
		if lagging {
			if err := b.catchUp(ctx); errors.Is(err, broker.ErrDamaged) {
				return fmt.Errorf("pipeline %s: enter what a sink left behind: %w", b.pipeline, err)
			}
		} else if !dirty {
			select {
			case <-ctx.Done():
				return b.Save(context.WithoutCancel(ctx))
			case <-changed:
			}
		}
		if err := b.Save(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		if sleep(ctx, saveEvery) != nil {
			return b.Save(context.WithoutCancel(ctx))
		}
	}
}

// Save writes the books if they changed. A full or absent log is no error: the books are behind then, not wrong.
func (b *Books) Save(ctx context.Context) error {
	if err := b.resave(ctx); err != nil || b.unsure != nil {
		return err
	}
	b.mu.Lock()
	data, err := json.Marshal(b.state)
	dirty := b.dirty
	b.dirty = false
	b.mu.Unlock()
	if err != nil || !dirty {
		return err
	}
	b.unsure = data
	return b.resave(ctx)
}

// resave writes what may not have arrived: the same again, because the log may have it, and takes other data from another
// writer's for a fault.
func (b *Books) resave(ctx context.Context) error {
	if b.unsure == nil {
		return nil
	}
	_, err := b.writer.Append(ctx, b.unsure)
	switch {
	case err == nil:
		b.unsure = nil
		return nil
	case errors.Is(err, broker.ErrUnavailable):
	case errors.Is(err, broker.ErrFull):
		b.unsure = nil
	default:
		return fmt.Errorf("save the books: %w", err)
	}
	b.mu.Lock()
	b.dirty = true
	b.mu.Unlock()
	return nil
}

package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
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
	c.Dropped[rule] += n
}

// checkpoint is what the CK stream holds for a pipeline.
type checkpoint struct {
	// Floor is the newest step that all sinks have settled, and Counts the books up to it.
	Floor uint64 `json:"floor"`
	// FloorInput is the batch that Floor was made of.
	FloorInput uint64            `json:"floor_input"`
	Sinks      map[string]uint64 `json:"sinks"`
	Counts     Counts            `json:"counts"`
}

// Books keep a pipeline's progress: how far each sink is, and what became of the events up to the slowest of them. They are
// saved behind the facts: after a crash a sink sees again what came after the last save, with the same keys. // promise 3
type Books struct {
	writer *broker.Writer

	mu      sync.Mutex // guards all below
	state   checkpoint
	dead    map[unitKey]map[uint32]bool // dead letters of sinks above the floor
	changed chan struct{}               // closed and renewed at every change
	dirty   bool
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
	b := &Books{writer: w, dead: make(map[unitKey]map[uint32]bool), changed: make(chan struct{})}
	known := false
	if e, ok := w.Last(); ok {
		if err := json.Unmarshal(e.Data, &b.state); err != nil {
			return nil, fmt.Errorf("pipeline %s: read its books: %w", pipeline, err)
		}
		known = true
	}
	at := make(map[string]uint64, len(sinks))
	for _, s := range sinks {
		seq, ok := b.state.Sinks[s]
		if !ok && known && len(b.state.Sinks) > 0 {
			seq = max(newest, b.state.Floor)
		}
		at[s] = seq
	}
	b.state.Sinks = at
	return b, nil
}

// SetSinks changes the set of sinks, at a reload: one that is new starts behind the step newest, one that is gone is
// forgotten. Called while no sink of the pipeline runs that leaves or joins.
func (b *Books) SetSinks(sinks []string, newest uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := make(map[string]uint64, len(sinks))
	for _, s := range sinks {
		seq, ok := b.state.Sinks[s]
		if !ok {
			seq = newest
		}
		at[s] = seq
	}
	b.state.Sinks = at
	b.touch()
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
	for _, at := range b.state.Sinks {
		if at < seq {
			b.touch()
			return
		}
	}
	b.enter(seq, s)
	b.touch()
}

// enter adds a step to the books. Called with mu held.
func (b *Books) enter(seq uint64, s *Step) {
	if seq <= b.state.Floor {
		return
	}
	c := &b.state.Counts
	dead := uint64(len(b.dead[unitKey{seq, 0}]))
	delete(b.dead, unitKey{seq, 0})
	if s.Input != 0 {
		c.Settled += uint64(s.Count)
	}
	c.Delivered += uint64(s.Routed) - dead
	c.Dead += dead + uint64(len(s.Dead)) - uint64(s.Redeemed)
	for _, d := range s.Drops {
		c.drop(d.Rule, uint64(d.N))
	}
	b.enterInsights(seq, s)
	b.state.Floor = seq
	if s.Input != 0 {
		b.state.FloorInput = s.Input
	}
}

func (b *Books) enterInsights(seq uint64, s *Step) {
	c := &b.state.Counts
	var dead, all uint64
	for unit := range s.Emitted {
		key := unitKey{seq, uint32(unit + 1)}
		dead += uint64(len(b.dead[key]))
		delete(b.dead, key)
		all += uint64(s.emittedCount(unit))
	}
	redeemed := uint64(s.RedeemedEmitted) // they are in the books as dead
	c.InsightsDead -= redeemed
	if len(s.Emitted) > 0 {
		c.Insights -= redeemed
	} else {
		c.InsightsDropped += redeemed
	}
	c.Insights += all
	c.InsightsDelivered += uint64(s.EmittedRouted) - dead
	c.InsightsDead += dead
	c.InsightsDropped += all - uint64(s.EmittedRouted)
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
		changed, dirty := b.changed, b.dirty
		b.mu.Unlock()
		if !dirty {
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

// Save writes the books if they changed. A full or absent log is waited for a little: the books are behind then, not wrong.
func (b *Books) Save(ctx context.Context) error {
	b.mu.Lock()
	data, err := json.Marshal(b.state)
	dirty := b.dirty
	b.dirty = false
	b.mu.Unlock()
	if err != nil || !dirty {
		return err
	}
	if _, err = b.writer.Append(ctx, data); err == nil {
		return nil
	}
	b.mu.Lock()
	b.dirty = true
	b.mu.Unlock()
	if errors.Is(err, broker.ErrFull) || errors.Is(err, broker.ErrUnavailable) {
		return nil
	}
	return fmt.Errorf("save the books: %w", err)
}

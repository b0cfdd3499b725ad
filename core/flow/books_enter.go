package flow

import (
	"context"

	"github.com/pintle-hub/pintle/core/broker"
)

// RuleSinkGone names the drop of events that were on their way to a sink when it was taken out of the configuration. Some of
// the last of them may have arrived there.
const RuleSinkGone = "sink removed"

// span is a range of steps: those above From, up to To.
type span struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// leave notes that a sink is gone which had settled the steps up to seq of those up to newest. Called with mu held.
func (b *Books) leave(sink string, seq, newest uint64) {
	if seq >= newest {
		return
	}
	if b.state.Gone == nil {
		b.state.Gone = make(map[string]span)
	}
	if before, ok := b.state.Gone[sink]; ok {
		seq = min(seq, before.From)
	}
	b.state.Gone[sink] = span{seq, newest}
}

// Lagging reports whether there are steps to enter that no sink will settle any more.
func (b *Books) Lagging() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lagging
}

// catchUp enters the steps that only sinks which are gone had not settled.
func (b *Books) catchUp(ctx context.Context) error {
	floor, _ := b.Floor()
	reader, err := b.log.Read(ctx, broker.ReadOptions{Stream: broker.Insights, Subjects: []string{StepSubject(b.pipeline)}, From: floor + 1})
	if err != nil {
		return err
	}
	defer func() { reader.Close() }()
	for b.Lagging() {
		e, err := reader.Next(ctx)
		if err != nil {
			return err
		}
		s, err := DecodeStep(e.Data)
		if err != nil {
			return &damaged{stream: broker.Insights, seq: e.Seq, err: err}
		}
		b.enterLate(e.Seq, s)
	}
	return nil
}

// enterLate enters the step seq, or ends the lag when it is above what all sinks have settled.
func (b *Books) enterLate(seq uint64, s *Step) {
	b.mu.Lock()
	defer b.mu.Unlock()
	lowest := b.lowest()
	if seq <= lowest {
		b.enter(seq, s)
	} else {
		b.state.Floor = lowest // the step there was moved by a trim
	}
	b.lagging = b.state.Floor < lowest
	b.touch()
}

// enter adds a step to the books. Called with mu held.
func (b *Books) enter(seq uint64, s *Step) {
	if seq <= b.state.Floor {
		return
	}
	c := &b.state.Counts
	if s.Input != 0 {
		c.Settled += uint64(s.Count)
		b.state.FloorInput = s.Input
	}
	events := b.fate(seq, s, 0)
	var insights fate
	var emitted uint64
	for unit := range s.Emitted {
		insights.add(b.fate(seq, s, uint32(unit+1)))
		emitted += uint64(s.emittedCount(unit))
	}
	if !s.Uncounted {
		c.Delivered += uint64(s.Routed) - events.dead - events.missed
		c.Dead += events.dead + uint64(len(s.Dead)) - uint64(s.Redeemed)
		for _, d := range s.Drops {
			c.drop(d.Rule, uint64(d.N))
		}
		c.drop(RuleSinkGone, events.missed)
		c.insights(s, insights, emitted)
	}
	b.state.Floor = seq
	for sink, gone := range b.state.Gone {
		if gone.To <= seq {
			delete(b.state.Gone, sink)
		}
	}
}

// insights enters the new events of a step.
func (c *Counts) insights(s *Step, f fate, all uint64) {
	redeemed := uint64(s.RedeemedEmitted) // they are in the books as dead
	c.InsightsDead -= redeemed
	if len(s.Emitted) > 0 {
		c.Insights -= redeemed
	} else {
		c.InsightsDropped += redeemed
	}
	c.Insights += all
	c.InsightsDelivered += uint64(s.EmittedRouted) - f.dead - f.missed
	c.InsightsDead += f.dead
	c.InsightsDropped += all - uint64(s.EmittedRouted) + f.missed
}

// fate is how many of the events that were routed did not arrive: dead letters, and what went to sinks that are gone.
type fate struct{ dead, missed uint64 }

func (f *fate) add(o fate) {
	f.dead += o.dead
	f.missed += o.missed
}

// fate looks up what became of one unit of a step. Called with mu held.
func (b *Books) fate(seq uint64, s *Step, unit uint32) fate {
	key := unitKey{seq, unit}
	dead := b.dead[key]
	delete(b.dead, key)
	f := fate{dead: uint64(len(dead))}
	if len(b.state.Gone) == 0 {
		return f
	}
	n := s.units(unit)
	had, missed := make([]bool, n), make([]bool, n)
	for _, sel := range s.Selections {
		if sel.Unit != unit {
			continue
		}
		marks := had
		if gone, ok := b.state.Gone[sel.Sink]; ok && gone.From < seq && seq <= gone.To {
			marks = missed
		}
		each(selected(sel), n, func(i uint32) {
			if int(i) < n {
				marks[i] = true
			}
		})
	}
	for i := range missed {
		if missed[i] && !had[i] && !dead[uint32(i)] {
			f.missed++
		}
	}
	return f
}

// units returns the number of events in a unit.
func (s *Step) units(unit uint32) int {
	if unit == 0 {
		return int(s.Count)
	}
	return s.emittedCount(int(unit - 1))
}

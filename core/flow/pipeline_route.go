package flow

import (
	"fmt"
	"slices"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
)

// damaged says that a stored message is not what was written.
type damaged struct {
	stream broker.Stream
	seq    uint64
	err    error
}

func (d *damaged) Error() string {
	return fmt.Sprintf("message %d of stream %s is damaged: %v", d.seq, d.stream, d.err)
}

func (d *damaged) Unwrap() []error { return []error{broker.ErrDamaged, d.err} }

// route turns an analysed batch into a step.
func (r *runner) route(it *item) *Step {
	s := &Step{Input: it.input, Source: it.records.Source, Count: uint32(it.records.Len()), Additions: it.additions}
	for _, d := range it.dead {
		s.Dead = append(s.Dead, d.event)
	}
	for _, a := range it.added {
		for _, d := range a.Drops {
			s.drop(d.Rule, uint32(len(d.Events)))
		}
		if a.Emitted != nil && a.Emitted.Len() > 0 {
			r.emitted(s, it, a)
		}
	}
	if it.redeem != nil {
		it.redeem.fill(s, it)
		if !it.redeem.analyze {
			return s
		}
	}
	picked, routed := r.picker.pick(r.Routes, 0, &it.passed)
	s.Selections = append(s.Selections, picked...)
	s.Routed = routed
	live := uint32(it.records.Len())
	if it.live != nil {
		live = uint32(len(it.live))
	}
	s.drop(RuleUnrouted, live-routed)
	return s
}

// emitted routes the new events of one analyzer. They carry the analyzer's address as their source.
func (r *runner) emitted(s *Step, it *item, a *sdk.Added) {
	h := a.Emitted.Head
	h.Source, h.Recorded = "analyzer."+a.Plugin+"."+a.Analyzer, it.records.Recorded
	stamped := a.Emitted.Stamp(h)
	s.Emitted = append(s.Emitted, stamped.Bytes())
	picked, routed := r.picker.pick(r.Routes, uint32(len(s.Emitted)), &passed{records: stamped})
	s.Selections = append(s.Selections, picked...)
	s.EmittedRouted += routed
}

func (s *Step) drop(rule string, n uint32) {
	if n == 0 {
		return
	}
	for i := range s.Drops {
		if s.Drops[i].Rule == rule {
			s.Drops[i].N += n
			return
		}
	}
	s.Drops = append(s.Drops, Drop{rule, n})
}

func isRejected(r *sdk.Records, i uint32) bool { return slices.Contains(r.Rejected(), i) }

// rejection returns the source's own reason for event i, which it could not read.
func rejection(r *sdk.Records, i uint32, otherwise string) string {
	b := sdk.NewBatch(r, []uint32{i}, nil, nil)
	where, reason, _ := sdk.RejectionOf(b.Event(0))
	if reason == "" {
		return otherwise
	}
	return where + ": " + reason
}

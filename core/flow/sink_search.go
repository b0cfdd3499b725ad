package flow

import (
	"context"
	"errors"
	"slices"

	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
)

// search is a hunt for the events of one unit that kill the sink, over several of its lives.
type search struct {
	key    unitKey
	events []uint32
	plan   *host.Bisect
}

func (s *search) finished() bool {
	_, _, more := s.plan.Next()
	return !more
}

// blame notes what was on its way when the session broke. The same unit twice, alone, is searched for the event that kills
// the sink.
func (p *pump) blame(err error) {
	if len(p.flying) == 0 || errors.Is(err, errFatal) {
		return
	}
	j := p.flying[0]
	switch {
	case p.search != nil && p.search.key == j.key():
		p.search.plan.Report(true)
	case p.suspect == j.key() && p.ahead == 1:
		p.search = &search{key: j.key(), events: j.events, plan: host.NewBisect(len(j.events))}
	}
	p.suspect = j.key()
}

// searched narrows a job to the part that the hunt for a poison event wants tried now. The rest follows after the answer.
func (p *pump) searched(j *job) *job {
	if p.search == nil || p.search.key != j.key() {
		return j
	}
	lo, hi, more := p.search.plan.Next()
	if !more {
		return j
	}
	part := j.part(p.search.events[lo:hi])
	part.again = j.again
	return part
}

// survived tells the hunt that a job came back alive, queues its next part, and buries what was found at its end.
func (p *pump) survived(ctx context.Context, j *job) error {
	switch {
	case p.search == nil && p.suspect == j.key():
		p.suspect, p.ahead = unitKey{}, sinkAhead
		return nil
	case p.search == nil || p.search.key != j.key():
		return nil
	}
	p.search.plan.Report(false)
	if !p.search.finished() {
		p.queue = slices.Insert(p.queue, 0, j.part(p.search.events))
		return nil
	}
	return p.endSearch(ctx, j)
}

// endSearch buries the events that the hunt has found in j's unit.
func (p *pump) endSearch(ctx context.Context, j *job) error {
	found := p.search
	p.search, p.suspect, p.ahead = nil, unitKey{}, sinkAhead
	for _, i := range found.plan.Poison() {
		r := sdk.RejectWith(string(sdk.Internal), "", "the sink's process dies on this event alone")
		if err := p.result(ctx, j, found.events[i], r); err != nil {
			return err
		}
	}
	return nil
}

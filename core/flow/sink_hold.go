package flow

import (
	"cmp"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// hold is the row of events of one key of which the first must be tried again: the others wait behind it. // promise 4
type hold struct {
	events []heldEvent
	due    time.Time
	tries  int
	asked  bool // the target said how long to wait
	busy   bool // some of its events are on their way
}

type heldEvent struct {
	job   *job
	event uint32
}

// hold keeps an event to be tried again, at the place it has in its key's order.
func (p *pump) hold(j *job, event uint32, r sdk.Result) {
	key := j.records.Key(int(event))
	h := p.holds[key]
	if h == nil {
		h = &hold{}
		p.holds[key] = h
	}
	h.due, h.asked = time.Now().Add(RetryDelay(h.tries, r.After, longRetry)), r.After > 0
	if !j.again || !h.has(j, event) {
		h.events = append(h.events, heldEvent{j, event})
	}
	p.stalled = len(p.flying) > 0 // what flies was sent before the sink held: it comes back
	p.Health.wait(p.Log, p.Address, sdk.Errorf(sdk.Unavailable, "an event is tried again later: %s", r.Message))
}

func (h *hold) has(j *job, event uint32) bool {
	return slices.ContainsFunc(h.events, func(e heldEvent) bool { return e.event == event && e.job.key() == j.key() })
}

// keepBack moves the events of j whose key is held to their hold, and returns the rest.
func (p *pump) keepBack(j *job) *job {
	if len(p.holds) == 0 {
		return j
	}
	var free []uint32
	for _, i := range j.events {
		if h := p.holds[j.records.Key(int(i))]; h != nil {
			h.events = append(h.events, heldEvent{j, i})
		} else {
			free = append(free, i)
		}
	}
	return j.part(free)
}

// dueJob returns a job of held events that may be tried again: all those that are due and stand in the same unit as the
// oldest of them. Of a target that took nothing the last time only a few.
func (p *pump) dueJob() *job {
	now := time.Now()
	var first *job
	for _, h := range p.holds {
		if h.busy || now.Before(h.due) || len(h.events) == 0 {
			continue
		}
		if head := h.events[0].job; first == nil || before(head, first) {
			first = head
		}
	}
	if first == nil {
		return nil
	}
	j := first.part(nil)
	j.again = true
	for _, h := range p.holds {
		if p.probing() && len(j.events) >= probeEvents {
			break
		}
		if h.busy || now.Before(h.due) || len(h.events) == 0 || h.events[0].job.key() != j.key() {
			continue
		}
		h.busy = true
		for _, e := range h.events {
			if e.job.key() != j.key() {
				break
			}
			j.events = append(j.events, e.event)
		}
	}
	slices.Sort(j.events)
	return j
}

func before(a, b *job) bool {
	return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.unit, b.unit)) < 0
}

// release lets go of the holds of a job that was tried again, as far as its events are settled.
func (p *pump) release(j *job) {
	if !j.again {
		return
	}
	for _, i := range j.events {
		key := j.records.Key(int(i))
		h := p.holds[key]
		if h == nil || !h.busy {
			continue
		}
		h.busy = false
		settled := len(h.events)
		h.events = slices.DeleteFunc(h.events, func(e heldEvent) bool { return p.skip[e.job.key()].has(e.event) })
		if len(h.events) == 0 {
			delete(p.holds, key)
			continue
		}
		if h.tries++; len(h.events) < settled {
			h.tries, h.due = 0, time.Now()
		}
	}
}

// attempts returns how often an event was tried, for its dead letter.
func (p *pump) attempts(j *job, event uint32) int {
	if h := p.holds[j.records.Key(int(event))]; h != nil && j.again {
		return h.tries + 2
	}
	return 1
}

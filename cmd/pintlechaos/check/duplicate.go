package check

import (
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// duplicate holds promise 3: an event that a sink has reaches it again only after a fault that concerns it; after each fault at
// most as many do as the route's window says, and none that was answered long before. What the sink asked to get again does
// not count.
type duplicate struct {
	tally
	routes routes
	sinks  map[string]*repeats
	lag    int64 // nanoseconds
}

// repeats is what one sink sees again.
type repeats struct {
	taken map[string]int64 // when it was answered, by id
	given map[string]bool  // delivered and not answered
	room  int              // how many may come again
	since int64            // the first fault since something new came, 0 for none
	most  int              // how many came again since then
	again int              // in all
	max   int
}

// settledLag is how long after an answer the hub may not yet know it by heart: it saves the books every 20 ms, on a disk that
// may be slow.
const settledLag = 2 * time.Second

func newDuplicate(o Options) *duplicate {
	return &duplicate{sinks: map[string]*repeats{}, lag: o.scaled(settledLag)}
}

// concerns tells whether a fault of target makes sink see things again: one of the hub, of the sink itself, of all, or of a
// source, whose callers may call twice.
func concerns(target, sink string) bool {
	switch {
	case target == "sink."+sink, target == "hub", strings.HasPrefix(target, "hub."), target == "all":
		return true
	}
	return strings.HasPrefix(target, "source")
}

func (d *duplicate) sink(name string) *repeats {
	if d.sinks[name] == nil {
		d.sinks[name] = &repeats{taken: map[string]int64{}, given: map[string]bool{}}
	}
	return d.sinks[name]
}

func (d *duplicate) Note(r *ledger.Record) {
	d.routes.note(r)
	switch r.Kind {
	case ledger.Routed:
		for _, s := range r.Route.Sinks {
			d.sink(s)
		}
	case ledger.Fault:
		for name, s := range d.sinks {
			if concerns(r.Who, name) {
				s.fault(r.Time, d.routes.window(name))
			}
		}
	case ledger.Deliver:
		for _, it := range r.Items {
			d.deliver(r.Who, it.ID)
		}
	case ledger.Ok, ledger.Same, ledger.Reject:
		s := d.sink(r.Who)
		for _, it := range r.Items {
			s.taken[it.ID] = r.Time
			delete(s.given, it.ID)
		}
	case ledger.Retry:
		s := d.sink(r.Who)
		for _, it := range r.Items {
			delete(s.given, it.ID)
		}
	}
}

func (s *repeats) fault(at int64, window int) {
	s.room = min(s.room, window) + window
	if s.since == 0 {
		s.since, s.most = at, 0
	}
}

func (d *duplicate) deliver(sink, id string) {
	d.Count++
	s := d.sink(sink)
	answered, taken := s.taken[id]
	if !taken && !s.given[id] {
		s.given[id] = true
		s.since = 0
		return
	}
	s.again++
	s.most++
	s.max = max(s.max, s.most)
	s.room--
	switch {
	case s.room < 0:
		d.bad("%s came to %s again, and no fault explains it", id, sink)
	case taken && s.since != 0 && answered < s.since-d.lag:
		d.bad("%s came to %s again %s after it was answered", id, sink, time.Duration(s.since-answered))
	}
}

func (d *duplicate) Finding() Finding { return d.done("duplicate") }

package check

import (
	"fmt"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// count holds promise 11: each event carries the place among those of its key that it has in an undisturbed run, every time it
// comes, and the insights are those of an undisturbed run. The undisturbed run is recounted from what was offered, so it works
// for sources that can be read again, and whose events the analyzer sees all.
type count struct {
	tally
	routes routes
	place  map[string]uint64 // by id, of events whose sinks are counted
	keys   map[string]uint64 // by key: how many were offered
	every  uint64            // events of a key to one insight, 0 for none
	came   map[string]bool   // insights
	quiet  bool
}

func newCount() *count {
	return &count{place: map[string]uint64{}, keys: map[string]uint64{}, came: map[string]bool{}}
}

func (c *count) Note(r *ledger.Record) {
	c.routes.note(r)
	switch r.Kind {
	case ledger.Routed:
		if r.Who == Insights {
			c.every = r.Number
		}
	case ledger.Replay:
		c.quiet = false
		for _, it := range r.Items {
			c.offer(r.Who, it)
		}
	case ledger.Deliver:
		for _, it := range r.Items {
			c.deliver(r.Who, it)
		}
	case ledger.Quiet:
		c.quiet = true
	}
}

// Insights stands for the source of a Routed record that says where insights go; its Number is how many events of a key make
// one.
const Insights = "insight"

func (c *count) offer(who string, it ledger.Item) {
	if c.place[it.ID] != 0 {
		return
	}
	counted := false
	c.routes.owedTo(who, it.Mark, func(sink string) { counted = counted || c.routes.counted(sink) })
	if counted {
		c.keys[it.Key]++
		c.place[it.ID] = c.keys[it.Key]
	}
}

func (c *count) deliver(sink string, it ledger.Item) {
	if isInsight(it.ID) {
		c.came[it.ID] = true
		return
	}
	want := c.place[it.ID]
	if want == 0 || !c.routes.counted(sink) {
		return
	}
	c.Count++
	if it.Count != want {
		c.bad("%s came to %s as number %d of its key, and is number %d", it.ID, sink, it.Count, want)
	}
}

func (c *count) Finding() Finding {
	if c.quiet && c.every > 0 {
		c.insights()
	}
	return c.done("count")
}

// insights compares those that came with those that had to.
func (c *count) insights() {
	want := map[string]bool{}
	for key, n := range c.keys {
		for i := c.every; i <= n; i += c.every {
			id := fmt.Sprintf("in-%s-%d", key, i)
			want[id] = true
			if c.Count++; !c.came[id] {
				c.bad("insight %s is missing", id)
			}
		}
	}
	for id := range c.came {
		if !want[id] {
			c.bad("insight %s is one too many", id)
		}
	}
}

package check

import (
	"strings"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// books holds promise 2: what the hub says of itself when all is quiet equals what the ledger saw. Only the newest of each
// pipeline's books count.
type books struct {
	tally
	offered map[string]map[string]bool // ids by source
	replay  map[string]bool
	dead    map[string]bool
	dropped map[string]bool
	totals  map[string]uint64
	newest  map[string]*ledger.Books // by pipeline
}

func newBooks() *books {
	return &books{offered: map[string]map[string]bool{}, replay: map[string]bool{}, dead: map[string]bool{}, dropped: map[string]bool{},
		totals: map[string]uint64{}, newest: map[string]*ledger.Books{}}
}

func (b *books) Note(r *ledger.Record) {
	switch r.Kind {
	case ledger.Offer, ledger.Replay:
		name := sourceOf(r.Who)
		if b.offered[name] == nil {
			b.offered[name] = map[string]bool{}
		}
		b.replay[name] = r.Kind == ledger.Replay
		for _, it := range r.Items {
			b.offered[name][it.ID] = true
		}
	case ledger.Dead:
		for _, it := range r.Items {
			b.dead[it.ID+" "+it.Key] = true
		}
	case ledger.Drop:
		note(b.dropped, r.Items)
	case ledger.Total:
		b.totals[r.Who] = r.Number
	case ledger.Counted:
		b.newest[r.Who] = r.Books
	}
}

func note(set map[string]bool, items []ledger.Item) {
	for _, it := range items {
		set[it.ID] = true
	}
}

func (b *books) Finding() Finding {
	for name, total := range b.totals {
		b.Count++
		n := uint64(len(b.offered[name]))
		switch {
		case b.replay[name] && total != n:
			b.bad("source %s has brought %d events, and %d were offered", name, total, n)
		case total < n:
			b.bad("source %s has brought %d events, and %d were offered and acknowledged", name, total, n)
		}
	}
	for name, s := range b.newest {
		b.Count++
		b.pipeline(name, s)
	}
	return b.done("books")
}

func (b *books) pipeline(name string, s *ledger.Books) {
	if s.Accepted != s.Delivered+s.Dead+s.Dropped+s.InFlight {
		b.bad("pipeline %s does not balance: %+v", name, *s)
	}
	if s.InFlight != 0 {
		b.bad("pipeline %s still has %d events in flight", name, s.InFlight)
	}
	total := uint64(0)
	for _, source := range s.Sources {
		total += b.totals[source]
	}
	if len(s.Sources) > 0 && s.Accepted != total {
		b.bad("pipeline %s has accepted %d events, and its sources have brought %d", name, s.Accepted, total)
	}
	if len(s.Sources) == 0 {
		return // nobody says what it reads
	}
	if dead := b.of(b.dead, s.Sources); s.Dead != dead {
		b.bad("pipeline %s counts %d dead letters, and there are %d", name, s.Dead, dead)
	}
	if dropped := b.of(b.dropped, s.Sources); s.Dropped != dropped {
		b.bad("pipeline %s counts %d dropped, and the analyzer dropped %d", name, s.Dropped, dropped)
	}
}

// of counts the events in set that came from one of the sources.
func (b *books) of(set map[string]bool, sources []string) (n uint64) {
	for id := range set {
		for _, s := range sources {
			if strings.HasPrefix(id, s+"-") || strings.HasPrefix(id, s+".") {
				n++
			}
		}
	}
	return n
}

// reason holds that a dead letter says why and where.
type reason struct{ tally }

func newReason() *reason { return &reason{} }

func (c *reason) Note(r *ledger.Record) {
	if r.Kind != ledger.Dead {
		return
	}
	c.Count++
	if r.Text == "" || r.Who == "" {
		c.bad("dead letter of %d events says %q at %q", len(r.Items), r.Text, r.Who)
	}
}

func (c *reason) Finding() Finding { return c.done("reason") }

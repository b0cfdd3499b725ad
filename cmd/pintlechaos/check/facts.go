package check

import (
	"slices"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// Facts are what a history holds, for people.
type Facts struct {
	// Offered is the number of different events, Acked of those that push sources were told are durable.
	Offered, Acked int
	// Delivered is the number of deliveries, Again of those that were repeats, MaxAgain the most repeats of one sink after one
	// fault.
	Delivered, Again, MaxAgain int
	Dead, Dropped              int
	// Faults are their numbers by text.
	Faults map[string]int
	// Recovery is how long who was harmed took, by who: sorted durations.
	Recovery map[string][]time.Duration
	// Seconds is from the first record to the last.
	Seconds float64
}

type facts struct {
	Facts
	offered, acked, dead, dropped map[string]bool
	repeats                       *duplicate
	open                          map[string]int64
	first, last                   int64
}

func newFacts() *facts {
	return &facts{offered: map[string]bool{}, acked: map[string]bool{}, dead: map[string]bool{}, dropped: map[string]bool{},
		repeats: newDuplicate(Options{}), open: map[string]int64{}, Facts: Facts{Faults: map[string]int{}, Recovery: map[string][]time.Duration{}}}
}

func (f *facts) note(r *ledger.Record) {
	f.repeats.Note(r)
	if f.first == 0 {
		f.first = r.Time
	}
	f.last = r.Time
	switch r.Kind {
	case ledger.Offer, ledger.Replay:
		note(f.offered, r.Items)
	case ledger.Acked:
		note(f.acked, r.Items)
	case ledger.Deliver:
		f.Delivered += len(r.Items)
	case ledger.Dead:
		note(f.dead, r.Items)
	case ledger.Drop:
		note(f.dropped, r.Items)
	case ledger.Fault:
		f.Faults[r.Text]++
		f.open[r.Who] = r.Time
	case ledger.Up:
		if at, ok := f.open[r.Who]; ok {
			f.Recovery[r.Who] = append(f.Recovery[r.Who], time.Duration(r.Time-at))
			delete(f.open, r.Who)
		}
	}
}

func (f *facts) sum() Facts {
	f.Offered, f.Acked, f.Dead, f.Dropped = len(f.offered), len(f.acked), len(f.dead), len(f.dropped)
	for _, s := range f.repeats.sinks {
		f.Again += s.again
		f.MaxAgain = max(f.MaxAgain, s.max)
	}
	for _, list := range f.Recovery {
		slices.Sort(list)
	}
	f.Seconds = time.Duration(f.last - f.first).Seconds()
	return f.Facts
}

package check

import "github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"

// order holds promise 4: the events of a key come to a sink for the first time in the order in which they were offered, and
// what comes again comes as one piece that ends with what is new.
type order struct {
	tally
	keys map[delivery]*line // by sink and key
}

// line is what a sink has seen of a key.
type line struct {
	ids   []string
	n     []uint64
	place map[string]int  // in ids
	gone  map[string]bool // refused for good: need not come again
	at    int             // the place of the newest delivery
}

func newOrder() *order { return &order{keys: map[delivery]*line{}} }

func (o *order) line(sink, key string) *line {
	k := delivery{sink, key}
	if o.keys[k] == nil {
		o.keys[k] = &line{place: map[string]int{}, gone: map[string]bool{}, at: -1}
	}
	return o.keys[k]
}

func (o *order) Note(r *ledger.Record) {
	switch r.Kind {
	case ledger.Deliver:
		for _, it := range r.Items {
			o.Count++
			o.deliver(r.Who, it)
		}
	case ledger.Retry: // comes again, and with it what follows it
		for _, it := range r.Items {
			l := o.line(r.Who, it.Key)
			l.at = min(l.at, l.place[it.ID]-1)
		}
	case ledger.Reject:
		for _, it := range r.Items {
			o.line(r.Who, it.Key).gone[it.ID] = true
		}
	}
}

func (o *order) deliver(sink string, it ledger.Item) {
	l := o.line(sink, it.Key)
	place, known := l.place[it.ID]
	if known {
		if place > l.at+1 && !l.skipped(l.at+1, place) {
			o.bad("%s: of key %s, %s follows %s", sink, it.Key, it.ID, l.ids[l.at])
		}
		l.at = place
		return
	}
	last := len(l.ids) - 1
	switch {
	case last >= 0 && l.n[last] >= it.N && !isInsight(it.ID):
		o.bad("%s: of key %s, %s comes for the first time after %s", sink, it.Key, it.ID, l.ids[last])
	case !l.skipped(l.at+1, last+1):
		o.bad("%s: of key %s, new %s comes before %s has come again", sink, it.Key, it.ID, l.ids[l.at+1])
	}
	l.ids, l.n = append(l.ids, it.ID), append(l.n, it.N)
	l.at = last + 1
	l.place[it.ID] = l.at
}

// skipped tells whether nothing in places from to below to needs to come again.
func (l *line) skipped(from, to int) bool {
	for _, id := range l.ids[max(from, 0):max(from, to, 0)] {
		if !l.gone[id] {
			return false
		}
	}
	return true
}

func (o *order) Finding() Finding { return o.done("order") }

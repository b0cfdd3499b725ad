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
	// at is the place of the newest delivery to each generation of the sink. Two of them may live at the same time, when a hub
	// that was thought dead comes back.
	at map[uint64]int
}

func newOrder() *order { return &order{keys: map[delivery]*line{}} }

func (o *order) line(sink, key string) *line {
	k := delivery{sink, key}
	if o.keys[k] == nil {
		o.keys[k] = &line{place: map[string]int{}, gone: map[string]bool{}, at: map[uint64]int{}}
	}
	return o.keys[k]
}

func (o *order) Note(r *ledger.Record) {
	switch r.Kind {
	case ledger.Deliver:
		for _, it := range r.Items {
			o.Count++
			o.deliver(r, it)
		}
	case ledger.Retry: // comes again, and with it what follows it
		for _, it := range r.Items {
			l := o.line(r.Who, it.Key)
			l.at[r.Gen] = min(l.at[r.Gen], l.place[it.ID]-1)
		}
	case ledger.Reject:
		for _, it := range r.Items {
			o.line(r.Who, it.Key).gone[it.ID] = true
		}
	}
}

// deliver takes in one delivery. A generation may begin anywhere in what is known; from there on it may go back, and must not
// pass over anything.
func (o *order) deliver(r *ledger.Record, it ledger.Item) {
	l := o.line(r.Who, it.Key)
	at, begun := l.at[r.Gen]
	last := len(l.ids) - 1
	place, known := l.place[it.ID]
	if !known {
		place = last + 1
	}
	switch {
	case !known && last >= 0 && l.n[last] >= it.N && !isInsight(it.ID):
		o.bad("%s: of key %s, %s comes for the first time after %s", r.Who, it.Key, it.ID, l.ids[last])
	case begun && place > at+1 && !l.needless(at+1, place):
		o.bad("%s: of key %s, %s comes before %s", r.Who, it.Key, it.ID, l.ids[at+1])
	}
	if !known {
		l.ids, l.n = append(l.ids, it.ID), append(l.n, it.N)
		l.place[it.ID] = place
	}
	l.at[r.Gen] = place
}

// needless tells whether nothing in places from to below to needs to come again.
func (l *line) needless(from, to int) bool {
	for _, id := range l.ids[max(from, 0):to] {
		if !l.gone[id] {
			return false
		}
	}
	return true
}

func (o *order) Finding() Finding { return o.done("order") }

package check

import "github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"

// isInsight tells whether an event was raised by the counting analyzer. Nobody offered it; its content is judged by count.
func isInsight(id string) bool { return len(id) > 3 && id[:3] == "in-" }

// unexpected holds that nothing reaches a sink that nobody offered, or that no route sends there.
type unexpected struct {
	tally
	routes  routes
	allowed map[delivery]bool
}

func newUnexpected() Checker { return &unexpected{allowed: map[delivery]bool{}} }

func (u *unexpected) Note(r *ledger.Record) {
	u.routes.note(r)
	switch r.Kind {
	case ledger.Offer, ledger.Replay:
		for _, it := range r.Items {
			u.routes.allowedTo(r.Who, it.Mark, func(sink string) { u.allowed[delivery{sink, it.ID}] = true })
		}
	case ledger.Deliver:
		for _, it := range r.Items {
			u.Count++
			if !u.allowed[delivery{r.Who, it.ID}] && !isInsight(it.ID) {
				u.bad("%s got %s, which was not offered or not meant for it", r.Who, it.ID)
			}
		}
	}
}

func (u *unexpected) Finding() Finding { return u.done("unexpected") }

// mangled holds that an event arrives as it was offered.
type mangled struct {
	tally
	offered map[string]ledger.Item
}

func newMangled() Checker { return &mangled{offered: map[string]ledger.Item{}} }

func (m *mangled) Note(r *ledger.Record) {
	switch r.Kind {
	case ledger.Offer, ledger.Replay:
		for _, it := range r.Items {
			if was, ok := m.offered[it.ID]; ok && was.Sum != it.Sum {
				m.bad("%s was offered twice with different contents: a fault of the source, not of the hub", it.ID)
			}
			m.offered[it.ID] = it
		}
	case ledger.Deliver:
		for _, it := range r.Items {
			was, ok := m.offered[it.ID]
			if !ok {
				continue // unexpected says so, or it is an insight
			}
			m.Count++
			if was.Sum != it.Sum || was.Key != it.Key || was.N != it.N {
				m.bad("%s reached %s with checksum %s, offered was %s", it.ID, r.Who, it.Sum, was.Sum)
			}
		}
	}
}

func (m *mangled) Finding() Finding { return m.done("mangled") }

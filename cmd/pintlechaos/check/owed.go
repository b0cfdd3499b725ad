package check

import (
	"strings"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// routes are what is owed to whom, as the history tells it.
type routes struct {
	byName map[string][]*ledger.Route // by source
}

// note takes in a record that changes the routes. Several records of one source in a row make up its routes; the first after
// something was offered begins anew.
func (t *routes) note(r *ledger.Record) {
	if r.Kind != ledger.Routed || r.Route == nil {
		return
	}
	if t.byName == nil {
		t.byName = map[string][]*ledger.Route{}
	}
	if r.Text == ledger.First {
		t.byName[r.Who] = nil
	}
	t.byName[r.Who] = append(t.byName[r.Who], r.Route)
}

// sourceOf returns the source a caller belongs to.
func sourceOf(who string) string {
	name, _, _ := strings.Cut(who, ".")
	return name
}

// owedTo calls f with each sink that an event of who with that mark is owed to.
func (t *routes) owedTo(who, mark string, f func(sink string)) { t.sinks(who, mark, false, f) }

// allowedTo calls f with each sink that an event of who with that mark may be given to.
func (t *routes) allowedTo(who, mark string, f func(sink string)) { t.sinks(who, mark, true, f) }

func (t *routes) sinks(who, mark string, maybe bool, f func(sink string)) {
	for _, route := range t.byName[sourceOf(who)] {
		if route.Mark != "" && route.Mark != mark || route.Maybe && !maybe {
			continue
		}
		for _, s := range route.Sinks {
			f(s)
		}
	}
}

// window returns the most events that one fault may bring to the sink again, 0 when the history does not say.
func (t *routes) window(sink string) (most int) {
	t.each(sink, func(r *ledger.Route) { most += r.Window })
	return most
}

// counted tells whether the events of the sink must carry counts.
func (t *routes) counted(sink string) (yes bool) {
	t.each(sink, func(r *ledger.Route) { yes = yes || r.Counted })
	return yes
}

func (t *routes) each(sink string, f func(*ledger.Route)) {
	for _, list := range t.byName {
		for _, r := range list {
			for _, s := range r.Sinks {
				if s == sink {
					f(r)
				}
			}
		}
	}
}

// delivery names one event at one sink.
type delivery struct{ sink, id string }

package flow

import "github.com/pintle-hub/pintle/sdk"

// Route sends events, or insights, that match to sinks.
type Route struct {
	Name string
	// Insights selects new events instead of those that came.
	Insights bool
	// Match decides for one event; nil means all.
	Match func(*sdk.View) bool
	// Sinks are the addresses of the sinks.
	Sinks []string
}

// Attr is a per-event attribute: an expression whose values the hub sends along with a batch.
type Attr struct {
	Name string
	Eval func(*sdk.View) sdk.Value
}

// picker finds out which sink gets which events of a unit. It keeps its memory from batch to batch.
type picker struct {
	view  sdk.View
	sinks []string
	hits  map[string][]bool
	any   []bool
}

// pick runs the routes over the live events of b and returns one selection a sink, and how many events were selected. unit is
// the number of b in its step; new events have one above 0.
func (p *picker) pick(routes []Route, unit uint32, b *passed) ([]Selection, uint32) {
	n := b.records.Len()
	p.reset(n)
	for i := range routes {
		if routes[i].Insights == (unit > 0) {
			p.route(&routes[i], b)
		}
	}
	var out []Selection
	for _, sink := range p.sinks {
		if s, some := selection(sink, unit, p.hits[sink]); some {
			out = append(out, s)
		}
	}
	routed := uint32(0)
	for _, hit := range p.any {
		if hit {
			routed++
		}
	}
	return out, routed
}

func (p *picker) reset(n int) {
	if cap(p.any) < n {
		p.any = make([]bool, n)
	}
	p.any = p.any[:n]
	clear(p.any)
	p.sinks = p.sinks[:0]
	if p.hits == nil {
		p.hits = make(map[string][]bool)
	}
	clear(p.hits)
}

func (p *picker) route(rt *Route, b *passed) {
	for _, sink := range rt.Sinks {
		if p.hits[sink] == nil {
			p.hits[sink] = make([]bool, b.records.Len())
			p.sinks = append(p.sinks, sink)
		}
	}
	each(b.live, b.records.Len(), func(i uint32) {
		if rt.Match != nil {
			p.view.Reset(b.records, int(i), b.added)
			if !rt.Match(&p.view) {
				return
			}
		}
		p.any[i] = true
		for _, sink := range rt.Sinks {
			p.hits[sink][i] = true
		}
	})
}

// selection turns marks into the shortest form.
func selection(sink string, unit uint32, hits []bool) (Selection, bool) {
	s := Selection{Sink: sink, Unit: unit}
	for i, hit := range hits {
		if hit {
			s.Events = append(s.Events, uint32(i))
		}
	}
	some := len(s.Events) > 0
	if len(s.Events) == len(hits) {
		s.All, s.Events = true, nil
	}
	return s, some
}

// each calls yield for the events of sel; nil means all n.
func each(sel []uint32, n int, yield func(uint32)) {
	if sel != nil {
		for _, i := range sel {
			yield(i)
		}
		return
	}
	for i := range uint32(n) {
		yield(i)
	}
}

// columns evaluates attributes for the events of sel and returns them as they travel.
func columns(attrs []Attr, r *sdk.Records, sel []uint32, added []*sdk.Added) [][]byte {
	var out [][]byte
	var view sdk.View
	for _, a := range attrs {
		c := sdk.Column{Name: a.Name}
		each(sel, r.Len(), func(i uint32) {
			view.Reset(r, int(i), added)
			c.Set(int(i), a.Eval(&view))
		})
		if b := sdk.EncodeColumn(&c, r.Len()); c.Kind != sdk.Null {
			out = append(out, b)
		}
	}
	return out
}

// without returns the events of sel (nil: all n) that are not in gone; nil means all.
func without(sel []uint32, n int, gone []uint32) []uint32 {
	if len(gone) == 0 {
		return sel
	}
	out := make([]bool, n)
	for _, i := range gone {
		if int(i) < n {
			out[i] = true
		}
	}
	left := make([]uint32, 0, n)
	each(sel, n, func(i uint32) {
		if !out[i] {
			left = append(left, i)
		}
	})
	return left
}

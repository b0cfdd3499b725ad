package broker

import "slices"

// span is a range of sequences, both included.
type span struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

// spans are ranges in order, with room between them. They are never changed in place.
type spans []span

// with returns the spans with one more range.
func (s spans) with(n span) spans {
	out := make(spans, 0, len(s)+1)
	for _, x := range s {
		if x.To+1 < n.From || n.To+1 < x.From {
			out = append(out, x)
			continue
		}
		n = span{min(n.From, x.From), max(n.To, x.To)}
	}
	out = append(out, n)
	slices.SortFunc(out, func(a, b span) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
	return out
}

// union returns the ranges of both.
func (s spans) union(o spans) spans {
	for _, x := range o {
		s = s.with(x)
	}
	return s
}

// without returns what of a range none of the spans covers.
func (s spans) without(n span) []span {
	var out []span
	for _, x := range s {
		if x.To < n.From || x.From > n.To {
			continue
		}
		if x.From > n.From {
			out = append(out, span{n.From, x.From - 1})
		}
		n.From = x.To + 1
	}
	if n.From <= n.To {
		out = append(out, n)
	}
	return out
}

// count returns how many sequences of a range the spans cover.
func (s spans) count(n span) uint64 {
	if n.To < n.From {
		return 0
	}
	left := n.To - n.From + 1
	for _, x := range s.without(n) {
		left -= x.To - x.From + 1
	}
	return left
}

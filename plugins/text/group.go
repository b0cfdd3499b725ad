package text

import (
	"slices"
	"unicode/utf8"

	"github.com/pintle-hub/pintle/sdk"
)

// Bounds of what an event may be grouped by.
const (
	maxParts    = 8   // expressions in group_by
	maxGroupsOf = 64  // groups of one event, where group_by has lists
	maxPart     = 200 // bytes of one value; for the end of a longer one stands a hash
)

// groups is the groups that one event belongs to: every combination of the values of group_by. It reuses its memory.
type groups struct {
	n      int
	values [maxParts][]string
	width  int
	parts  [1 + maxParts]string
}

// read finds the groups of event i. There are none when an expression is null, empty or an empty list.
func (g *groups) read(in *sdk.Batch, i int, by []sdk.PerEvent) {
	g.n, g.width = 1, len(by)
	for p := range by {
		g.values[p] = appendValues(g.values[p][:0], in.Attr(i, by[p]))
		g.n = min(g.n*len(g.values[p]), maxGroupsOf)
	}
}

// appendValues appends the different texts of a value.
func appendValues(list []string, v sdk.Value) []string {
	if v.Kind != sdk.List {
		if s := v.Text(); s != "" {
			list = append(list, shorten(s))
		}
		return list
	}
	for _, item := range v.List {
		if s := shorten(item.Text()); s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func shorten(s string) string {
	if len(s) <= maxPart {
		return s
	}
	end := maxPart - 40
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "… " + sdk.HashID(s)
}

// name returns the parts of group n, the tenant first. It is valid until the next call.
func (g *groups) name(tenant string, n int) []string {
	g.parts[0] = tenant
	for p := g.width - 1; p >= 0; p-- {
		g.parts[1+p] = g.values[p][n%len(g.values[p])]
		n /= len(g.values[p])
	}
	return g.parts[:1+g.width]
}

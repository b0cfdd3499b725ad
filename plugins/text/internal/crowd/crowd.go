// Package crowd counts how many different people were seen in each of many groups, in a window of event time that slides. It
// has no clock and no random numbers: the same sightings in the same order give the same state, also when it was saved and
// restored in between. Within one group and window the counts are exact.
package crowd

import (
	"strings"
	"time"
)

// Options bound a crowd. All are required.
type Options struct {
	// Window is how long a sighting counts. Late is how much older than the newest of its group a sighting may be when it
	// arrives; more than Window is the same as Window.
	Window, Late time.Duration
	// MaxGroups and MaxBytes bound the state. Beyond them the groups that were seen longest ago are forgotten, in the order of
	// the sightings and not of a clock.
	MaxGroups int
	MaxBytes  int64
}

// Sighting is one person seen in a group.
type Sighting struct {
	// At is the event's own time in nanoseconds since 1970.
	At int64
	// Person is a hash of who it was.
	Person uint64
	// ID is the event, Channel the source it came from, Communities where it was said. Strings are copied where they are kept.
	ID, Channel string
	Communities []string
}

// Change is what a sighting did.
type Change struct {
	// Late: the sighting was too old and is not counted.
	Late bool
	// Joined: the person was not in the window before.
	Joined bool
	// Began: the group was new, or nothing of it was left in the window: another episode begins.
	Began bool
}

// Crowd is the groups. One goroutine uses it.
type Crowd struct {
	window, late int64
	maxGroups    int
	maxBytes     int64

	groups   map[string]*Group
	order    Group // a ring: order.next was seen longest ago, order.prev last
	bytes    int64
	channels []string
	numbers  map[string]uint16 // of channels
	key      []byte
}

// New returns an empty crowd.
func New(o Options) *Crowd {
	c := &Crowd{window: int64(o.Window), late: int64(min(o.Late, o.Window)), maxGroups: o.MaxGroups, maxBytes: o.MaxBytes}
	c.clear()
	return c
}

func (c *Crowd) clear() {
	c.groups = make(map[string]*Group)
	c.order.next, c.order.prev = &c.order, &c.order
	c.bytes = 0
	c.channels = []string{""}
	c.numbers = map[string]uint16{"": 0}
}

// Len returns the number of groups, Bytes about how much memory they take.
func (c *Crowd) Len() int     { return len(c.groups) }
func (c *Crowd) Bytes() int64 { return c.bytes }

// Add counts one sighting in the group named by parts. The group is valid until the next Add.
func (c *Crowd) Add(parts []string, s *Sighting) (*Group, Change) {
	g := c.group(parts)
	ch := Change{Began: len(g.seen) == 0}
	if newest := g.newest(); !ch.Began && s.At > newest {
		c.expire(g, s.At)
		ch.Began = len(g.seen) == 0
	} else if !ch.Began && s.At <= before(newest, c.late) {
		return g, Change{Late: true}
	}
	if ch.Began {
		g.Start, g.Reported = s.At, 0
	}
	ch.Joined = g.people[s.Person] == 0
	c.insert(g, s)
	c.shrink(g)
	return g, ch
}

// before returns t - d, or the earliest time there is.
func before(t, d int64) int64 {
	if r := t - d; r < t {
		return r
	}
	return -1 << 63
}

// group returns the group of that name and makes it the one seen last.
func (c *Crowd) group(parts []string) *Group {
	c.key = appendKey(c.key[:0], parts)
	g := c.groups[string(c.key)]
	if g == nil {
		g = &Group{Parts: make([]string, len(parts)), people: make(map[uint64]uint32)}
		for i, p := range parts {
			g.Parts[i] = strings.Clone(p) // the batch that p lies in must not stay
		}
		c.link(g)
		return g
	}
	g.prev.next, g.next.prev = g.next, g.prev
	c.append(g)
	return g
}

// link takes a new group in.
func (c *Crowd) link(g *Group) {
	g.key = string(appendKey(nil, g.Parts))
	c.groups[g.key] = g
	c.grow(g, groupBytes+2*int64(len(g.key)))
	c.append(g)
}

func (c *Crowd) append(g *Group) {
	g.prev, g.next = c.order.prev, &c.order
	g.prev.next, g.next.prev = g, g
}

// shrink forgets groups until the bounds are kept, but never g, which was just seen: of it the oldest sightings go.
func (c *Crowd) shrink(g *Group) {
	for oldest := c.order.next; oldest != g && (len(c.groups) > c.maxGroups || c.bytes > c.maxBytes); oldest = c.order.next {
		delete(c.groups, oldest.key)
		oldest.prev.next, oldest.next.prev = oldest.next, oldest.prev
		c.bytes -= oldest.bytes
	}
	for c.bytes > c.maxBytes && len(g.seen) > 1 {
		c.drop(g, g.seen[len(g.seen)/2].at)
	}
}

// channel returns the number of a source's name. After 65535 names all new ones share the number 0, the empty name.
func (c *Crowd) channel(name string) uint16 {
	n, ok := c.numbers[name]
	if !ok && len(c.channels) < 1<<16 {
		n = uint16(len(c.channels))
		name = strings.Clone(name)
		c.channels = append(c.channels, name)
		c.numbers[name] = n
	}
	return n
}

// appendKey writes the parts so that different lists of parts never look the same.
func appendKey(b []byte, parts []string) []byte {
	for _, p := range parts {
		b = appendString(b, p)
	}
	return b
}

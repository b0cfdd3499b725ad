package crowd

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// MaxEvidence is how many events a group names as evidence, MaxCommunities how many communities it tells apart.
const (
	MaxEvidence    = 100
	MaxCommunities = 1000
)

// About how much memory things take; what they take in a snapshot is less.
const (
	groupBytes     = 512
	sightingBytes  = 64
	proofBytes     = 48
	communityBytes = 40
)

// Group is one group of a crowd.
type Group struct {
	// Parts name it.
	Parts []string
	// Start is the time of the first sighting of the episode: the one that found nothing in the window.
	Start int64
	// Reported and Pending belong to the caller. Reported is saved, and zero when an episode begins; Pending is not saved.
	Reported, Pending int

	key         string
	seen        []seen // what is in the window, by time
	people      map[uint64]uint32
	channels    []channelCount
	proofs      []proof
	communities map[uint64]int64 // when each was last seen
	bytes       int64
	prev, next  *Group
}

type seen struct {
	at      int64
	person  uint64
	channel uint16
}

type channelCount struct {
	channel uint16
	n       uint32
}

// proof is the newest event of one person.
type proof struct {
	at     int64
	person uint64
	id     string
}

func (p proof) compare(q proof) int { return cmp.Or(cmp.Compare(p.at, q.at), cmp.Compare(p.id, q.id)) }

// newest returns the end of the window.
func (g *Group) newest() int64 {
	if len(g.seen) == 0 {
		return 0
	}
	return g.seen[len(g.seen)-1].at
}

// insert takes a sighting into the window.
func (c *Crowd) insert(g *Group, s *Sighting) {
	one := seen{s.At, s.Person, c.channel(s.Channel)}
	at := len(g.seen)
	if at > 0 && g.seen[at-1].at > s.At {
		at = sort.Search(at, func(i int) bool { return g.seen[i].at > s.At })
	}
	g.seen = slices.Insert(g.seen, at, one)
	g.people[s.Person]++
	g.count(one.channel, 1)
	c.grow(g, sightingBytes)
	c.prove(g, proof{s.At, s.Person, s.ID})
	for _, name := range s.Communities {
		c.community(g, Hash(name), s.At)
	}
}

func (c *Crowd) grow(g *Group, n int64) {
	g.bytes += n
	c.bytes += n
}

// count adds n to a channel.
func (g *Group) count(channel uint16, n int) {
	for i := range g.channels {
		if g.channels[i].channel == channel {
			g.channels[i].n += uint32(n)
			return
		}
	}
	g.channels = append(g.channels, channelCount{channel, uint32(n)})
}

// prove keeps p if it is the newest of its person, and the person among the MaxEvidence that were seen last.
func (c *Crowd) prove(g *Group, p proof) {
	for i := range g.proofs {
		if g.proofs[i].person != p.person {
			continue
		}
		if p.compare(g.proofs[i]) <= 0 {
			return
		}
		c.grow(g, -proofBytes-int64(len(g.proofs[i].id)))
		g.proofs = slices.Delete(g.proofs, i, i+1)
		break
	}
	at, _ := slices.BinarySearchFunc(g.proofs, p, proof.compare)
	if len(g.proofs) == MaxEvidence {
		if at == 0 {
			return
		}
		c.grow(g, -proofBytes-int64(len(g.proofs[0].id)))
		g.proofs = slices.Delete(g.proofs, 0, 1)
		at--
	}
	p.id = strings.Clone(p.id) // the batch that it lies in must not stay
	g.proofs = slices.Insert(g.proofs, at, p)
	c.grow(g, proofBytes+int64(len(p.id)))
}

// community notes when one was seen last.
func (c *Crowd) community(g *Group, hash uint64, at int64) {
	last, ok := g.communities[hash]
	if !ok && len(g.communities) == MaxCommunities {
		if c.purge(g, before(g.newest(), c.window)); len(g.communities) == MaxCommunities {
			return
		}
	}
	if !ok {
		c.grow(g, communityBytes)
		if g.communities == nil {
			g.communities = make(map[uint64]int64)
		}
	}
	if !ok || at > last {
		g.communities[hash] = at
	}
}

// expire moves the window's end to now.
func (c *Crowd) expire(g *Group, now int64) { c.drop(g, before(now, c.window)) }

// drop forgets what was seen at until or before.
func (c *Crowd) drop(g *Group, until int64) {
	n := 0
	for ; n < len(g.seen) && g.seen[n].at <= until; n++ {
		s := &g.seen[n]
		if g.people[s.person]--; g.people[s.person] == 0 {
			delete(g.people, s.person)
		}
		g.count(s.channel, -1)
	}
	if n == 0 {
		return
	}
	g.seen = g.seen[n:] // append moves the rest to new memory in time
	c.grow(g, -sightingBytes*int64(n))
	g.channels = slices.DeleteFunc(g.channels, func(n channelCount) bool { return n.n == 0 })
	c.dropRest(g, until)
}

func (c *Crowd) dropRest(g *Group, until int64) {
	n := 0
	for ; n < len(g.proofs) && g.proofs[n].at <= until; n++ {
		c.grow(g, -proofBytes-int64(len(g.proofs[n].id)))
	}
	g.proofs = slices.Delete(g.proofs, 0, n)
	if len(g.communities) <= fewCommunities {
		c.purge(g, until)
	}
}

// fewCommunities are cleared of old ones whenever anything leaves the window, more only when there is no room.
const fewCommunities = 64

// purge forgets communities that were seen last at until or before.
func (c *Crowd) purge(g *Group, until int64) {
	for hash, at := range g.communities { // in any order: what stays does not depend on it
		if at <= until {
			delete(g.communities, hash)
			c.grow(g, -communityBytes)
		}
	}
}

// Hash turns a name into a number, the same in every process.
func Hash(name string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a, then mixed so that all bits depend on all bytes
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

package crowd

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

var errDamaged = errors.New("the snapshot is damaged or was made by another version: the checksum and its contents do not agree")

// Restore replaces the state by a snapshot. After an error the crowd is empty. Bounds smaller than those of the crowd that was
// saved are kept: the groups seen longest ago are forgotten.
func (c *Crowd) Restore(b []byte) error {
	c.clear()
	if err := c.restore(b); err != nil {
		c.clear()
		return err
	}
	if last := c.order.prev; last != &c.order {
		c.shrink(last)
	}
	return nil
}

func (c *Crowd) restore(b []byte) error {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(rest) < 4 {
		return fmt.Errorf("this is no snapshot of version %d: start without it, or with the version that made it", magic[len(magic)-1])
	}
	end := len(b) - 4
	if checksum(b[:end]) != binary.LittleEndian.Uint32(b[end:]) {
		return errDamaged
	}
	r := reader{b: rest[:len(rest)-4]}
	for range r.count(1) {
		c.channel(r.text())
	}
	for range r.count(4) {
		if err := c.restoreGroup(&r); err != nil {
			return err
		}
	}
	if r.bad || len(r.b) > 0 {
		return errDamaged
	}
	return nil
}

// restoreGroup reads one group and checks what the rest of the package relies on.
func (c *Crowd) restoreGroup(r *reader) error {
	g := &Group{people: make(map[uint64]uint32)}
	for range r.count(1) {
		g.Parts = append(g.Parts, r.text())
	}
	g.Start, g.Reported = r.varint(), int(r.uvarint()&0xff)
	if r.bad || len(g.Parts) == 0 || c.groups[string(appendKey(nil, g.Parts))] != nil {
		return errDamaged
	}
	c.link(g)
	c.restoreSeen(g, r)
	c.restoreProofs(g, r)
	c.restoreCommunities(g, r)
	switch {
	case r.bad, len(g.proofs) > MaxEvidence, len(g.communities) > MaxCommunities,
		!slices.IsSortedFunc(g.proofs, proof.compare),
		!slices.IsSortedFunc(g.seen, func(a, b seen) int { return cmp.Compare(a.at, b.at) }):
		return errDamaged
	}
	return nil
}

func (c *Crowd) restoreSeen(g *Group, r *reader) {
	n := r.count(10)
	g.seen = make([]seen, 0, n)
	at := int64(0)
	for range n {
		at += r.varint()
		s := seen{at: at, person: r.fixed(), channel: uint16(r.uvarint())}
		if int(s.channel) >= len(c.channels) {
			r.bad = true
			return
		}
		g.seen = append(g.seen, s)
		g.people[s.person]++
		g.count(s.channel, 1)
	}
	c.grow(g, sightingBytes*int64(n))
}

func (c *Crowd) restoreProofs(g *Group, r *reader) {
	for range r.count(10) {
		p := proof{at: g.Start + r.varint(), person: r.fixed(), id: r.text()}
		g.proofs = append(g.proofs, p)
		c.grow(g, proofBytes+int64(len(p.id)))
	}
}

func (c *Crowd) restoreCommunities(g *Group, r *reader) {
	n := r.count(9)
	if n > 0 {
		g.communities = make(map[uint64]int64, n)
	}
	for range n {
		hash := r.fixed()
		g.communities[hash] = g.Start + r.varint()
	}
	c.grow(g, communityBytes*int64(len(g.communities)))
}

// reader takes a snapshot apart. After a mistake it is bad and gives zeros.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() {
	r.b, r.bad = nil, true
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads a number of things of which each takes at least size bytes, so that no count can ask for more memory than the
// snapshot has.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

// text reads a string and copies it.
func (r *reader) text() string {
	n := r.count(1)
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) fixed() uint64 {
	if len(r.b) < 8 {
		r.fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

package leader

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

var errDamaged = errors.New("the snapshot is damaged or was made by another version: the checksum and its contents do not agree")

// Restore replaces the state by a snapshot. After an error there are no clusters. Bounds smaller than those of the state that was
// saved are kept: the clusters joined longest ago are forgotten.
func (c *Clusters) Restore(b []byte) error {
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

func (c *Clusters) restore(b []byte) error {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(rest) < 4 {
		return fmt.Errorf("this is no snapshot of version %d: start without it, or with the version that made it", magic[len(magic)-1])
	}
	end := len(b) - 4
	if checksum(b[:end]) != binary.LittleEndian.Uint32(b[end:]) {
		return errDamaged
	}
	r := reader{b: rest[:len(rest)-4]}
	c.births, c.total, c.newest = r.uvarint(), r.float(0, maxAge), r.varint()
	terms := c.restoreTerms(&r)
	for range r.count(20) {
		c.restoreCluster(&r, terms)
		if r.bad {
			return errDamaged
		}
	}
	for _, t := range terms {
		r.bad = r.bad || len(t.in) == 0 // a term that no cluster has would never be forgotten
	}
	if r.bad || len(r.b) > 0 {
		return errDamaged
	}
	return nil
}

func (c *Clusters) restoreTerms(r *reader) []*term {
	n := r.count(17)
	terms := make([]*term, 0, n)
	for range n {
		t := &term{hash: r.fixed(), texts: r.float(math.SmallestNonzeroFloat64, maxAge), name: r.text()}
		if c.terms[t.hash] != nil {
			r.fail()
		}
		c.terms[t.hash] = t
		c.bytes += termBytes + int64(len(t.name))
		terms = append(terms, t)
	}
	return terms
}

// restoreCluster reads one cluster and checks what the rest of the package relies on.
func (c *Clusters) restoreCluster(r *reader, terms []*term) {
	k := &Cluster{First: r.text(), birth: r.uvarint(), Size: int(r.uvarint() & math.MaxInt32), joined: r.uvarint(), last: r.varint()}
	k.norm = r.float(math.SmallestNonzeroFloat64, math.MaxFloat64)
	c.link(k)
	for range r.count(8) {
		k.texts = append(k.texts, r.fixed())
	}
	c.bytes += textBytes * int64(len(k.texts))
	if k.birth >= c.births || k.last > c.newest || len(k.texts) > maxTexts || !slices.IsSorted(k.texts) {
		r.fail()
	}
	n := r.count(6)
	for range n {
		c.restorePosting(r, k, terms)
	}
	if n == 0 {
		r.fail()
	}
}

func (c *Clusters) restorePosting(r *reader, k *Cluster, terms []*term) {
	n, weight, texts := r.uvarint(), math.Float32frombits(r.fixed32()), uint32(r.uvarint())
	if n >= uint64(len(terms)) || !(weight > 0 && weight <= math.MaxFloat32) {
		r.fail()
		return
	}
	t := terms[n]
	// The clusters come one after the other: if the term was in this one already, that is the last of its list.
	if last := len(t.in) - 1; last >= 0 && t.in[last].slot == k.slot {
		r.fail()
		return
	}
	t.in = append(t.in, posting{k.slot, weight, texts})
	k.terms = append(k.terms, t)
	c.bytes += postingBytes
	k.consider(t, &t.in[len(t.in)-1])
}

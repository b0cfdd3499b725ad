package leader

import (
	"math"
	"slices"
)

// match finds the two clusters most similar to the text at hand, of those that can be joined at that time. Of equals the older
// cluster wins. The products of one cluster are summed in the order of the text's terms.
func (c *Clusters) match(at int64) (first, second *Cluster, similarity float64) {
	c.touched = c.touched[:0]
	for _, e := range c.vector {
		for i := range e.term.in {
			p := &e.term.in[i]
			if c.dots[p.slot] == 0 {
				c.touched = append(c.touched, p.slot)
			}
			c.dots[p.slot] += float64(e.weight * float64(p.weight))
		}
	}
	runner := 0.0
	for _, slot := range c.touched {
		k := c.slots[slot]
		s := c.dots[slot] / math.Sqrt(k.norm)
		c.dots[slot] = 0
		switch {
		case apart(k.last, at) >= c.window:
		case first == nil || s > similarity || s == similarity && k.birth < first.birth:
			second, runner = first, similarity
			first, similarity = k, s
		case second == nil || s > runner || s == runner && k.birth < second.birth:
			second, runner = k, s
		}
	}
	return first, second, similarity
}

// apart is how far two times are from each other; what overflows is far.
func apart(a, b int64) int64 {
	d := max(a, b) - min(a, b)
	if d < 0 {
		return math.MaxInt64
	}
	return d
}

// join adds the text at hand to a cluster.
func (c *Clusters) join(k *Cluster, p *Post) {
	k.prev.next, k.next.prev = k.next, k.prev
	c.append(k)
	k.last = max(k.last, p.At)
	k.joined++
	if at, found := slices.BinarySearch(k.texts, p.Text); !found {
		k.Size++
		if len(k.texts) < maxTexts {
			k.texts = slices.Insert(k.texts, at, p.Text)
			c.bytes += textBytes
		}
	}
	for _, e := range c.vector {
		c.raise(k, e.term, float32(e.weight), 1)
	}
}

// raise adds a weight to a term of a cluster, and keeps the cluster's length and label right.
func (c *Clusters) raise(k *Cluster, t *term, weight float32, texts uint32) {
	i := t.find(k.slot)
	if i < 0 {
		i = len(t.in)
		t.in = append(t.in, posting{slot: k.slot})
		k.terms = append(k.terms, t)
		c.bytes += postingBytes
	}
	p := &t.in[i]
	before := float64(p.weight)
	p.weight += weight
	p.texts += texts
	after := float64(p.weight)
	k.norm += float64(after*after) - float64(before*before)
	k.consider(t, p)
}

// find returns where the cluster is among those that have the term, or -1.
func (t *term) find(slot int32) int {
	for i := range t.in {
		if t.in[i].slot == slot {
			return i
		}
	}
	return -1
}

// cosine is how similar two clusters are.
func (c *Clusters) cosine(a, b *Cluster) float64 {
	if len(a.terms) > len(b.terms) {
		a, b = b, a
	}
	sum := 0.0
	for _, t := range a.terms {
		if j := t.find(b.slot); j >= 0 {
			sum += float64(float64(t.in[t.find(a.slot)].weight) * float64(t.in[j].weight))
		}
	}
	return sum / math.Sqrt(a.norm*b.norm)
}

// merge puts the younger cluster into the older, which was the one joined last then.
func (c *Clusters) merge(a, b *Cluster) *Cluster {
	if a.birth > b.birth {
		a, b = b, a
	}
	for _, t := range b.terms {
		p := t.in[t.find(b.slot)]
		c.raise(a, t, p.weight, p.texts)
	}
	for _, hash := range b.texts {
		at, found := slices.BinarySearch(a.texts, hash)
		if found {
			b.Size--
		} else if len(a.texts) < maxTexts {
			a.texts = slices.Insert(a.texts, at, hash)
			c.bytes += textBytes
		}
	}
	a.Size += b.Size
	a.joined += b.joined
	a.last = max(a.last, b.last)
	c.forget(b)
	a.prev.next, a.next.prev = a.next, a.prev
	c.append(a)
	return a
}

// expire forgets clusters that nothing can join any more.
func (c *Clusters) expire(at int64) {
	c.newest = max(c.newest, at)
	for k := c.order.next; k != &c.order && k.last < c.newest && apart(k.last, c.newest) >= c.window; k = c.order.next {
		c.forget(k)
	}
}

// shrink forgets clusters until the bounds are kept, but never k, which was just joined, unless it alone is too large.
func (c *Clusters) shrink(k *Cluster) {
	for o := c.order.next; o != k && o != &c.order && (c.n > c.o.MaxClusters || c.bytes > c.o.MaxBytes); o = c.order.next {
		c.forget(o)
	}
	if c.bytes > c.o.MaxBytes {
		c.forget(k)
	}
}

// forget takes a cluster out, and the terms that no other has.
func (c *Clusters) forget(k *Cluster) {
	k.prev.next, k.next.prev = k.next, k.prev
	for _, t := range k.terms {
		i, last := t.find(k.slot), len(t.in)-1
		t.in[i] = t.in[last]
		t.in = t.in[:last]
		if last == 0 {
			delete(c.terms, t.hash)
			c.bytes -= termBytes + int64(len(t.name))
		}
	}
	c.bytes -= clusterBytes + int64(len(k.First)) + postingBytes*int64(len(k.terms)) + textBytes*int64(len(k.texts))
	c.slots[k.slot] = nil
	c.free = append(c.free, k.slot)
	c.n--
}

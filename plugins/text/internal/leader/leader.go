// Package leader groups short texts as they come, in one pass and without knowing the groups beforehand: a text joins the cluster
// whose words are most like its own, or opens one. It has no clock and no random numbers: the same texts in the same order give
// the same clusters, also when the state was saved and restored in between. All it remembers is bounded.
package leader

import (
	"math"
	"strings"
	"time"
)

// Options bound and tune the clusters. All are required.
type Options struct {
	// Threshold is the least similarity (cosine, 0 to 1) at which a text joins a cluster.
	Threshold float64
	// Window is how long after its newest text a cluster can be joined, in the time of the events.
	Window time.Duration
	// MaxClusters and MaxBytes bound the state. Beyond them the clusters that were joined longest ago are forgotten.
	MaxClusters int
	MaxBytes    int64
}

// What is remembered of a word or a pair of words, of one in a cluster, of a cluster and of a text takes about so many bytes.
const (
	termBytes    = 128
	postingBytes = 24
	clusterBytes = 256
	textBytes    = 8
)

const (
	maxTexts  = 1024    // hashes of texts kept of a cluster, to tell which are the same
	maxAge    = 1 << 20 // texts after which the frequencies of words are halved, so that new words count
	mergeFrom = 0.5     // clusters that are so similar have grown together
	named     = 3       // texts that say a word before it may be in a label
)

// term is a word or a pair of words that some cluster has.
type term struct {
	hash  uint64
	name  string // "" for what cannot be in a label
	texts float64
	in    []posting
	mark  int // its number in a snapshot
}

// posting is a term in a cluster: the weight it has in the sum of the cluster's texts, and in how many texts it was.
type posting struct {
	slot   int32
	weight float32
	texts  uint32
}

// Cluster is texts that are alike. It is valid until the next Add.
type Cluster struct {
	// First is the id of the event that opened it, or of the older one where two grew together.
	First string
	// Size is how many different texts it has had.
	Size int

	birth  uint64
	last   int64
	norm   float64 // square of its length
	joined uint64
	texts  []uint64 // hashes, sorted
	terms  []*term
	top    []best
	slot   int32

	next, prev *Cluster
}

// Clusters is all of them. One goroutine uses it.
type Clusters struct {
	o      Options
	window int64

	terms  map[uint64]*term
	slots  []*Cluster
	free   []int32
	order  Cluster // a ring: order.next was joined longest ago
	n      int
	bytes  int64
	births uint64
	total  float64 // texts, as the terms count them
	newest int64

	dots    []float64 // by slot
	touched []int32
	vector  []entry
}

// entry is one term of the text at hand.
type entry struct {
	term   *term
	weight float64
}

// New returns no clusters.
func New(o Options) *Clusters {
	c := &Clusters{o: o, window: int64(o.Window)}
	c.clear()
	return c
}

func (c *Clusters) clear() {
	c.terms = make(map[uint64]*term)
	c.slots, c.free, c.dots = nil, nil, nil
	c.order.next, c.order.prev = &c.order, &c.order
	c.n, c.bytes, c.births, c.total, c.newest = 0, 0, 0, 0, math.MinInt64
}

// Len returns the number of clusters, Bytes about how much memory they take.
func (c *Clusters) Len() int     { return c.n }
func (c *Clusters) Bytes() int64 { return c.bytes }

// Post is one text: the event's id and time (nanoseconds since 1970), a hash of the text, and its features. Strings are copied
// where they are kept.
type Post struct {
	ID       string
	At       int64
	Text     uint64
	Features []Feature
}

// Add puts a text into its cluster and returns the cluster and how similar the text is to it: 1 for a text that opens one. A text
// without features has no cluster.
func (c *Clusters) Add(p *Post) (*Cluster, float64) {
	if len(p.Features) == 0 {
		return nil, 0
	}
	c.expire(p.At)
	c.weigh(p.Features)
	first, second, similarity := c.match(p.At)
	if first == nil || similarity < c.o.Threshold {
		first, second, similarity = c.open(p), nil, 1
	}
	c.join(first, p)
	if second != nil && first.joined&(first.joined-1) == 0 && c.cosine(first, second) >= mergeFrom {
		first = c.merge(first, second)
	}
	c.shrink(first)
	return first, min(similarity, 1)
}

// weigh makes the vector of a text, of length 1, and counts its terms.
func (c *Clusters) weigh(features []Feature) {
	c.total++
	c.vector = c.vector[:0]
	sum := 0.0
	for i := range features {
		f := &features[i]
		t := c.terms[f.Hash]
		if t == nil {
			t = &term{hash: f.Hash, name: strings.Clone(f.Name)}
			c.terms[f.Hash] = t
			c.bytes += termBytes + int64(len(t.name))
		}
		t.texts++
		w := f.Weight * math.Log(1+c.total/t.texts)
		sum += float64(w * w)
		c.vector = append(c.vector, entry{t, w})
	}
	length := math.Sqrt(sum)
	for i := range c.vector {
		c.vector[i].weight /= length
	}
	if c.total >= maxAge {
		c.age()
	}
}

// age halves all counts.
func (c *Clusters) age() {
	c.total /= 2
	for _, t := range c.terms { // each by itself: the order does not matter
		t.texts /= 2
	}
}

// open makes an empty cluster.
func (c *Clusters) open(p *Post) *Cluster {
	k := &Cluster{First: strings.Clone(p.ID), birth: c.births, last: p.At}
	c.births++
	c.link(k)
	return k
}

// link takes a cluster in as the one that was joined last.
func (c *Clusters) link(k *Cluster) {
	if n := len(c.free); n > 0 {
		k.slot, c.free = c.free[n-1], c.free[:n-1]
		c.slots[k.slot] = k
	} else {
		k.slot = int32(len(c.slots))
		c.slots, c.dots = append(c.slots, k), append(c.dots, 0)
	}
	c.n++
	c.bytes += clusterBytes + int64(len(k.First))
	c.append(k)
}

func (c *Clusters) append(k *Cluster) {
	k.prev, k.next = c.order.prev, &c.order
	k.prev.next, k.next.prev = k, k
}

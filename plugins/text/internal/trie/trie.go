// Package trie finds strings byte by byte: word lists and phrases are looked up while a text is read once. It is made from all
// its keys, never changes after that, and is safe for use by many goroutines.
package trie

import "math/bits"

// Trie maps keys to small positive numbers. Walk it from Root with Step, and read Value where a key may end.
type Trie struct {
	first  [256]uint32 // edges from the root, which most lookups end at
	slots  []uint64    // other edges: (node<<8 | byte) << 32 | child; 0 is empty
	shift  int
	values []int32
}

// Root is where every walk begins.
const Root uint32 = 0

// maxNodes keeps an edge within 32 bits.
const maxNodes = 1 << 24

// Key is one string with its value, which must be positive.
type Key struct {
	Text  string
	Value int32
}

// New makes a trie of keys. The last of several keys with the same text counts. Keys after 16 million bytes are left out; bound
// what you give it.
func New(keys []Key) *Trie {
	b := builder{edges: make(map[uint32]uint32), values: []int32{0}}
	for _, k := range keys {
		b.add(k)
	}
	t := &Trie{values: b.values}
	logSize := bits.Len(uint(2*len(b.edges) + 1))
	t.slots = make([]uint64, 1<<logSize)
	t.shift = 32 - logSize
	for _, edge := range b.order {
		child := b.edges[edge]
		if edge < 256 {
			t.first[edge] = child
			continue
		}
		at := t.place(edge)
		for t.slots[at] != 0 {
			at = (at + 1) & (len(t.slots) - 1)
		}
		t.slots[at] = uint64(edge)<<32 | uint64(child)
	}
	return t
}

type builder struct {
	edges  map[uint32]uint32
	order  []uint32
	values []int32
}

func (b *builder) add(k Key) {
	node := Root
	if len(b.values)+len(k.Text) > maxNodes {
		return
	}
	for i := range len(k.Text) {
		edge := node<<8 | uint32(k.Text[i])
		child, ok := b.edges[edge]
		if !ok {
			child = uint32(len(b.values))
			b.edges[edge] = child
			b.order = append(b.order, edge)
			b.values = append(b.values, 0)
		}
		node = child
	}
	b.values[node] = k.Value
}

func (t *Trie) place(edge uint32) int { return int(edge * 0x9E3779B1 >> t.shift) }

// Step follows the edge b from node. It returns Root when there is none: the walk is over.
func (t *Trie) Step(node uint32, b byte) uint32 {
	if node == Root {
		return t.first[b]
	}
	edge := node<<8 | uint32(b)
	for at := t.place(edge); t.slots[at] != 0; at = (at + 1) & (len(t.slots) - 1) {
		if uint32(t.slots[at]>>32) == edge {
			return uint32(t.slots[at])
		}
	}
	return Root
}

// Value returns the value of the key that ends at node, 0 when none does.
func (t *Trie) Value(node uint32) int32 { return t.values[node] }

// Find returns the value of a whole key, 0 when it is not there.
func (t *Trie) Find(key string) int32 {
	node := Root
	for i := range len(key) {
		if node = t.Step(node, key[i]); node == Root {
			return 0
		}
	}
	return t.values[node]
}

// Len returns the number of nodes, which is about the number of bytes of different keys.
func (t *Trie) Len() int { return len(t.values) }

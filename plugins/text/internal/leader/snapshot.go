package leader

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// A snapshot is: magic and version, the counters, the terms in the order in which the clusters name them, the clusters from the
// one joined longest ago to the last, and a checksum (CRC-32C) of all before it.
const magic = "PLDR\x01"

// Snapshot returns the whole state. Equal states give equal bytes.
func (c *Clusters) Snapshot() []byte {
	b := make([]byte, 0, c.bytes/2+64)
	b = append(b, magic...)
	b = binary.AppendUvarint(b, c.births)
	b = appendFloat(b, c.total)
	b = binary.AppendVarint(b, c.newest)
	terms := c.number()
	b = binary.AppendUvarint(b, uint64(len(terms)))
	for _, t := range terms {
		b = binary.LittleEndian.AppendUint64(b, t.hash)
		b = appendFloat(b, t.texts)
		b = appendString(b, t.name)
	}
	b = binary.AppendUvarint(b, uint64(c.n))
	for k := c.order.next; k != &c.order; k = k.next {
		b = k.appendTo(b)
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// number gives each term its place in the snapshot.
func (c *Clusters) number() []*term {
	terms := make([]*term, 0, len(c.terms))
	for k := c.order.next; k != &c.order; k = k.next {
		for _, t := range k.terms {
			t.mark = -1
		}
	}
	for k := c.order.next; k != &c.order; k = k.next {
		for _, t := range k.terms {
			if t.mark < 0 {
				t.mark = len(terms)
				terms = append(terms, t)
			}
		}
	}
	return terms
}

func (k *Cluster) appendTo(b []byte) []byte {
	b = appendString(b, k.First)
	b = binary.AppendUvarint(b, k.birth)
	b = binary.AppendUvarint(b, uint64(k.Size))
	b = binary.AppendUvarint(b, k.joined)
	b = binary.AppendVarint(b, k.last)
	b = appendFloat(b, k.norm)
	b = binary.AppendUvarint(b, uint64(len(k.texts)))
	for _, hash := range k.texts {
		b = binary.LittleEndian.AppendUint64(b, hash)
	}
	b = binary.AppendUvarint(b, uint64(len(k.terms)))
	for _, t := range k.terms {
		p := t.in[t.find(k.slot)]
		b = binary.AppendUvarint(b, uint64(t.mark))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(p.weight))
		b = binary.AppendUvarint(b, uint64(p.texts))
	}
	return b
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

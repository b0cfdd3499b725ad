package crowd

import (
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"
)

// A snapshot is: magic and version, the channels' names, the groups from the one seen longest ago to the last, and a checksum
// (CRC-32C) of all before it. Times are differences to the one before, which makes them short.
const magic = "PCRD\x01"

// Snapshot returns the whole state. Equal states give equal bytes.
func (c *Crowd) Snapshot() []byte {
	b := make([]byte, 0, c.bytes/2+64)
	b = append(b, magic...)
	b = binary.AppendUvarint(b, uint64(len(c.channels)-1))
	for _, name := range c.channels[1:] {
		b = appendString(b, name)
	}
	b = binary.AppendUvarint(b, uint64(len(c.groups)))
	for g := c.order.next; g != &c.order; g = g.next {
		b = g.appendTo(b)
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (g *Group) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(g.Parts)))
	for _, p := range g.Parts {
		b = appendString(b, p)
	}
	b = binary.AppendVarint(b, g.Start)
	b = binary.AppendUvarint(b, uint64(g.Reported))
	b = binary.AppendUvarint(b, uint64(len(g.seen)))
	last := int64(0)
	for _, s := range g.seen {
		b = binary.AppendVarint(b, s.at-last)
		b = binary.LittleEndian.AppendUint64(b, s.person)
		b = binary.AppendUvarint(b, uint64(s.channel))
		last = s.at
	}
	b = binary.AppendUvarint(b, uint64(len(g.proofs)))
	for _, p := range g.proofs {
		b = binary.AppendVarint(b, p.at-g.Start)
		b = binary.LittleEndian.AppendUint64(b, p.person)
		b = appendString(b, p.id)
	}
	b = binary.AppendUvarint(b, uint64(len(g.communities)))
	for _, hash := range slices.Sorted(maps.Keys(g.communities)) {
		b = binary.LittleEndian.AppendUint64(b, hash)
		b = binary.AppendVarint(b, g.communities[hash]-g.Start)
	}
	return b
}

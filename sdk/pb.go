package sdk

import (
	"encoding/binary"
	"errors"
	"math"
)

// The wire format below is protobuf's (https://protobuf.dev/programming-guides/encoding): every record can be read with
// sdk/wire/pintlev1/records.proto in any language. Written by hand so that a batch is encoded without reflection, and read
// in place without allocation.

const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

var errTruncated = errors.New("truncated or malformed protobuf field")

func appendTag(b []byte, field, wire uint64) []byte {
	return binary.AppendUvarint(b, field<<3|wire)
}

// appendString and its siblings leave out zero values, as proto3 does.
func appendString(b []byte, field uint64, s string) []byte {
	if s == "" {
		return b
	}
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(s)))
	return append(b, s...)
}

func appendBytes(b []byte, field uint64, s []byte) []byte {
	if len(s) == 0 {
		return b
	}
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(len(s)))
	return append(b, s...)
}

func appendVarint(b []byte, field, n uint64) []byte {
	if n == 0 {
		return b
	}
	return binary.AppendUvarint(appendTag(b, field, wireVarint), n)
}

func appendBool(b []byte, field uint64, v bool) []byte {
	if !v {
		return b
	}
	return append(appendTag(b, field, wireVarint), 1)
}

func appendFixed64(b []byte, field, n uint64) []byte {
	if n == 0 {
		return b
	}
	return binary.LittleEndian.AppendUint64(appendTag(b, field, wireFixed64), n)
}

func appendDouble(b []byte, field uint64, f float64) []byte {
	return appendFixed64(b, field, math.Float64bits(f))
}

// appendMessage appends what body appends as a nested message, empty or not: that it is there says something. The length goes
// in front, so short bodies are moved by the length's own size.
func appendMessage(b []byte, field uint64, body func([]byte) []byte) []byte {
	start := len(b)
	b = body(b)
	n := len(b) - start
	var head [2 * binary.MaxVarintLen64]byte
	h := binary.AppendUvarint(appendTag(head[:0], field, wireBytes), uint64(n))
	b = append(b, h...)
	copy(b[start+len(h):], b[start:start+n])
	copy(b[start:], h)
	return b
}

// appendPart is appendMessage for a part that a struct holds by value: one that is all zero is left out.
func appendPart(b []byte, field uint64, body func([]byte) []byte) []byte {
	start := len(b)
	b = appendMessage(b, field, body)
	if len(b)-start == uvarintLen(field<<3)+1 { // a tag and the length 0
		return b[:start]
	}
	return b
}

// field is one field of a message as it stands in the buffer.
type field struct {
	num  uint64
	wire uint64
	n    uint64 // varint, fixed64, fixed32
	b    []byte // wireBytes: a view of the buffer
}

// nextField cuts the first field off b.
func nextField(b []byte) (f field, rest []byte, err error) {
	if len(b) > 1 && b[0]&(0x80|7) == wireBytes && b[0] > 7 && int(b[1]) < min(0x80, len(b)-1) { // most fields: short tag, short text
		end := 2 + int(b[1])
		return field{num: uint64(b[0] >> 3), wire: wireBytes, b: b[2:end:end]}, b[end:], nil
	}
	tag, n := binary.Uvarint(b)
	if n <= 0 || tag>>3 == 0 {
		return f, nil, errTruncated
	}
	b = b[n:]
	f.num, f.wire = tag>>3, tag&7
	switch f.wire {
	case wireVarint:
		f.n, n = binary.Uvarint(b)
		if n <= 0 {
			return f, nil, errTruncated
		}
		return f, b[n:], nil
	case wireFixed64:
		if len(b) < 8 {
			return f, nil, errTruncated
		}
		f.n = binary.LittleEndian.Uint64(b)
		return f, b[8:], nil
	case wireFixed32:
		if len(b) < 4 {
			return f, nil, errTruncated
		}
		f.n = uint64(binary.LittleEndian.Uint32(b))
		return f, b[4:], nil
	case wireBytes:
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return f, nil, errTruncated
		}
		end := n + int(size)
		f.b = b[n:end:end]
		return f, b[end:], nil
	}
	return f, nil, errTruncated
}

// eachField calls yield for the fields of b in order until it returns an error.
func eachField(b []byte, yield func(field) error) error {
	for len(b) > 0 {
		f, rest, err := nextField(b)
		if err != nil {
			return err
		}
		if err := yield(f); err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// lookupField returns the last field numbered num, which is the one that counts in protobuf.
func lookupField(b []byte, num uint64) (found field, ok bool) {
	for len(b) > 0 {
		f, rest, err := nextField(b)
		if err != nil {
			return found, ok
		}
		if f.num == num {
			found, ok = f, true
		}
		b = rest
	}
	return found, ok
}

// firstField returns the first field numbered num, stepping over those before it. No encoder writes a field twice that is not
// a list.
func firstField(b []byte, num uint64) (field, bool) {
	at := find(b, num)
	if at < 0 {
		return field{}, false
	}
	f, _, err := nextField(b[at:])
	return f, err == nil
}

// find returns where in b the first field numbered num begins, -1 when there is none.
func find(b []byte, num uint64) int {
	for at := stepOver(b, num); at < len(b); at += stepOver(b[at:], num) {
		tag, n := shortUvarint(b[at:])
		if n <= 0 {
			return -1
		}
		if tag>>3 == num {
			return at
		}
		if n += fieldSize(tag&7, b[at+n:]); n < 1 || n > len(b)-at {
			return -1
		}
		at += n
	}
	return -1
}

// within returns the message that is the first field numbered num, as firstField does.
func within(b []byte, num uint64) ([]byte, bool) {
	at := find(b, num)
	if at < 0 {
		return nil, false
	}
	b = b[at:]
	if len(b) > 2 && b[0]&(0x80|7) == wireBytes && b[1] >= 0x80 && b[2] < 0x80 { // most messages: short tag, two bytes of length
		if size := int(b[1]&0x7f) + int(b[2])<<7; size <= len(b)-3 {
			return b[3 : 3+size : 3+size], true
		}
	}
	f, _, err := nextField(b)
	return f.b, err == nil
}

// stepOver returns where in b the fields end that come first, are not field num and have one of the common short forms: a
// route that asks for one field of an event passes over twenty others.
func stepOver(b []byte, num uint64) int {
	at := 0
	for at+2 < len(b) {
		tag, size := b[at], int(b[at+1])
		if tag >= 0x80 || tag < 1<<3 || uint64(tag>>3) == num {
			break
		}
		switch tag & 7 {
		case wireFixed64:
			size = 9
		case wireBytes:
			if size >= 0x80 {
				more := int(b[at+2])
				if more >= 0x80 {
					return at
				}
				size = size&0x7f + more<<7 + 1
			}
			size += 2
		default:
			return at
		}
		if at+size > len(b) {
			break
		}
		at += size
	}
	return at
}

// fieldSize returns how many bytes the value takes that b starts with, a large negative number when it is malformed.
func fieldSize(wire uint64, b []byte) int {
	switch wire {
	case wireBytes:
		size, n := shortUvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return math.MinInt32
		}
		return n + int(size)
	case wireVarint:
		if _, n := shortUvarint(b); n > 0 {
			return n
		}
	case wireFixed64:
		return 8
	case wireFixed32:
		return 4
	}
	return math.MinInt32
}

// shortUvarint is binary.Uvarint, quick for one byte.
func shortUvarint(b []byte) (uint64, int) {
	if len(b) > 0 && b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	return binary.Uvarint(b)
}

func (f field) double() float64 { return math.Float64frombits(f.n) }
func (f field) str() string     { return string(f.b) }

// packedUints decodes a packed list of varints into dst; it refuses more than most.
func packedUints(b []byte, dst []uint32, most int) ([]uint32, error) {
	for len(b) > 0 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxUint32 {
			return dst, errTruncated
		}
		if len(dst) >= most {
			return dst, errors.New("list longer than the batch")
		}
		dst = append(dst, uint32(v))
		b = b[n:]
	}
	return dst, nil
}

func appendPacked(b []byte, field uint64, list []uint32) []byte {
	if len(list) == 0 {
		return b
	}
	size := 0
	for _, v := range list {
		size += uvarintLen(uint64(v))
	}
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(size))
	for _, v := range list {
		b = binary.AppendUvarint(b, uint64(v))
	}
	return b
}

func uvarintLen(v uint64) int {
	n := 1
	for v >= 0x80 {
		v >>= 7
		n++
	}
	return n
}

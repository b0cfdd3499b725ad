package sdk

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"
)

// Column is one field for all events of a batch: what an analyzer adds, or the values of a per-event attribute. Strings are
// kept once in a dictionary. The zero Column is ready to be filled with Set in rising order of events.
type Column struct {
	Name string
	Kind Kind

	ords  []uint32 // events that have a value, rising
	nums  []float64
	bools []byte
	dict  []string
	code  map[string]uint32
	index []uint32 // strings: the dictionary code of each value; lists: of all items, flattened
	lens  []uint32 // lists: number of items of each value
}

// Field numbers of Column in records.proto.
const (
	colName  = 1
	colKind  = 2
	colOrds  = 3 // gaps to the previous event, packed; missing means all events
	colNums  = 4
	colBools = 5
	colDict  = 6
	colIndex = 7
	colLens  = 8
	colCount = 9
)

// Set adds the value of event i; null is left out. The first value decides the column's kind, and a value of another kind is
// kept as its text if the column holds strings, and left out otherwise.
func (c *Column) Set(i int, v Value) {
	if v.IsNull() {
		return
	}
	if v.Kind == Object {
		v = StringValue(v.Text())
	}
	if c.Kind == Null {
		c.Kind = v.Kind
	}
	if c.Kind != v.Kind {
		if c.Kind != String {
			return
		}
		v = StringValue(v.Text())
	}
	c.ords = append(c.ords, uint32(i))
	switch c.Kind {
	case Number:
		c.nums = append(c.nums, v.Num)
	case Bool:
		c.bools = append(c.bools, boolByte(v.Bool))
	case String:
		c.index = append(c.index, c.encode(v.Str))
	case List:
		c.lens = append(c.lens, uint32(len(v.List)))
		for _, item := range v.List {
			c.index = append(c.index, c.encode(item.Text()))
		}
	}
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// encode returns the code of a text. Bytes that are no UTF-8 are replaced: an analyzer that cuts a word in the middle of a
// letter must not make the column unreadable in other languages.
func (c *Column) encode(s string) uint32 {
	if code, ok := c.code[s]; ok {
		return code
	}
	if !utf8.ValidString(s) {
		return c.encode(strings.ToValidUTF8(s, "\uFFFD"))
	}
	if c.code == nil {
		c.code = make(map[string]uint32)
	}
	code := uint32(len(c.dict))
	c.dict = append(c.dict, s)
	c.code[s] = code
	return code
}

// appendTo appends the encoded column to b as field num of a message, for a batch of n events.
func (c *Column) appendTo(b []byte, num uint64, n int) []byte {
	return appendMessage(b, num, func(b []byte) []byte { return c.append(b, n) })
}

func (c *Column) append(b []byte, n int) []byte {
	b = appendString(b, colName, c.Name)
	kind := c.Kind
	if kind == Null {
		kind = String // of no value at all
	}
	b = appendVarint(b, colKind, uint64(kind))
	b = appendVarint(b, colCount, uint64(len(c.ords)))
	if len(c.ords) != n {
		b = appendPacked(b, colOrds, gaps(c.ords))
	}
	b = appendNumbers(b, colNums, c.nums)
	b = appendBytes(b, colBools, c.bools)
	b = appendStrings(b, colDict, c.dict)
	b = appendPacked(b, colIndex, c.index)
	return appendPacked(b, colLens, c.lens)
}

// gaps turns rising numbers into small ones: the first, then differences less one.
func gaps(ords []uint32) []uint32 {
	out := make([]uint32, len(ords))
	next := uint32(0)
	for i, o := range ords {
		out[i] = o - next
		next = o + 1
	}
	return out
}

func appendNumbers(b []byte, field uint64, nums []float64) []byte {
	if len(nums) == 0 {
		return b
	}
	b = binary.AppendUvarint(appendTag(b, field, wireBytes), uint64(8*len(nums)))
	for _, f := range nums {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	}
	return b
}

// reset empties the column and keeps its memory; the dictionary goes, since its strings belong to the last batch.
func (c *Column) reset() {
	clear(c.code)
	*c = Column{Name: c.Name, ords: c.ords[:0], nums: c.nums[:0], bools: c.bools[:0],
		dict: c.dict[:0], code: c.code, index: c.index[:0], lens: c.lens[:0]}
}

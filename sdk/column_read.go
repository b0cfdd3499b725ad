package sdk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Values is a column as read: the value of each event of a batch.
type Values struct {
	Name  string
	Kind  Kind
	at    []int32 // event -> place among the values, -1 for none; nil when every event has one
	count int
	nums  []byte
	bools []byte
	dict  []string
	index []uint32
	ends  []uint32 // lists: where each value's items end in index
}

// maxListItems bounds what the lists of one column may hold together, and its dictionary.
const maxListItems = 1 << 20

// parseColumn reads a column for a batch of n events and checks every index in it.
func parseColumn(b []byte, n int) (*Values, error) {
	v := &Values{}
	var ords []byte
	var lens []uint32
	hasOrds := false
	err := eachField(b, func(f field) (err error) {
		switch f.num {
		case colName:
			v.Name = f.str()
		case colKind:
			v.Kind = Kind(min(f.n, math.MaxUint8))
		case colCount:
			v.count = int(min(f.n, math.MaxInt32))
		case colOrds:
			ords, hasOrds = f.b, true
		case colNums:
			v.nums = f.b
		case colBools:
			v.bools = f.b
		case colDict:
			if len(v.dict) == maxListItems {
				return errors.New("too many texts")
			}
			v.dict = append(v.dict, f.str())
		case colIndex:
			v.index, err = packedUints(f.b, nil, maxListItems)
		case colLens:
			lens, err = packedUints(f.b, nil, n)
		}
		return err
	})
	if err == nil {
		err = v.check(n, lens)
	}
	if err == nil && (hasOrds || v.count != n) {
		err = v.place(ords, n)
	}
	if err != nil {
		return nil, fmt.Errorf("column %q: %w", v.Name, err)
	}
	return v, nil
}

func (v *Values) check(n int, lens []uint32) error {
	have := 0
	switch v.Kind {
	case Number:
		have = len(v.nums) / 8
		if len(v.nums)%8 != 0 {
			return errors.New("half a number")
		}
	case Bool:
		have = len(v.bools)
	case String:
		have = len(v.index)
	case List:
		have = len(lens)
		var end uint64
		for _, items := range lens {
			end += uint64(items)
			v.ends = append(v.ends, uint32(min(end, math.MaxUint32)))
		}
		if end != uint64(len(v.index)) {
			return errors.New("its lists do not add up")
		}
	default:
		return fmt.Errorf("unknown kind %d", v.Kind)
	}
	if v.count > n || have != v.count {
		return fmt.Errorf("%d values said, %d there, for %d events", v.count, have, n)
	}
	for _, code := range v.index {
		if int(code) >= len(v.dict) {
			return errors.New("an index beyond its dictionary")
		}
	}
	return nil
}

// place builds the table from events to values.
func (v *Values) place(ords []byte, n int) error {
	list, err := packedUints(ords, make([]uint32, 0, v.count), n)
	if err != nil {
		return err
	}
	if len(list) != v.count {
		return errors.New("events and values do not match")
	}
	v.at = make([]int32, n)
	for i := range v.at {
		v.at[i] = -1
	}
	next := uint64(0)
	for place, gap := range list {
		next += uint64(gap)
		if next >= uint64(n) {
			return errors.New("an event beyond the batch")
		}
		v.at[next] = int32(place)
		next++
	}
	return nil
}

// At returns the value of event i, null where there is none.
func (v *Values) At(i int) Value {
	if v.at != nil {
		i = int(v.at[i])
		if i < 0 {
			return Value{}
		}
	}
	switch v.Kind {
	case Number:
		return NumberValue(math.Float64frombits(binary.LittleEndian.Uint64(v.nums[8*i:])))
	case Bool:
		return BoolValue(v.bools[i] != 0)
	case String:
		return StringValue(v.dict[v.index[i]])
	}
	return v.list(i)
}

func (v *Values) list(i int) Value {
	start := uint32(0)
	if i > 0 {
		start = v.ends[i-1]
	}
	items := make([]Value, 0, v.ends[i]-start)
	for _, code := range v.index[start:v.ends[i]] {
		items = append(items, StringValue(v.dict[code]))
	}
	return ListValue(items)
}

// ColumnValues returns a filled column as the reading side sees it, for a batch of n events. The hub and tests of plugins use
// it for per-event attributes.
func ColumnValues(c *Column, n int) (*Values, error) {
	return parseColumn(EncodeColumn(c, n), n)
}

// EncodeColumn returns a column as it travels, ParseColumn reads it back for a batch of n events.
func EncodeColumn(c *Column, n int) []byte {
	return c.append(nil, n)
}

// ParseColumn reads what EncodeColumn wrote and checks every index in it.
func ParseColumn(b []byte, n int) (*Values, error) { return parseColumn(b, n) }

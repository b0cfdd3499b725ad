package sdk

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"time"
)

// View reads single fields of one event in its encoded form, for routes and per-event attributes: only what is asked for is
// decoded. Strings it returns share the batch's memory. The zero View is ready for Reset; a View is used by one goroutine.
type View struct {
	records *Records
	i       int
	raw     []byte
	added   []*Added

	data   any  // event.data, decoded at the first question
	parsed bool // data is that of the current event
}

// NewView returns a view of one event, for tests of expressions.
func NewView(e Event) (*View, error) {
	b, err := BatchOf(e)
	if err != nil {
		return nil, err
	}
	v := &View{}
	if e.Source != "" {
		b.records.Source = e.Source
	}
	v.Reset(b.records, 0, b.added)
	return v, nil
}

// Reset points the view at event i of r, with what analyzers added to r.
func (v *View) Reset(r *Records, i int, added []*Added) {
	v.records, v.i, v.added = r, i, added
	v.raw = r.event(i)
	v.data, v.parsed = nil, false
}

// Get returns the field that ref names, null where the event has none.
func (v *View) Get(ref *Ref) Value {
	switch ref.place {
	case inEvent:
		return v.body(ref)
	case inAnnotation:
		for _, a := range v.added {
			if a.Analyzer == ref.analyzer {
				return a.Value(v.i, ref.field)
			}
		}
		return Value{}
	case inID:
		return StringValue(viewString(v.records.ids[v.i]))
	case inOrderKey:
		return StringValue(viewString(v.records.keys[v.i]))
	case inSource:
		return StringValue(v.records.Source)
	}
	return v.fromData(ref.path)
}

// body walks down the nested messages.
func (v *View) body(ref *Ref) Value {
	b, depth, ok := v.raw, 0, true
	for ; depth+1 < len(ref.num) && ref.num[depth+1] != 0; depth++ {
		if b, ok = within(b, ref.num[depth]); !ok {
			return Value{}
		}
	}
	num := ref.num[depth]
	if ref.kind == List {
		return listField(b, num)
	}
	at := find(b, num)
	if at < 0 {
		return absent(ref.kind, depth)
	}
	if b = b[at:]; ref.kind == Number && b[0]&(0x80|7) == wireFixed64 && len(b) > 8 {
		return Value{Kind: Number, Num: math.Float64frombits(binary.LittleEndian.Uint64(b[1:]))}
	}
	f, _, err := nextField(b)
	if err != nil {
		return absent(ref.kind, depth)
	}
	return f.value(ref.kind)
}

// absent is the value of a field that the encoding leaves out. proto3 does not write zeros: below a message that is there, a
// number is 0 and a bool false. A string that was not given is null, as is all below a missing message.
func absent(kind Kind, depth int) Value {
	switch {
	case depth > 0 && kind == Number:
		return NumberValue(0)
	case depth > 0 && kind == Bool:
		return BoolValue(false)
	}
	return Value{}
}

func (f field) value(kind Kind) Value {
	switch {
	case kind == String && f.wire == wireFixed64:
		return StringValue(unixNano(f.n).Format(time.RFC3339Nano))
	case kind == String:
		return StringValue(viewString(f.b))
	case kind == Number && f.wire == wireFixed64:
		return NumberValue(f.double())
	case kind == Number:
		return NumberValue(float64(int64(f.n)))
	case kind == Bool:
		return BoolValue(f.n != 0)
	}
	return Value{}
}

func listField(b []byte, num uint64) Value {
	list := []Value{}
	for len(b) > 0 {
		f, rest, err := nextField(b)
		if err != nil {
			break
		}
		if f.num == num {
			list = append(list, StringValue(viewString(f.b)))
		}
		b = rest
	}
	return ListValue(list)
}

// fromData reads below event.data: keys of objects, and indexes of lists as decimal numbers.
func (v *View) fromData(path []string) Value {
	if !v.parsed {
		v.parsed = true
		if f, ok := firstField(v.raw, evData); ok {
			_ = json.Unmarshal(f.b, &v.data) // what is no JSON has no fields
		}
	}
	return valueAt(v.data, path)
}

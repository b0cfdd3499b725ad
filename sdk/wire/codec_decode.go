package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// The functions below read the frames that carry batches. They answer false for anything they do not expect, valid or not,
// and leave m alone then: the generated code decides. What they return are views of b.

func decodeFromPlugin(b []byte, m *pb.FromPlugin) bool {
	field, body, ok := onlyField(b)
	if !ok {
		return false
	}
	switch field {
	case fromPluginEmit:
		e, ok := decodeEmit(body)
		if !ok {
			return false
		}
		m.Reset()
		m.Frame = &pb.FromPlugin_Emit{Emit: e}
		return true
	case fromPluginAnswer:
		a, ok := decodeAnswer(body)
		if !ok {
			return false
		}
		m.Reset()
		m.Frame = &pb.FromPlugin_Answer{Answer: a}
		return true
	}
	return false
}

func decodeToPlugin(b []byte, m *pb.ToPlugin) bool {
	field, body, ok := onlyField(b)
	if !ok || field != toPluginWork {
		return false
	}
	w, ok := decodeWork(body)
	if !ok {
		return false
	}
	m.Reset()
	m.Frame = &pb.ToPlugin_Work{Work: w}
	return true
}

// onlyField returns the one field that b is, a nested message. Its body may be extended over what is behind b.
func onlyField(b []byte) (protowire.Number, []byte, bool) {
	f, rest, ok := cutField(b)
	if !ok || f.typ != protowire.BytesType || len(rest) > 0 {
		return 0, nil, false
	}
	return f.num, b[len(b)-len(f.bytes):], true
}

// wireField is one field as it stands in a message.
type wireField struct {
	num   protowire.Number
	typ   protowire.Type
	n     uint64 // of a varint
	bytes []byte // a view
}

// cutField cuts a varint or bytes field off b; other types are not expected.
func cutField(b []byte) (f wireField, rest []byte, ok bool) {
	var n int
	if f.num, f.typ, n = protowire.ConsumeTag(b); n < 0 {
		return f, nil, false
	}
	b = b[n:]
	switch f.typ {
	case protowire.VarintType:
		f.n, n = protowire.ConsumeVarint(b)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(b)
	default:
		return f, nil, false
	}
	if n < 0 {
		return f, nil, false
	}
	return f, b[n:], true
}

// eachWireField calls yield for the fields of b until it answers false.
func eachWireField(b []byte, yield func(wireField) bool) bool {
	for len(b) > 0 {
		f, rest, ok := cutField(b)
		if !ok || !yield(f) {
			return false
		}
		b = rest
	}
	return true
}

func (f wireField) number(to *uint64) bool {
	*to = f.n
	return f.typ == protowire.VarintType
}

// view returns the field's bytes, so that nothing can be written behind them.
func (f wireField) view(to *[]byte) bool {
	*to = f.bytes[:len(f.bytes):len(f.bytes)]
	return f.typ == protowire.BytesType
}

func (f wireField) appendTo(list *[][]byte) bool {
	var b []byte
	ok := f.view(&b)
	*list = append(*list, b)
	return ok
}

func decodeEmit(b []byte) (*pb.Emit, bool) {
	e := &pb.Emit{}
	whole := b
	return e, eachWireField(b, func(f wireField) bool {
		switch f.num {
		case frameID:
			return f.number(&e.Id)
		case frameEpoch:
			return f.number(&e.Epoch)
		case emitRecords:
			ok := f.view(&e.Records)
			if ok && len(f.bytes) > 0 && &f.bytes[len(f.bytes)-1] == &whole[len(whole)-1] {
				e.Records = whole[len(whole)-len(f.bytes):] // the last thing in the frame: room behind it is its own
			}
			return ok
		}
		return false
	})
}

func decodeAnswer(b []byte) (*pb.Answer, bool) {
	a := &pb.Answer{}
	return a, eachWireField(b, func(f wireField) bool {
		switch f.num {
		case frameID:
			return f.number(&a.Id)
		case frameEpoch:
			return f.number(&a.Epoch)
		case answerAdditions:
			return f.appendTo(&a.Additions)
		case answerInstance:
			a.Instance = uint32(f.n)
			return f.typ == protowire.VarintType
		}
		return false
	})
}

func decodeWork(b []byte) (*pb.Work, bool) {
	w := &pb.Work{}
	return w, eachWireField(b, func(f wireField) bool {
		switch f.num {
		case frameID:
			return f.number(&w.Id)
		case frameEpoch:
			return f.number(&w.Epoch)
		case workRecords:
			return f.view(&w.Records)
		case workEvents:
			return f.list(&w.Events)
		case workAdditions:
			return f.appendTo(&w.Additions)
		case workAttributes:
			c := &pb.Columns{}
			w.Attributes = append(w.Attributes, c)
			return f.typ == protowire.BytesType && eachWireField(f.bytes, func(f wireField) bool {
				return f.num == columnsColumns && f.appendTo(&c.Columns)
			})
		case workSeen:
			return f.number(&w.Seen)
		}
		return false
	})
}

// list reads a packed list.
func (f wireField) list(to *[]uint32) bool {
	if f.typ != protowire.BytesType {
		return false
	}
	if *to == nil {
		*to = make([]uint32, 0, len(f.bytes)/2)
	}
	for b := f.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return false
		}
		*to = append(*to, uint32(v))
		b = b[n:]
	}
	return true
}

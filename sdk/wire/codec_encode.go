package wire

import (
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// Field numbers of the frames in plugin.proto.
const (
	toPluginWork     = 4
	fromPluginEmit   = 2
	fromPluginAnswer = 3

	frameID    = 1 // of Work, Emit and Answer
	frameEpoch = 2

	workRecords    = 3
	workEvents     = 4
	workAdditions  = 6
	workAttributes = 7
	workSeen       = 8
	columnsColumns = 1
	emitRecords    = 3

	answerAdditions = 3
	answerResults   = 4
	answerInstance  = 6
)

// referTo is the size from which on a part of a frame is sent from where it stands.
const referTo = 2 << 10

// encodeFrame encodes a frame that carries a batch; nil when v is something else.
func encodeFrame(v any) mem.BufferSlice {
	var e encoder
	switch m := v.(type) {
	case *pb.ToPlugin:
		if f, ok := m.Frame.(*pb.ToPlugin_Work); ok && f.Work != nil {
			e.work(f.Work)
			return e.framed(toPluginWork)
		}
	case *pb.FromPlugin:
		switch f := m.Frame.(type) {
		case *pb.FromPlugin_Emit:
			if f.Emit != nil {
				e.emit(f.Emit)
				return e.framed(fromPluginEmit)
			}
		case *pb.FromPlugin_Answer:
			if a := f.Answer; a != nil && a.Error == nil && len(a.Results) == 0 {
				e.answer(a)
				return e.framed(fromPluginAnswer)
			}
		}
	}
	return nil
}

// encoder collects a message: small fields in buffers of its own, large ones by reference.
type encoder struct {
	done mem.BufferSlice // does not hold what is in last
	last []byte
	size int // of done
}

func (e *encoder) number(field protowire.Number, n uint64) {
	if n != 0 {
		e.last = protowire.AppendVarint(protowire.AppendTag(e.last, field, protowire.VarintType), n)
	}
}

// bytes appends a field; entries of a repeated one are written even when empty.
func (e *encoder) bytes(field protowire.Number, b []byte) {
	e.last = protowire.AppendVarint(protowire.AppendTag(e.last, field, protowire.BytesType), uint64(len(b)))
	if len(b) < referTo {
		e.last = append(e.last, b...)
		return
	}
	e.cut()
	e.done, e.size = append(e.done, mem.SliceBuffer(b)), e.size+len(b)
}

// cut closes the current buffer.
func (e *encoder) cut() {
	if len(e.last) > 0 {
		e.done, e.size = append(e.done, mem.SliceBuffer(e.last)), e.size+len(e.last)
	}
	e.last = nil
}

func (e *encoder) list(field protowire.Number, list []uint32) {
	if len(list) == 0 {
		return
	}
	size := 0
	for _, v := range list {
		size += protowire.SizeVarint(uint64(v))
	}
	e.last = protowire.AppendVarint(protowire.AppendTag(e.last, field, protowire.BytesType), uint64(size))
	for _, v := range list {
		e.last = protowire.AppendVarint(e.last, uint64(v))
	}
}

func (e *encoder) work(w *pb.Work) {
	e.number(frameID, w.Id)
	e.number(frameEpoch, w.Epoch)
	if len(w.Records) > 0 {
		e.bytes(workRecords, w.Records)
	}
	e.list(workEvents, w.Events)
	for _, a := range w.Additions {
		e.bytes(workAdditions, a)
	}
	for _, c := range w.Attributes {
		size := 0
		for _, b := range c.GetColumns() {
			size += protowire.SizeTag(columnsColumns) + protowire.SizeBytes(len(b))
		}
		e.last = protowire.AppendVarint(protowire.AppendTag(e.last, workAttributes, protowire.BytesType), uint64(size))
		for _, b := range c.GetColumns() {
			e.bytes(columnsColumns, b)
		}
	}
	e.number(workSeen, w.Seen)
}

func (e *encoder) emit(m *pb.Emit) {
	e.number(frameID, m.Id)
	e.number(frameEpoch, m.Epoch)
	if len(m.Records) > 0 {
		e.bytes(emitRecords, m.Records)
	}
}

func (e *encoder) answer(a *pb.Answer) {
	e.number(frameID, a.Id)
	e.number(frameEpoch, a.Epoch)
	for _, b := range a.Additions {
		e.bytes(answerAdditions, b)
	}
	e.number(answerInstance, uint64(a.Instance))
}

// framed returns what was collected as one field of the frame.
func (e *encoder) framed(field protowire.Number) mem.BufferSlice {
	e.cut()
	var room [2 * 10]byte
	head := protowire.AppendVarint(protowire.AppendTag(room[:0], field, protowire.BytesType), uint64(e.size))
	if len(e.done) == 0 {
		return mem.BufferSlice{mem.SliceBuffer(head)}
	}
	e.done[0] = mem.SliceBuffer(append(head, e.done[0].ReadOnlyData()...))
	return e.done
}

// sizeOfWork returns the size of a frame of work.
func sizeOfWork(w *pb.Work) int {
	var e encoder
	e.work(w)
	return e.size + len(e.last)
}

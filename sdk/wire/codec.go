package wire

import (
	"strings"
	"unsafe"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that does what this one leaves
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// codec is gRPC's protobuf codec with a short way for the frames that carry batches: Work, Emit and Answer. The bytes on the
// wire are the same; a batch is not copied into a message when it is sent, and copied once when it is received. Whatever is
// unusual about a frame, and every other message (go-plugin's own services use the same connection), goes the usual way.
//
// What a frame refers to must not change after it was sent, and what was received shares memory with nothing else.
type codec struct{}

// shortFrame is the size below which the usual way costs nothing.
const shortFrame = 512

// Name implements encoding.CodecV2: it is the name under which gRPC knows protobuf.
func (codec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	if b := encodeFrame(v); b != nil {
		return b, nil
	}
	return usual().Marshal(v)
}

// Unmarshal implements encoding.CodecV2.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	var decode func(b []byte) bool
	switch m := v.(type) {
	case *pb.FromPlugin:
		decode = func(b []byte) bool { return decodeFromPlugin(b, m) }
	case *pb.ToPlugin:
		decode = func(b []byte) bool { return decodeToPlugin(b, m) }
	}
	if decode == nil || data.Len() < shortFrame {
		return usual().Unmarshal(data, v)
	}
	b := flatten(data)
	if err := bounds(b, v); err != nil {
		return err
	}
	if decode(b) {
		return nil
	}
	return proto.Unmarshal(b, v.(proto.Message))
}

func usual() encoding.CodecV2 { return encoding.GetCodecV2("proto") }

// stampRoom is room behind a received frame, so that the hub can put its part of a batch's head there.
const stampRoom = 512

// flatten copies the pieces of a message into one piece of memory, which has room for stampRoom bytes more. A
// strings.Builder gives it without clearing it first.
func flatten(data mem.BufferSlice) []byte {
	n := data.Len()
	var b strings.Builder
	b.Grow(n + stampRoom)
	for _, piece := range data {
		b.Write(piece.ReadOnlyData())
	}
	return unsafe.Slice(unsafe.StringData(b.String()), n+stampRoom)[:n] // nobody else has the string
}

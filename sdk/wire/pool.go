package wire

import (
	"sync"

	"google.golang.org/grpc/mem"
)

// frameSize is the largest HTTP/2 frame that gRPC sends or takes.
const frameSize = 16 << 10

// framePool keeps the memory in which gRPC receives frames. gRPC's own pool clears what it gives out; each frame is written
// over in full anyway.
type framePool struct{ frames sync.Pool }

var _ mem.BufferPool = (*framePool)(nil)

// Get implements mem.BufferPool.
func (p *framePool) Get(n int) *[]byte {
	if n > frameSize {
		b := make([]byte, n)
		return &b
	}
	b, ok := p.frames.Get().(*[]byte)
	if !ok {
		fresh := make([]byte, frameSize)
		b = &fresh
	}
	*b = (*b)[:n]
	return b
}

// Put implements mem.BufferPool.
func (p *framePool) Put(b *[]byte) {
	if cap(*b) >= frameSize && cap(*b) < 2*frameSize {
		*b = (*b)[:frameSize]
		p.frames.Put(b)
	}
}

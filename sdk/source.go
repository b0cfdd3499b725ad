package sdk

import (
	"context"
	"strings"
)

// Position is where a source stands in its channel, in the source's own encoding (at most MaxPosition bytes). The hub keeps
// it in the same durable message as the events that led to it, so events and position never disagree.
type Position []byte

// Source reads a channel.
type Source interface {
	// Run reads from the position after which nothing was stored yet (empty at the first start) until ctx ends, and hands
	// what it finds to out. It returns nil when ctx ends, or when a finite channel has been read to its end; an error makes
	// the hub start it again after a pause, at the last stored position. Called once per instance, in its own goroutine.
	Run(ctx context.Context, from Position, out Emitter) error
}

// Emitter takes a source's events. Its methods may be called from several goroutines; order is kept per caller. Both block
// while the hub pushes back, which is the only back-pressure a source needs. The position of the last call that is stored
// becomes the position of the source; a nil position leaves it where it was.
type Emitter interface {
	// Emit returns nil once the events and the position are durable: only then may a source acknowledge them upstream.
	Emit(ctx context.Context, at Position, events ...Event) error
	// Send returns as soon as the hub has room. For channels that can be read again from a position (files, feeds): after a
	// crash Run starts again at what was stored. A fault of an earlier Send is returned by a later call.
	Send(ctx context.Context, at Position, events ...Event) error
}

// Rejected returns the event that stands for something a source found and could not read: a broken line, an entry over the
// size limit. It is stored and goes to the dead letters with its reason, so that nothing vanishes. Where is the place
// (file and line, url), and raw what was there, cut to 64 KiB.
func Rejected(id, where, reason string, raw []byte) Event {
	const most = 64 << 10
	raw = raw[:min(len(raw), most)]
	where = strings.ToValidUTF8(where, "\uFFFD") // a file's name may be any bytes
	return Event{ID: id, Type: TypeRejected, Subject: where, Data: rejectedData(where, reason, raw)}
}

type onceKey struct{}

// WithOnce marks ctx so that Once reports true. sdk/wire does it where the hub was asked to stop when all is read.
func WithOnce(ctx context.Context) context.Context { return context.WithValue(ctx, onceKey{}, true) }

// Once reports whether a source should read what there is now and return nil, instead of waiting for more. Sources that poll
// or tail ask it in Run; it makes them finite.
func Once(ctx context.Context) bool {
	once, _ := ctx.Value(onceKey{}).(bool)
	return once
}

package broker

import (
	"bytes"
	"context"
	"errors"
	"sync"
)

// Writer appends to one subject in order and keeps the fence. One process should hold one Writer a subject; when two do,
// the one that is behind gets ErrFenced. Appends of one Writer are made one after the other: the fence needs the
// sequence of the append before. Different Writers append at the same time.
type Writer struct {
	b       *Broker
	stream  Stream
	subject string

	mu     sync.Mutex
	last   Entry // Data only until the first Append
	unsure bool  // a try got no answer: it may be stored
}

// Writer opens a writer on a subject, behind the last message there is.
func (b *Broker) Writer(ctx context.Context, s Stream, subject string) (*Writer, error) {
	if err := checkSubject(s, subject); err != nil {
		return nil, err
	}
	last, _, err := b.Last(ctx, s, subject)
	if err != nil {
		return nil, err
	}
	return &Writer{b: b, stream: s, subject: subject, last: last}, nil
}

// Last returns the message the next Append will follow, false when the subject is empty. Its Data is there until the
// first Append: it is meant for reading a position at start.
func (w *Writer) Last() (Entry, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.last.Seq != 0
}

// Append stores data behind the last message and returns its sequence. After ErrUnavailable or an ended ctx the caller
// repeats the same data: when the first try was stored after all, its sequence is returned and nothing is stored twice.
func (w *Writer) Append(ctx context.Context, data []byte) (uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seq, err := w.try(ctx, data)
	if errors.Is(err, ErrFenced) {
		seq, err = w.resolve(ctx, data, err)
	}
	switch {
	case err == nil:
		w.last, w.unsure = Entry{Stream: w.stream, Subject: w.subject, Seq: seq}, false
	case !errors.Is(err, ErrFull) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrFenced):
		w.unsure = true
	}
	return seq, err
}

func (w *Writer) try(ctx context.Context, data []byte) (uint64, error) {
	fence := w.last.Seq
	return w.b.Append(ctx, Message{Stream: w.stream, Subject: w.subject, Data: data, Fence: &fence})
}

// resolve decides whether a failed fence was our own doing: a try of ours that was stored although its answer was lost,
// or Trim, which moved our last message. Anything else is another writer.
func (w *Writer) resolve(ctx context.Context, data []byte, fenced error) (uint64, error) {
	last, ok, err := w.b.Last(ctx, w.stream, w.subject)
	if err != nil || !ok {
		return 0, errors.Join(fenced, err)
	}
	if last.Carried != 0 && last.Carried == w.original() {
		w.last = last
		return w.try(ctx, data)
	}
	if w.unsure && last.Carried == 0 && bytes.Equal(last.Data, data) {
		return last.Seq, nil
	}
	return 0, fenced
}

// original is the sequence under which the last message was first stored.
func (w *Writer) original() uint64 {
	if w.last.Carried != 0 {
		return w.last.Carried
	}
	return w.last.Seq
}

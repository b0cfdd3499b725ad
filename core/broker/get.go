package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// carryHeader marks a message that Trim stored again, with the sequence it had first.
const carryHeader = "Pintle-Carry"

// Entry is a stored message.
type Entry struct {
	Stream  Stream
	Subject string
	Seq     uint64
	Time    time.Time // when it was stored, the server's clock
	Data    []byte    // the receiver's own
	// Carried is not 0 when Trim stored the last message of a subject again: the sequence it had first. A reader of
	// events passes over such an entry; a reader of positions takes it.
	Carried uint64
}

// Last returns the last message of a subject, false when there is none.
func (b *Broker) Last(ctx context.Context, s Stream, subject string) (Entry, bool, error) {
	handle, err := b.stream(s)
	if err != nil {
		return Entry{}, false, err
	}
	limited, cancel := b.bounded(ctx)
	defer cancel()
	m, err := handle.GetLastMsgForSubject(limited, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Entry{}, false, nil
	}
	if err != nil {
		return Entry{}, false, fmt.Errorf("last message of %s: %w", subject, b.classify(ctx, err))
	}
	return entryOf(s, m), true, nil
}

// Get returns the message with that sequence. ErrGone when it was trimmed or deleted, or is not there yet.
func (b *Broker) Get(ctx context.Context, s Stream, seq uint64) (Entry, error) {
	handle, err := b.stream(s)
	if err != nil {
		return Entry{}, err
	}
	limited, cancel := b.bounded(ctx)
	defer cancel()
	m, err := handle.GetMsg(limited, seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Entry{}, fmt.Errorf("message %d of %s: %w", seq, s, ErrGone)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("message %d of %s: %w", seq, s, b.classify(ctx, err))
	}
	return entryOf(s, m), nil
}

func entryOf(s Stream, m *jetstream.RawStreamMsg) Entry {
	return Entry{Stream: s, Subject: m.Subject, Seq: m.Sequence, Time: m.Time, Data: m.Data, Carried: carried(m.Header)}
}

func carried(h nats.Header) uint64 {
	if len(h) == 0 {
		return 0
	}
	seq, err := strconv.ParseUint(h.Get(carryHeader), 10, 64)
	if err != nil {
		return 0
	}
	return seq
}

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
	Data    []byte    // shared with other readers: not to be changed
	// Carried is not 0 when Trim stored the last message of a subject again: the sequence it had first. A reader of
	// events passes over such an entry; a reader of positions takes it.
	Carried uint64
}

// Last returns the last message of a subject, false when there is none.
func (b *Broker) Last(ctx context.Context, s Stream, subject string) (Entry, bool, error) {
	m, err := b.last(ctx, s, subject)
	if errors.Is(err, ErrGone) {
		return Entry{}, false, nil
	}
	if err != nil {
		return Entry{}, false, fmt.Errorf("last message of %s: %w", subject, err)
	}
	return entryOf(s, m), true, nil
}

func (b *Broker) last(ctx context.Context, s Stream, subject string) (*jetstream.RawStreamMsg, error) {
	handle, err := b.stream(s)
	if err != nil {
		return nil, err
	}
	return ask(ctx, b, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return handle.GetLastMsgForSubject(ctx, subject)
	})
}

// Get returns the message with that sequence. ErrGone when it was trimmed or deleted, or is not there yet; ErrDamaged when
// it should be there and is not.
func (b *Broker) Get(ctx context.Context, s Stream, seq uint64) (Entry, error) {
	e, err := b.get(ctx, s, seq)
	if !errors.Is(err, ErrGone) || !s.appendOnly() {
		return e, err
	}
	info, infoErr := b.info(ctx, s)
	if infoErr == nil && seq >= max(info.State.FirstSeq, b.holesBelow(s)) && seq <= info.State.LastSeq {
		d := newDamage(s, seq, seq, "missing")
		b.report(d)
		return Entry{}, d
	}
	return e, err
}

func (b *Broker) get(ctx context.Context, s Stream, seq uint64, opts ...jetstream.GetMsgOpt) (Entry, error) {
	m, err := b.getRaw(ctx, s, seq, opts...)
	if err != nil {
		return Entry{}, err
	}
	return entryOf(s, m), nil
}

func (b *Broker) getRaw(ctx context.Context, s Stream, seq uint64, opts ...jetstream.GetMsgOpt) (*jetstream.RawStreamMsg, error) {
	if seq == 0 && len(opts) == 0 {
		return nil, fmt.Errorf("message 0 of %s: %w", s, ErrGone) // the server takes it for a request that lacks its number
	}
	handle, err := b.stream(s)
	if err != nil {
		return nil, err
	}
	m, err := ask(ctx, b, func(ctx context.Context) (*jetstream.RawStreamMsg, error) {
		return handle.GetMsg(ctx, seq, opts...)
	})
	if err != nil {
		return nil, fmt.Errorf("message %d of %s: %w", seq, s, err)
	}
	return m, nil
}

// ListOptions tells List what to return.
type ListOptions struct {
	Stream  Stream
	Subject string // filter, wildcards allowed; "" means all
	From    uint64 // first sequence wanted
	Max     int    // entries at most; 0 means 100
}

// List returns stored messages in order without waiting for more, for people who look around (dead letters). Each entry
// costs a request; pumps use Read.
func (b *Broker) List(ctx context.Context, o ListOptions) ([]Entry, error) {
	if o.Max == 0 {
		o.Max = 100
	}
	var found []Entry
	for next := o.From; len(found) < o.Max; {
		e, err := b.following(ctx, o.Stream, o.Subject, next)
		if errors.Is(err, ErrGone) {
			break
		}
		if err != nil {
			return found, err
		}
		found = append(found, e)
		next = e.Seq + 1
	}
	return found, nil
}

// following returns the first message at or behind a sequence, ErrGone when there is none.
func (b *Broker) following(ctx context.Context, s Stream, subject string, from uint64) (Entry, error) {
	m, err := b.followingRaw(ctx, s, subject, from)
	if err != nil {
		return Entry{}, err
	}
	return entryOf(s, m), nil
}

func (b *Broker) followingRaw(ctx context.Context, s Stream, subject string, from uint64) (*jetstream.RawStreamMsg, error) {
	if subject == "" {
		subject = ">"
	}
	return b.getRaw(ctx, s, max(from, 1), jetstream.WithGetMsgSubject(subject))
}

func entryOf(s Stream, m *jetstream.RawStreamMsg) Entry {
	return Entry{Stream: s, Subject: m.Subject, Seq: m.Sequence, Time: m.Time, Data: m.Data, Carried: carried(m.Header)}
}

func carried(h nats.Header) uint64 {
	seq, _ := number(h, carryHeader)
	return seq
}

// number reads a header that holds a sequence, false when it is not there.
func number(h nats.Header, name string) (uint64, bool) {
	if len(h) == 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(h.Get(name), 10, 64)
	return n, err == nil
}

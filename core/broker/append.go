package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Message is what Append stores.
type Message struct {
	Stream  Stream
	Subject string // starts with Stream.Prefix() and a dot
	Data    []byte // not kept after Append returns
	// Fence is the sequence of the last message the writer knows on the subject, 0 when there is none. Nil appends
	// whatever came before.
	Fence *uint64
}

// Append stores one message and returns its sequence; on return it is on disk. The error tells what to do: ErrFenced
// stop, ErrFull wait, ErrUnavailable repeat (it may be stored already, so with a fence or through a Writer), ErrTooLarge
// give up.
func (b *Broker) Append(ctx context.Context, m Message) (uint64, error) {
	if err := b.disk.take(len(m.Data)); err != nil {
		return 0, fmt.Errorf("append to %s: %w", m.Subject, err)
	}
	if r := b.rations[m.Stream]; r != nil {
		if err := r.allow(m.Subject, len(m.Data)); err != nil {
			return 0, fmt.Errorf("append to %s: %w", m.Subject, err)
		}
	}
	return b.append(ctx, m, nil)
}

func (b *Broker) append(ctx context.Context, m Message, head nats.Header) (uint64, error) {
	if err := b.admit(m); err != nil {
		return 0, err
	}
	opts := []jetstream.PublishOpt{jetstream.WithExpectStream(string(m.Stream))}
	if m.Fence != nil {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(*m.Fence))
	}
	limited, cancel := b.bounded(ctx)
	defer cancel()
	ack, err := b.js.PublishMsg(limited, &nats.Msg{Subject: m.Subject, Data: m.Data, Header: head}, opts...)
	if err == nil {
		b.acked[m.Stream].raise(ack.Sequence)
		b.lasts.saw(m.Stream, m.Subject, tail{Seq: ack.Sequence})
		b.rations[m.Stream].grew(m.Subject, len(m.Data))
		return ack.Sequence, nil // promise: the server answers after fsync
	}
	err = b.classify(ctx, err)
	if errors.Is(err, ErrFenced) && m.Fence != nil {
		return 0, b.fenced(ctx, m)
	}
	return 0, fmt.Errorf("append to %s: %w", m.Subject, err)
}

// admit refuses what must not reach the server.
func (b *Broker) admit(m Message) error {
	if b.cfg.Inspect {
		return fmt.Errorf("append to %s: the log was opened to look at it only: %w", m.Subject, ErrClosed)
	}
	if _, err := b.stream(m.Stream); err != nil {
		return fmt.Errorf("append to %s: %w", m.Subject, err)
	}
	if err := checkSubject(m.Stream, m.Subject); err != nil {
		return err
	}
	if len(m.Data) > b.cfg.MaxMessage {
		return fmt.Errorf("append to %s: %w: %d bytes, at most %d", m.Subject, ErrTooLarge, len(m.Data), b.cfg.MaxMessage)
	}
	return nil
}

// fenced builds the error of a failed expectation, with the sequence found when it can be had.
func (b *Broker) fenced(ctx context.Context, m Message) error {
	e := &FencedError{Stream: m.Stream, Subject: m.Subject, Expect: *m.Fence}
	if last, ok, err := b.Last(ctx, m.Stream, m.Subject); err == nil && ok {
		e.Last = last.Seq
	}
	return e
}

package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Message is what Append stores.
type Message struct {
	Stream  Stream
	Subject string // starts with Stream.Prefix() and a dot
	Data    []byte // must not be changed afterwards: readers may get it as it is
	// Fence is the sequence of the last message the writer knows on the subject, 0 when there is none. Nil appends
	// whatever came before.
	Fence *uint64
}

// Append stores one message and returns its sequence; on return it is on disk. The error tells what to do: ErrFenced
// stop, ErrFull wait, ErrUnavailable repeat (it may be stored already, so with a fence or through a Writer), ErrTooLarge
// give up.
func (b *Broker) Append(ctx context.Context, m Message) (uint64, error) {
	if err := b.disk.take(m.Stream, len(m.Data)); err != nil {
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
	if g := b.edges[m.Stream]; g != nil {
		return b.appendAtEdge(ctx, g, m, head)
	}
	return b.publish(ctx, m, head)
}

// priorHeader names the message before on the subject, where the fence was checked here and not by the server.
const priorHeader = "Pintle-Prior"

// appendAtEdge is append to a stream whose end we hold. The server checks the fence only of the first append to a subject, and where
// one got no answer.
func (b *Broker) appendAtEdge(ctx context.Context, g *edge, m Message, head nats.Header) (uint64, error) {
	sub := g.subject(m.Subject)
	sub.turn.Lock()
	defer sub.turn.Unlock()
	f := follower{Entry: Entry{Stream: m.Stream, Subject: m.Subject, Data: m.Data, Carried: carried(head)}}
	if m.Fence != nil {
		f.prior, f.fenced = *m.Fence, true
		if last, sure := g.last(sub); sure && last != f.prior {
			return 0, &FencedError{Stream: m.Stream, Subject: m.Subject, Expect: f.prior, Last: last}
		} else if sure {
			m.Fence = nil
			head = maps.Clone(head)
			if head == nil {
				head = nats.Header{}
			}
			head[priorHeader] = []string{strconv.FormatUint(last, 10)}
		}
	}
	ticket := g.begin()
	var err error
	f.Seq, err = b.publish(ctx, m, head)
	f.Time = time.Now()
	g.end(ticket, sub, f, err)
	return f.Seq, err
}

func (b *Broker) publish(ctx context.Context, m Message, head nats.Header) (uint64, error) {
	opts := []jetstream.PublishOpt{jetstream.WithExpectStream(string(m.Stream))}
	if m.Fence != nil {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(*m.Fence))
	}
	if err := b.stuck.err(); err != nil {
		return 0, fmt.Errorf("append to %s: %w", m.Subject, err)
	}
	limited, cancel := b.bounded(ctx)
	defer cancel()
	stop := b.stuck.interrupt(cancel) // a server that met a full disk does not answer
	ack, err := b.js.PublishMsg(limited, &nats.Msg{Subject: m.Subject, Data: m.Data, Header: head}, opts...)
	stuck := stop()
	if err == nil {
		b.acked[m.Stream].raise(ack.Sequence)
		b.lasts.saw(m.Stream, m.Subject, tail{Seq: ack.Sequence})
		b.rations[m.Stream].grew(m.Subject, len(m.Data))
		return ack.Sequence, nil // promise: the server answers after fsync
	}
	err = b.classify(ctx, err)
	if stuck != nil && errors.Is(err, ErrUnavailable) {
		err = stuck
	}
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

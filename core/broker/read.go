package broker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// DefaultBuffer is the default of ReadOptions.Buffer.
const DefaultBuffer = 64

const (
	readHeartbeat = 500 * time.Millisecond // a reader of an external log notices a lost server after two of them
	// idleHeartbeat is that of the embedded log, where a restart of the server wakes the readers (see Heal): what idle readers
	// and server say to each other is most of what an idle hub does.
	idleHeartbeat = 5 * time.Second
	readExpiry    = 30 * time.Second // of one request for messages
	readIdle      = time.Minute      // the server forgets a reader that asks for nothing for so long
	retryFirst    = 50 * time.Millisecond
	retryMost     = 2 * time.Second
)

// ReadOptions tells Read where to start and what to read.
type ReadOptions struct {
	Stream Stream
	// Subjects filters, wildcards allowed. None means the whole stream, which is also the cheapest; with many (above
	// about 100 distinct) the server's cost a message grows tenfold.
	Subjects []string
	// From is the first sequence wanted. 0 and 1 mean the oldest there is.
	From uint64
	// Buffer is how many messages are fetched ahead. 0 means DefaultBuffer.
	Buffer int
	// BufferBytes bounds one request for messages; two may be under way. It is raised to hold the largest message there
	// may be, because a smaller one would stand still in front of it. 0 means that size.
	BufferBytes int
}

// Reader reads a stream in order, each message once, and waits at its end. It survives restarts of the server: it takes
// up again behind the last message it gave out. One goroutine calls Next; Close may come from another.
type Reader struct {
	b    *Broker
	o    ReadOptions
	last uint64 // sequence of the last message given out, or one below where to start
	seen uint64 // consumer sequence of the last message received; a jump means messages were lost on the way
	gaps gaps

	mu     sync.Mutex
	closed bool
	name   string // of the consumer, for its removal
	iter   jetstream.MessagesContext
}

// Read opens a reader. Close must be called when it returns no error.
func (b *Broker) Read(ctx context.Context, o ReadOptions) (*Reader, error) {
	if o.Buffer == 0 {
		o.Buffer = DefaultBuffer
	}
	o.BufferBytes = max(o.BufferBytes, DefaultMaxMessage+headroom)
	r := &Reader{b: b, o: o, last: max(o.From, 1) - 1, gaps: newGaps(o)}
	r.gaps.purged = b.purged(o.Stream)
	if err := r.start(ctx); err != nil {
		return nil, fmt.Errorf("read %s: %w", o.Stream, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.readers[r] = true
	return r, nil
}

func (b *Broker) readHeartbeat() time.Duration {
	if b.cfg.URL == "" {
		return idleHeartbeat
	}
	return readHeartbeat
}

// wakeReaders makes every reader ask anew. Called when the server was restarted, which has forgotten them.
func (b *Broker) wakeReaders() {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for r := range b.readers {
		r.mu.Lock()
		r.iter.Stop()
		r.mu.Unlock()
	}
}

// start creates the server's side of the reader behind the last message given out. It keeps no state on disk: the
// caller's own positions are what counts.
func (r *Reader) start(ctx context.Context) error {
	handle, err := r.b.stream(r.o.Stream)
	if err != nil {
		return err
	}
	limited, cancel := r.b.bounded(ctx)
	defer cancel()
	consumer, err := handle.CreateConsumer(limited, jetstream.ConsumerConfig{
		AckPolicy:         jetstream.AckNonePolicy,
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       r.last + 1,
		FilterSubjects:    r.o.Subjects,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: readIdle,
	})
	if err != nil {
		return r.b.classify(ctx, err)
	}
	iter, err := consumer.Messages(jetstream.PullMaxMessagesWithBytesLimit(r.o.Buffer, r.o.BufferBytes),
		jetstream.PullExpiry(readExpiry), jetstream.PullHeartbeat(r.b.readHeartbeat()))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return r.adopt(iter, consumer.CachedInfo().Name)
}

func (r *Reader) adopt(iter jetstream.MessagesContext, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		iter.Stop()
		return ErrClosed
	}
	r.iter, r.name, r.seen = iter, name, 0
	return nil
}

// Next returns the next message, waiting for one. It returns ctx.Err() when ctx ends, ErrClosed after Close of the reader
// or the broker, and a Gap when messages are missing: trimmed (ErrGone) or lost (ErrDamaged). It never passes over a gap;
// who accepts it opens a new reader behind. Everything else it mends by itself.
func (r *Reader) Next(ctx context.Context) (Entry, error) {
	for {
		e, err := r.next(ctx)
		if err == nil || r.final(ctx, err) {
			return e, err
		}
		if err := r.restart(ctx); err != nil {
			return Entry{}, err
		}
	}
}

var errLost = errors.New("a message was lost on the way")

func (r *Reader) next(ctx context.Context) (Entry, error) {
	msg, err := r.iter.Next(jetstream.NextContext(ctx))
	if err != nil {
		return Entry{}, r.ended(ctx, err)
	}
	meta, err := msg.Metadata()
	if err != nil {
		return Entry{}, err
	}
	if meta.Sequence.Consumer != r.seen+1 || meta.Sequence.Stream <= r.last {
		return Entry{}, errLost
	}
	e := Entry{Stream: r.o.Stream, Subject: msg.Subject(), Seq: meta.Sequence.Stream, Time: meta.Timestamp,
		Data: msg.Data(), Carried: carried(msg.Headers())}
	if from, to, ok := r.gaps.before(e, msg.Headers()); ok {
		return Entry{}, r.gap(ctx, e, from, to)
	}
	r.seen, r.last = meta.Sequence.Consumer, e.Seq
	return e, nil
}

// ended tells a reader that was ended on purpose from one that lost its server.
func (r *Reader) ended(ctx context.Context, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.closed || r.b.closed.Load():
		return ErrClosed
	}
	return err
}

func (r *Reader) final(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, ErrClosed) || errors.Is(err, ErrGone) || errors.Is(err, ErrDamaged)
}

// restart drops the server's side and creates a new one, waiting longer from try to try, until it works or ctx ends.
func (r *Reader) restart(ctx context.Context) error {
	r.drop(ctx)
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		err := r.start(ctx)
		if err == nil || r.final(ctx, err) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// drop ends the server's side as far as it can be reached; the server forgets the rest after readIdle.
func (r *Reader) drop(ctx context.Context) {
	r.mu.Lock()
	iter, name := r.iter, r.name
	r.mu.Unlock()
	iter.Stop()
	if !r.b.nc.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := r.b.streams[r.o.Stream].DeleteConsumer(ctx, name); err != nil {
		r.b.log.out.Debug("drop reader", "stream", r.o.Stream, "error", err)
	}
}

// Close ends the reader and any waiting Next. Idempotent.
func (r *Reader) Close() {
	r.mu.Lock()
	was := r.closed
	r.closed = true
	r.mu.Unlock()
	if !was {
		r.b.mu.Lock()
		delete(r.b.readers, r)
		r.b.mu.Unlock()
		r.drop(context.Background())
	}
}

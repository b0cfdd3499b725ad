package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	wild bool // some subject has a wildcard
	// drained says that the server had nothing more for this reader once.
	drained bool

	mu     sync.Mutex
	closed bool
	cursor *cursor // at the end of an embedded log; there is no consumer then
	name   string  // of the consumer, for its removal
	iter   jetstream.MessagesContext
}

// Read opens a reader. Close must be called when it returns no error.
func (b *Broker) Read(ctx context.Context, o ReadOptions) (*Reader, error) {
	if o.Buffer == 0 {
		o.Buffer = DefaultBuffer
	}
	o.BufferBytes = max(o.BufferBytes, DefaultMaxMessage+headroom)
	r := &Reader{b: b, o: o, last: max(o.From, 1) - 1, gaps: newGaps(o),
		wild: slices.ContainsFunc(o.Subjects, func(s string) bool { return strings.ContainsAny(s, "*>") })}
	r.gaps.purged = b.purged(o.Stream)
	if !r.follow() {
		if err := r.start(ctx); err != nil {
			return nil, fmt.Errorf("read %s: %w", o.Stream, err)
		}
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
		if r.iter != nil {
			r.iter.Stop()
		}
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
	info := consumer.CachedInfo()
	r.drained = r.drained || info.NumPending == 0
	return r.adopt(iter, info.Name)
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
		var e Entry
		var err error
		if r.follow() {
			e, err = r.followed(ctx)
		} else {
			e, err = r.next(ctx)
		}
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
	r.mu.Lock()
	iter := r.iter
	r.mu.Unlock()
	if iter == nil { // closed meanwhile
		return Entry{}, r.ended(ctx, errLost)
	}
	msg, err := iter.Next(jetstream.NextContext(ctx))
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
	f := follower{Entry: Entry{Stream: r.o.Stream, Subject: msg.Subject(), Seq: meta.Sequence.Stream, Time: meta.Timestamp,
		Data: msg.Data(), Carried: carried(msg.Headers())}}
	f.prior, f.fenced = follows(msg.Headers())
	if err := r.took(ctx, f); err != nil {
		return Entry{}, err
	}
	r.seen, r.drained = meta.Sequence.Consumer, r.drained || meta.NumPending == 0
	return f.Entry, nil
}

// took notes that f is the next message, or tells what should have come before.
func (r *Reader) took(ctx context.Context, f follower) error {
	if from, to, ok := r.gaps.before(f); ok {
		return r.gap(ctx, f.Entry, from, to)
	}
	r.last = f.Seq
	return nil
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

// follow reports whether the reader is at the end of an embedded log, where it needs no server.
func (r *Reader) follow() bool {
	g := r.b.edges[r.o.Stream]
	if g == nil || r.wild {
		return false
	}
	r.mu.Lock()
	if r.cursor == nil && !r.closed {
		r.cursor = g.join(r.o.Subjects, r.last, r.drained)
	}
	cursor, iter := r.cursor, r.iter
	r.mu.Unlock()
	if cursor != nil && iter != nil {
		r.drop(context.Background())
	}
	return cursor != nil
}

var errBehind = errors.New("only the server knows what comes next")

// followed is next for a reader at the end of an embedded log.
func (r *Reader) followed(ctx context.Context) (Entry, error) {
	for {
		f, ok, more := r.cursor.take()
		switch {
		case ok && f.Seq <= r.last: // the server was quicker
		case ok:
			if err := r.took(ctx, f); err != nil {
				return Entry{}, err
			}
			return f.Entry, nil
		case !more:
			r.mu.Lock()
			r.cursor = nil
			r.mu.Unlock()
			return Entry{}, r.ended(ctx, errBehind)
		default:
			select {
			case <-r.cursor.ready:
			case <-ctx.Done():
				return Entry{}, ctx.Err()
			}
		}
	}
}

// drop ends the server's side as far as it can be reached; the server forgets the rest after readIdle.
func (r *Reader) drop(ctx context.Context) {
	r.mu.Lock()
	iter, name := r.iter, r.name
	r.iter = nil
	r.mu.Unlock()
	if iter == nil {
		return
	}
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
	was, cursor := r.closed, r.cursor
	r.closed = true
	r.mu.Unlock()
	if cursor != nil {
		cursor.leave()
	}
	if !was {
		r.b.mu.Lock()
		delete(r.b.readers, r)
		r.b.mu.Unlock()
		r.drop(context.Background())
	}
}

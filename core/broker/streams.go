package broker

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Stream names one of the fixed streams of the log.
type Stream string

// The streams. Subjects of a stream start with its prefix and a dot; see Prefix.
const (
	Events      Stream = "EV"   // record batches as they came, ev.<partition>.<source>; append only
	Insights    Stream = "IN"   // what analysis added, in.<partition>.<pipeline>; append only
	Dead        Stream = "DLQ"  // dead letters, one message an event, dlq.<stage>.<name>; may be deleted one by one
	Loops       Stream = "LOOP" // the life of every insight, loop.<...>; append only
	Checkpoints Stream = "CK"   // last message of each subject only, ck.<...>
	States      Stream = "SN"   // saved analyzer state, used through SaveState and LoadState, sn.<...>
)

// Streams lists all streams in a fixed order.
func Streams() []Stream { return []Stream{Events, Insights, Dead, Loops, Checkpoints, States} }

// Prefix is the first token of each subject of the stream: the lower-case name.
func (s Stream) Prefix() string { return strings.ToLower(string(s)) }

// appendOnly says that nothing but Trim may remove messages, so that a hole means damage.
func (s Stream) appendOnly() bool { return s == Events || s == Insights || s == Loops }

// whole says that every sequence between the first and the last must be there, or be noted as deleted.
func (s Stream) whole() bool { return s.appendOnly() || s == Dead }

// lastOnly says that a new message replaces the one before on its subject.
func (s Stream) lastOnly() bool { return s == Checkpoints || s == States }

// openStreams finds the streams and creates those that were never there. A stream that is gone is not created again:
// that would turn a loss into an empty log that looks healthy. With mend, one whose description alone is damaged is mended.
func (b *Broker) openStreams(ctx context.Context, mend bool) error {
	var missing []Stream
	stored := false
	for _, s := range Streams() {
		handle, err := ask(ctx, b, func(ctx context.Context) (jetstream.Stream, error) { return b.js.Stream(ctx, string(s)) })
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			missing = append(missing, s)
			continue
		}
		if err != nil {
			return fmt.Errorf("open stream %s: %w", s, err)
		}
		stored = stored || handle.CachedInfo().State.LastSeq > 0
		if b.cfg.Inspect {
			b.streams[s] = handle
			continue
		}
		if b.streams[s], err = b.adjust(ctx, s, handle); err != nil {
			return fmt.Errorf("open stream %s: %w", s, err)
		}
	}
	if mend && len(missing) > 0 {
		if mended, err := b.mend(ctx, missing); err != nil {
			return fmt.Errorf("put back what describes the streams: %w", err)
		} else if mended {
			return b.openStreams(ctx, false)
		}
	}
	known := b.known().Streams
	for _, s := range missing {
		if _, ours := known[s]; ours || len(known) == 0 && stored {
			if err := b.lost(s); !b.cfg.Inspect {
				return err
			}
			b.absent[s] = b.lostAll(s, known[s])
			continue
		}
		if b.cfg.Inspect {
			b.absent[s] = nil
			continue
		}
		if err := b.create(ctx, s); err != nil {
			return fmt.Errorf("create stream %s: %w", s, err)
		}
	}
	b.openEdges()
	return nil
}

// openEdges takes hold of the ends of an embedded log. Another hub may write to an external one.
func (b *Broker) openEdges() {
	if b.cfg.URL != "" {
		return
	}
	for _, s := range []Stream{Events, Insights} {
		if handle := b.streams[s]; handle != nil { // missing where the log is only looked at
			b.edges[s] = newEdge(handle.CachedInfo().State.LastSeq)
		}
	}
}

// lost is the error of a stream that was there and is not any more.
func (b *Broker) lost(s Stream) error {
	err := fmt.Errorf("stream %s is gone from %s, and it is not created again because that would hide the loss; restore "+
		"the log from a backup: %w", s, b.where(), ErrDamaged)
	for _, w := range b.log.kept() {
		err = fmt.Errorf("%w\nthe server said: %s", err, w.Text)
	}
	return err
}

// lostAll is the damage of a stream that is gone.
func (b *Broker) lostAll(s Stream, r record) *Damage {
	reason := "the stream is gone"
	for _, w := range b.log.kept() {
		if strings.Contains(w.Text, "streams/"+string(s)+"/") {
			reason += "; the server said: " + strings.TrimSpace(w.Text)
		}
	}
	first := max(r.Trimmed, 1)
	d := newDamage(s, first, max(r.Last, first), reason)
	d.Messages -= r.Deleted.count(span{d.From, d.To})
	for subject, p := range r.Subjects {
		d.belongsTo(subject)
		d.Events += p.Total // at most: those trimmed are among them
	}
	return d
}

func (b *Broker) create(ctx context.Context, s Stream) error {
	size := b.cfg.MaxBytes[s]
	if size == 0 {
		var err error
		if size, err = b.firstSize(s); err != nil {
			return err
		}
	}
	c := b.shape(s, jetstream.StreamConfig{Name: string(s), Storage: jetstream.FileStorage, MaxBytes: size})
	handle, err := ask(ctx, b, func(ctx context.Context) (jetstream.Stream, error) { return b.js.CreateStream(ctx, c) })
	b.streams[s] = handle
	if errors.Is(err, ErrFull) {
		return fmt.Errorf("%d MiB: %w: give the streams smaller limits, or the servers a larger jetstream max_file_store",
			size>>20, err)
	}
	return err
}

// adjust gives a stream that is there the shape we need now.
func (b *Broker) adjust(ctx context.Context, s Stream, handle jetstream.Stream) (jetstream.Stream, error) {
	have := handle.CachedInfo().Config
	want := b.shape(s, have)
	if size := b.cfg.MaxBytes[s]; size != 0 {
		want.MaxBytes = size
	}
	if reflect.DeepEqual(have, want) {
		return handle, nil
	}
	return b.update(ctx, want)
}

func (b *Broker) update(ctx context.Context, c jetstream.StreamConfig) (jetstream.Stream, error) {
	return ask(ctx, b, func(ctx context.Context) (jetstream.Stream, error) { return b.js.UpdateStream(ctx, c) })
}

// shape sets what must be as it is, and leaves alone what an operator may choose on an external cluster.
func (b *Broker) shape(s Stream, c jetstream.StreamConfig) jetstream.StreamConfig {
	c.Subjects = []string{s.Prefix() + ".>"}
	c.Retention = jetstream.LimitsPolicy
	c.Discard = jetstream.DiscardNew // full means refuse, never forget
	c.DiscardNewPerSubject = false
	c.MaxAge = 0
	c.MaxMsgs = -1
	c.MaxMsgsPerSubject = -1
	if s.lastOnly() {
		c.MaxMsgsPerSubject = 1
	}
	c.Duplicates = 100 * time.Millisecond // unused; the smallest, because the window costs memory
	c.Replicas = max(b.cfg.Replicas, 1)
	c.PersistMode = jetstream.DefaultPersistMode // the other one answers before the message is written
	// A direct get may be answered by a copy that lags, which would show as ErrGone or as an old last message.
	c.AllowDirect = c.Replicas == 1
	return c
}

// stream returns the handle of an open stream.
func (b *Broker) stream(s Stream) (jetstream.Stream, error) {
	if b.closed.Load() {
		return nil, ErrClosed
	}
	handle, ok := b.streams[s]
	if !ok {
		return nil, fmt.Errorf("no stream named %q", s)
	}
	return handle, nil
}

// checkSubject accepts a subject that may be appended to in s: no wildcard, no empty token.
func checkSubject(s Stream, subject string) error {
	rest, ok := strings.CutPrefix(subject, s.Prefix()+".")
	if !ok {
		return fmt.Errorf("subject %q does not belong to stream %s: it must start with %q", subject, s, s.Prefix()+".")
	}
	for token := range strings.SplitSeq(rest, ".") {
		if token == "" || strings.ContainsAny(token, "*> \t\r\n") {
			return fmt.Errorf("subject %q: each part between dots needs a character other than * > and space", subject)
		}
	}
	return nil
}

package broker

import (
	"context"
	"errors"
	"fmt"
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

// lastOnly says that a new message replaces the one before on its subject.
func (s Stream) lastOnly() bool { return s == Checkpoints || s == States }

// openStreams finds each stream or creates it.
func (b *Broker) openStreams(ctx context.Context) error {
	for _, s := range Streams() {
		handle, err := b.openStream(ctx, s)
		if err != nil {
			return fmt.Errorf("open stream %s: %w", s, err)
		}
		b.streams[s] = handle
	}
	return nil
}

func (b *Broker) openStream(ctx context.Context, s Stream) (jetstream.Stream, error) {
	handle, err := b.js.Stream(ctx, string(s))
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return b.js.CreateStream(ctx, b.streamConfig(s, 0))
	}
	if err != nil {
		return nil, b.classify(ctx, err)
	}
	return b.js.UpdateStream(ctx, b.streamConfig(s, handle.CachedInfo().Config.MaxBytes))
}

// streamConfig is the configuration of a stream whose limit is now maxBytes (0 = it does not exist yet).
func (b *Broker) streamConfig(s Stream, maxBytes int64) jetstream.StreamConfig {
	if want := b.cfg.MaxBytes[s]; want != 0 {
		maxBytes = want
	}
	c := jetstream.StreamConfig{
		Name:       string(s),
		Subjects:   []string{s.Prefix() + ".>"},
		Retention:  jetstream.LimitsPolicy,
		Storage:    jetstream.FileStorage,
		Discard:    jetstream.DiscardNew, // full means refuse, never forget
		MaxBytes:   maxBytes,
		Replicas:   max(b.cfg.Replicas, 1),
		Duplicates: 100 * time.Millisecond, // unused; the smallest, because the window costs memory
		// A direct get may be answered by a copy that lags, which would show as ErrGone or as an old last message.
		AllowDirect: b.cfg.Replicas <= 1,
	}
	if s.lastOnly() {
		c.MaxMsgsPerSubject = 1
	}
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

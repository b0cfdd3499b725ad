package broker

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Gap says that messages a reader wants are not there. errors.Is tells ErrGone (trimmed before they were read) from
// ErrDamaged (lost).
type Gap struct {
	Stream   Stream
	From, To uint64 // sequences, both included; of a filtered reader only some of them
	Next     uint64 // first message behind the gap: a new reader from here passes over it
	Cause    error  // ErrGone or ErrDamaged
}

// Error implements error.
func (g *Gap) Error() string {
	return fmt.Sprintf("read %s: messages between %d and %d are missing: %v", g.Stream, g.From, g.To, g.Cause)
}

// Unwrap implements the contract of errors.Is.
func (g *Gap) Unwrap() error { return g.Cause }

// gaps finds out whether a message came too early. An unfiltered reader sees every sequence. A filtered one uses the fence
// that each message was stored with: it names the message before it on the subject. One that Trim stored again stands where
// it stood first; what it followed when it was stored again, itself perhaps, was never anything new.
type gaps struct {
	on       bool   // only where nothing but Trim removes messages
	whole    bool   // unfiltered
	from     uint64 // first sequence wanted; 0 when the oldest will do
	next     uint64 // of an unfiltered reader: the sequence to come; 0 when any will do
	subjects map[string]place
	purged   func(subject string) uint64 // below which TrimSubjects may have removed all of a subject
}

// place is where the last message seen of a subject stands, and where it stood before Trim moved it.
type place struct{ seq, first uint64 }

const maxSubjects = 10_000 // remembered by one reader; then it starts afresh

func newGaps(o ReadOptions) gaps {
	g := gaps{on: o.Stream.appendOnly(), whole: len(o.Subjects) == 0, subjects: map[string]place{}}
	if o.From > 1 {
		g.from, g.next = o.From, o.From
	}
	return g
}

// before returns the range that should have come before e and did not, false when e is the right one.
func (g *gaps) before(f follower) (from, to uint64, missing bool) {
	e := f.Entry
	if !g.on {
		return 0, 0, false
	}
	if g.whole {
		if g.next != 0 && e.Seq != g.next {
			return g.next, e.Seq - 1, true
		}
		g.next = e.Seq + 1
		return 0, 0, false
	}
	prior := f.prior
	last, ok := g.subjects[e.Subject]
	seen, here := last.seq, place{e.Seq, e.Seq}
	if e.Carried != 0 {
		prior, seen, here.first = e.Carried, last.first, e.Carried
	}
	switch {
	case !f.fenced || prior == 0:
	case ok && prior != seen:
		return last.seq + 1, prior, true
	case !ok && g.from != 0 && prior >= max(g.from, g.purged(e.Subject)):
		return g.from, prior, true
	}
	if len(g.subjects) == maxSubjects {
		clear(g.subjects)
		g.from = 0
	}
	g.subjects[e.Subject] = here
	return 0, 0, false
}

// purged returns below which sequence TrimSubjects may have removed all of a subject.
func (b *Broker) purged(s Stream) func(subject string) uint64 {
	return func(subject string) uint64 { return b.known().Streams[s].Purged[subject] }
}

// follows returns the sequence that a message was stored behind on its subject, false when it was stored without a fence.
func follows(h nats.Header) (uint64, bool) {
	if n, ok := number(h, priorHeader); ok {
		return n, true
	}
	return number(h, jetstream.ExpectedLastSubjSeqHeader)
}

// gap finds out why messages before e are missing.
func (r *Reader) gap(ctx context.Context, e Entry, from, to uint64) error {
	b, filtered := r.b, len(r.o.Subjects) > 0
	info, err := b.info(ctx, e.Stream)
	if err != nil {
		return err
	}
	g := &Gap{Stream: e.Stream, From: from, To: to, Next: e.Seq, Cause: ErrDamaged}
	if from < info.State.FirstSeq || to < b.purged(e.Stream)(e.Subject) {
		g.Cause = ErrGone
		return g
	}
	d := newDamage(e.Stream, from, to, "missing")
	if filtered { // the others in between are other subjects'
		d = newDamage(e.Stream, to, to, "missing")
		d.Subjects = []string{e.Subject}
	}
	b.report(d)
	return g
}

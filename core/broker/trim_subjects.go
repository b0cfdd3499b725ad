package broker

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// TrimSubjects removes, subject by subject, the messages below the given sequences, as Trim does for a whole stream. It
// exists for a log in which one reader stands still for days: what lies behind that reader stays, and what everybody
// has read of other subjects goes, so that their writers need not wait for the one. It leaves holes, which are noted in
// the manifest, and costs the server more than Trim: call it only when room is short.
func (b *Broker) TrimSubjects(ctx context.Context, s Stream, below map[string]uint64, carry func(Entry) []byte) error {
	if !s.appendOnly() {
		return fmt.Errorf("trim subjects of %s: only append-only streams are trimmed", s)
	}
	b.trim.Lock()
	defer b.trim.Unlock()
	info, err := b.info(ctx, s, jetstream.WithSubjectFilter(">"))
	if err != nil {
		return fmt.Errorf("trim %s: %w", s, err)
	}
	known := b.known().Streams[s]
	for _, subject := range slices.Sorted(maps.Keys(below)) {
		floor := min(below[subject], info.State.LastSeq+1)
		if info.State.Subjects[subject] == 0 || floor <= max(info.State.FirstSeq, known.Purged[subject]) {
			continue
		}
		if err := b.trimSubject(ctx, s, subject, floor, carry); err != nil {
			return fmt.Errorf("trim %s: %w", subject, err)
		}
	}
	return b.noteHoles(ctx, s)
}

// trimSubject keeps the subject's position, notes what may be missing from now on, and removes it.
func (b *Broker) trimSubject(ctx context.Context, s Stream, subject string, below uint64, carry func(Entry) []byte) error {
	last, ok, err := b.Last(ctx, s, subject)
	if err != nil || !ok {
		return err
	}
	info, err := b.info(ctx, s, jetstream.WithSubjectFilter(subject))
	if err != nil || last.Carried != 0 && last.Seq < below && info.State.Subjects[subject] == 1 {
		return err // or nothing is left but its position
	}
	if err := b.carryLast(ctx, s, subject, below, carry); err != nil {
		return err
	}
	holes := b.known().Streams[s].missing(info.State) + info.State.Subjects[subject] // at most
	noted := record{Created: info.Created, Last: info.State.LastSeq, Purged: map[string]uint64{subject: below}, Holes: &holes}
	if err := b.note(ctx, map[Stream]record{s: noted}); err != nil {
		return err
	}
	return b.purge(ctx, s, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(below))
}

// noteHoles writes down how many messages are missing now. Never more than were noted before anything was removed: what
// is missing beyond that is damage, and must stay visible.
func (b *Broker) noteHoles(ctx context.Context, s Stream) error {
	known := b.known().Streams[s]
	if known.holes() == 0 {
		return nil
	}
	info, err := b.info(ctx, s)
	if err != nil {
		return err
	}
	holes := min(known.holes(), known.missing(info.State))
	return b.note(ctx, map[Stream]record{s: {Created: info.Created, Last: info.State.LastSeq, Holes: &holes}})
}

// holesBelow returns the sequence below which TrimSubjects may have left holes.
func (r record) holesBelow() (below uint64) {
	for _, floor := range r.Purged {
		below = max(below, floor)
	}
	return below
}

func (b *Broker) holesBelow(s Stream) uint64 { return b.known().Streams[s].holesBelow() }

package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// newest is how many messages at the end of each stream Open reads and has verified: a torn or half-written end is
// where a crash shows.
const newest = 64

// checkStreams compares each stream with the manifest and with itself, before anything is read or written.
func (b *Broker) checkStreams(ctx context.Context) error {
	var errs []error
	for _, s := range Streams() {
		found, err := b.checkStream(ctx, s)
		for _, d := range inOrder(found) {
			errs = append(errs, d)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// checkStream looks at the counts of a stream, the newest messages and the last one of each subject.
func (b *Broker) checkStream(ctx context.Context, s Stream) ([]*Damage, error) {
	r, info, err := b.compare(ctx, s)
	if err != nil {
		return nil, err
	}
	found, err := b.checkCounts(ctx, s, r, info)
	if err != nil || len(found) > 0 && !s.lastOnly() {
		return found, err
	}
	lasts, err := b.checkLasts(ctx, s, r, info.State)
	found = append(found, lasts...)
	if err != nil {
		return found, fmt.Errorf("check stream %s: %w", s, err)
	}
	newest, err := b.checkNewest(ctx, s, info.State)
	return append(found, newest...), err
}

// compare returns what must be in a stream and what is, so that what others append, trim and delete meanwhile does not differ.
func (b *Broker) compare(ctx context.Context, s Stream) (record, *jetstream.StreamInfo, error) {
	must, err := b.fresh(ctx, s)
	if err != nil {
		return must, nil, fmt.Errorf("check stream %s: %w", s, err)
	}
	info, err := b.info(ctx, s)
	if err != nil {
		return must, nil, fmt.Errorf("check stream %s: %w", s, err)
	}
	may, err := b.fresh(ctx, s) // the manifest hears of a removal before it happens
	must.Trimmed, must.Deleted, must.Purged, must.Holes = may.Trimmed, may.Deleted, may.Purged, may.Holes
	return must, info, err
}

// checkCounts finds losses that show in the counts alone, and where they are.
func (b *Broker) checkCounts(ctx context.Context, s Stream, r record, info *jetstream.StreamInfo) ([]*Damage, error) {
	if !r.Created.IsZero() && !r.Created.Equal(info.Created) {
		return nil, fmt.Errorf("stream %s: %w: it was created %s, but ours %s: another stream has taken its name; restore the "+
			"log from a backup", s, ErrDamaged, info.Created.Format(time.RFC3339), r.Created.Format(time.RFC3339))
	}
	have := info.State
	var found []*Damage
	if have.LastSeq < r.Last {
		found = append(found, b.end(ctx, s, r, have))
	}
	if !s.whole() || have.LastSeq == 0 {
		return found, nil
	}
	if r.holes() > 0 {
		return append(found, b.checkHoles(ctx, s, r, have)...), nil
	}
	first := firstOf(have)
	if oldest := max(r.Trimmed, 1); first > oldest {
		return append(found, b.locate(ctx, s, span{oldest, have.LastSeq}, first-oldest)...), nil
	}
	expected := have.LastSeq + 1 - first - r.Deleted.count(span{first, have.LastSeq})
	if have.Msgs >= expected {
		return found, nil
	}
	return append(found, b.locate(ctx, s, span{first, have.LastSeq}, expected-have.Msgs)...), nil
}

// checkHoles finds more missing than TrimSubjects can have removed.
func (b *Broker) checkHoles(ctx context.Context, s Stream, r record, have jetstream.StreamState) []*Damage {
	if missing := r.missing(have); missing > r.holes() {
		return b.locate(ctx, s, span{max(r.Trimmed, 1), have.LastSeq}, missing-r.holes())
	}
	return nil
}

// without makes damage of the parts of a range that were not deleted on purpose.
func (r record) without(s Stream, x span, reason string) []*Damage {
	var found []*Damage
	for _, part := range r.Deleted.without(x) {
		found = append(found, newDamage(s, part.From, part.To, reason))
	}
	return found
}

// end is the damage of a stream that ends too early.
func (b *Broker) end(ctx context.Context, s Stream, r record, have jetstream.StreamState) *Damage {
	d := newDamage(s, have.LastSeq+1, r.Last, "the end is missing")
	for subject, p := range r.Subjects {
		if p.Gone || p.Seq <= have.LastSeq {
			continue
		}
		d.Subjects = append(d.Subjects, subject)
		if last, _, err := b.Last(ctx, s, subject); err == nil && p.Total > 0 {
			d.Events += p.Total - min(p.Total, b.total(last))
		}
	}
	slices.Sort(d.Subjects)
	return d
}

// locateLimit is how long a start looks for holes that it knows to be there.
const locateLimit = 5 * time.Second

// locate finds the holes of which the counts tell. In a long stream it gives up: Fsck tells then.
func (b *Broker) locate(ctx context.Context, s Stream, within span, missing uint64) []*Damage {
	limited, cancel := context.WithTimeout(ctx, locateLimit)
	defer cancel()
	found, err := b.scan(limited, s, within.From, within.To)
	if err == nil { // none: they were deleted or trimmed meanwhile
		return found
	}
	d := newDamage(s, within.From, within.To, "missing")
	d.Messages = missing
	return []*Damage{d}
}

// checkNewest reads the end of a stream.
func (b *Broker) checkNewest(ctx context.Context, s Stream, have jetstream.StreamState) ([]*Damage, error) {
	if have.Msgs == 0 {
		return nil, nil
	}
	from := have.FirstSeq
	if have.LastSeq > newest {
		from = max(from, have.LastSeq-newest+1)
	}
	return b.scan(ctx, s, from, have.LastSeq)
}

package broker

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// tail is where the last message of a subject was seen, and how many events the subject had then.
type tail struct {
	Seq   uint64 `json:"seq"`
	Total uint64 `json:"total,omitempty"`
	Gone  bool   `json:"gone,omitempty"` // it was removed on purpose
}

// later returns the newer of two places of one subject.
func (p tail) later(o tail) tail {
	if o.Seq > p.Seq || o.Seq == p.Seq && (o.Gone || o.Total > p.Total) {
		return o
	}
	return p
}

// noted reports whether the last message of the subject is noted in the manifest: where few subjects live long, and the last
// message of each says where somebody stands.
func noted(s Stream, subject string) bool {
	return s == Events || s == Insights || s == Checkpoints || s == States && strings.HasPrefix(subject, headPrefix)
}

// lasts are the last messages of noted subjects: our own, and what Open found.
type lasts struct {
	mu sync.Mutex
	at map[Stream]map[string]tail
}

// saw notes a message of our own, or that the last one was removed.
func (l *lasts) saw(s Stream, subject string, p tail) {
	if !noted(s, subject) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at == nil {
		l.at = map[Stream]map[string]tail{}
	}
	if l.at[s] == nil {
		l.at[s] = map[string]tail{}
	}
	l.at[s][subject] = l.at[s][subject].later(p)
}

// peek returns what is known of a stream.
func (l *lasts) peek(s Stream) map[string]tail {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.at[s])
}

// survey finds the last message of every subject of a stream, once at Open.
func (b *Broker) survey(ctx context.Context, s Stream) error {
	filter := s.Prefix() + ".>"
	if s == States {
		filter = headPrefix + ">"
	}
	if !noted(s, filter) {
		return nil
	}
	info, err := b.info(ctx, s, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return err
	}
	for subject := range info.State.Subjects {
		e, ok, err := b.Last(ctx, s, subject)
		if err != nil {
			return err
		}
		if ok {
			b.lasts.saw(s, subject, tail{Seq: e.Seq, Total: b.total(e)})
		}
	}
	return nil
}

// total is how many events a subject has had up to a message, 0 when that cannot be told.
func (b *Broker) total(e Entry) uint64 {
	if b.cfg.Count == nil {
		return 0
	}
	total, _ := b.cfg.Count(e.Stream, e.Data)
	return total
}

// checkLasts compares the last message of each noted subject with what is there. Where a new message replaces the one before,
// the counts of a stream say nothing.
func (b *Broker) checkLasts(ctx context.Context, s Stream, r record, have jetstream.StreamState) ([]*Damage, error) {
	var found []*Damage
	for subject, p := range r.Subjects {
		if p.Gone || p.Seq > have.LastSeq { // the missing end tells of those
			continue
		}
		last, ok, err := b.Last(ctx, s, subject)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return found, err
		}
		if ok && last.Seq >= p.Seq || s.appendOnly() && p.Seq < have.FirstSeq {
			continue
		}
		if now, err := b.fresh(ctx, s); err != nil || now.Subjects[subject].Gone || s.appendOnly() && p.Seq < max(now.Trimmed, now.Purged[subject]) {
			continue // removed while we looked
		}
		d := newDamage(s, p.Seq, p.Seq, "the last message of its subject is missing")
		d.Subjects = []string{subject}
		if before := b.total(last); ok && p.Total > before {
			d.Events = p.Total - before
		}
		found = append(found, d)
	}
	return found, nil
}

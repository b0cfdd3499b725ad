package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/nats-io/nats.go/jetstream"
)

// notes holds the manifest in memory and writes it through to its ledger.
type notes struct {
	mu     sync.Mutex
	ledger ledger
	m      manifest
}

// openNotes reads the manifest from beside the embedded store or from the external cluster.
func (b *Broker) openNotes(ctx context.Context) error {
	b.notes.ledger = fileLedger{dir: b.cfg.Dir}
	if b.cfg.URL != "" {
		l, err := b.openKeyLedger(ctx)
		if err != nil {
			return fmt.Errorf("open the manifest: %w", b.classify(ctx, err))
		}
		b.notes.ledger = l
	}
	m, err := b.notes.ledger.load(ctx)
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	b.notes.m = m
	return nil
}

// known returns the manifest, with what was acknowledged since it was written.
func (b *Broker) known() manifest {
	b.notes.mu.Lock()
	defer b.notes.mu.Unlock()
	m := manifest{Streams: maps.Clone(b.notes.m.Streams)}
	for s, r := range m.Streams {
		m.Streams[s] = r.merge(record{Created: r.Created, Last: b.acked[s].Load(), Subjects: b.lasts.peek(s)})
	}
	return m
}

// fresh returns what is known of a stream, with what other hubs on the same log have noted.
func (b *Broker) fresh(ctx context.Context, s Stream) (record, error) {
	if b.cfg.URL != "" {
		m, err := b.notes.ledger.load(ctx)
		if err != nil {
			return record{}, fmt.Errorf("read the manifest: %w", b.classify(ctx, err))
		}
		b.notes.mu.Lock()
		for s, r := range m.Streams {
			b.notes.m.Streams[s] = b.notes.m.Streams[s].merge(r)
		}
		b.notes.mu.Unlock()
	}
	return b.known().Streams[s], nil
}

// mark is a number that only grows.
type mark struct{ atomic.Uint64 }

func (m *mark) raise(to uint64) {
	for {
		have := m.Load()
		if have >= to || m.CompareAndSwap(have, to) {
			return
		}
	}
}

// note writes down what is new; on return it is on disk.
func (b *Broker) note(ctx context.Context, found map[Stream]record) error {
	b.notes.mu.Lock()
	defer b.notes.mu.Unlock()
	next := manifest{Streams: maps.Clone(b.notes.m.Streams)}
	if next.Streams == nil {
		next.Streams = map[Stream]record{}
	}
	for s, r := range found {
		next.Streams[s] = next.Streams[s].merge(r)
	}
	if reflect.DeepEqual(next.Streams, b.notes.m.Streams) {
		return nil
	}
	if err := b.notes.ledger.save(ctx, next); errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("write the manifest: %w: %w", ErrFull, err)
	} else if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	b.notes.m = next
	return nil
}

// noteAll writes down how far each stream has come.
func (b *Broker) noteAll(ctx context.Context) error {
	found := map[Stream]record{}
	for _, s := range Streams() {
		info, err := b.info(ctx, s)
		if err != nil {
			return fmt.Errorf("look at stream %s: %w", s, err)
		}
		found[s] = record{Created: info.Created, Last: info.State.LastSeq, Tracked: true, Subjects: b.lasts.peek(s)}
	}
	for s, r := range found {
		b.count(ctx, s, r.Subjects)
	}
	return b.note(ctx, found)
}

// adopt takes the holes of a log whose deletions were not noted yet for deletions.
func (b *Broker) adopt(ctx context.Context) error {
	known, ours := b.known().Streams[Dead]
	if !ours || known.Tracked {
		return nil
	}
	info, err := b.info(ctx, Dead, jetstream.WithDeletedDetails(true))
	if err != nil {
		return fmt.Errorf("look at stream %s: %w", Dead, err)
	}
	r := record{Created: known.Created, Trimmed: info.State.FirstSeq, Tracked: true}
	for _, seq := range info.State.Deleted {
		r.Deleted = r.Deleted.with(span{seq, seq})
	}
	return b.note(ctx, map[Stream]record{Dead: r})
}

// count finds out how many events the subjects had whose last messages are our own.
func (b *Broker) count(ctx context.Context, s Stream, subjects map[string]tail) {
	if b.cfg.Count == nil || !s.appendOnly() {
		return
	}
	for subject, p := range subjects {
		if p.Gone || p.Total != 0 {
			continue
		}
		if e, ok, err := b.Last(ctx, s, subject); err == nil && ok && e.Seq >= p.Seq {
			subjects[subject] = tail{Seq: e.Seq, Total: b.total(e)}
			b.lasts.saw(s, subject, subjects[subject])
		}
	}
}

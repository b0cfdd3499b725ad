package broker

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
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
		r.Last = max(r.Last, b.acked[s].Load())
		m.Streams[s] = r
	}
	return m
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
	if maps.Equal(next.Streams, b.notes.m.Streams) {
		return nil
	}
	if err := b.notes.ledger.save(ctx, next); err != nil {
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
		found[s] = record{Created: info.Created, Last: info.State.LastSeq}
	}
	return b.note(ctx, found)
}

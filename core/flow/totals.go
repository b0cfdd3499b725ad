package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/sdk"
)

// Accepted returns how many events the pipeline has to answer for: what its sources have stored since it began to read them,
// and what it read of sources it no longer has. total gives a source's own count.
func (p *Pipeline) Accepted(total func(source string) uint64) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	var n uint64
	for source, t := range p.totals {
		now := max(t.N, t.End)
		if slices.Contains(p.Sources, source) {
			now = max(now, total(source))
		}
		n += now - t.Base
	}
	return n
}

// EverRead returns the pipeline's sources, those it no longer has included: steps that are on their way may still point at
// their batches.
func (p *Pipeline) EverRead() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	sources := slices.Collect(maps.Keys(p.totals))
	for _, source := range p.Sources {
		if _, ok := p.totals[source]; !ok {
			sources = append(sources, source)
		}
	}
	return sources
}

// Storing reports whether the log may hold a step that Newest does not name yet.
func (p *Pipeline) Storing() bool { return p.storing.Load() }

// CaughtUp reports whether every batch that the sources have stored has its step; of a source that has left, every one that it
// had stored then.
func (p *Pipeline) CaughtUp(total func(source string) uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, source := range p.Sources {
		if t, ok := p.totals[source]; !ok || t.N < total(source) {
			return false
		}
	}
	for _, t := range p.totals {
		if t.N < t.End {
			return false
		}
	}
	return true
}

// loadBases finds out how much of each source the pipeline has to read: one that it has not read yet from the oldest batch there
// is; one that was away for a while from where it is now; and one that has left up to what it had stored then. // promise 1
// totals are those of the newest step; the books see them once they are complete.
func (p *Pipeline) loadBases(ctx context.Context, totals map[string]Total) error {
	for _, source := range p.Sources {
		if _, known := totals[source]; !known {
			totals[source] = Total{Source: source}
		}
	}
	for source, t := range totals {
		next, end, err := p.unread(ctx, source)
		if err != nil {
			return fmt.Errorf("pipeline %s: find the first batch of %s: %w", p.Name, source, err)
		}
		if next > t.N { // what was stored while the source was not read is not ours
			t.Base, t.N = t.Base+next-t.N, next
		}
		switch {
		case slices.Contains(p.Sources, source):
			t.End = 0
		case t.End == 0:
			t.End = max(t.N, end)
		}
		totals[source] = t
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.totals = totals
	return nil
}

// reads lists the sources to read: those of the pipeline, and those that have left while there was something to read of them.
func (p *Pipeline) reads() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	sources := slices.Clone(p.Sources)
	for _, source := range slices.Sorted(maps.Keys(p.totals)) {
		if t := p.totals[source]; t.N < t.End {
			sources = append(sources, source)
		}
	}
	return sources
}

// beyond reports whether a batch was stored after its source had left the pipeline.
func (p *Pipeline) beyond(r *sdk.Records) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.totals[r.Source]
	return t.End != 0 && r.Total > t.End
}

// unread returns a source's own count before the oldest batch that is still to be read, and behind the newest.
func (p *Pipeline) unread(ctx context.Context, source string) (before, behind uint64, err error) {
	last, any, err := p.Broker.Last(ctx, broker.Events, SourceSubject(source))
	if err != nil || !any {
		return 0, 0, err
	}
	newest, err := sdk.ParseRecords(last.Data)
	if err != nil {
		return 0, 0, &damaged{stream: broker.Events, seq: last.Seq, err: err}
	}
	if last.Seq <= p.input.Load() {
		return newest.Total, newest.Total, nil
	}
	reader, err := p.Broker.Read(ctx, broker.ReadOptions{Stream: broker.Events, Subjects: []string{SourceSubject(source)}, From: p.input.Load() + 1})
	if err != nil {
		return 0, 0, err
	}
	defer reader.Close()
	e, err := reader.Next(ctx)
	if err != nil {
		return 0, 0, err
	}
	r, err := sdk.ParseRecords(e.Data)
	if err != nil {
		return 0, 0, &damaged{stream: broker.Events, seq: e.Seq, err: err}
	}
	return r.Total - uint64(r.Len()), newest.Total, nil
}

// totalsWith returns how far the pipeline is with each of its sources once this item is done.
func (r *runner) totalsWith(it *item) []Total {
	r.mu.Lock()
	totals := maps.Clone(r.totals)
	r.mu.Unlock()
	if it.input != 0 {
		t := totals[it.records.Source]
		t.Source, t.N = it.records.Source, it.records.Total
		totals[t.Source] = t
	}
	out := make([]Total, 0, len(totals))
	for _, source := range slices.Sorted(maps.Keys(totals)) {
		out = append(out, totals[source])
	}
	return out
}

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
		now := t.N
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

// CaughtUp reports whether every batch that the sources have stored has its step.
func (p *Pipeline) CaughtUp(total func(source string) uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, source := range p.Sources {
		if t, ok := p.totals[source]; !ok || t.N < total(source) {
			return false
		}
	}
	return true
}

// loadBases finds out where the pipeline begins with sources it has not read yet: at the oldest batch there is.
func (p *Pipeline) loadBases(ctx context.Context) error {
	for _, source := range p.Sources {
		p.mu.Lock()
		_, known := p.totals[source]
		p.mu.Unlock()
		if known {
			continue
		}
		base, err := p.oldest(ctx, source)
		if err != nil {
			return fmt.Errorf("pipeline %s: find the first batch of %s: %w", p.Name, source, err)
		}
		p.mu.Lock()
		p.totals[source] = Total{Source: source, N: base, Base: base}
		p.mu.Unlock()
	}
	return nil
}

// oldest returns a source's count before the oldest batch that the log still has.
func (p *Pipeline) oldest(ctx context.Context, source string) (uint64, error) {
	last, any, err := p.Broker.Last(ctx, broker.Events, SourceSubject(source))
	if err != nil || !any {
		return 0, err
	}
	if last.Seq <= p.input.Load() { // a source that joined late: what was before is not read
		r, err := sdk.ParseRecords(last.Data)
		if err != nil {
			return 0, &damaged{stream: broker.Events, seq: last.Seq, err: err}
		}
		return r.Total, nil
	}
	reader, err := p.Broker.Read(ctx, broker.ReadOptions{Stream: broker.Events, Subjects: []string{SourceSubject(source)}, From: p.input.Load() + 1})
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	e, err := reader.Next(ctx)
	if err != nil {
		return 0, err
	}
	r, err := sdk.ParseRecords(e.Data)
	if err != nil {
		return 0, &damaged{stream: broker.Events, seq: e.Seq, err: err}
	}
	return r.Total - uint64(r.Len()), nil
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

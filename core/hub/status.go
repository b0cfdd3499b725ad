package hub

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
)

// Books are the balance: each event accepted for a pipeline is in exactly one of the other places. An event that two
// pipelines read is accepted by both.
type Books struct {
	Accepted  uint64 `json:"accepted"`
	Delivered uint64 `json:"delivered"`
	Dead      uint64 `json:"dead_lettered"`
	Dropped   uint64 `json:"dropped"`
	InFlight  uint64 `json:"in_flight"`
	// Insights are new events that analyzers raised; they are counted apart.
	Insights          uint64            `json:"insights"`
	InsightsDelivered uint64            `json:"insights_delivered"`
	InsightsDead      uint64            `json:"insights_dead_lettered"`
	InsightsDropped   uint64            `json:"insights_dropped"`
	Rules             map[string]uint64 `json:"dropped_by,omitempty"`
}

// Balanced reports whether the books agree: nothing is missing and nothing was counted twice.
func (b Books) Balanced() bool {
	return b.Accepted == b.Delivered+b.Dead+b.Dropped+b.InFlight && b.Insights == b.InsightsDelivered+b.InsightsDead+b.InsightsDropped
}

func (b *Books) add(o Books) {
	b.Accepted += o.Accepted
	b.Delivered += o.Delivered
	b.Dead += o.Dead
	b.Dropped += o.Dropped
	b.InFlight += o.InFlight
	b.Insights += o.Insights
	b.InsightsDelivered += o.InsightsDelivered
	b.InsightsDead += o.InsightsDead
	b.InsightsDropped += o.InsightsDropped
	for rule, n := range o.Rules {
		if b.Rules == nil {
			b.Rules = make(map[string]uint64)
		}
		b.Rules[rule] += n
	}
}

// Status is how a hub is doing.
type Status struct {
	Started time.Time `json:"started"`
	// Up is how many seconds ago that was, whatever has become of the clock since.
	Up        float64          `json:"up_seconds"`
	Books     Books            `json:"books"`
	Balanced  bool             `json:"balanced"`
	Idle      bool             `json:"idle"`
	Sources   []SourceStatus   `json:"sources"`
	Pipelines []PipelineStatus `json:"pipelines"`
	Log       broker.Status    `json:"log"`
	Errors    []string         `json:"errors,omitempty"`
	// Refused says why the newest configuration was not taken; nil when it runs.
	Refused *Refusal `json:"refused,omitempty"`
}

// SourceStatus is how one source is doing.
type SourceStatus struct {
	Address string `json:"address"`
	Total   uint64 `json:"total"`
	flow.Report
}

// PipelineStatus is how one pipeline is doing.
type PipelineStatus struct {
	Name  string       `json:"name"`
	From  []string     `json:"from"` // addresses of its sources
	Books Books        `json:"books"`
	Steps uint64       `json:"newest_step"`
	Hops  []HopStatus  `json:"analyzers"`
	Sinks []SinkStatus `json:"sinks"`
	flow.Report
}

// HopStatus is how one process of analyzers is doing.
type HopStatus struct {
	Analyzers []string `json:"analyzers"`
	flow.Report
}

// SinkStatus is how one sink is doing. Delivered and Rejected count since the hub's start.
type SinkStatus struct {
	Address   string `json:"address"`
	Delivered int64  `json:"delivered"`
	Rejected  int64  `json:"rejected"`
	Holding   int64  `json:"holding"`
	Behind    uint64 `json:"behind_steps"`
	flow.Report
}

// Status says how the hub is doing now.
func (h *Hub) Status(ctx context.Context) Status {
	log, err := h.broker.Status(ctx) // may take its time, so before anything is locked
	s := h.status()
	s.Log = log
	if err != nil {
		s.Errors = append(s.Errors, err.Error())
	}
	for _, d := range log.Damage {
		s.Errors = append(s.Errors, d.Error())
	}
	return s
}

// status is all of it but the log.
func (h *Hub) status() Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Status{Started: h.started, Up: time.Since(h.started).Seconds(), Idle: h.idle(), Refused: h.refused}
	for _, g := range h.gone {
		s.Errors = append(s.Errors, g.err.Error())
	}
	for _, name := range slices.Sorted(maps.Keys(h.sources)) {
		u := h.sources[name]
		s.Sources = append(s.Sources, SourceStatus{Address: name, Total: u.Total(), Report: u.Health.Report()})
	}
	for _, name := range slices.Sorted(maps.Keys(h.pipelines)) {
		p := h.pipelineStatus(h.pipelines[name])
		s.Books.add(p.Books)
		s.Pipelines = append(s.Pipelines, p)
	}
	s.Balanced = s.Books.Balanced()
	return s
}

func (h *Hub) pipelineStatus(u *pipelineUnit) PipelineStatus {
	step, _ := u.Newest()
	p := PipelineStatus{Name: u.Name, From: u.Sources, Books: h.books(u), Steps: step, Report: u.Pipeline.Health.Report()}
	for _, hop := range u.Hops {
		s := HopStatus{Report: hop.Health.Report()}
		for _, l := range hop.Links {
			s.Analyzers = append(s.Analyzers, l.Address)
		}
		p.Hops = append(p.Hops, s)
	}
	for _, b := range sinkBlocks(u.plan) {
		k := u.sinks[b.Address()]
		at := u.books.Position(k.Address)
		p.Sinks = append(p.Sinks, SinkStatus{Address: k.Address, Delivered: k.Delivered.Load(), Rejected: k.Rejected.Load(),
			Holding: k.Holding.Load(), Behind: step - min(at, step), Report: k.Health.Report()})
	}
	return p
}

// books returns the balance of one pipeline. Called with mu held. What is in flight is measured on its own: stored and not
// yet analysed, or analysed and not yet settled.
func (h *Hub) books(u *pipelineUnit) Books {
	c := u.books.Counts()
	accepted := u.Accepted(h.total)
	return Books{Accepted: accepted, Delivered: c.Delivered, Dead: c.Dead, Dropped: c.DroppedTotal(), Rules: c.Dropped,
		InFlight: accepted - min(accepted, c.Settled), Insights: c.Insights, InsightsDelivered: c.InsightsDelivered,
		InsightsDead: c.InsightsDead, InsightsDropped: c.InsightsDropped}
}

// Idle reports whether all finite sources are read, and everything that still works has done what there is to do.
func (h *Hub) Idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.idle()
}

func (h *Hub) idle() bool {
	for _, s := range h.sources {
		if s.block.Source.Finite && !s.Finished() && s.Health.Report().State != flow.StateBroken {
			return false
		}
	}
	for _, u := range h.pipelines {
		if u.Pipeline.Health.Report().State == flow.StateBroken {
			continue
		}
		if !u.CaughtUp(h.total) || u.behind() {
			return false
		}
	}
	return true
}

// total returns how many events a source has stored. Called with mu held.
func (h *Hub) total(source string) uint64 {
	if s := h.sources[source]; s != nil {
		return s.Total()
	}
	return 0
}

// behind reports whether a sink that still works has steps to settle.
func (u *pipelineUnit) behind() bool {
	if u.books.Lagging() {
		return true
	}
	step, _ := u.Newest()
	for _, s := range u.sinks {
		if s.Health.Report().State != flow.StateBroken && u.books.Position(s.Address) < step {
			return true
		}
	}
	return false
}

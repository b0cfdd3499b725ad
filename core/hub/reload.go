package hub

import (
	"context"
	"fmt"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/sdk"
)

// Changes says what a reload did, or would do: addresses of sources and sinks, names of pipelines.
type Changes struct {
	Added   []string `json:"added"`
	Changed []string `json:"changed"`
	Removed []string `json:"removed"`
}

// Empty reports whether nothing changes.
func (c Changes) Empty() bool { return len(c.Added)+len(c.Changed)+len(c.Removed) == 0 }

// Diff compares two plans the way Reload does.
func Diff(old, new *config.Plan) Changes { return Compare(Parts(old), Parts(new)) }

// swap is a reload under way: what was made and opened for it, and what it replaces.
type swap struct {
	sources   map[string]*sourceUnit
	pipelines map[string]*pipelineUnit // new ones, and those whose worker changes
	discard   []func()
}

// Reload replaces the running plan by another. What changed is started and opened first, while the old still works; when
// anything of it fails, it is thrown away, the old goes on and the error says why. Then the old parts are drained and the new
// ones continue where they stopped.
func (h *Hub) Reload(ctx context.Context, plan *config.Plan) (Changes, error) {
	h.reloading.Lock()
	defer h.reloading.Unlock()
	old := h.Plan()
	if err := fixed(old.Settings, plan.Settings); err != nil {
		return Changes{}, err
	}
	changes := Diff(old, plan)
	h.mu.Lock()
	running := h.running
	h.mu.Unlock()
	if !running {
		return Changes{}, sdk.Errorf(sdk.Unavailable, "the hub is not running")
	}
	h.setPlan(plan)
	s, err := h.prepare(ctx, plan)
	if err != nil {
		for _, undo := range s.discard {
			undo()
		}
		h.setPlan(old)
		return Changes{}, fmt.Errorf("the new configuration was not taken, the old one goes on: %w", err)
	}
	return changes, h.exchange(ctx, plan, s)
}

func (h *Hub) setPlan(p *config.Plan) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.plan = p
}

// fixed refuses changes that need a restart.
func fixed(old, new config.Settings) error {
	if old.DataDir != new.DataDir || old.Broker.URL != new.Broker.URL || old.Broker.Replicas != new.Broker.Replicas || old.Limits != new.Limits {
		return sdk.Errorf(sdk.Invalid, "data_dir, broker and limits cannot change while the hub runs: stop it and start it again")
	}
	return nil
}

// prepare makes and opens what changes, beside what runs.
func (h *Hub) prepare(ctx context.Context, plan *config.Plan) (*swap, error) {
	s := &swap{sources: make(map[string]*sourceUnit), pipelines: make(map[string]*pipelineUnit)}
	for _, b := range used(plan) {
		if now := h.sources[b.Address()]; now != nil && now.block.Hash == b.Hash {
			continue
		}
		u := h.newSource(b)
		s.discard = append(s.discard, u.Discard)
		if err := u.Open(ctx); err != nil {
			return s, fmt.Errorf("%s (%s:%d): %w", b.Address(), b.File, b.Line, err)
		}
		s.sources[b.Address()] = u
	}
	for _, p := range plan.Pipelines {
		if err := h.preparePipeline(ctx, p, s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (h *Hub) preparePipeline(ctx context.Context, p *config.Pipeline, s *swap) error {
	now := h.pipelines[p.Name]
	var keep *flow.Books
	if now != nil {
		keep = now.books
	}
	u, err := h.newPipeline(ctx, p, keep)
	if err != nil {
		return err
	}
	if now != nil && now.hash == u.hash {
		u.Pipeline = nil // the worker stays
	} else {
		s.discard = append(s.discard, u.Discard)
		if err := u.Open(ctx); err != nil {
			return fmt.Errorf("pipeline %s (%s:%d): %w", p.Name, p.File, p.Line, err)
		}
	}
	for address, k := range u.sinks {
		if now != nil && now.sinks[address] != nil && now.sinks[address].block.Hash == k.block.Hash {
			u.sinks[address] = now.sinks[address] // it stays
			continue
		}
		s.discard = append(s.discard, k.Discard)
		if err := k.Open(ctx); err != nil {
			return fmt.Errorf("%s (%s:%d): %w", address, k.block.File, k.block.Line, err)
		}
	}
	s.pipelines[p.Name] = u
	return nil
}

// exchange stops what goes and starts what comes. Sources first, then pipelines, so that nothing is read twice.
func (h *Hub) exchange(ctx context.Context, plan *config.Plan, s *swap) error {
	h.mu.Lock()
	oldSources, oldPipelines := h.sources, h.pipelines
	h.mu.Unlock()
	keep := make(map[string]*sourceUnit)
	for _, b := range used(plan) {
		if s.sources[b.Address()] == nil {
			keep[b.Address()] = oldSources[b.Address()]
		}
	}
	stopAll(oldSources, func(u *sourceUnit) {
		if keep[u.Address] != u {
			u.stop()
		}
	})
	pipelines := make(map[string]*pipelineUnit)
	for name, u := range s.pipelines {
		if err := h.takeOver(ctx, oldPipelines[name], u); err != nil {
			return err
		}
		pipelines[name] = u
	}
	for name, old := range oldPipelines {
		if pipelines[name] == nil {
			old.end()
		}
	}
	for address, u := range s.sources {
		if err := u.Load(ctx); err != nil {
			return err
		}
		keep[address] = u
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for address := range s.sources {
		h.startSource(keep[address])
	}
	h.sources, h.pipelines = keep, pipelines
	return nil
}

// end stops a pipeline that is no longer in the plan.
func (u *pipelineUnit) end() {
	u.stop()
	stopAll(u.sinks, func(s *sinkUnit) { s.stop() })
	u.saver.stop()
}

// takeOver puts u in the place of old: the worker and the sinks that changed are stopped and started, the others go on.
func (h *Hub) takeOver(ctx context.Context, old, u *pipelineUnit) error {
	if old == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.startPipeline(u)
		return nil
	}
	u.saver = old.saver
	worker := u.Pipeline != nil
	if worker {
		old.stop()
		if err := u.Load(ctx); err != nil {
			return err
		}
	} else {
		u.Pipeline, u.task = old.Pipeline, old.task
	}
	stopAll(old.sinks, func(k *sinkUnit) {
		if u.sinks[k.Address] != k {
			k.stop()
		}
	})
	for address, k := range u.sinks {
		if before := old.sinks[address]; before != nil && before != k {
			k.Succeed(before.Sink)
		}
	}
	newest, _ := u.Newest()
	u.books.SetSinks(sinkAddresses(u.plan), newest)
	h.mu.Lock()
	defer h.mu.Unlock()
	for address, k := range u.sinks {
		if old.sinks[address] != k {
			k.task = h.spawn(h.ctx, k.Address, k.Run)
		}
	}
	if worker {
		u.task = h.spawn(h.ctx, "pipeline "+u.Name, u.Run)
	}
	return nil
}

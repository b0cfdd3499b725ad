package hub

import (
	"context"
	"fmt"
	"time"

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
// anything of it fails, or ctx ends, or the hub is told to stop, it is thrown away, the old goes on and the error says why.
// Then the old parts are drained and the new ones continue where they stopped; that is brought to its end, whatever becomes of
// ctx. A hub that is about to run is waited for.
func (h *Hub) Reload(ctx context.Context, plan *config.Plan) (Changes, error) {
	h.reloading.Lock()
	defer h.reloading.Unlock()
	old := h.Plan()
	if err := fixed(old.Settings, plan.Settings); err != nil {
		return Changes{}, err
	}
	changes := Compare(h.revived(Parts(old)), Parts(plan))
	opening, done, err := h.whileRunning(ctx)
	if err != nil {
		return Changes{}, err
	}
	defer done()
	h.setPlan(plan)
	s, err := h.prepare(opening, plan)
	if err == nil {
		err = opening.Err()
	}
	if err != nil {
		for _, undo := range s.discard {
			undo()
		}
		h.setPlan(old)
		return Changes{}, fmt.Errorf("the new configuration was not taken, the old one goes on: %w", err)
	}
	h.exchange(context.WithoutCancel(ctx), plan, s)
	return changes, nil
}

// whileRunning waits until the hub runs and returns a context that ends with ctx and when the hub is told to stop.
func (h *Hub) whileRunning(ctx context.Context) (context.Context, context.CancelFunc, error) {
	select {
	case <-h.runs:
	case <-ctx.Done():
		return nil, nil, sdk.Errorf(sdk.Unavailable, "the hub does not run yet: %w", ctx.Err())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.running || h.soft.Err() != nil {
		return nil, nil, sdk.Errorf(sdk.Unavailable, "the hub is stopping")
	}
	inner, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(h.soft, cancel)
	return inner, func() { stop(); cancel() }, nil
}

// revived returns parts with those changed that have given up: a reload starts them again.
func (h *Hub) revived(parts []Part) []Part {
	h.mu.Lock()
	defer h.mu.Unlock()
	broken := make(map[string]bool)
	for address, s := range h.sources {
		broken[address] = s.Health.Broken()
	}
	for name, p := range h.pipelines {
		broken["pipeline."+name] = p.Pipeline.Health.Broken()
		for address, k := range p.sinks {
			broken["pipeline."+name+" -> "+address] = k.Health.Broken()
		}
	}
	for i, p := range parts {
		if broken[p.Name] {
			parts[i].Hash = ""
		}
	}
	return parts
}

func (h *Hub) setPlan(p *config.Plan) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.plan = p
}

// fixed refuses changes that need a restart.
func fixed(old, new config.Settings) error {
	if old.DataDir != new.DataDir || old.Broker.URL != new.Broker.URL || old.Broker.Replicas != new.Broker.Replicas || old.Limits != new.Limits || old.Metrics != new.Metrics {
		return sdk.Errorf(sdk.Invalid, "data_dir, broker, limits and metrics cannot change while the hub runs: stop it and start it again")
	}
	return nil
}

// prepare makes and opens what changes, beside what runs.
func (h *Hub) prepare(ctx context.Context, plan *config.Plan) (*swap, error) {
	s := &swap{sources: make(map[string]*sourceUnit), pipelines: make(map[string]*pipelineUnit)}
	for _, b := range used(plan) {
		if now := h.sources[b.Address()]; now != nil && now.block.Hash == b.Hash && !now.Health.Broken() {
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
	if now != nil && now.hash == u.hash && !now.Pipeline.Health.Broken() {
		u.Pipeline = nil // the worker stays
	} else {
		s.discard = append(s.discard, u.Discard)
		now.save(ctx)
		if err := u.Open(ctx); err != nil {
			return fmt.Errorf("pipeline %s (%s:%d): %w", p.Name, p.File, p.Line, err)
		}
	}
	for address, k := range u.sinks {
		if now != nil && now.keeps(k) {
			u.sinks[address] = now.sinks[address]
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

// saveTimeout is how long a reload waits for the state of analyzers that are to be replaced. What is not saved by then is saved
// when they end.
const saveTimeout = 5 * time.Second

// save lets a pipeline that is to be replaced save the state of its analyzers; nil is one that is new.
func (u *pipelineUnit) save(ctx context.Context) {
	if u == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, saveTimeout)
	defer cancel()
	u.Save(ctx)
}

// keeps reports whether the sink that runs does what k would.
func (u *pipelineUnit) keeps(k *sinkUnit) bool {
	now := u.sinks[k.Address]
	return now != nil && now.block.Hash == k.block.Hash && !now.Health.Broken()
}

// exchange stops what goes and starts what comes. Sources first, then pipelines, so that nothing is read twice. It is not left
// halfway: what cannot find its place in the log now is started all the same, and looks for it again until it can.
func (h *Hub) exchange(ctx context.Context, plan *config.Plan, s *swap) {
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
		h.takeOver(ctx, oldPipelines[name], u)
		pipelines[name] = u
	}
	for name, old := range oldPipelines {
		if pipelines[name] == nil {
			old.end()
		}
	}
	for address, u := range s.sources {
		h.findPlace(ctx, address, u.Load)
		keep[address] = u
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for address := range s.sources {
		h.startSource(keep[address])
	}
	h.sources, h.pipelines = keep, pipelines
}

// findPlace lets a unit read its place in the log, so that the books know it at once. The unit itself does it again when it
// starts.
func (h *Hub) findPlace(ctx context.Context, block string, load func(context.Context) error) {
	if err := load(ctx); err != nil {
		h.log.Warn("does not find its place in the log yet", "block", block, "error", err)
	}
}

// end stops a pipeline that is no longer in the plan.
func (u *pipelineUnit) end() {
	u.stop()
	stopAll(u.sinks, func(s *sinkUnit) { s.stop() })
	u.saver.stop()
}

// takeOver puts u in the place of old: the worker and the sinks that changed are stopped and started, the others go on.
func (h *Hub) takeOver(ctx context.Context, old, u *pipelineUnit) {
	if old == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.startPipeline(u)
		return
	}
	u.saver, u.forgotten = old.saver, old.forgotten
	worker := u.Pipeline != nil
	if worker {
		old.stop()
		h.findPlace(ctx, "pipeline "+u.Name, u.Load)
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
			h.startSink(k)
		}
	}
	if worker {
		h.startWorker(u)
	}
}

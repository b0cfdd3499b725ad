package hub

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// How often the hub looks after the log and, with UntilIdle, whether it is idle.
const (
	trimEvery = 10 * time.Second
	trimSoon  = time.Second // where room is short
	idleEvery = 50 * time.Millisecond
)

// Run starts everything and blocks until ctx ends, until all is idle if that was asked for, or until another hub turns out to
// work on the same log: its sinks would get everything twice. Then it stops the sources,
// lets what is on its way arrive, and returns. It returns an error when a part gave up; the others went on.
func (h *Hub) Run(ctx context.Context) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	h.mu.Lock()
	soft, told := context.WithCancel(ctx)
	defer told()
	h.ctx, h.soft, h.running = inner, soft, true
	for _, p := range h.pipelines { // downstream first
		h.startPipeline(p)
	}
	for _, s := range h.sources {
		h.startSource(s)
	}
	h.mu.Unlock()
	close(h.runs)
	care := h.spawn(inner, "log", h.care)
	logTask := h.spawn(inner, "log server", h.broker.Run)
	check := h.spawn(inner, "check of the log", h.check)
	h.awaitEnd(ctx)
	told()
	h.drain()
	check.stop()
	care.stop()
	logTask.stop()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running = false
	var errs []error
	for _, g := range h.gone {
		errs = append(errs, g.err)
	}
	return errors.Join(errs...)
}

// gaveUp is a part of the hub that has ended with an error.
type gaveUp struct {
	part string
	err  error
}

func (h *Hub) awaitEnd(ctx context.Context) {
	var look <-chan time.Time
	if h.options.UntilIdle {
		look = time.Tick(idleEvery)
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.fenced:
			return
		case <-look:
			if h.Idle() {
				return
			}
		}
	}
}

// drain stops upstream first: sources, then pipelines, then sinks. What does not end in time is killed.
func (h *Hub) drain() {
	h.reloading.Lock()
	defer h.reloading.Unlock()
	killer := time.AfterFunc(h.options.StopTimeout, func() { _ = h.host.Close() })
	defer killer.Stop()
	h.mu.Lock()
	sources, pipelines := h.sources, h.pipelines
	h.mu.Unlock()
	stopAll(sources, func(u *sourceUnit) { u.stop() })
	stopAll(pipelines, func(u *pipelineUnit) { u.stop() })
	stopAll(pipelines, func(u *pipelineUnit) {
		stopAll(u.sinks, func(s *sinkUnit) { s.stop() })
		u.saver.stop()
	})
}

// spawn runs f in a goroutine of the hub and notes its error.
func (h *Hub) spawn(ctx context.Context, name string, f func(context.Context) error) task {
	ctx, cancel := context.WithCancel(ctx)
	t := task{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(t.done)
		if err := f(ctx); err != nil && !errors.Is(err, context.Canceled) {
			h.log.Error("a part of the hub gave up", "part", name, "error", err)
			h.mu.Lock()
			h.gone = append(h.gone, gaveUp{name, err})
			h.mu.Unlock()
			if errors.Is(err, broker.ErrFenced) {
				h.log.Error("another hub works on this log, so this one stops")
				h.stop()
			}
		}
	}()
	return t
}

// startSource, startPipeline, startWorker and startSink are called with mu held. What a part said when it gave up is forgotten
// when it is started again.
func (h *Hub) startSource(u *sourceUnit) { u.task = h.start(u.Address, u.Run) }

func (h *Hub) startSink(u *sinkUnit) { u.task = h.start(u.Address, u.Run) }

func (h *Hub) startWorker(u *pipelineUnit) { u.task = h.start("pipeline "+u.Name, u.Run) }

func (h *Hub) start(part string, run func(context.Context) error) task {
	h.gone = slices.DeleteFunc(h.gone, func(g gaveUp) bool { return g.part == part })
	return h.spawn(h.ctx, part, run)
}

func (h *Hub) startPipeline(u *pipelineUnit) {
	u.saver = h.spawn(h.ctx, "books of "+u.Name, u.books.Run)
	for _, s := range u.sinks {
		h.startSink(s)
	}
	h.startWorker(u)
}

// care trims the log behind the slowest reader, now and then.
func (h *Hub) care(ctx context.Context) error {
	wait := time.NewTimer(trimEvery)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-wait.C:
			short, err := h.trim(ctx)
			if err != nil && ctx.Err() == nil {
				h.log.Warn("the log was not trimmed", "error", err)
			}
			if short {
				wait.Reset(trimSoon)
			} else {
				wait.Reset(trimEvery)
			}
		}
	}
}

// The log is read again when checkRests times as long as that took has passed, at least checkEvery.
const (
	checkEvery = 5 * time.Second
	checkRests = 50
)

// check reads the whole log again and again, beside everything else: the start has looked at the newest messages only, and a
// disk can go bad later. Damage does not stop the hub, which cannot mend it, but is an error of the run and shown in status.
func (h *Hub) check(ctx context.Context) error {
	for {
		began := time.Now()
		if _, err := h.broker.Fsck(ctx); err != nil && ctx.Err() == nil {
			h.log.Debug("the check of the log was interrupted", "error", err)
		}
		select {
		case <-ctx.Done():
			return h.damage()
		case <-time.After(max(checkEvery, checkRests*time.Since(began))):
		}
	}
}

// damage is what was found damaged in the log since it was opened, an error when it is anything.
func (h *Hub) damage() error {
	var errs []error
	for _, d := range h.broker.Damage() {
		errs = append(errs, d)
	}
	return errors.Join(errs...)
}

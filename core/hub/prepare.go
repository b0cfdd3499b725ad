package hub

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pintle-hub/pintle/sdk"
)

// opener is what the loops of package flow have in common before they run.
type opener interface {
	Open(ctx context.Context) error
	Discard()
}

// opening is one loop that Prepare opens, and where a person finds it.
type opening struct {
	opener
	what, file string
	line       int
	err        error
}

// Prepare starts every plugin and opens every block, all at once, before Run: what cannot work until a person changes
// something (a program that does not start, settings that a plugin refuses) is an error here and not a line in a log. What
// may come right by itself, a database that is down, is left to Run, which tries again and again; so are missing rights and
// things, unless the run is to end, as a hub that comes up after a power cut must not stay down for one of its sinks. Run
// takes over what is open. After an error only Close may be called.
func (h *Hub) Prepare(ctx context.Context) error {
	all := h.openings()
	var wg sync.WaitGroup
	for _, o := range all {
		wg.Go(func() { o.err = o.Open(ctx) })
	}
	wg.Wait()
	var errs []error
	for _, o := range all {
		switch {
		case o.err == nil:
		case h.willing(o.err):
			h.log.Warn("cannot be opened yet", "block", o.what, "error", o.err)
		default:
			errs = append(errs, fmt.Errorf("%s (%s:%d) cannot start: %w", o.what, o.file, o.line, o.err))
		}
	}
	if len(errs) == 0 {
		return ctx.Err()
	}
	for _, o := range all {
		wg.Go(o.Discard)
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (h *Hub) openings() []*opening {
	var all []*opening
	for _, b := range used(h.plan) {
		all = append(all, &opening{opener: h.sources[b.Address()], what: b.Address(), file: b.File, line: b.Line})
	}
	for _, p := range h.plan.Pipelines {
		u := h.pipelines[p.Name]
		all = append(all, &opening{opener: u, what: "pipeline " + p.Name, file: p.File, line: p.Line})
		for _, b := range sinkBlocks(p) {
			all = append(all, &opening{opener: u.sinks[b.Address()], what: b.Address(), file: b.File, line: b.Line})
		}
	}
	return all
}

// willing reports whether Run may try err again.
func (h *Hub) willing(err error) bool {
	switch sdk.CodeOf(err) {
	case sdk.Unavailable, sdk.Exhausted:
		return true
	case sdk.Denied, sdk.NotFound:
		return !h.options.UntilIdle
	}
	return errors.Is(err, context.DeadlineExceeded)
}

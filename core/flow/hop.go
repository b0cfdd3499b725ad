package flow

import (
	"context"
	"fmt"
	"sync"

	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// Link is one analyzer of a chain.
type Link struct {
	Address  string
	Instance wire.Instance
	Attrs    []Attr
	// Stateful analyzers are saved under StateName and restored from there.
	Stateful  bool
	StateName string
}

// Hop is a row of analyzers of one program that work in one call.
type Hop struct {
	Plug
	Links []Link
}

// openHop is a hop whose plugin runs.
type openHop struct {
	*Hop
	process *host.Process
	session *wire.WorkSession
	cancel  context.CancelFunc
	wait    sync.WaitGroup
	gone    chan struct{} // of the whole chain: gets something when a process has ended by itself
}

func (h *Hop) open(ctx context.Context, gone chan struct{}) (*openHop, error) {
	list := make([]wire.Instance, len(h.Links))
	for i := range h.Links {
		list[i] = h.Links[i].Instance
	}
	process, session, err := start(ctx, &h.Plug, func(ctx context.Context, p *host.Process) (*wire.WorkSession, error) {
		return wire.OpenChain(ctx, p.Conn(), Epoch(), list)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.Address, err)
	}
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	o := &openHop{Hop: h, process: process, session: session, cancel: cancel, gone: gone}
	o.wait.Go(func() {
		h.watch(watching, process, session.LastSeen)
		select {
		case gone <- struct{}{}:
		default:
		}
	})
	h.Health.set(StateRunning, nil)
	h.Health.pid.Store(int64(process.Pid()))
	return o, nil
}

func (o *openHop) close() {
	o.cancel()
	o.session.Close()
	o.stop(o.process)
	o.wait.Wait()
	o.Health.pid.Store(0)
}

// submit sends a batch into the hop.
func (o *openHop) submit(ctx context.Context, b *passed) (*wire.Pending, error) {
	w := &wire.Work{Records: b.records, Events: b.live, Additions: filled(b.additions)}
	for _, l := range o.Links {
		w.Attributes = append(w.Attributes, columns(l.Attrs, b.records, b.live, b.added))
	}
	return within(ctx, &o.Plug, o.session, func(context.Context) (*wire.Pending, error) { return o.session.Submit(w) })
}

// filled leaves out the additions of analyzers that saw nothing.
func filled(additions [][]byte) [][]byte {
	var out [][]byte
	for _, a := range additions {
		if len(a) > 0 {
			out = append(out, a)
		}
	}
	return out
}

// await returns the answer to a pending work, within the hop's deadline.
func (o *openHop) await(ctx context.Context, p *wire.Pending) (wire.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, o.workTimeout())
	defer cancel()
	return p.Wait(ctx)
}

// chain is all hops of a pipeline, opened.
type chain []*openHop

// openChain opens every hop, or none.
func openChain(ctx context.Context, hops []*Hop) (chain, error) {
	var c chain
	gone := make(chan struct{}, 1) // read by who feeds the chain
	for _, h := range hops {
		o, err := h.open(ctx, gone)
		if err != nil {
			c.close()
			return nil, err
		}
		c = append(c, o)
	}
	return c, nil
}

// gone gets something when a process of the chain has ended, or the chain is closed.
func (c chain) gone() <-chan struct{} {
	if len(c) == 0 {
		return nil
	}
	return c[0].gone
}

func (c chain) close() {
	for _, o := range c {
		o.close()
	}
}

// passed is a batch on its way through the chain.
type passed struct {
	records   *sdk.Records
	live      []uint32 // nil means all
	additions [][]byte
	added     []*sdk.Added
}

// run takes a batch through the hops from number first on; pending is the work already submitted to that hop, or nil.
func (c chain) run(ctx context.Context, b *passed, first int, pending *wire.Pending) (failedAt *openHop, err error) {
	for i := first; i < len(c); i++ {
		o := c[i]
		if b.live != nil && len(b.live) == 0 {
			b.skip(len(o.Links))
			continue
		}
		if pending == nil {
			if pending, err = o.submit(ctx, b); err != nil {
				return o, err
			}
		}
		answer, err := o.await(ctx, pending)
		pending = nil
		if err != nil {
			return o, err
		}
		b.take(answer)
	}
	return nil, nil
}

func (b *passed) skip(n int) {
	for range n {
		b.additions = append(b.additions, nil)
	}
}

// take joins an answer to what the batch has.
func (b *passed) take(a wire.Answer) {
	b.additions = append(b.additions, a.Additions...)
	for i, added := range a.Added {
		if len(a.Additions[i]) == 0 {
			continue
		}
		b.added = append(b.added, added)
		b.live = added.Remaining(b.live, b.records.Len())
	}
}

package hub

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// sourceUnit, sinkUnit and pipelineUnit are loops of package flow with what they were made from and how to end them.
type sourceUnit struct {
	*flow.Source
	block *config.Block
	task
}

type sinkUnit struct {
	*flow.Sink
	block *config.Block
	task
}

type pipelineUnit struct {
	*flow.Pipeline
	plan  *config.Pipeline
	hash  string // of everything the worker depends on
	books *flow.Books
	sinks map[string]*sinkUnit
	task
	saver task // saves the books
	// forgotten is the newest dead letter that was redeemed and deleted; guarded by Hub.reloading.
	forgotten uint64
}

// task is a loop in a goroutine of the hub.
type task struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when the loop has ended
}

// stop ends the loop and waits for it.
func (t *task) stop() {
	if t.cancel != nil {
		t.cancel()
		<-t.done
	}
}

// program says how the plugin of a block is started. Paths in its settings are relative to the folder of the configuration.
func (h *Hub) program(b *config.Block) host.Program {
	p := host.Program{Name: b.Program}
	if b.Plugin == "" {
		p.Path, p.Args = h.options.Bundled(b.Program)
		if b.Sink != nil && b.Sink.Stdout {
			p.Stdout = h.options.Stdout
		}
	}
	for _, x := range h.plan.Plugins {
		if x.Name == b.Plugin {
			p = programOf(x)
		}
	}
	p.Dir = h.plan.Dir
	return p
}

func (h *Hub) plug(address string, b *config.Block) flow.Plug {
	program := h.program(b)
	return flow.Plug{Address: address, Log: h.log.Named("flow"), Silence: h.options.Silence, Drain: h.options.Drain, WorkTimeout: h.options.WorkTimeout,
		Launch: func(ctx context.Context) (*host.Process, error) { return h.host.Start(ctx, program) }}
}

func instance(b *config.Block) wire.Instance {
	return wire.Instance{Name: b.Name, Type: b.Type, Config: b.Config}
}

func attrs(b *config.Block) []flow.Attr {
	var out []flow.Attr
	for _, a := range b.PerEvent {
		out = append(out, flow.Attr{Name: a.Name, Eval: a.Expr.Eval})
	}
	return out
}

func (h *Hub) newSource(b *config.Block) *sourceUnit {
	return &sourceUnit{block: b, Source: &flow.Source{Plug: h.plug(b.Address(), b), Instance: instance(b), Broker: h.broker,
		Once: h.options.UntilIdle, Endless: !b.Source.Finite, Cache: h.cache}}
}

// newPipeline makes a pipeline with its sinks and reads its progress. keep are books that go on over a reload.
func (h *Hub) newPipeline(ctx context.Context, p *config.Pipeline, keep *flow.Books) (*pipelineUnit, error) {
	u := &pipelineUnit{plan: p, hash: workerHash(p), books: keep, sinks: make(map[string]*sinkUnit)}
	u.Pipeline = &flow.Pipeline{Name: p.Name, Hops: h.hops(p), Routes: routes(p), Broker: h.broker, Cache: h.cache, Log: h.log.Named("flow"),
		Headlines: &h.headlines}
	for _, b := range p.From {
		u.Sources = append(u.Sources, b.Address())
	}
	if err := u.Load(ctx); err != nil {
		return nil, err
	}
	if u.books == nil {
		newest, _ := u.Newest()
		var err error
		if u.books, err = flow.OpenBooks(ctx, h.broker, p.Name, sinkAddresses(p), newest); err != nil {
			return nil, err
		}
	}
	for _, b := range sinkBlocks(p) {
		u.sinks[b.Address()] = h.newSink(p.Name, b, u.books)
	}
	return u, nil
}

func (h *Hub) newSink(pipeline string, b *config.Block, books *flow.Books) *sinkUnit {
	return &sinkUnit{block: b, Sink: &flow.Sink{Plug: h.plug(b.Address(), b), Pipeline: pipeline, Instance: instance(b), Attrs: attrs(b),
		Broker: h.broker, Cache: h.cache, Books: books}}
}

// Hops groups the analyzers of a pipeline by the process they run in: consecutive ones of one program share one. An analyzer
// whose expressions read what the same hop adds starts a new one, because the hub evaluates them.
func Hops(p *config.Pipeline) [][]*config.Block {
	var hops [][]*config.Block
	var last *config.Block
	inHop := make(map[string]bool)
	for _, b := range p.Through {
		if last == nil || last.Program != b.Program || last.Plugin != b.Plugin || readsOneOf(b, inHop) {
			hops = append(hops, nil)
			clear(inHop)
		}
		hops[len(hops)-1] = append(hops[len(hops)-1], b)
		inHop[b.Name] = true
		last = b
	}
	return hops
}

// hops makes the hops of a pipeline.
func (h *Hub) hops(p *config.Pipeline) []*flow.Hop {
	var hops []*flow.Hop
	for _, blocks := range Hops(p) {
		hop := &flow.Hop{Plug: h.plug(blocks[0].Address(), blocks[0])}
		for _, b := range blocks {
			hop.Links = append(hop.Links, flow.Link{Address: b.Address(), Instance: instance(b), Attrs: attrs(b),
				Stateful: b.Analyzer.Stateful, StateName: b.Name + "." + b.StateHash})
		}
		hops = append(hops, hop)
	}
	return hops
}

func readsOneOf(b *config.Block, analyzers map[string]bool) bool {
	for _, a := range b.PerEvent {
		for _, name := range a.Expr.Analyzers() {
			if analyzers[name] {
				return true
			}
		}
	}
	return false
}

func routes(p *config.Pipeline) []flow.Route {
	var out []flow.Route
	for _, r := range p.Routes {
		route := flow.Route{Name: r.Name, Insights: r.On == config.OnInsight}
		if r.When != nil {
			route.Match = func(v *sdk.View) bool { return r.When.Match(v) }
		}
		for _, b := range r.To {
			route.Sinks = append(route.Sinks, b.Address())
		}
		out = append(out, route)
	}
	return out
}

// sinkBlocks returns the sinks of a pipeline, each once, in the order of the routes.
func sinkBlocks(p *config.Pipeline) []*config.Block {
	var out []*config.Block
	for _, r := range p.Routes {
		for _, b := range r.To {
			if !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	return out
}

func sinkAddresses(p *config.Pipeline) []string {
	return addresses(sinkBlocks(p))
}

// workerHash changes with everything that the analysing half of a pipeline depends on.
func workerHash(p *config.Pipeline) string {
	var parts []string
	for _, b := range p.Through {
		parts = append(parts, b.Hash)
	}
	return hash(fmt.Append(nil, p.Hash, strings.Join(parts, " ")))
}

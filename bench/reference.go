package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pintle-hub/pintle/core/host"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/wire"
)

// inHand is how many batches are between two hops of the reference, as many as the hub allows.
const inHand = 6

// passing is a batch of the reference on its way.
type passing struct {
	id      uint64
	records *sdk.Records
	pending *wire.Pending
}

// reference passes batches source -> analyzer -> sink over the same processes and sessions as the hub, without a log.
func reference(ctx context.Context, s *setup, f *Figures) error {
	plugins, err := host.New(host.Config{})
	if err != nil {
		return err
	}
	defer plugins.Close()
	began := time.Now()
	own := "bench"
	if s.Source == "generate" {
		own = "generate"
	}
	var processes []*host.Process
	for _, program := range []string{own, "bench", "bench"} {
		path, args := bundled(program)
		p, err := plugins.Start(ctx, host.Program{Name: program, Path: path, Args: args, Dir: s.Dir})
		if err != nil {
			return err
		}
		processes = append(processes, p)
	}
	if err := s.relay(ctx, processes); err != nil {
		return err
	}
	for i, unit := range []string{sourceMB, analyzerMB, sinkMB} {
		if _, f.Values[unit], err = memory(processes[i].Pid()); err != nil {
			return err
		}
	}
	for _, p := range processes {
		if err := p.Stop(ctx); err != nil {
			return err
		}
	}
	if _, f.Values[hubMB], err = memory(os.Getpid()); err != nil {
		return err
	}
	if err := s.take(f, began); err != nil {
		return err
	}
	f.Values[cpuPerMillion] = cpuSeconds(true) / float64(s.Events) * 1e6
	f.Values[hubPerMillion] = cpuSeconds(false) / float64(s.Events) * 1e6
	return nil
}

// relay opens the three sessions and moves every batch through them.
func (s *setup) relay(ctx context.Context, p []*host.Process) error {
	from, err := wire.OpenSource(ctx, p[0].Conn(), wire.SourceOptions{Epoch: 1,
		Instance: wire.Instance{Name: "s", Type: s.Source, Config: fmt.Appendf(nil, `{"count":%d}`, s.Events)}})
	if err != nil {
		return err
	}
	defer from.Close()
	through, err := wire.OpenChain(ctx, p[1].Conn(), 1, []wire.Instance{{Name: "a1", Type: s.Analyzer}})
	if err != nil {
		return err
	}
	defer through.Close()
	to, err := wire.OpenSink(ctx, p[2].Conn(), 1, wire.Instance{Name: "m1", Type: "meter", Config: fmt.Appendf(nil, `{"file":%q}`, measuredFile(1))})
	if err != nil {
		return err
	}
	defer to.Close()
	if err := from.Start(nil, true); err != nil {
		return err
	}
	analyzed, written := make(chan *passing, inHand), make(chan *passing, inHand)
	g, inner := errgroup.WithContext(ctx)
	g.Go(func() error { return emit(from, through, analyzed) })
	g.Go(func() error { return forward(inner, to, analyzed, written) })
	g.Go(func() error { return acknowledge(inner, from, written) })
	if err := g.Wait(); err != nil {
		return err
	}
	to.Finish(ctx)
	return nil
}

func emit(from *wire.SourceSession, through *wire.WorkSession, analyzed chan<- *passing) error {
	defer close(analyzed)
	for {
		r, id, err := from.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		p := &passing{id: id, records: r}
		if p.pending, err = through.Submit(&wire.Work{Records: r}); err != nil {
			return err
		}
		analyzed <- p
	}
}

func forward(ctx context.Context, to *wire.WorkSession, analyzed <-chan *passing, written chan<- *passing) error {
	defer close(written)
	for p := range analyzed {
		a, err := p.pending.Wait(ctx)
		if err != nil {
			return err
		}
		if p.pending, err = to.Submit(&wire.Work{Records: p.records, Additions: a.Additions}); err != nil {
			return err
		}
		written <- p
	}
	return nil
}

func acknowledge(ctx context.Context, from *wire.SourceSession, written <-chan *passing) error {
	for p := range written {
		if _, err := p.pending.Wait(ctx); err != nil {
			return err
		}
		if err := from.Ack(p.id, nil); err != nil {
			return err
		}
	}
	return nil
}

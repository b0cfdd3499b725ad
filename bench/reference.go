package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
func reference(dir string, f *Figures) error {
	ctx := context.Background()
	plugins, err := host.New(host.Config{})
	if err != nil {
		return err
	}
	defer plugins.Close()
	began := time.Now()
	start := func(role, program string) (*host.Process, error) {
		path, args := bundled(program)
		p, err := plugins.Start(ctx, host.Program{Name: role, Path: path, Args: args, Dir: dir})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", role, err)
		}
		return p, nil
	}
	source, err := start("source", "generate")
	if err != nil {
		return err
	}
	analyzer, err := start("analyzer", "bench")
	if err != nil {
		return err
	}
	sink, err := start("sink", "bench")
	if err != nil {
		return err
	}
	if err := relay(ctx, f, source, analyzer, sink); err != nil {
		return err
	}
	for _, p := range []*host.Process{source, analyzer, sink} {
		if err := p.Stop(ctx); err != nil {
			return err
		}
	}
	f.hold("hub", os.Getpid())
	return f.take(filepath.Join(dir, "measured.json"), began)
}

// relay opens the three sessions and moves every batch through them.
func relay(ctx context.Context, f *Figures, source, analyzer, sink *host.Process) error {
	from, err := wire.OpenSource(ctx, source.Conn(), wire.SourceOptions{Epoch: 1,
		Instance: wire.Instance{Name: "s", Type: "generate", Config: fmt.Appendf(nil, `{"count":%d}`, f.Events)}})
	if err != nil {
		return err
	}
	defer from.Close()
	through, err := wire.OpenChain(ctx, analyzer.Conn(), 1, []wire.Instance{{Name: "w", Type: "words"}})
	if err != nil {
		return err
	}
	defer through.Close()
	to, err := wire.OpenSink(ctx, sink.Conn(), 1, wire.Instance{Name: "m", Type: "meter", Config: []byte(`{"file":"measured.json"}`)})
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
	for role, p := range map[string]*host.Process{"source": source, "analyzer": analyzer, "sink": sink} {
		f.hold(role, p.Pid())
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

package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// maxAnswer bounds what a chain adds to one batch, so that its answer fits a frame.
const maxAnswer = sdk.MaxFrameBytes - 64<<10

// chain is a row of analyzers of this program that work on a batch in one hop.
type chain struct {
	out   *outbox
	epoch uint64
	links []*link

	incoming []byte // chunks of a state on its way in
	overflow bool   // there were too many
}

// link is one analyzer of a chain.
type link struct {
	analyzer sdk.Analyzer
	add      sdk.Additions
}

func (s *server) runChain(ctx context.Context, open *pb.Open, out *outbox) error {
	c := &chain{out: out, epoch: open.Epoch}
	defer c.close()
	err := guard(func() error {
		for _, in := range open.Instances {
			if err := c.open(ctx, s.program, in); err != nil {
				return sdk.Errorf(sdk.CodeOf(err), "analyzer %q: %w", in.Name, err)
			}
		}
		return nil
	})
	if err := out.opened(err); err != nil || len(c.links) < len(open.Instances) {
		return err
	}
	return receiveWork(ctx, out.stream, c.handle)
}

func (c *chain) open(ctx context.Context, p sdk.Program, in *pb.Instance) error {
	spec, err := find(p.Analyzers, in.Type, func(a sdk.AnalyzerSpec) string { return a.Type })
	if err != nil {
		return err
	}
	analyzer, err := spec.Open(ctx, in.Config)
	if err != nil {
		return err
	}
	if analyzer == nil {
		return openedNothing(in.Type)
	}
	version := p.Version
	if m, ok := analyzer.(sdk.Modelled); ok && m.Model() != "" {
		version += "+" + m.Model()
	}
	sum := sha256.Sum256(in.Config)
	c.links = append(c.links, &link{analyzer: analyzer, add: sdk.Additions{
		Analyzer: in.Name, Plugin: in.Type, Version: version, Params: hex.EncodeToString(sum[:6])}})
	return nil
}

func (c *chain) close() {
	for _, l := range slices.Backward(c.links) {
		closeIf(l.analyzer)
	}
}

func (c *chain) handle(ctx context.Context, in *pb.ToPlugin) error {
	switch f := in.Frame.(type) {
	case *pb.ToPlugin_Work:
		answer := &pb.Answer{Id: f.Work.Id, Epoch: c.epoch}
		if f.Work.Epoch != c.epoch {
			answer.Error = toError(sdk.Errorf(sdk.Internal, "work of epoch %d for an instance of epoch %d", f.Work.Epoch, c.epoch))
		} else {
			c.work(ctx, f.Work, answer)
		}
		return c.out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Answer{Answer: answer}})
	case *pb.ToPlugin_Snapshot:
		return c.snapshot(ctx, f.Snapshot)
	case *pb.ToPlugin_Restore:
		return c.restore(ctx, f.Restore)
	}
	return nil
}

// work runs the batch through the chain. An analyzer sees what those before it added, and not what they dropped.
func (c *chain) work(ctx context.Context, w *pb.Work, answer *pb.Answer) {
	r, sel, added, err := parseWork(w)
	if err != nil {
		answer.Error = toError(err)
		return
	}
	room := maxAnswer
	for i, l := range c.links {
		b, err := c.step(ctx, l, func() (*sdk.Batch, error) { return batchOf(w, i, r, sel, added) })
		if room -= len(b); room < 0 {
			err = sdk.Errorf(sdk.Exhausted, "the additions of the chain have more than %d bytes for a batch of %d events", maxAnswer, r.Len())
		}
		if err != nil {
			*answer = pb.Answer{Id: w.Id, Epoch: c.epoch, Error: toError(err), Instance: uint32(i)}
			return
		}
		answer.Additions = append(answer.Additions, b)
		if i == len(c.links)-1 {
			return
		}
		a, err := sdk.ParseAdditions(b, r.Len())
		if err != nil {
			*answer = pb.Answer{Id: w.Id, Epoch: c.epoch, Error: toError(err), Instance: uint32(i)}
			return
		}
		added = append(added, a)
		if sel = a.Remaining(sel, r.Len()); len(sel) == 0 && sel != nil {
			c.skip(answer, i+1)
			return
		}
	}
}

func (c *chain) step(ctx context.Context, l *link, batch func() (*sdk.Batch, error)) (encoded []byte, err error) {
	err = guard(func() error {
		b, err := batch()
		if err != nil {
			return err
		}
		l.add.Reset(b)
		if err := l.analyzer.Analyze(ctx, b, &l.add); err != nil {
			return err
		}
		encoded, err = l.add.Encode()
		return err
	})
	return encoded, err
}

// skip answers for the analyzers that got nothing to see.
func (c *chain) skip(answer *pb.Answer, from int) {
	for range c.links[from:] {
		answer.Additions = append(answer.Additions, nil)
	}
}

package wire

import (
	"context"

	"github.com/pintle-hub/pintle/sdk"
	pb "github.com/pintle-hub/pintle/sdk/wire/pintlev1"
)

// sinkServer is one sink of this program.
type sinkServer struct {
	out   *outbox
	epoch uint64
	sink  sdk.Sink
	held  uint64 // id of the last work whose answer held a retry
}

func (s *server) runSink(ctx context.Context, open *pb.Open, out *outbox) error {
	k := &sinkServer{out: out, epoch: open.Epoch}
	err := guard(func() error {
		spec, err := find(s.program.Sinks, open.Instances[0].Type, func(c sdk.SinkSpec) string { return c.Type })
		if err == nil {
			k.sink, err = spec.Open(ctx, open.Instances[0].Config)
		}
		if err == nil && k.sink == nil {
			err = openedNothing(open.Instances[0].Type)
		}
		return err
	})
	if sent := out.opened(err); err != nil || sent != nil {
		return sent
	}
	defer closeIf(k.sink)
	return receiveWork(ctx, out.stream, k.handle)
}

func (k *sinkServer) handle(ctx context.Context, in *pb.ToPlugin) error {
	w := in.GetWork()
	if w == nil {
		return nil
	}
	answer := &pb.Answer{Id: w.Id, Epoch: k.epoch}
	if w.Seen < k.held {
		answer.Error = toError(sdk.Errorf(sdk.Unavailable, "not attempted: an earlier batch must be tried again first"))
		return k.out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Answer{Answer: answer}})
	}
	err := guard(func() error { return k.write(ctx, w, answer) })
	if err != nil {
		answer.Results, answer.Error = nil, toError(err)
	}
	if holds(answer) {
		k.held = w.Id
	}
	return k.out.send(&pb.FromPlugin{Frame: &pb.FromPlugin_Answer{Answer: answer}})
}

// holds reports whether an answer leaves events to be tried again.
func holds(a *pb.Answer) bool {
	for _, r := range a.Results {
		if r.Outcome == uint32(sdk.Retry) {
			return true
		}
	}
	return a.Error != nil
}

func (k *sinkServer) write(ctx context.Context, w *pb.Work, answer *pb.Answer) error {
	if w.Epoch != k.epoch {
		return sdk.Errorf(sdk.Internal, "work of epoch %d for an instance of epoch %d", w.Epoch, k.epoch)
	}
	r, sel, added, err := parseWork(w)
	if err != nil {
		return err
	}
	b, err := batchOf(w, 0, r, sel, added)
	if err != nil {
		return err
	}
	results, err := k.sink.Write(ctx, b)
	if err != nil {
		return err
	}
	if len(results) != b.Len() {
		return sdk.Errorf(sdk.Internal, "the sink answered for %d events of %d", len(results), b.Len())
	}
	for i := range results {
		if results[i].Outcome > sdk.Fatal {
			return sdk.Errorf(sdk.Internal, "the sink answered with an unknown outcome %d", results[i].Outcome)
		}
		if r := toResult(i, &results[i], b); r != nil {
			answer.Results = append(answer.Results, r)
		}
	}
	return nil
}

// toResult leaves out what the hub takes for granted: done, with the event's own id as receipt.
func toResult(i int, r *sdk.Result, b *sdk.Batch) *pb.Result {
	if r.Outcome == sdk.Done && (r.Receipt == "" || r.Receipt == b.ID(i)) {
		return nil
	}
	return &pb.Result{Event: uint32(i), Outcome: uint32(r.Outcome), Receipt: cut(r.Receipt, sdk.MaxID), AfterNs: int64(r.After),
		Code: cut(r.Code, maxFieldText), Field: cut(r.Field, maxFieldText), Message: cut(r.Message, min(maxMessage, maxMessages/b.Len()))}
}

package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/sdk"
)

// DeadLetter is a dead letter with the number by which it is shown, replayed and dropped.
type DeadLetter struct {
	Seq uint64 `json:"seq"`
	flow.DeadLetter
}

// maxLetters bounds one listing of dead letters.
const maxLetters = 100_000

// DeadLetters lists the dead letters of the hub's log, oldest first.
func (h *Hub) DeadLetters(ctx context.Context) ([]DeadLetter, error) {
	return DeadLetters(ctx, h.broker)
}

// DeadLetters lists the dead letters in a log, oldest first. One that was written twice, around a crash, is there once.
func DeadLetters(ctx context.Context, log *broker.Broker) ([]DeadLetter, error) {
	entries, err := log.List(ctx, broker.ListOptions{Stream: broker.Dead, Max: maxLetters})
	if err != nil {
		return nil, err
	}
	var out []DeadLetter
	seen := make(map[string][]*flow.DeadLetter)
	for _, e := range entries {
		d, err := flow.ParseDeadLetter(e.Data)
		if err != nil {
			return nil, fmt.Errorf("dead letter %d: %w", e.Seq, err)
		}
		if slices.ContainsFunc(seen[d.Event], d.Same) {
			if err := log.Delete(ctx, broker.Dead, e.Seq); err != nil && !errors.Is(err, broker.ErrGone) && !errors.Is(err, broker.ErrFull) {
				return nil, err
			}
			continue
		}
		seen[d.Event] = append(seen[d.Event], d)
		out = append(out, DeadLetter{Seq: e.Seq, DeadLetter: *d})
	}
	return out, nil
}

// ReplayDead sends a dead letter on its way again and deletes it; durable when it returns.
func (h *Hub) ReplayDead(ctx context.Context, seq uint64) error { return h.redeem(ctx, seq, false) }

// DropDead takes a dead letter out for good.
func (h *Hub) DropDead(ctx context.Context, seq uint64) error { return h.redeem(ctx, seq, true) }

// redeem puts the redemption of a letter into the log, then deletes the letter. One at a time: a crash between the two leaves
// one letter, and the log says which.
func (h *Hub) redeem(ctx context.Context, seq uint64, drop bool) error {
	h.reloading.Lock()
	defer h.reloading.Unlock()
	d, u, err := h.letter(ctx, seq)
	if err != nil {
		return err
	}
	if err := h.forget(ctx, u); err != nil {
		return err
	}
	if u.Redeemed() == seq {
		return nil // an earlier try got that far
	}
	if d.Stage == flow.StageSink && !drop && u.sinks[d.At] == nil {
		return sdk.Errorf(sdk.NotFound, "%s is not in pipeline %s any more: put it back and try again, or drop the letter", d.At, d.Pipeline)
	}
	r := flow.Redemption{Letter: d, Seq: seq, Drop: drop}
	if r.Uncounted, err = h.others(ctx, u, seq, d); err != nil {
		return err
	}
	if err := u.Redeem(ctx, r); err != nil {
		return err
	}
	return h.forget(ctx, u)
}

// letter reads a dead letter and finds its pipeline.
func (h *Hub) letter(ctx context.Context, seq uint64) (*flow.DeadLetter, *pipelineUnit, error) {
	e, err := h.broker.Get(ctx, broker.Dead, seq)
	if errors.Is(err, broker.ErrGone) {
		return nil, nil, sdk.Errorf(sdk.NotFound, "there is no dead letter %d: %w", seq, err)
	}
	if err != nil {
		return nil, nil, err
	}
	d, err := flow.ParseDeadLetter(e.Data)
	if err != nil {
		return nil, nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if u := h.pipelines[d.Pipeline]; u != nil {
		return d, u, nil
	}
	return nil, nil, sdk.Errorf(sdk.NotFound, "dead letter %d belongs to pipeline %q, which does not run", seq, d.Pipeline)
}

// settleTimeout is how long a redemption waits for the sinks of its pipeline.
const settleTimeout = 3 * time.Second

// others tells whether another sink has a letter of the same event. That is known once every sink has had the event, and what
// was replayed of it before: the books could not tell what became of it otherwise.
func (h *Hub) others(ctx context.Context, u *pipelineUnit, seq uint64, d *flow.DeadLetter) (bool, error) {
	if d.Stage != flow.StageSink {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	until := d.Step
	if d.Shared {
		until, _ = u.Newest()
	}
	if err := u.books.Await(ctx, until); err != nil {
		return false, fmt.Errorf("dead letter %d cannot be redeemed before all sinks of pipeline %s have had the event: %w", seq, d.Pipeline, err)
	}
	if !d.Shared {
		return false, nil
	}
	letters, err := h.broker.List(ctx, broker.ListOptions{Stream: broker.Dead, Subject: flow.SharedLetters(d), Max: 10})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(letters, func(e broker.Entry) bool {
		o, err := flow.ParseDeadLetter(e.Data)
		return e.Seq != seq && err == nil && !o.Same(d)
	}), nil
}

// forget deletes the letter that a pipeline has redeemed last, unless that is done.
func (h *Hub) forget(ctx context.Context, u *pipelineUnit) error {
	seq := u.Redeemed()
	if seq == u.forgotten {
		return nil
	}
	if err := h.broker.Delete(ctx, broker.Dead, seq); err != nil && !errors.Is(err, broker.ErrGone) {
		return err
	}
	u.forgotten = seq
	return nil
}

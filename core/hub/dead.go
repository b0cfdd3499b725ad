package hub

import (
	"context"
	"fmt"

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

// DeadLetters lists the dead letters in a log, oldest first, each event of a stage once.
func DeadLetters(ctx context.Context, log *broker.Broker) ([]DeadLetter, error) {
	entries, err := log.List(ctx, broker.ListOptions{Stream: broker.Dead, Max: maxLetters})
	if err != nil {
		return nil, err
	}
	var out []DeadLetter
	for _, e := range entries {
		d, err := flow.ParseDeadLetter(e.Data)
		if err != nil {
			return nil, fmt.Errorf("dead letter %d: %w", e.Seq, err)
		}
		out = append(out, DeadLetter{Seq: e.Seq, DeadLetter: *d})
	}
	return out, nil
}

// ReplayDead sends a dead letter on its way again and deletes it; durable when it returns.
func (h *Hub) ReplayDead(ctx context.Context, seq uint64) error {
	return h.redeem(ctx, seq, (*flow.Pipeline).Replay)
}

// DropDead takes a dead letter out for good.
func (h *Hub) DropDead(ctx context.Context, seq uint64) error {
	return h.redeem(ctx, seq, (*flow.Pipeline).DropDead)
}

func (h *Hub) redeem(ctx context.Context, seq uint64, how func(*flow.Pipeline, context.Context, *flow.DeadLetter) error) error {
	e, err := h.broker.Get(ctx, broker.Dead, seq)
	if err != nil {
		return sdk.Errorf(sdk.NotFound, "there is no dead letter %d: %w", seq, err)
	}
	d, err := flow.ParseDeadLetter(e.Data)
	if err != nil {
		return err
	}
	h.mu.Lock()
	u := h.pipelines[d.Pipeline]
	h.mu.Unlock()
	if u == nil {
		return sdk.Errorf(sdk.NotFound, "dead letter %d belongs to pipeline %q, which does not run", seq, d.Pipeline)
	}
	if err := how(u.Pipeline, ctx, d); err != nil {
		return err
	}
	return h.broker.Delete(ctx, broker.Dead, seq)
}

package hub

import (
	"context"

	"github.com/pintle-hub/pintle/core/flow"
)

// ReplayHalf does what ReplayDead does up to the moment when a crash would leave the letter behind.
func (h *Hub) ReplayHalf(ctx context.Context, seq uint64) error {
	d, u, err := h.letter(ctx, seq)
	if err != nil {
		return err
	}
	return u.Redeem(ctx, flow.Redemption{Letter: d, Seq: seq})
}

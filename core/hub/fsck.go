package hub

import (
	"context"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// Checked is what a check of the whole log has found.
type Checked struct {
	// Streams are those that were read, as they were at the end.
	Streams []broker.StreamStatus `json:"streams"`
	// Damage is every range that is not as it was stored; none when all is well.
	Damage  []*broker.Damage `json:"damage"`
	Seconds float64          `json:"seconds"`
}

// Fsck reads the whole log beside everything else. It takes up to 0.2 ms a message.
func (h *Hub) Fsck(ctx context.Context) (Checked, error) { return Check(ctx, h.broker) }

// Check reads the whole of an open log. The command line calls it on one that was opened with InspectLog.
func Check(ctx context.Context, b *broker.Broker) (Checked, error) {
	began := time.Now()
	damage, err := b.Fsck(ctx)
	if err != nil {
		return Checked{}, err
	}
	if damage == nil {
		damage = []*broker.Damage{}
	}
	s, err := b.Status(ctx)
	return Checked{Streams: s.Streams, Damage: damage, Seconds: time.Since(began).Seconds()}, err
}

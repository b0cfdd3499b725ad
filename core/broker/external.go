package broker

import (
	"context"
	"fmt"
	"slices"
)

// checkExternal refuses an external server that cannot keep the promise, and warns when that cannot be found out.
func (b *Broker) checkExternal(ctx context.Context) error {
	if b.cfg.URL == "" {
		return nil
	}
	if need := int64(b.cfg.MaxMessage + headroom); b.nc.MaxPayload() < need {
		return fmt.Errorf("the log at %s takes messages of %d bytes at most; set max_payload: %d in its configuration",
			b.cfg.URL, b.nc.MaxPayload(), need)
	}
	always, err := b.syncsAlways(ctx)
	if err != nil {
		b.log.Warnf("cannot find out whether the NATS servers at %s write to disk before they answer; set "+
			"jetstream { sync_interval: always } on each, or a power cut loses acknowledged events", b.cfg.URL)
		return nil
	}
	if !always {
		return fmt.Errorf("the NATS servers at %s answer before they write to disk, and a power cut would lose "+
			"acknowledged events; set jetstream { sync_interval: always } on each", b.cfg.URL)
	}
	return nil
}

// syncsAlways reports whether every server writes to disk before it answers. Only an account that imports the service from
// the system account finds out.
func (b *Broker) syncsAlways(ctx context.Context) (bool, error) {
	servers, err := askServers(ctx, b.nc)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(servers, func(s Server) bool { return !s.SyncAlways }), nil
}

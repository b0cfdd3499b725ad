package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
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

const askServers = 500 * time.Millisecond

// syncsAlways asks each server for its configuration. Only an account that imports the service from the system account
// gets an answer.
func (b *Broker) syncsAlways(ctx context.Context) (bool, error) {
	inbox := b.nc.NewInbox()
	sub, err := b.nc.SubscribeSync(inbox)
	if err != nil {
		return false, err
	}
	defer sub.Unsubscribe()
	if err := b.nc.PublishRequest("$SYS.REQ.SERVER.PING.JSZ", inbox, nil); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, askServers)
	defer cancel()
	for answers := 0; ; answers++ {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil && answers > 0 {
			return true, nil // no further server answers
		}
		if err != nil {
			return false, err
		}
		var answer struct {
			Data *struct {
				Config struct {
					SyncAlways bool `json:"sync_always"`
				} `json:"config"`
			} `json:"data"`
		}
		if err := json.Unmarshal(m.Data, &answer); err != nil || answer.Data == nil {
			return false, fmt.Errorf("unexpected answer of %d bytes", len(m.Data))
		}
		if !answer.Data.Config.SyncAlways {
			return false, nil
		}
	}
}

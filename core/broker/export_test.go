package broker

import "time"

// SyncAlways says whether the embedded server writes to disk before each answer.
func SyncAlways(b *Broker) (bool, error) {
	info, err := b.current().Jsz(nil)
	return err == nil && info.Config.SyncAlways, err
}

// Watch switches the look at the free disk off and on again.
func Watch(b *Broker, on bool) {
	b.disk.mu.Lock()
	defer b.disk.mu.Unlock()
	b.disk.dir, b.disk.asked = "", time.Time{}
	if on {
		b.disk.dir = b.cfg.Dir
	}
	b.disk.free, b.disk.total = 0, 0
}

// Break stops the embedded server behind the broker's back.
func Break(b *Broker) { b.stopEmbedded() }

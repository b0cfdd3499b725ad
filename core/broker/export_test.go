package broker

import (
	"context"
	"time"
)

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
	b.disk.space = space{files: -1}
}

// Break stops the embedded server behind the broker's back.
func Break(b *Broker) { b.stopEmbedded() }

// ForecastOf makes a forecast from n samples that lie every apart.
func ForecastOf(n int, every time.Duration, used func(i int) int64, room int64) *Forecast {
	var s samples
	for i := range n {
		s = s.add(time.Unix(0, 0).Add(time.Duration(i)*every), used(i))
	}
	return s.forecast(room)
}

// Uncovered returns what of a range the others do not cover, and how much they do.
func Uncovered(ranges [][2]uint64, from, to uint64) (missing map[uint64]bool, covered uint64) {
	var s spans
	for _, x := range ranges {
		s = s.with(span{x[0], x[1]})
	}
	missing = map[uint64]bool{}
	for _, x := range s.without(span{from, to}) {
		for seq := x.From; seq <= x.To; seq++ {
			missing[seq] = true
		}
	}
	return missing, s.count(span{from, to})
}

// Consumers returns how many readers the embedded server knows.
func Consumers(b *Broker) int {
	info, err := b.current().Jsz(nil)
	if err != nil {
		return -1
	}
	return info.Consumers
}

// Tend does once what Run does again and again.
func Tend(ctx context.Context, b *Broker) error { return b.tend(ctx) }

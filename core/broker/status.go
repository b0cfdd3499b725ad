package broker

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Status is how the log is doing.
type Status struct {
	External  bool           `json:"external"`
	Connected bool           `json:"connected"`
	Problem   string         `json:"problem"` // why nothing can be stored, "" when all is well
	Streams   []StreamStatus `json:"streams"`
	DiskFree  int64          `json:"disk_free"`  // bytes, 0 when external
	DiskTotal int64          `json:"disk_total"` // bytes, 0 when external
	// DiskForecast says when so little of the disk is left that appends are refused; nil when unknown or external.
	DiskForecast *Forecast `json:"disk_forecast,omitempty"`
	// Damage is what was found missing or changed since Open, by a reader or by Fsck; it stays until a restart.
	Damage   []*Damage `json:"damage,omitempty"`
	Warnings []Warning `json:"warnings"` // what the server complained about since Open, oldest first
}

// StreamStatus is how one stream is doing.
type StreamStatus struct {
	Stream   Stream `json:"stream"`
	Messages uint64 `json:"messages"`
	Bytes    uint64 `json:"bytes"`
	MaxBytes int64  `json:"max_bytes"`
	First    uint64 `json:"first"` // sequence of the oldest message
	Last     uint64 `json:"last"`  // sequence of the newest message ever stored
	// Forecast says when the stream is full; nil when unknown.
	Forecast *Forecast `json:"forecast,omitempty"`
}

// Pending is how many sequences lie behind a position, those of other subjects included.
func (s StreamStatus) Pending(position uint64) uint64 {
	return s.Last - min(s.Last, max(position, s.First-min(s.First, 1)))
}

// Status asks the server. When it does not answer, what is known without it is returned beside the error; when it is known to
// be out of order, the streams are as they were before.
func (b *Broker) Status(ctx context.Context) (Status, error) {
	st := Status{External: b.cfg.URL != "", Connected: b.nc.IsConnected(), Warnings: b.log.kept()}
	disk, _ := b.disk.look()
	st.DiskFree, st.DiskTotal = max(disk.free, 0), disk.total
	st.DiskForecast = b.forecastDisk(disk)
	st.Damage = b.found.all()
	st.Problem = b.sick()
	if err := b.disk.room(1<<20, 1); err != nil && st.Problem == "" {
		st.Problem = err.Error()
	}
	if st.Streams = b.remembered(); b.sick() != "" && st.Streams != nil {
		return st, nil // a server that does not store does not answer either
	}
	st.Streams = nil
	for _, s := range Streams() {
		if _, absent := b.absent[s]; absent {
			continue
		}
		info, err := b.info(ctx, s)
		if err != nil {
			return st, fmt.Errorf("status of stream %s: %w", s, err)
		}
		one := StreamStatus{Stream: s, Messages: info.State.Msgs, Bytes: info.State.Bytes,
			MaxBytes: info.Config.MaxBytes, First: info.State.FirstSeq, Last: info.State.LastSeq}
		one.Forecast = b.forecastStream(one)
		st.Streams = append(st.Streams, one)
	}
	b.remember(st.Streams)
	return st, nil
}

// recent is what the streams were like when the server answered last.
type recent struct {
	mu      sync.Mutex
	streams []StreamStatus
}

func (b *Broker) remember(s []StreamStatus) {
	b.recent.mu.Lock()
	defer b.recent.mu.Unlock()
	b.recent.streams = slices.Clone(s)
}

func (b *Broker) remembered() []StreamStatus {
	b.recent.mu.Lock()
	defer b.recent.mu.Unlock()
	return slices.Clone(b.recent.streams)
}

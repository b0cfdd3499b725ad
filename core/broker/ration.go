package broker

import (
	"context"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
)

// patience bounds what one subject may hold of a stream: so many times what is left for all. A subject that nobody reads
// away stops at 8/9 of the stream less a message's
// length, two of them at 8/17 each, and there is always room for the others. (Dynamic queue
// thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998.)
const patience = 8

// ration estimates how much of a stream each subject holds. The server counts messages a subject but bytes only of the
// whole, so what was there at Measure counts with the stream's mean size and what was appended since with its own.
type ration struct {
	mu   sync.Mutex
	max  int64 // 0 until Measure
	used int64
	held map[string]int64 // bytes by subject
}

// Measure asks the server how much each subject holds of a stream. From then on Append refuses with ErrFull a subject that
// holds too much of it beside others. The hub calls it after each trim.
func (b *Broker) Measure(ctx context.Context, s Stream) error {
	info, err := b.info(ctx, s, jetstream.WithSubjectFilter(">"))
	if err != nil {
		return fmt.Errorf("measure %s: %w", s, err)
	}
	r := b.rations[s]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.max, r.used, r.held = info.Config.MaxBytes, int64(info.State.Bytes), make(map[string]int64, len(info.State.Subjects))
	mean := r.used / max(int64(info.State.Msgs), 1)
	for subject, n := range info.State.Subjects {
		r.held[subject] = int64(n) * mean
	}
	return nil
}

// allow returns ErrFull when n more bytes would give the subject too much. One that is alone may fill the stream.
func (r *ration) allow(subject string, n int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	reserve := min(DefaultMaxMessage, r.max/8) // so that the others' next message fits, however large
	held, free := r.held[subject], max(r.max-r.used-reserve, 0)
	if r.max <= 0 || len(r.held) < 2 || held+int64(n) <= patience*free {
		return nil
	}
	return fmt.Errorf("%w: %s holds about %d of %d MiB and leaves the rest to others; whatever reads it stands still", ErrFull,
		subject, held>>20, r.max>>20)
}

// grew notes that a message was stored.
func (r *ration) grew(subject string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.max == 0 {
		return
	}
	r.used += int64(n)
	r.held[subject] += int64(n)
}

package host

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	firstDelay = 500 * time.Millisecond
	maxDelay   = time.Minute
	healthy    = time.Minute // a plugin that lived this long has recovered; one that starts and dies has not
)

// Backoff says how long to wait before a dead plugin is started again: half a second at first, then twice as long each time
// up to a minute, less a random part of up to a half, so that plugins which died together do not return together. Its zero
// value is ready. One goroutine, the plugin's supervisor, uses it.
type Backoff struct {
	failures int
}

// Next is the delay after a plugin that lived so long (Exit.Lived; 0 when it did not start) has died. A healthy minute
// makes it forget the earlier deaths.
func (b *Backoff) Next(lived time.Duration) time.Duration {
	if lived >= healthy {
		b.failures = 0
	}
	delay := min(maxDelay, firstDelay<<min(b.failures, 16))
	b.failures++
	return delay - rand.N(delay/2+1)
}

// Wait sleeps for Next, or until ctx ends, whose error it then returns.
func (b *Backoff) Wait(ctx context.Context, lived time.Duration) error {
	t := time.NewTimer(b.Next(lived))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package host

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	breakerCrashes = 5
	breakerWindow  = 10 * time.Minute
)

// ErrCrashLoop is what errors.Is finds in an open Breaker's error.
var ErrCrashLoop = errors.New("crash loop")

// Breaker stops a plugin from being started for ever: five crashes within ten minutes open it, and only Reset, a person's
// decision, closes it. Its zero value is closed and ready. It is safe for concurrent use: the supervisor counts, the admin
// API resets.
type Breaker struct {
	mu      sync.Mutex
	crashes []time.Time // within the window, oldest first
	err     error       // set when open
}

// Crash counts a crash now and returns Err. exit is what the error will show.
func (b *Breaker) Crash(exit Exit) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	now := time.Now()
	b.crashes = append(b.crashes, now)
	for now.Sub(b.crashes[0]) > breakerWindow {
		b.crashes = b.crashes[1:]
	}
	if len(b.crashes) >= breakerCrashes {
		b.err = fmt.Errorf("%w: the plugin died %d times within %s and stays stopped until it is reset; the last time it %s",
			ErrCrashLoop, len(b.crashes), now.Sub(b.crashes[0]).Round(time.Second), exit)
	}
	return b.err
}

// Err is nil while the plugin may be started, and says why not otherwise.
func (b *Breaker) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Reset forgets everything: the plugin may be started again.
func (b *Breaker) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.crashes, b.err = nil, nil
}

package flow

import (
	"context"
	"errors"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// Pauses between two tries to write to a log that is full or away.
const (
	firstPause = 50 * time.Millisecond
	longPause  = 2 * time.Second
)

// persist calls write until it succeeds: a log that is full or away is back-pressure, not an error. waiting hears of every
// try that failed (nil: nobody). Anything else (fenced, too large, ctx) is returned.
func persist(ctx context.Context, write func() error, waiting func(error)) error {
	for pause := firstPause; ; pause = min(2*pause, longPause) {
		err := write()
		if err == nil || !errors.Is(err, broker.ErrFull) && !errors.Is(err, broker.ErrUnavailable) {
			return err
		}
		if waiting != nil {
			waiting(err)
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// sleep waits for d or until ctx ends, whose error it then returns.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

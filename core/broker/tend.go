package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

const (
	tendEvery = 5 * time.Second
	mendEvery = time.Second // while the server does not store
)

// Run tends the log until ctx ends: it notes in the manifest how far each stream has come and restarts an embedded server
// that has given up. It returns ErrDamaged when stored messages turn out to be missing, else nil. The hub runs it.
func (b *Broker) Run(ctx context.Context) error {
	for {
		err := b.tend(ctx)
		if errors.Is(err, ErrDamaged) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			b.log.keep(err.Error()) // shown by Status; tried again at the next tick
		}
		pause, told := tendEvery, b.stuck.told()
		if b.sick() != "" {
			pause, told = mendEvery, nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-told:
		case <-time.After(pause):
		}
	}
}

func (b *Broker) tend(ctx context.Context) error {
	if err := b.Heal(ctx); err != nil {
		return err
	}
	if err := b.sample(ctx); err != nil {
		return err
	}
	if err := b.watch(ctx); err != nil {
		return err
	}
	return b.noteAll(ctx)
}

// Heal restarts the embedded server when it has stopped storing (after a full disk it does not start again by itself) and
// there is room again. Readers and writers notice nothing but a pause. It does nothing when all is well or external.
func (b *Broker) Heal(ctx context.Context) error {
	b.heal.Lock()
	defer b.heal.Unlock()
	if b.closed.Load() {
		return nil
	}
	reason := b.sick()
	if reason == "" {
		return nil
	}
	b.disk.forget()
	if err := b.disk.room(0, 2); err != nil {
		return fmt.Errorf("restart the log (%s): %w", reason, err)
	}
	b.cfg.Logger.Warn("restarting the embedded log", "reason", reason)
	b.stopEmbedded()
	if err := b.startServer(); err != nil {
		return err
	}
	if err := b.reachable(ctx); err != nil {
		return fmt.Errorf("restart the log: %w", err)
	}
	b.wakeReaders()
	return b.checkStreams(ctx)
}

// sick says why the embedded server does not store, "" when it does or is not ours.
func (b *Broker) sick() string {
	if b.cfg.URL != "" {
		return ""
	}
	srv := b.current()
	if srv == nil {
		return cmp.Or(b.stuck.why(), "not running")
	}
	if reason := b.stuck.why(); reason != "" {
		return reason
	}
	if health := srv.Healthz(&server.HealthzOptions{}); health.Status != "ok" {
		return plain(health.Error)
	}
	return ""
}

// reachable waits until the client has found the restarted server.
func (b *Broker) reachable(ctx context.Context) error {
	ctx, cancel := b.bounded(ctx)
	defer cancel()
	for {
		err := nats.ErrDisconnected
		if b.nc.IsConnected() { // as far as it has noticed
			err = b.nc.FlushWithContext(ctx)
		}
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		case <-time.After(reconnectWait):
		}
	}
}

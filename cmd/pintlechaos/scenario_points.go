package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/mutant"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// moment is one kill of the hub by itself.
type moment struct {
	mutant.Point
	Nth int `json:"nth"`
}

// runPoints lets the hub kill itself at each of the named places in turn, in an order and at a time that are drawn.
func runPoints(ctx context.Context, e *rig.Env, cycles int) error {
	if e.Switched == "" {
		return errors.New("needs the hub with switches")
	}
	points := mutant.Points()
	e.Rand.Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
	list := make([]moment, cycles)
	for i := range list {
		p := points[i%len(points)]
		list[i] = moment{p, 1 + e.Rand.IntN(p.Often)}
	}
	if err := e.SaveSchedule(list); err != nil {
		return err
	}
	e.Hub0.Program = e.Switched
	if err := e.Standard(pointOptions(0)); err != nil {
		return err
	}
	for i, m := range list {
		if err := dieAt(ctx, e, m, i); err != nil {
			return fmt.Errorf("%s, time %d: %w", m.Name, m.Nth, err)
		}
	}
	e.Hub0.Env = nil
	if err := e.Hub0.Configure(pointOptions(0).HCL()); err != nil {
		return err
	}
	if err := e.Start(ctx); err != nil {
		return err
	}
	return e.AwaitFlow(ctx, "one")
}

// pointOptions make a configuration that differs from cycle to cycle in the sink one, so that a reload has something to do.
func pointOptions(cycle int) rig.StandardOptions {
	return rig.StandardOptions{Reject: 13, Drop: 11, Delay: time.Duration(cycle%2) * time.Millisecond}
}

// dieAt starts the hub so that it dies at that moment, and returns when it has. What the moment before has left is taken up
// then, and must be within the limit.
func dieAt(ctx context.Context, e *rig.Env, m moment, cycle int) error {
	h := e.Hub0
	h.Env = []string{fmt.Sprintf("%s=%s:%d", mutant.EnvKillAt, m.Name, m.Nth)}
	if err := h.Start(); err != nil {
		return err
	}
	if err := h.AwaitReady(ctx); err != nil && h.Running() {
		return err // else it came by while it started
	}
	if err := provoke(ctx, e, m, cycle); err != nil {
		return err
	}
	select {
	case <-h.Ended():
		return e.Fault("hub", "dies "+m.Name, rig.HubLimit)
	case <-time.After(20 * time.Second):
		return errors.New("the hub has not come by within 20 s")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// provoke does what the point needs, beside events.
func provoke(ctx context.Context, e *rig.Env, m moment, cycle int) error {
	h := e.Hub0
	if !h.Running() || !m.Stop && !m.Reload {
		return nil
	}
	if err := e.AwaitFlow(ctx, "one"); err != nil && h.Running() {
		return err
	}
	if m.Stop {
		_ = h.Stop(ctx) // it dies of it
		return nil
	}
	if err := h.Configure(pointOptions(cycle + 1).HCL()); err != nil {
		return err
	}
	_, _ = h.Reload(ctx) // it dies of it
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/clock"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

func clockScenarios() []Scenario {
	return []Scenario{
		{Name: "clock", Doc: "the wall clock of hub and plugins jumps by an hour and by ten years, and to and fro; nothing may notice",
			Short: 0, Full: len(jumps()), Run: runClock},
	}
}

const (
	hour  = time.Hour
	years = 10 * 365 * 24 * time.Hour
	// noticed is how long it takes until a plugin that seems silent is killed for it: the hub looks every 5 s.
	noticed = 5500 * time.Millisecond
)

// jump is where the clock is set, how often to and fro, and whether the hub is killed then.
type jump struct {
	to     time.Duration
	strobe int
	kill   bool
}

func jumps() []jump {
	return []jump{{to: hour}, {to: 0}, {to: -hour}, {to: years}, {to: years, kill: true}, {to: -years}, {to: -years, kill: true}, {to: hour, strobe: 100},
		{to: years, strobe: 100}, {to: 0, kill: true}}
}

func runClock(ctx context.Context, e *rig.Env, cycles int) error {
	c, err := setClock(ctx, e)
	if err != nil {
		return err
	}
	defer c.Close()
	began := time.Now()
	if err := errors.Join(e.Start(ctx), e.AwaitFlow(ctx, "one")); err != nil {
		return err
	}
	for _, j := range jumps()[:cycles] {
		if err := jumpOnce(ctx, e, c, j); err != nil {
			return fmt.Errorf("clock off by %s: %w\n%s", j.to, err, e.Hub0.Tail(15))
		}
		if j.kill {
			began = time.Now()
			if err := e.KillHub(ctx, true); err != nil {
				return err
			}
		}
		s, err := e.Hub0.Status(ctx)
		if err != nil {
			return err
		}
		if lived := time.Since(began).Seconds(); s.Up < 0 || s.Up > lived+1 {
			return fmt.Errorf("the hub says that it is up for %.1f s, it is for %.1f s", s.Up, lived)
		}
	}
	return e.AwaitFlow(ctx, "one")
}

// setClock builds hub and plugins with a clock that can be set, and configures them. Sink one asks to try some events again.
func setClock(ctx context.Context, e *rig.Env) (*clock.Clock, error) {
	dir := filepath.Join(e.Dir, "bin")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	overlay, err := clock.Overlay(dir)
	if err != nil {
		return nil, err
	}
	hub, err := rig.Build(ctx, dir, "cmd/pintle", "-overlay", overlay)
	if err != nil {
		return nil, err
	}
	self, err := rig.Build(ctx, dir, "cmd/pintlechaos", "-overlay", overlay)
	if err != nil {
		return nil, err
	}
	if err := e.Standard(rig.StandardOptions{Retry: 40}); err != nil {
		return nil, err
	}
	hcl, err := os.ReadFile(filepath.Join(e.Hub0.Dir, "hub.hcl"))
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(hcl), e.Self, self)
	e.Hub0.Program = hub
	c, err := clock.Open(dir)
	return c, errors.Join(err, e.Configure(text))
}

// jumpOnce sets the clock and waits until the hub would have noticed: no process may change, and events go on.
func jumpOnce(ctx context.Context, e *rig.Env, c *clock.Clock, j jump) error {
	if err := e.Hub0.AwaitReady(ctx); err != nil {
		return err
	}
	before, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	e.Say("clock off by %s, to and fro %d times", j.to, j.strobe)
	for range j.strobe {
		if err := errors.Join(c.Set(-j.to), e.Sleep(ctx, 5*time.Millisecond), c.Set(j.to), e.Sleep(ctx, 5*time.Millisecond)); err != nil {
			return err
		}
	}
	if err := errors.Join(c.Set(j.to), e.AwaitFlow(ctx, "one"), e.AwaitFlow(ctx, "five"), e.Sleep(ctx, noticed), e.AwaitFlow(ctx, "one"),
		e.AwaitFlow(ctx, "five")); err != nil {
		return err
	}
	after, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	for address, b := range rig.Blocks(before) {
		if now := rig.Blocks(after)[address]; now.Pid != b.Pid || now.Restarts != b.Restarts {
			return fmt.Errorf("%s had process %d and now has %d: %s", address, b.Pid, now.Pid, now.Error)
		}
	}
	return nil
}

//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/disk"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

func powerScenarios() []Scenario {
	return []Scenario{
		{Name: "power", Doc: "the power of the hub's disk is cut at random moments; what was not synced is gone", Short: 4, Full: 30, Run: runPower, Settled: true},
		{Name: "power-first", Doc: "the power is cut during the first start, while everything is made", Short: 3, Full: 15, Run: runPowerFirst, Settled: true},
	}
}

// powerDisk is the size in MiB of the hub's disk in these scenarios: nothing fills it.
const powerDisk = 512

// powerLimit is how long the hub may be away after a cut: its own time, and that of the disk to come back.
const powerLimit = rig.HubLimit + 5*time.Second

// ownDisk gives the hub's data a file system of its own. The history and the ledger stay on the machine's.
func ownDisk(ctx context.Context, e *rig.Env, o disk.Options) (*disk.Loop, error) {
	o.Image, o.Dir = filepath.Join(e.Dir, "disk.img"), e.Hub0.Data
	return disk.New(ctx, o)
}

// outage cuts the power, ends the hub and mounts the disk again. The cut comes first: what the hub acknowledges after it
// could not have been synced.
func outage(ctx context.Context, e *rig.Env, l *disk.Loop) error {
	if err := e.Fault("hub", "power cut", powerLimit); err != nil {
		return err
	}
	if err := l.Cut(); err != nil {
		return err
	}
	e.Hub0.Kill()
	return errors.Join(awaitPlugins(ctx, e), l.Unmount(ctx), l.Mount(ctx))
}

// awaitPlugins waits until the plugins of a killed hub are gone: they are no part of what was cut off.
func awaitPlugins(ctx context.Context, e *rig.Env) error {
	return e.Await(ctx, 5*time.Second, "the plugins to end", func() error {
		left, err := e.Orphans()
		if err == nil && len(left) > 0 {
			err = fmt.Errorf("%d are left", len(left))
		}
		return err
	})
}

func runPower(ctx context.Context, e *rig.Env, cycles int) (err error) {
	l, err := ownDisk(ctx, e, disk.Options{MiB: powerDisk})
	if err != nil {
		return err
	}
	defer closeDisk(e, l, &err)
	pauses := make([]time.Duration, cycles)
	for i := range pauses {
		pauses[i] = time.Duration(e.Rand.IntN(700)) * time.Millisecond
	}
	if err := errors.Join(e.SaveSchedule(pauses), e.StartStandard(ctx, rig.StandardOptions{})); err != nil {
		return err
	}
	for _, pause := range pauses {
		if err := e.Sleep(ctx, pause); err != nil {
			return err
		}
		if err := outage(ctx, e, l); err != nil {
			return err
		}
		if err := e.Start(ctx); err != nil {
			return err
		}
		if err := e.AwaitFlow(ctx, "one"); err != nil {
			return err
		}
	}
	return e.Quiesce(ctx)
}

// runPowerFirst starts anew on an empty disk each time, and offers something in the end only.
func runPowerFirst(ctx context.Context, e *rig.Env, cycles int) (err error) {
	if err := errors.Join(e.Ledger.Freeze(), e.Standard(rig.StandardOptions{})); err != nil {
		return err
	}
	for i := range cycles {
		pause := time.Duration(e.Rand.IntN(400)) * time.Millisecond
		if err := firstStart(ctx, e, pause, i == cycles-1); err != nil {
			return fmt.Errorf("cut %s after the first start began: %w", pause, err)
		}
	}
	return nil
}

func firstStart(ctx context.Context, e *rig.Env, pause time.Duration, last bool) (err error) {
	l, err := ownDisk(ctx, e, disk.Options{MiB: powerDisk})
	if err != nil {
		return err
	}
	defer closeDisk(e, l, &err)
	if err := e.Hub0.Start(); err != nil {
		return err
	}
	if err := e.Sleep(ctx, pause); err != nil {
		return err
	}
	if err := outage(ctx, e, l); err != nil {
		return err
	}
	if err := e.Start(ctx); err != nil || !last {
		return err
	}
	if err := e.Flow(0); err != nil {
		return err
	}
	if err := e.AwaitFlow(ctx, "one"); err != nil {
		return err
	}
	return e.Quiesce(ctx)
}

// closeDisk ends the hub and its disk, after the scenario has judged what it wanted.
func closeDisk(e *rig.Env, l *disk.Loop, err *error) {
	e.Hub0.Kill()
	*err = errors.Join(*err, awaitPlugins(context.Background(), e), l.Close())
}

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/check"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// runZombie sets two hubs on one log elsewhere: the first is paused, a second takes its place, and the first comes back to
// life. It has to find out that it is not wanted and end, and the second goes on as if nothing were. Then the second is paused,
// and so on.
func runZombie(ctx context.Context, e *rig.Env, cycles int) error {
	log, err := e.StartLogServer(ctx)
	if err != nil {
		return err
	}
	o := rig.StandardOptions{Settings: log.Settings()}
	if err := e.StartStandard(ctx, o); err != nil {
		return err
	}
	for i := range cycles {
		if err := e.AwaitFlow(ctx, "one"); err != nil {
			return err
		}
		next := e.NewHub(fmt.Sprintf("hub.%d", i+1), filepath.Join(e.Dir, fmt.Sprintf("hub%d", i+1)))
		next.Env = e.Hub0.Env
		if err := next.Configure(o.HCL()); err != nil {
			return err
		}
		if err := haunt(ctx, e, next); err != nil {
			return err
		}
		e.Hub0 = next
	}
	return e.AwaitFlow(ctx, "one")
}

// fencedWithin is how long a hub that comes back may take to find out and end, whatever the slack: it takes a moment.
const fencedWithin = 10 * time.Second

// haunt pauses the first hub, lets next take its place and the first come back.
func haunt(ctx context.Context, e *rig.Env, next *rig.Hub) error {
	old := e.Hub0
	if err := e.Fault(old.Name, "pause hub", 0); err != nil {
		return err
	}
	if err := rig.Pause(old.Pid()); err != nil {
		return err
	}
	if err := next.Start(); err != nil {
		return err
	}
	if err := next.AwaitReady(ctx); err != nil {
		return err
	}
	if err := e.AwaitFlow(ctx, "one"); err != nil {
		return err
	}
	if err := e.Fault(old.Name, check.Zombie, 0); err != nil {
		return err
	}
	if err := rig.Continue(old.Pid()); err != nil {
		return err
	}
	select {
	case <-old.Ended():
		return e.Up(old.Name)
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(fencedWithin): // the checker of the fence says so
		old.Kill()
		return nil
	}
}

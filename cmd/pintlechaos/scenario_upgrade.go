package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/parts"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

func upgradeScenarios() []Scenario {
	return []Scenario{
		{Name: "upgrade-plugin", Doc: "the program of all plugins is replaced under load, by good versions and by such that must be refused",
			Short: 5, Full: len(releases()), Run: runUpgradePlugin},
		{Name: "upgrade-hub", Doc: "an older build of the hub and this one take turns on one data folder", Short: 0, Full: 10, Run: runUpgradeHub},
	}
}

// release is a version that is put in place of the one before, and what a reload must say when it must not take it.
type release struct {
	version int
	refused string
	// dies says that a process dies while the refused file is still there.
	dies bool
}

func releases() []release {
	const state = "cannot take over what an earlier version of it has counted"
	return []release{
		{version: parts.Second},
		{version: parts.Dead, refused: "does not say what it offers", dies: true},
		{version: parts.First},
		{version: parts.Renamed, refused: "rate"},
		{version: parts.Second},
		{version: parts.Fragile, refused: "plugin exited with code 3"},
		{version: parts.Forgetty, refused: state},
		{version: parts.First},
		{version: parts.Second},
		{version: parts.Third},
		{version: parts.First, refused: state},
		{version: parts.Second, refused: state, dies: true},
		{version: parts.Forgetty, refused: state},
		{version: parts.Third},
	}
}

// upgrading is one run of upgrade-plugin.
type upgrading struct {
	env     *rig.Env
	program string // where the hub finds the plugin
	now     int    // the version that runs
}

func runUpgradePlugin(ctx context.Context, e *rig.Env, cycles int) error {
	u := &upgrading{env: e, program: filepath.Join(e.Hub0.Dir, "plugin"), now: parts.First}
	if err := errors.Join(parts.Stamp(e.Self, u.program, u.now), u.configure(), e.Start(ctx), e.AwaitFlow(ctx, "one")); err != nil {
		return err
	}
	for i, r := range releases()[:cycles] {
		if err := u.release(ctx, r); err != nil {
			return fmt.Errorf("release %d, %+v: %w\n%s", i, r, err, e.Hub0.Tail(15))
		}
		if err := errors.Join(e.AwaitFlow(ctx, "one"), e.AwaitFlow(ctx, "five"), e.Sample()); err != nil {
			return err
		}
	}
	return nil
}

// configure writes the standard configuration with the plugin at its own place.
func (u *upgrading) configure() error {
	if err := u.env.Standard(rig.StandardOptions{}); err != nil {
		return err
	}
	hcl, err := os.ReadFile(filepath.Join(u.env.Hub0.Dir, "hub.hcl"))
	if err != nil {
		return err
	}
	return u.env.Configure(strings.ReplaceAll(string(hcl), u.env.Self, u.program))
}

func (u *upgrading) release(ctx context.Context, r release) error {
	e := u.env
	if err := errors.Join(e.Hub0.AwaitReady(ctx), parts.Stamp(e.Self, u.program, r.version)); err != nil {
		return err
	}
	before, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	_, err = e.Hub0.Reload(ctx)
	e.Say("version %d: %v", r.version, first(err))
	switch {
	case r.refused == "" && err != nil:
		return err
	case r.refused == "":
		u.now = r.version
		return e.Hub0.AwaitReady(ctx)
	case err == nil:
		return fmt.Errorf("version %d was taken", r.version)
	case !strings.Contains(err.Error(), r.refused):
		return fmt.Errorf("it says %q, nothing of %q", err, r.refused)
	}
	after, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	for address, b := range rig.Blocks(before) {
		if now := rig.Blocks(after)[address]; now.Pid != b.Pid {
			return fmt.Errorf("%s had process %d and now has %d", address, b.Pid, now.Pid)
		}
	}
	if r.dies {
		return u.die(ctx)
	}
	return nil
}

// die kills a sink while a refused file is in its program's place: it must wait and say so, and go on once the old file is back.
func (u *upgrading) die(ctx context.Context) error {
	e := u.env
	const address = "sink.take.one"
	pid, err := e.Hub0.PluginPid(ctx, address)
	if err != nil {
		return err
	}
	if err := e.KillPlugin(ctx, address, 0, false); err != nil {
		return err
	}
	err = e.Await(ctx, 20*time.Second, "the sink to tell that its program was replaced", func() error {
		s, err := e.Hub0.Status(ctx)
		if err != nil {
			return err
		}
		if b := rig.Blocks(s)[address]; !strings.Contains(b.Error, "was replaced since the configuration was read") {
			return fmt.Errorf("it is %s: %s", b.State, b.Error)
		}
		return nil
	})
	return errors.Join(err, parts.Stamp(e.Self, u.program, u.now), e.AwaitBlock(ctx, address, pid))
}

// first returns the first line of an error.
func first(err error) string {
	if err == nil {
		return "taken"
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// ancestor is the build that takes turns with this one: the first that stores batches in the present form (with two heads).
// What older ones store can be read, but they cannot read what this one stores.
const ancestor = "ea487c0"

func runUpgradeHub(ctx context.Context, e *rig.Env, cycles int) error {
	older, err := buildAncestor(ctx, e.Dir)
	if err != nil {
		e.Say("SKIPPED, this build takes turns with itself: %v", first(err))
		older = e.Options.Hub
	}
	if err := e.Standard(rig.StandardOptions{}); err != nil {
		return err
	}
	for i := range cycles {
		e.Hub0.Program = older
		if i%2 == 1 {
			e.Hub0.Program = e.Options.Hub
		}
		if err := errors.Join(e.Start(ctx), e.AwaitFlow(ctx, "one"), e.AwaitFlow(ctx, "five")); err != nil {
			return err
		}
		if err := e.Sleep(ctx, time.Duration(e.Rand.IntN(1500))*time.Millisecond); err != nil {
			return err
		}
		if e.Rand.IntN(2) == 0 {
			err = e.Hub0.Stop(ctx)
		} else {
			err = e.Fault("hub", "kill -9 hub", 0)
			e.Hub0.Kill()
		}
		if err != nil {
			return err
		}
	}
	e.Hub0.Program = e.Options.Hub
	return errors.Join(e.Start(ctx), e.AwaitFlow(ctx, "one"))
}

// buildAncestor builds the hub as it was at an earlier commit, which needs the history.
func buildAncestor(ctx context.Context, dir string) (string, error) {
	root, err := rig.Root(ctx)
	if err != nil {
		return "", err
	}
	tree, out := filepath.Join(dir, "ancestor"), filepath.Join(dir, "pintle-"+ancestor)
	defer os.RemoveAll(tree)
	if err := os.Mkdir(tree, 0o700); err != nil {
		return "", err
	}
	archive := filepath.Join(dir, "ancestor.tar")
	defer os.Remove(archive)
	for _, line := range [][]string{
		{"git", "-C", root, "archive", "-o", archive, ancestor},
		{"tar", "-C", tree, "-xf", archive},
		{"go", "build", "-C", tree, "-o", out, "./cmd/pintle"},
	} {
		if text, err := exec.CommandContext(ctx, line[0], line[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w: %s", strings.Join(line, " "), err, text)
		}
	}
	return out, nil
}

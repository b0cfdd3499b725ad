package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

func limitScenarios() []Scenario {
	return []Scenario{
		{Name: "limits", Doc: "too few file handles, little memory, one busy processor: a clear refusal, or slower and right",
			Short: 0, Full: len(limits()), Run: runLimits},
	}
}

// limit is what the hub and its plugins do not get.
type limit struct {
	name string
	// shell is a command of the shell before the hub is started; env is added to its environment.
	shell, env string
	hogs       int // processes that do nothing, as fast as they can
	// must says that the hub has to work all the same, dies that the runtime itself may end it, as kill -9 does.
	must, dies bool
}

func limits() []limit {
	var list []limit
	for _, n := range []int{8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96} {
		list = append(list, limit{name: fmt.Sprintf("%d file handles", n), shell: fmt.Sprintf("ulimit -n %d", n)})
	}
	return append(list,
		limit{name: "256 file handles", shell: "ulimit -n 256", must: true},
		limit{name: "GOMEMLIMIT=64MiB", env: "GOMEMLIMIT=64MiB", must: true},
		limit{name: "one processor of many, and two hogs", env: "GOMAXPROCS=1", hogs: 2, must: true},
		limit{name: "192 MiB of data", shell: "ulimit -d 196608", dies: true},
		limit{name: "48 MiB of data", shell: "ulimit -d 49152", dies: true},
		limit{name: "1 GiB of addresses", shell: "ulimit -v 1048576", dies: true},
		limit{name: "files of at most 64 KiB", shell: "ulimit -f 128", dies: true})
}

func runLimits(ctx context.Context, e *rig.Env, cycles int) error {
	if err := e.StartStandard(ctx, rig.StandardOptions{}); err != nil {
		return err
	}
	for _, l := range limits()[:cycles] {
		if err := e.Hub0.Stop(ctx); err != nil {
			return err
		}
		if err := limited(ctx, e, l); err != nil {
			return fmt.Errorf("%s: %w\n%s", l.name, err, e.Hub0.Tail(15))
		}
		e.Hub0.Wrap, e.Hub0.Env = nil, nil
		if err := errors.Join(e.Start(ctx), e.AwaitFlow(ctx, "one"), e.AwaitFlow(ctx, "five")); err != nil {
			return fmt.Errorf("after %s: %w", l.name, err)
		}
	}
	return nil
}

// limited runs the hub under a limit until it has shown what it makes of it.
func limited(ctx context.Context, e *rig.Env, l limit) error {
	h := e.Hub0
	if l.shell != "" {
		h.Wrap = []string{"sh", "-c", l.shell + ` && exec "$@"`, "sh"}
	}
	if l.env != "" {
		h.Env = []string{l.env}
	}
	for range l.hogs {
		hog := exec.CommandContext(ctx, "sh", "-c", "while :; do :; done")
		if err := hog.Start(); err != nil {
			return err
		}
		defer func() { _ = hog.Process.Kill(); _ = hog.Wait() }()
	}
	before := len(h.Tail(1 << 30))
	if err := h.Start(); err != nil {
		return err
	}
	verdict := l.see(ctx, e)
	if h.Running() {
		if err := e.Fault("hub", "kill -9 hub", 0); err != nil {
			return err
		}
		h.Kill()
	}
	said := h.Tail(1 << 30)[before:]
	if strings.Contains(said, "panic:") || strings.Contains(said, "goroutine ") && !l.dies {
		return fmt.Errorf("a panic: %s", said)
	}
	return verdict
}

// see says in the history how the hub copes: it works, it refuses, or it says what a block lacks. Anything else is wrong.
func (l limit) see(ctx context.Context, e *rig.Env) error {
	h := e.Hub0
	lacks := ""
	err := e.Await(ctx, 12*time.Second, "the hub to work or to say why not", func() error {
		if !h.Running() {
			return nil
		}
		s, err := h.Status(ctx)
		if err != nil {
			return err
		}
		for address, b := range rig.Blocks(s) {
			if b.Error != "" {
				lacks = address + " is " + string(b.State) + ": " + b.Error
				return nil
			}
		}
		return h.Ready(ctx)
	})
	switch {
	case err != nil && !l.dies:
		return err
	case !h.Running():
		return l.refused(e)
	case lacks != "":
		e.Say("%s: %s", l.name, lacks)
		if l.must {
			return errors.New(lacks)
		}
		return nil
	}
	if err := errors.Join(e.AwaitFlow(ctx, "one"), e.AwaitFlow(ctx, "five")); err != nil && h.Running() {
		return err
	}
	e.Say("%s: it works", l.name)
	return nil
}

// refused looks at how the hub has ended.
func (l limit) refused(e *rig.Env) error {
	exit := e.Hub0.Exit()
	e.Say("%s: %v: %s", l.name, exit, e.Hub0.Tail(1))
	var code *exec.ExitError
	switch {
	case l.must:
		return fmt.Errorf("it ended: %w", exit)
	case l.dies:
		return nil
	case !errors.As(exit, &code) || code.ExitCode() != 3:
		return fmt.Errorf("it ended with %v, not with exit code 3", exit)
	}
	return nil
}

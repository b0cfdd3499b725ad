//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/disk"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

func storageScenarios() []Scenario {
	return []Scenario{
		{Name: "disk-full", Doc: "the hub's disk fills up, runs out of inodes, becomes read-only or fails; it says so, waits and goes on", Short: 3,
			Full: 10, Run: runDiskFull, Settled: true},
		{Name: "rot", Doc: "files of the log are damaged, under a stopped or a running hub; no loss goes unsaid", Short: 2, Full: 12, Run: runRot},
	}
}

// alarmLimit is how long trouble with the disk may go unsaid, and how long the hub may take to go on afterwards.
const alarmLimit = 10 * time.Second

// diskFault is one way in which the hub's disk stops taking anything.
type diskFault struct {
	name string
	do   func(ctx context.Context, l *disk.Loop) error
	// says is in what the hub says of it.
	says []string
	// lasts means that only a new mount helps: the hub must end for that.
	lasts bool
}

func diskFaults() []diskFault {
	return []diskFault{
		{"disk full", func(_ context.Context, l *disk.Loop) error { return disk.Fill(l.Dir, 0) }, []string{"disk is full", "of disk are free"}, false},
		{"disk nearly full", func(_ context.Context, l *disk.Loop) error { return disk.Fill(l.Dir, 4<<20) }, []string{"of disk are free"}, false},
		{"no inodes", func(_ context.Context, l *disk.Loop) error { return disk.FillInodes(l.Dir) }, []string{"inodes"}, false},
		{"disk read-only", func(ctx context.Context, l *disk.Loop) error { return l.ReadOnly(ctx) }, []string{"read-only", "disk fails"}, true},
		{"disk fails", func(_ context.Context, l *disk.Loop) error { return l.Cut() }, []string{"disk fails", "read-only", "input/output error"}, true},
	}
}

func runDiskFull(ctx context.Context, e *rig.Env, cycles int) (err error) {
	l, err := ownDisk(ctx, e, disk.Options{MiB: 96, Inodes: 512})
	if err != nil {
		return err
	}
	defer closeDisk(e, l, &err)
	if err := e.StartStandard(ctx, rig.StandardOptions{}); err != nil {
		return err
	}
	faults := diskFaults()
	for i := range cycles {
		f := faults[i%len(faults)]
		if err := e.Sleep(ctx, time.Duration(e.Rand.IntN(300))*time.Millisecond); err != nil {
			return err
		}
		if err := f.once(ctx, e, l); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return e.Quiesce(ctx)
}

// once does the fault, sees that it is said and that sources wait, ends it and sees that all goes on.
func (f diskFault) once(ctx context.Context, e *rig.Env, l *disk.Loop) error {
	if err := e.Fault("all", f.name, 0); err != nil {
		return err
	}
	pid := e.Hub0.Pid()
	if err := f.do(ctx, l); err != nil {
		return err
	}
	began := time.Now()
	if err := e.Await(ctx, alarmLimit, "the hub to say it", func() error { return f.said(ctx, e) }); err != nil {
		return fmt.Errorf("%w\n%s", err, e.Hub0.Tail(10))
	}
	told := time.Since(began)
	if err := e.Heal("all", f.name); err != nil {
		return err
	}
	began = time.Now()
	if err := f.mend(ctx, e, l); err != nil {
		return err
	}
	if err := e.Await(ctx, alarmLimit, "the sources to go on", func() error { return e.Hub0.Ready(ctx) }); err != nil {
		return fmt.Errorf("%w\n%s", err, e.Hub0.Tail(10))
	}
	if err := e.AwaitFlow(ctx, "one"); err != nil {
		return err
	}
	e.Say("%s: said after %s, went on after %s", f.name, told.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	if !f.lasts && e.Hub0.Pid() != pid {
		return errors.New("the hub was started again")
	}
	return nil
}

// said returns nil when the status says what is the matter and every source waits with that reason.
func (f diskFault) said(ctx context.Context, e *rig.Env) error {
	s, err := e.Hub0.Status(ctx)
	if err != nil {
		return err
	}
	if !f.tells(s.Log.Problem) {
		return fmt.Errorf("the log's problem is %q", s.Log.Problem)
	}
	for _, x := range s.Sources {
		if x.State != flow.StateWaiting || !f.tells(x.Error) {
			return fmt.Errorf("%s is %s: %s", x.Address, x.State, x.Error)
		}
	}
	return nil
}

func (f diskFault) tells(text string) bool {
	return slices.ContainsFunc(f.says, func(words string) bool { return strings.Contains(text, words) })
}

func (f diskFault) mend(ctx context.Context, e *rig.Env, l *disk.Loop) error {
	if !f.lasts {
		return disk.Empty(l.Dir)
	}
	e.Hub0.Kill()
	if err := errors.Join(awaitPlugins(ctx, e), l.Unmount(ctx), l.Mount(ctx)); err != nil {
		return err
	}
	return e.Start(ctx)
}

// troubleOf is what the hub says of damage, "" when nothing.
func troubleOf(s hub.Status) string {
	for _, d := range s.Log.Damage {
		return d.Error()
	}
	return ""
}

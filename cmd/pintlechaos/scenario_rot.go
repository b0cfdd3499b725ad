//go:build linux

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

	"github.com/pintle-hub/pintle/cmd/pintlechaos/disk"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/rig"
)

// rot is one damage of one stream.
type rot struct {
	Stream  string `json:"stream"`
	Damage  string `json:"damage"`
	Running bool   `json:"running"` // it happens under the running hub
	do      func(disk.Store) error
}

// rots draws damages in another order for each seed: each stream with each damage before any comes again. A dead letter or a
// loop that is lost is left to the tests of the log: there are none here.
func rots(e *rig.Env, cycles int) []rot {
	var all []rot
	for _, stream := range []string{"EV", "IN", "CK", "SN"} {
		for _, d := range disk.Damages() {
			all = append(all, rot{Stream: stream, Damage: d.Name, do: func(s disk.Store) error { return d.Do(s, e.Rand) }})
		}
	}
	e.Rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	list := make([]rot, cycles)
	for i := range list {
		list[i] = all[i%len(all)]
		list[i].Running = i%2 == 1
	}
	return list
}

func runRot(ctx context.Context, e *rig.Env, cycles int) error {
	list := rots(e, cycles)
	if err := errors.Join(e.SaveSchedule(list), e.StartStandard(ctx, rig.StandardOptions{})); err != nil {
		return err
	}
	for _, r := range list {
		if err := r.once(ctx, e); err != nil {
			return fmt.Errorf("%s of %s (running: %t): %w", r.Damage, r.Stream, r.Running, err)
		}
	}
	return nil
}

// once damages a log that is at rest, so that its copy is as good as it was: that is put back afterwards, as from a backup.
func (r rot) once(ctx context.Context, e *rig.Env) error {
	if err := e.Quiesce(ctx); err != nil {
		return err
	}
	if err := e.Hub0.Stop(ctx); err != nil {
		return err
	}
	backup := filepath.Join(e.Dir, "backup")
	if err := os.CopyFS(backup, os.DirFS(e.Hub0.Data)); err != nil {
		return err
	}
	if err := e.Fault("all", r.Damage, 0); err != nil {
		return err
	}
	told, err := r.harm(ctx, e)
	if err != nil {
		return err
	}
	e.Say("%s of %s (running: %t): %s", r.Damage, r.Stream, r.Running, told)
	e.Hub0.Kill()
	if err := errors.Join(awaitPlugins(ctx, e), os.RemoveAll(e.Hub0.Data), os.Rename(backup, e.Hub0.Data), e.Start(ctx), e.Flow(0)); err != nil {
		return err
	}
	return e.AwaitFlow(ctx, "one")
}

// harm damages the log and returns what the hub says to it.
func (r rot) harm(ctx context.Context, e *rig.Env) (told string, err error) {
	store := disk.Store{Data: e.Hub0.Data, Stream: r.Stream}
	if !r.Running {
		if err := r.do(store); err != nil {
			return "nothing there to damage: " + err.Error(), nil
		}
		return r.start(ctx, e)
	}
	if err := e.Start(ctx); err != nil {
		return "", err
	}
	if err := r.do(store); err != nil {
		return "nothing there to damage: " + err.Error(), nil
	}
	began := time.Now()
	err = e.Await(ctx, alarmLimit, "the damage to be told", func() error {
		s, err := e.Hub0.Status(ctx)
		if told = troubleOf(s); err == nil && told == "" {
			err = errors.New("nothing is said")
		}
		return err
	})
	if err == nil {
		return fmt.Sprintf("told after %s: %s", time.Since(began).Round(time.Millisecond), told), nil
	}
	e.Hub0.Kill() // it has in memory what the disk has not: the next start must see it
	if err := awaitPlugins(ctx, e); err != nil {
		return "", err
	}
	return r.start(ctx, e)
}

// start starts the hub on a damaged log: it refuses and says why, tells of the damage while it runs, or has mended it.
func (r rot) start(ctx context.Context, e *rig.Env) (string, error) {
	if err := e.Hub0.Start(); err != nil {
		return "", err
	}
	told := ""
	err := e.Await(ctx, 2*alarmLimit, "the hub to refuse or to run", func() error {
		if !e.Hub0.Running() {
			return nil
		}
		s, err := e.Hub0.Status(ctx)
		if told = troubleOf(s); err != nil || told != "" {
			return err
		}
		return e.Hub0.Ready(ctx)
	})
	switch {
	case err != nil:
		return "", err
	case !e.Hub0.Running():
		return r.refusal(e)
	case told != "":
		return "started and told: " + told, nil
	}
	return r.mended(ctx, e)
}

// refusal checks that a hub which did not start says what is damaged, with the exit code of an environment that is not right.
func (r rot) refusal(e *rig.Env) (string, error) {
	said := e.Hub0.Tail(12)
	var exit *exec.ExitError
	if !errors.As(e.Hub0.Exit(), &exit) || exit.ExitCode() != 3 {
		return "", fmt.Errorf("the hub ended with %v, want exit code 3\n%s", e.Hub0.Exit(), said)
	}
	if !strings.Contains(said, "stream "+r.Stream) || !strings.Contains(said, "damaged") {
		return "", fmt.Errorf("the hub does not say that %s is damaged\n%s", r.Stream, said)
	}
	_, said, _ = strings.Cut(said, "stream "+r.Stream)
	said, _, _ = strings.Cut(said, "\n")
	return "refused: stream " + r.Stream + said, nil
}

// mended checks that a hub which runs as if nothing were wrong has lost nothing: its books are those of before.
func (r rot) mended(ctx context.Context, e *rig.Env) (string, error) {
	found, err := e.Hub0.Client().Fsck(ctx)
	if err != nil {
		return "", err
	}
	if len(found.Damage) > 0 {
		return "started, and the check tells: " + found.Damage[0].Error(), nil
	}
	return "harmless: nothing is missing", e.Quiesce(ctx)
}

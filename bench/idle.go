package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

const (
	idleStart  = 3 * time.Minute // all plugins run by then
	idleSettle = 5 * time.Second // what the start leaves to do
)

// idle watches a hub with many pipelines while nothing comes.
func idle(ctx context.Context, s *setup, f *Figures) error {
	began := time.Now()
	h, err := s.open(ctx, false)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- h.Run(running) }()
	err = func() error {
		all, err := awaitRunning(running, h)
		if err != nil {
			return err
		}
		f.Values[readyMS] = time.Since(began).Seconds() * 1000
		pause(ctx, idleSettle)
		return s.observe(ctx, all, f)
	}()
	stop()
	return errors.Join(err, <-ended, h.Close())
}

// awaitRunning returns all plugins once they run.
func awaitRunning(ctx context.Context, h *hub.Hub) ([]plugin, error) {
	late := time.Now().Add(idleStart)
	for {
		status := h.Status(ctx)
		if all := plugins(status); started(all) && working(status) {
			return all, nil
		}
		if time.Now().After(late) {
			return nil, fmt.Errorf("not all plugins run after %s", idleStart)
		}
		pause(ctx, watchEvery)
	}
}

func working(s hub.Status) bool {
	for _, p := range s.Pipelines {
		if p.State != flow.StateRunning {
			return false
		}
	}
	return true
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// observe measures for the length of the window without asking the hub anything.
func (s *setup) observe(ctx context.Context, all []plugin, f *Figures) error {
	theirs, err := cpuOfAll(all)
	if err != nil {
		return err
	}
	began, own := time.Now(), cpuSeconds(false)
	err = s.profiled(func() error { pause(ctx, time.Duration(s.Window)*time.Second); return nil })
	if err != nil {
		return err
	}
	f.Values[hubCPU] = (cpuSeconds(false) - own) / time.Since(began).Seconds() * 100
	theirsAfter, err := cpuOfAll(all)
	if err != nil {
		return err
	}
	f.Values[pluginsCPU] = (theirsAfter - theirs) / time.Since(began).Seconds() * 100
	for _, p := range all {
		now, _, err := memory(p.pid)
		if err != nil {
			return err
		}
		f.raise(pluginMB, now)
		share, err := proportional(p.pid)
		if err != nil {
			return err
		}
		f.Values[pluginsMB] += share
	}
	f.Values[hubMB], _, err = memory(os.Getpid())
	return err
}

// cpuOfAll is what all plugins have used.
func cpuOfAll(all []plugin) (float64, error) {
	var sum float64
	for _, p := range all {
		c, err := cpuOf(p.pid)
		if err != nil {
			return 0, err
		}
		sum += c
	}
	return sum, nil
}

// proportional is the memory of a process in MB, with pages that it shares divided among those who do.
func proportional(pid int) (float64, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(b) {
		if value, ok := bytes.CutPrefix(line, []byte("Pss:")); ok {
			return megabytes(string(value))
		}
	}
	return 0, fmt.Errorf("/proc/%d/smaps_rollup tells no Pss", pid)
}

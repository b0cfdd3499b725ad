package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pintle-hub/pintle/core/host"
)

func TestStoppedPluginIsKilledInTime(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{StopTimeout: 500 * time.Millisecond})
	p := start(t, h, "good")
	freeze(t, p.Pid())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.Ping(ctx); err == nil {
		t.Error("a stopped process answers a ping")
	}
	began := time.Now()
	if err := p.Stop(t.Context()); !errors.Is(err, host.ErrKilled) {
		t.Errorf("stop = %v", err)
	}
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("stop took %s", took)
	}
	if exit := awaitDone(t, p, time.Second); !exit.ByHost || exit.Signal != syscall.SIGKILL {
		t.Errorf("exit = %+v", exit)
	}
}

func TestLingeringPluginIsKilledInTime(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{StopTimeout: 300 * time.Millisecond})
	p := start(t, h, "lingers")
	began := time.Now()
	if err := p.Stop(t.Context()); !errors.Is(err, host.ErrKilled) {
		t.Errorf("stop = %v", err)
	}
	if took := time.Since(began); took < 300*time.Millisecond || took > 1300*time.Millisecond {
		t.Errorf("stop took %s", took)
	}
}

// When memory is short the kernel takes a plugin and not the hub, and no core dump with customers' words is left.
func TestKernelIsToldWhomToTake(t *testing.T) {
	h := newHost(t, host.Config{})
	proc := "/proc/" + strconv.Itoa(start(t, h, "good").Pid())
	score, err := os.ReadFile(proc + "/oom_score_adj")
	if err != nil || strings.TrimSpace(string(score)) != "500" {
		t.Errorf("oom_score_adj = %q, %v", score, err)
	}
	limits, err := os.ReadFile(proc + "/limits")
	if err != nil || !regexp.MustCompile(`Max core file size +0 +0 `).Match(limits) {
		t.Errorf("limits = %s, %v", limits, err)
	}
}

func TestPingHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	freeze(t, p.Pid())
	answered := make(chan error)
	go func() { answered <- p.Ping(context.Background()) }()
	select {
	case err := <-answered:
		if err == nil {
			t.Error("a stopped process answers a ping")
		}
	case <-time.After(8 * time.Second):
		p.Kill()
		t.Errorf("the ping hung until the process was killed: %v", <-answered)
	}
}

func TestStoppedPluginCanBeKilled(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	freeze(t, p.Pid())
	p.Kill()
	awaitDone(t, p, time.Second)
}

func TestDeathIsNoticedAtOnce(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	signalTo(t, p.Pid(), syscall.SIGKILL)
	exit := awaitDone(t, p, 500*time.Millisecond)
	if exit.ByHost || exit.Signal != syscall.SIGKILL || exit.Code != -1 {
		t.Errorf("exit = %+v", exit)
	}
	if !strings.Contains(exit.String(), "signal 9 (out of memory?)") {
		t.Errorf("exit says %q", exit)
	}
	if _, err := ask(t.Context(), p, "echo x"); status.Code(err) != codes.Unavailable && status.Code(err) != codes.Canceled {
		t.Errorf("a call after the death: %v", err)
	}
}

// A helper of the plugin holds its stdout and stderr. The death is noticed, and the helper dies with the plugin.
func TestGrandchildHoldsStderr(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	helper, err := strconv.Atoi(mustAsk(t, p, "helper"))
	if err != nil {
		t.Fatal(err)
	}
	signalTo(t, p.Pid(), syscall.SIGKILL)
	awaitDone(t, p, 500*time.Millisecond)
	awaitGone(t, helper)
}

// The same with one outside the process group.
func TestDetachedGrandchildHoldsStderr(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{})
	p := start(t, h, "detached")
	signalTo(t, p.Pid(), syscall.SIGKILL)
	awaitDone(t, p, time.Second)
	if err := h.Close(); err != nil { // ends the helper too
		t.Error(err)
	}
}

func TestSignalsToTheGroupDoNotEndThePlugin(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		signalTo(t, -p.Pid(), s)
		if got := mustAsk(t, p, "echo alive"); got != "alive" {
			t.Errorf("after %s: %q", s, got)
		}
	}
	if group, err := syscall.Getpgid(p.Pid()); err != nil || group == syscall.Getpgrp() {
		t.Errorf("the plugin is in the hub's process group: Ctrl-C would reach it (%d, %v)", group, err)
	}
}

func TestPanicInACallIsAnError(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	_, err := ask(t.Context(), p, "index 7")
	if status.Code(err) != codes.Internal {
		t.Fatalf("error = %v", err)
	}
	for _, want := range []string{"index out of range [7] with length 2", "plugin_test.go:"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error has no %q: %v", want, err)
		}
	}
	_, err = ask(t.Context(), p, "panic my card number is 1234")
	if status.Code(err) != codes.Internal || strings.Contains(err.Error(), "1234") {
		t.Errorf("a panic that quotes an event: %v", err)
	}
	if got := mustAsk(t, p, "echo alive"); got != "alive" {
		t.Errorf("echo = %q", got)
	}
}

func TestCrashLeavesItsLastWords(t *testing.T) {
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	if _, err := ask(t.Context(), p, "crash"); err == nil {
		t.Error("a crash is no error")
	}
	exit := awaitDone(t, p, time.Second)
	if exit.Code != 2 || !strings.Contains(exit.Words, "panic: cannot go on") || !strings.Contains(exit.Words, "goroutine ") {
		t.Errorf("exit = %+v", exit)
	}
	if !strings.HasPrefix(exit.String(), "crashed (Go panic, code 2)") {
		t.Errorf("exit says %q", exit)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Errorf("stop after a crash: %v", err)
	}
}

func signalTo(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// freeze stops a process and returns once all its threads stand still.
func freeze(t *testing.T, pid int) {
	t.Helper()
	signalTo(t, pid, syscall.SIGSTOP)
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); <-time.After(time.Millisecond) {
		threads, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/stat")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(threads, func(path string) bool {
			stat, err := os.ReadFile(path)
			return err == nil && !strings.Contains(string(stat), ") T ")
		}) {
			return
		}
	}
	t.Fatalf("process %d does not stop", pid)
}

// awaitGone polls until the process has ended; it may be a zombie for ever when nobody reaps orphans here.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); <-time.After(5 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d still runs after 5 s", pid)
}

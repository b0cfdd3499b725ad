package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
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
	h := newHost(t, host.Config{StopTimeout: 500 * time.Millisecond})
	p := start(t, h, "good")
	signalTo(t, p.Pid(), syscall.SIGSTOP)
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

func TestPingHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	h := newHost(t, host.Config{})
	p := start(t, h, "good")
	signalTo(t, p.Pid(), syscall.SIGSTOP)
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
	signalTo(t, p.Pid(), syscall.SIGSTOP)
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

func TestSocketFilesAreRemoved(t *testing.T) {
	dir := shortDir(t)
	h := newHost(t, host.Config{RunDir: dir})
	killed, stopped, crashed := start(t, h, "good"), start(t, h, "good"), start(t, h, "good")
	killed.Kill()
	_, _ = ask(t.Context(), crashed, "exit 5")
	for _, p := range []*host.Process{killed, stopped, crashed} {
		_ = p.Stop(t.Context()) // waits until all is cleared away
	}
	if _, err := h.Start(t.Context(), program(t, "dies")); err == nil {
		t.Error("started")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "plugin*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) > 0 {
		t.Errorf("left behind after close: %q", left)
	}
}

// Every kind of end, again and again, leaks neither files nor goroutines.
func TestFiftyRestarts(t *testing.T) {
	h := newHost(t, host.Config{})
	round := func() {
		for _, end := range []func(*host.Process){
			func(*host.Process) {},
			(*host.Process).Kill,
			func(p *host.Process) { _, _ = ask(t.Context(), p, "crash") },
			func(p *host.Process) { _, _ = ask(t.Context(), p, "exit 0") },
		} {
			p := start(t, h, "good")
			end(p)
			_ = p.Stop(t.Context())
		}
		for _, mode := range []string{"dies", "fleeting"} {
			if _, err := h.Start(t.Context(), program(t, mode)); err == nil {
				t.Error("started")
			}
		}
	}
	round()
	files, goroutines := settled(t, 0, 0)
	for range 10 {
		round()
	}
	filesAfter, goroutinesAfter := settled(t, files, goroutines)
	if filesAfter > files || goroutinesAfter > goroutines {
		t.Errorf("open files %d -> %d, goroutines %d -> %d", files, filesAfter, goroutines, goroutinesAfter)
	}
}

// settled counts open files and goroutines, once they are no more than given or, with zeros, have stopped changing. gRPC
// ends some of its goroutines a little after it says so.
func settled(t *testing.T, wantFiles, wantGoroutines int) (files, goroutines int) {
	t.Helper()
	for try, same := 0, 0; try < 100 && same < 10; try++ {
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		f, g := len(open), runtime.NumGoroutine()
		if f == files && g == goroutines || f <= wantFiles && g <= wantGoroutines {
			same++
		}
		files, goroutines = f, g
		<-time.After(10 * time.Millisecond)
	}
	return files, goroutines
}

func signalTo(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// awaitGone polls until the process has ended; it may be a zombie for ever when nobody reaps orphans here.
func awaitGone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); <-time.After(5 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d still runs after 2 s", pid)
}

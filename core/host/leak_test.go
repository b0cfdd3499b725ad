package host_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/host"
)

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

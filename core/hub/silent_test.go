package hub_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Plugins that are there and do nothing at all, not even die, are found out and started again. // promise 5
func TestSilentPluginsAreFoundOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openGate(t, dir, 300)
	hcl := strings.Replace(chain(dir, 1000, "", ""), "count =", fmt.Sprintf("chunk = 20\n  gate = %q\n  count =", filepath.Join(dir, "gate")), 1)
	o := options(t, load(t, dir, hcl))
	o.Silence = 10 * time.Second // a heartbeat comes every eight
	h, finish := backgroundWith(t, o)
	await(t, "events to arrive", func() bool { return h.Status(t.Context()).Books.Delivered == 300 })
	s := h.Status(t.Context())
	frozen := []int64{s.Sources[0].Pid, s.Pipelines[0].Hops[0].Pid, s.Pipelines[0].Sinks[0].Pid}
	for _, pid := range frozen {
		if err := syscall.Kill(int(pid), syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	openGate(t, dir, 1000)
	s = finish()
	if s.Books.Delivered != 1000 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	if p := s.Pipelines[0]; s.Sources[0].Restarts < 1 || p.Hops[0].Restarts < 1 || p.Sinks[0].Restarts < 1 {
		t.Errorf("restarts: source %d, analyzers %d, sink %d", s.Sources[0].Restarts, p.Hops[0].Restarts, p.Sinks[0].Restarts)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 1000)
	await(t, "all processes to be gone", func() bool { return len(alive(t, dir)) == 0 })
}

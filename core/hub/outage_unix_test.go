//go:build unix

package hub_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// busy returns how long this process has computed.
func busy(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// written returns how much the sink has written.
func written(t *testing.T, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestAHeldEventBehindASlowTargetCostsNoTime: while as much was under way as may be, the pump turned around a held event that
// was due, as fast as it could.
func TestAHeldEventBehindASlowTargetCostsNoTime(t *testing.T) {
	dir := t.TempDir()
	stuck := touch(t, filepath.Join(dir, "stuck"))
	hcl := few(dir, "count = 20000\nchunk = 4000", fmt.Sprintf("retry = [\"n0000001\"]\nwhile = %q\ndelay = \"400ms\"", stuck))
	h, wait := background(t, load(t, dir, hcl))
	await(t, "the event to be held", func() bool { return sinkOf(t, h).Holding > 0 })
	began, before, size := time.Now(), busy(t), written(t, dir)
	await(t, "the next batch to be written", func() bool { return written(t, dir) > size })
	if took, busy := time.Since(began), busy(t)-before; busy > took/2 {
		t.Errorf("the hub computed for %s of %s, while it waited for its sink", busy, took)
	}
	remove(t, stuck)
	if s := wait(); s.Books.Delivered != 20000 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
}

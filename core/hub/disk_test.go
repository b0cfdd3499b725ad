//go:build linux

package hub_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/pintle-hub/pintle/core/flow"
)

// smallDisk is a file system of its own at dir that ends with the test.
func smallDisk(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m,mode=0700"); err != nil {
		t.Fatalf("a full disk can only be tested by root with CAP_SYS_ADMIN: mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fill takes the disk with a file, but for so many bytes.
func fill(t *testing.T, path string, leave uint64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var disk syscall.Statfs_t
	for err = syscall.Statfs(path, &disk); err == nil && disk.Bfree*uint64(disk.Bsize) > leave; err = syscall.Statfs(path, &disk) {
		if _, err := f.Write(make([]byte, 1<<12)); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The disk is full for a while: nothing is taken in meanwhile, and all goes on by itself when there is room. // promise 6
func TestAFullDiskIsWaitedOut(t *testing.T) {
	dir := t.TempDir()
	smallDisk(t, filepath.Join(dir, "data"))
	openGate(t, dir, 500)
	hcl := strings.Replace(chain(dir, 1000, "", ""), "count =", "chunk = 20\n  pause = \"1ms\"\n  gate = \""+filepath.Join(dir, "gate")+"\"\n  count =", 1)
	h, finish := background(t, load(t, dir, hcl))
	await(t, "events to flow", func() bool { return h.Status(t.Context()).Books.Delivered >= 100 })
	ballast := filepath.Join(dir, "data", "ballast")
	leave := uint64(1 << 20) // less than the log keeps in reserve, so that it never meets the end of the disk
	if os.Getenv("PINTLE_KILL") == "long" {
		leave = 0 // the log's server stops, and is started again: half a minute
	}
	fill(t, ballast, leave)
	if leave > 0 {
		await(t, "the disk to be looked at", func() bool { return h.Status(t.Context()).Log.Problem != "" })
	}
	openGate(t, dir, 1000)
	await(t, "the source to be held back", func() bool { return h.Status(t.Context()).Sources[0].State == flow.StateWaiting })
	s := h.Status(t.Context())
	if s.Books.Accepted == 1000 || s.Log.Problem == "" {
		t.Errorf("books %+v, problem %q", s.Books, s.Log.Problem)
	}
	remove(t, ballast)
	if s := finish(); s.Books.Delivered != 1000 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 1000)
}

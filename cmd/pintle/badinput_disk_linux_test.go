package main_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// TestFullDisk fills the disk under a hub that works: it says so and waits. When there is room again it goes on by itself, and
// nothing is lost. It does the same when it is killed on the full disk and started again there. // promises 1, 6
func TestFullDisk(t *testing.T) {
	t.Parallel()
	p := newPlace(t, followHCL, map[string]string{"posts.jsonl": numbered(0, 100)})
	smallDisk(p)
	h := p.start()
	h.await("the first events", func(s hub.Status) bool { return s.Books.Delivered == 100 })

	fill(p)
	h.await("the hub to see it", func(s hub.Status) bool { return strings.Contains(s.Log.Problem, "the log is full") })
	p.add("posts.jsonl", numbered(100, 2000))
	s := h.await("the source to wait", waiting)
	says(t, "the status", s.Sources[0].Error, "of disk are free in "+p.path("data"))
	says(t, "pintle status", p.pintle("status").out, "source.file.posts", "waiting", "goes on by itself", "make room on the disk")
	says(t, "the log", lineWith(h.err.String(), "waits and tries again"), "[WARN]", "block=source.file.posts", "the log is full")
	if !s.Balanced {
		t.Errorf("books on the full disk: %+v", s.Books)
	}

	h.kill()
	h = p.start()
	h.await("the source to wait again", waiting)
	if err := os.Remove(p.path("data/filler")); err != nil {
		t.Fatal(err)
	}
	h.await("all events", func(s hub.Status) bool { return s.Books.Delivered == 2000 })
	h.stop().want(t, 2000, 2000, 0, 0)
	says(t, "the log", lineWith(h.err.String(), "goes on"), "[INFO]", "block=source.file.posts")
	p.arrivedInOrder(2000)
}

func waiting(s hub.Status) bool {
	return s.Sources[0].State == flow.StateWaiting && strings.Contains(s.Sources[0].Error, "the log is full")
}

// smallDisk mounts a disk of 64 MiB where the hub's data go.
func smallDisk(p place) {
	p.Helper()
	if err := os.Mkdir(p.path("data"), 0o700); err != nil {
		p.Fatal(err)
	}
	if err := syscall.Mount("pintle-test", p.path("data"), "tmpfs", 0, "size=64m,mode=0700"); err != nil {
		p.Fatalf("mount a small disk: %v; this test needs the rights of root", err)
	}
	p.Cleanup(func() {
		if err := syscall.Unmount(p.path("data"), syscall.MNT_DETACH); err != nil {
			p.Error(err)
		}
	})
}

// fill takes all room that the disk has left.
func fill(p place) {
	p.Helper()
	f, err := os.Create(p.path("data/filler"))
	if err != nil {
		p.Fatal(err)
	}
	defer f.Close()
	for _, step := range []int{1 << 20, 4096} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, step))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			p.Fatal(err)
		}
	}
}

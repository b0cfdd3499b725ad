package disk_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/disk"
)

// loop mounts a file system that ends with the test.
func loop(t *testing.T, o disk.Options) *disk.Loop {
	t.Helper()
	dir := t.TempDir()
	o.Image, o.Dir = filepath.Join(dir, "image"), filepath.Join(dir, "mnt")
	l, err := disk.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func write(t *testing.T, path string, sync bool) *os.File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("written"); err != nil {
		t.Fatal(err)
	}
	if sync {
		if err := f.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestAPowerCutKeepsWhatWasSyncedAndNothingElse(t *testing.T) {
	l := loop(t, disk.Options{})
	synced, lost := filepath.Join(l.Dir, "synced"), filepath.Join(l.Dir, "lost")
	a, b := write(t, synced, true), write(t, lost, false)
	if err := l.Cut(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.WriteString("more"); !errors.Is(err, syscall.EIO) {
		t.Errorf("write after the cut: %v", err)
	}
	if err := errors.Join(a.Close(), b.Close(), l.Unmount(t.Context()), l.Mount(t.Context())); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(synced); err != nil || string(data) != "written" {
		t.Errorf("what was synced: %q, %v", data, err)
	}
	if data, err := os.ReadFile(lost); err == nil && string(data) == "written" {
		t.Error("what was not synced survived")
	}
}

func TestFillLeavesWhatIsAsked(t *testing.T) {
	l := loop(t, disk.Options{MiB: 32})
	if err := disk.Fill(l.Dir, 4<<20); err != nil {
		t.Fatal(err)
	}
	if free, err := l.Free(); err != nil || free < 3<<20 || free > 4<<20 {
		t.Errorf("%d free, %v", free, err)
	}
	if err := disk.Fill(l.Dir, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.Dir, "x"), make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("write to a full disk: %v", err)
	}
	if err := disk.Empty(l.Dir); err != nil {
		t.Fatal(err)
	}
	if free, _ := l.Free(); free < 16<<20 {
		t.Errorf("%d free after Empty", free)
	}
}

func TestInodesRunOut(t *testing.T) {
	l := loop(t, disk.Options{MiB: 16, Inodes: 64})
	if err := disk.FillInodes(l.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Create(filepath.Join(l.Dir, "x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("one more file: %v", err)
	}
	if err := disk.Empty(l.Dir); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(l.Dir, "x"), true).Close()
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	l := loop(t, disk.Options{})
	f := write(t, filepath.Join(l.Dir, "x"), true)
	defer f.Close()
	if err := l.ReadOnly(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := f.WriteString("more")
	if err = errors.Join(err, f.Sync()); err == nil {
		t.Error("a write was taken")
	}
	if err := errors.Join(f.Close(), l.Unmount(t.Context()), l.Mount(t.Context())); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(l.Dir, "y"), true).Close()
}

// TestAKilledProcessLeavesNoMount starts this test binary again, which mounts and is killed.
func TestAKilledProcessLeavesNoMount(t *testing.T) {
	dir := os.Getenv("DISK_TEST_MOUNT")
	if dir != "" {
		if _, err := disk.New(t.Context(), disk.Options{Image: dir + "/image", Dir: dir + "/mnt", MiB: 16}); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		select {}
	}
	dir = t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestAKilledProcessLeavesNoMount$")
	child.Env = append(os.Environ(), "DISK_TEST_MOUNT="+dir)
	if out, err := child.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("%v: %s", err, out)
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		mounts, err := os.ReadFile("/proc/self/mounts")
		_, image := os.Stat(dir + "/image")
		if err == nil && !strings.Contains(string(mounts), dir) && errors.Is(image, os.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still mounted: %v", err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

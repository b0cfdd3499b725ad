package file_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// childFull names the folder that TestSinkFullChild fills, childDisk says whether it can mount a disk there.
const (
	childFull = "PINTLE_TEST_FULL_DISK"
	childDisk = "PINTLE_TEST_FULL_MOUNT"
)

const diskSize = 256 << 10

// TestSinkOnAFullDisk runs TestSinkFullChild in a mount namespace of its own, where it may mount a small disk, and with a
// limit on the size of files, which only the larger of a sink's files reaches.
func TestSinkOnAFullDisk(t *testing.T) {
	for _, format := range []string{"jsonl", "text"} {
		t.Run(format, func(t *testing.T) {
			own := &syscall.SysProcAttr{
				Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
				UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
			}
			for _, attr := range []*syscall.SysProcAttr{own, nil} {
				out, err := fullChild(t, format, attr)
				if attr == own && errors.Is(err, syscall.EPERM) {
					continue // no namespaces here: the limit on files must do
				}
				if err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			}
		})
	}
}

func fullChild(t *testing.T, format string, attr *syscall.SysProcAttr) ([]byte, error) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestSinkFullChild$")
	cmd.Env = append(os.Environ(), childFull+"="+t.TempDir(), childFormat+"="+format, childDisk+"="+strconv.FormatBool(attr != nil))
	cmd.SysProcAttr = attr
	return cmd.CombinedOutput()
}

// TestSinkFullChild writes until nothing more fits, checks that no line is torn and that the sink asks for patience, and goes
// on when there is room again. By itself it does nothing.
func TestSinkFullChild(t *testing.T) {
	dir := os.Getenv(childFull)
	if dir == "" {
		return
	}
	room := makeFull(t, dir)
	path := filepath.Join(dir, "events")
	s := openSink(t, map[string]any{"path": path, "format": os.Getenv(childFormat)})
	n := writeUntilFull(t, s)
	for range 3 { // it stays full
		if _, err := s.Write(context.Background(), plainBatch(t, posts(n, n+100))); !sdk.Temporary(err) {
			t.Fatalf("error %v, want a temporary one", err)
		}
		checkLines(t, path, n)
	}
	room()
	if got := s.outcomes(t, plainBatch(t, posts(n+100, n+300))); strings.Trim(got, "done ") != "" {
		t.Errorf("others, with room again: %s", got)
	}
	s.close(t)
	s = openSink(t, map[string]any{"path": path, "format": os.Getenv(childFormat)})
	if got := s.outcomes(t, plainBatch(t, posts(n-1, n+101))); got != "duplicate"+strings.Repeat(" done", 100)+" duplicate" {
		t.Errorf("those that were refused, in the next run: %s", got)
	}
	if lines := strings.Count(readFile(t, path), "\n"); lines != n+300 {
		t.Errorf("%d lines, want %d", lines, n+300)
	}
}

// writeUntilFull returns how many events were written before one batch was refused.
func writeUntilFull(t *testing.T, s *openedSink) int {
	for n := 0; ; n += 100 {
		_, err := s.Write(context.Background(), plainBatch(t, posts(n, n+100)))
		if err == nil {
			continue
		}
		if !sdk.Temporary(err) || strings.Contains(err.Error(), "post number") {
			t.Fatalf("error %v, want a temporary one", err)
		}
		return n
	}
}

// makeFull makes dir a small disk with ballast in it, or sets a limit on the size of files, and returns how to make room.
func makeFull(t *testing.T, dir string) (room func()) {
	if os.Getenv(childDisk) == "true" {
		return mountSmall(t, dir)
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: 1 << 30}); err != nil {
			t.Fatal(err)
		}
	}
	limit(diskSize / 2)
	return func() { limit(1 << 30) }
}

func mountSmall(t *testing.T, dir string) (room func()) {
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d", diskSize)); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, diskSize/2), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}

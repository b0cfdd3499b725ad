//go:build linux

package broker_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// smallDisk is a file system of its own that ends with the test.
func smallDisk(t *testing.T, mib int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", mib)); err != nil {
		t.Fatalf("a full disk can only be tested by root with CAP_SYS_ADMIN: mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes the rest of the disk.
func fill(t *testing.T, dir string) (ballast string) {
	t.Helper()
	ballast = filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 1 << 12} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return ballast
}

func TestAppendLeavesTheReserveFree(t *testing.T) {
	dir := smallDisk(t, 64)
	b := open(t, broker.Config{Dir: dir, Reserve: 40 << 20})
	var err error
	for i := 0; err == nil; i++ {
		if i > 64 {
			t.Fatal("the reserve was used up")
		}
		m := broker.Message{Stream: broker.Events, Subject: "ev.0.a", Data: make([]byte, 1<<20)}
		_, err = b.Append(t.Context(), m)
	}
	if !errors.Is(err, broker.ErrFull) || !strings.Contains(err.Error(), "40 MiB are kept in reserve") {
		t.Errorf("append: %v, want ErrFull", err)
	}
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		t.Fatal(err)
	}
	if free := int64(st.Bavail) * st.Bsize; free < 39<<20 || free > 42<<20 {
		t.Errorf("%d MiB free", free>>20)
	}
	if st, err := b.Status(t.Context()); err != nil || !strings.Contains(st.Problem, "reserve") {
		t.Errorf("status: %q, %v", st.Problem, err)
	}
}

func TestFullDiskIsSurvived(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 64)
	b := open(t, broker.Config{Dir: dir, Reserve: 1, Timeout: time.Second})
	w := writer(t, b)
	r := read(t, b, broker.ReadOptions{})
	broker.Watch(b, false) // another program may fill the disk between two looks at it
	ballast := ""
	var acked []string
	var err error
	for i := 0; err == nil; i++ {
		if i == 10 {
			ballast = fill(t, dir)
		}
		data := fmt.Sprintf("%d:%s", i, strings.Repeat("x", 200_000))
		if _, err = w.Append(t.Context(), []byte(data)); err == nil {
			acked = append(acked, data)
		}
	}
	if !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("full disk: %v, want ErrUnavailable", err)
	}
	if st, err := b.Status(t.Context()); !strings.Contains(st.Problem, "no space left") || len(st.Warnings) == 0 {
		t.Errorf("status: %+v, %v", st, err)
	}
	broker.Watch(b, true)
	if _, err := w.Append(t.Context(), []byte("no")); !errors.Is(err, broker.ErrFull) {
		t.Errorf("append while the disk is full: %v, want ErrFull", err)
	}
	if err := b.Heal(t.Context()); !errors.Is(err, broker.ErrFull) {
		t.Errorf("heal while the disk is full: %v, want ErrFull", err)
	}
	remove(t, ballast)
	until(t, func() bool {
		err := b.Heal(t.Context())
		if err != nil && !errors.Is(err, broker.ErrFull) { // the look at the disk is up to a second old
			t.Fatal(err)
		}
		return err == nil
	})
	if _, err := w.Append(t.Context(), []byte("again")); err != nil {
		t.Fatalf("after heal: %v", err)
	}
	if got, want := take(t, r, len(acked)+1), append(acked, "again"); !slices.Equal(got, want) {
		t.Errorf("read %d messages, want %d", len(got), len(want))
	}
}

func TestReadersAndWritersSurviveARestartOfTheServer(t *testing.T) {
	t.Parallel()
	b := open(t, broker.Config{})
	w, r := writer(t, b), read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.a"}})
	for i := range 5 {
		if _, err := w.Append(t.Context(), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	got := take(t, r, 3)
	broker.Break(b)
	if err := b.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := 5; i < 8; i++ {
		if _, err := w.Append(t.Context(), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	if got = append(got, take(t, r, 5)...); strings.Join(got, "") != "01234567" {
		t.Errorf("read %v", got)
	}
	if st, err := b.Status(t.Context()); err != nil || st.Problem != "" {
		t.Errorf("status: %q, %v", st.Problem, err)
	}
}

//go:build linux

package broker_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// A hub that was killed on a full disk can start there again, to say so and to wait for room.
func TestOpensOnAFullDisk(t *testing.T) {
	dir := smallDisk(t, 64)
	b, err := broker.Open(t.Context(), broker.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer(t, b).Append(t.Context(), []byte("before")); err != nil {
		t.Fatal(err)
	}
	ballast := fill(t, dir)
	closeLog(t, b)

	b = open(t, broker.Config{Dir: dir})
	w, r := writer(t, b), read(t, b, broker.ReadOptions{})
	if _, err := w.Append(t.Context(), []byte("no")); !errors.Is(err, broker.ErrFull) {
		t.Errorf("append while the disk is full: %v, want ErrFull", err)
	}
	remove(t, ballast)
	until(t, func() bool {
		_, err := w.Append(t.Context(), []byte("after"))
		if err != nil && !errors.Is(err, broker.ErrFull) { // the look at the disk is up to a second old
			t.Fatal(err)
		}
		return err == nil
	})
	if got := take(t, r, 2); got[0] != "before" || got[1] != "after" {
		t.Errorf("read %q", got)
	}
}

// A server that meets a full disk does not answer. Who appends hears at once that the disk is full all the same, and so does
// who asks how the log is; and all goes on within seconds of room.
func TestAFullDiskIsToldAtOnce(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 64)
	b := open(t, broker.Config{Dir: dir, Reserve: 1})
	w := writer(t, b)
	if _, err := w.Append(t.Context(), []byte("before")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	broker.Watch(b, false) // another program may fill the disk between two looks at it
	ballast := fill(t, dir)
	var err error
	began := time.Now()
	for err == nil {
		began = time.Now()
		_, err = w.Append(t.Context(), make([]byte, 100_000))
	}
	if took := time.Since(began); took > 3*time.Second || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("append: %v after %v", err, took)
	}
	began = time.Now()
	st, err := b.Status(t.Context())
	if took := time.Since(began); err != nil || took > time.Second || !strings.Contains(st.Problem, "the disk is full") || len(st.Streams) == 0 {
		t.Errorf("status: %+v, %v after %v", st, err, took)
	}
	broker.Watch(b, true)
	tend(t, b)
	remove(t, ballast)
	began = time.Now()
	until(t, func() bool { _, err = w.Append(t.Context(), []byte("after")); return err == nil })
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it went on after %v", took)
	}
}

// tend runs the log's own loop until the test ends.
func tend(t *testing.T, b *broker.Broker) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// What is taken in already may use a part of the reserve: finishing it makes room.
func TestIntakeStopsBeforeTheRest(t *testing.T) {
	t.Parallel()
	b := open(t, broker.Config{Dir: smallDisk(t, 64), Reserve: 60 << 20})
	if _, err := b.Append(t.Context(), broker.Message{Stream: broker.Events, Subject: "ev.0.a", Data: make([]byte, 5<<20)}); !errors.Is(err, broker.ErrFull) {
		t.Errorf("append of events: %v, want ErrFull", err)
	}
	if _, err := b.Append(t.Context(), broker.Message{Stream: broker.Insights, Subject: "in.0.a", Data: make([]byte, 5<<20)}); err != nil {
		t.Errorf("append of a step: %v", err)
	}
}

// Files can run out while there is room.
func TestNoInodesIsTold(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 64)
	b := open(t, broker.Config{Dir: dir})
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m,nr_inodes=60"); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool {
		_, err := writer(t, b).Append(t.Context(), []byte("x"))
		return errors.Is(err, broker.ErrFull) && strings.Contains(err.Error(), "inodes")
	})
}

// A dead letter is deleted when there is room to note that; until then it stays, and who asks can tell.
func TestDeletingOnAFullDiskIsRefused(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 64)
	b := open(t, broker.Config{Dir: dir})
	seq := add(t, b, broker.Dead, "dlq.sink.a", "x")
	ballast := fill(t, dir)
	if err := b.Delete(t.Context(), broker.Dead, seq); !errors.Is(err, broker.ErrFull) {
		t.Errorf("delete: %v, want ErrFull", err)
	}
	remove(t, ballast)
	if err := b.Delete(t.Context(), broker.Dead, seq); err != nil {
		t.Error(err)
	}
}

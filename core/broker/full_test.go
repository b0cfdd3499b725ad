//go:build linux

package broker_test

import (
	"errors"
	"testing"

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

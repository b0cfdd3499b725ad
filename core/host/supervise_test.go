package host_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pintle-hub/pintle/core/host"
)

func TestBackoff(t *testing.T) {
	var b host.Backoff
	full := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
		16 * time.Second, 32 * time.Second, time.Minute, time.Minute}
	for i, want := range full {
		lived := 59 * time.Second // almost healthy does not count
		if got := b.Next(lived); got < want/2-1 || got > want {
			t.Errorf("delay %d = %s, want %s to %s", i, got, want/2, want)
		}
	}
	if got := b.Next(time.Minute); got > 500*time.Millisecond {
		t.Errorf("delay after a healthy minute = %s", got)
	}
	for range 100 {
		b.Next(0)
	}
	if got := b.Next(0); got < 30*time.Second || got > time.Minute {
		t.Errorf("delay after 100 deaths = %s", got)
	}
}

func TestBackoffIsJittered(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		var b host.Backoff
		seen[b.Next(0)] = true
	}
	if len(seen) < 10 {
		t.Errorf("20 plugins would return at %d different times", len(seen))
	}
}

func TestBackoffWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b host.Backoff
		began := time.Now()
		if err := b.Wait(t.Context(), 0); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited < 250*time.Millisecond || waited > 500*time.Millisecond {
			t.Errorf("waited %s", waited)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := b.Wait(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait = %v", err)
		}
	})
}

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b host.Breaker
		exit := host.Exit{Code: 3, Lived: time.Second}
		for range 20 { // four in any ten minutes are bearable
			if err := b.Crash(exit); err != nil {
				t.Fatal(err)
			}
			time.Sleep(151 * time.Second)
		}
		for i := 1; b.Err() == nil; i++ {
			if err := b.Crash(exit); (err != nil) != (i == 2) { // with the three of the last 453 s
				t.Errorf("crash %d: %v", i, err)
			}
		}
		err := b.Err()
		if !errors.Is(err, host.ErrCrashLoop) || !strings.Contains(err.Error(), "exited with code 3") {
			t.Errorf("error = %v", err)
		}
		time.Sleep(24 * time.Hour)
		if b.Err() == nil {
			t.Error("time alone closed the breaker")
		}
		b.Reset()
		if err := b.Err(); err != nil {
			t.Errorf("after reset: %v", err)
		}
		if err := b.Crash(exit); err != nil {
			t.Errorf("first crash after reset: %v", err)
		}
	})
}

// play runs a bisection against a plugin that dies of the given events, and checks that every event was dealt with once,
// in order.
func play(t *testing.T, n int, deadly ...int) (poison []int, crashes int) {
	t.Helper()
	b := host.NewBisect(n)
	settled := 0
	for lo, hi, ok := b.Next(); ok; lo, hi, ok = b.Next() {
		if lo != settled || hi <= lo || hi > n {
			t.Fatalf("range [%d,%d) after %d of %d", lo, hi, settled, n)
		}
		if again, _, _ := b.Next(); again != lo {
			t.Fatalf("next is %d, then %d", lo, again)
		}
		crashed := slices.ContainsFunc(deadly, func(i int) bool { return lo <= i && i < hi })
		if crashed {
			crashes++
		}
		if !crashed || hi-lo == 1 {
			settled = hi
		}
		b.Report(crashed)
	}
	if settled != n {
		t.Fatalf("dealt with %d of %d", settled, n)
	}
	return b.Poison(), crashes
}

func TestBisectFindsThePoison(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 64, 1000} {
		most := 1 // log2(n)+1
		for 1<<(most-1) < n {
			most++
		}
		for i := range n {
			poison, crashes := play(t, n, i)
			if !slices.Equal(poison, []int{i}) || crashes > most {
				t.Fatalf("n=%d: poison %v with %d crashes, want [%d] with at most %d", n, poison, crashes, i, most)
			}
		}
	}
	if _, crashes := play(t, 1024, 1023); crashes != 1 { // what must hold the poison is not tried as a whole
		t.Errorf("the last event cost %d crashes", crashes)
	}
	for _, deadly := range [][]int{{0, 1}, {0, 15}, {3, 4, 5}, {7, 8}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}} {
		t.Run(fmt.Sprint(deadly), func(t *testing.T) {
			if poison, _ := play(t, 16, deadly...); !slices.Equal(poison, deadly) {
				t.Errorf("poison = %v", poison)
			}
		})
	}
}

// A crash by chance, which no event repeats, costs nobody their event.
func TestBisectOfAChanceCrash(t *testing.T) {
	if poison, crashes := play(t, 100); len(poison) > 0 || crashes > 0 {
		t.Errorf("poison = %v", poison)
	}
	if poison, _ := play(t, 0); len(poison) > 0 {
		t.Errorf("poison = %v", poison)
	}
}

func TestBisectKnowsABrokenPlugin(t *testing.T) {
	b := host.NewBisect(100)
	tries := 0
	for _, _, ok := b.Next(); ok && !b.Hopeless(); _, _, ok = b.Next() {
		b.Report(true)
		tries++
	}
	if !b.Hopeless() || tries > 12 {
		t.Errorf("hopeless %t after %d tries", b.Hopeless(), tries)
	}
	b = host.NewBisect(8)
	b.Next()
	b.Report(false)
	for _, _, ok := b.Next(); ok; _, _, ok = b.Next() {
		b.Report(true)
	}
	if b.Hopeless() {
		t.Error("hopeless though half of the events passed")
	}
}

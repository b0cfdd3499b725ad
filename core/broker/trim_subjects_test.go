package broker_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
)

// twoSubjects is a log of stored messages, the odd ones of subject a and the even ones of b, of which b was read away below
// the given sequence and a stands still.
func twoSubjects(t *testing.T, below uint64) (dir string) {
	t.Helper()
	dir = t.TempDir()
	b := open(t, broker.Config{Dir: dir, MaxBytes: map[broker.Stream]int64{broker.Events: 8 << 20}})
	var writers [2]*broker.Writer
	for i, subject := range []string{"ev.0.b", "ev.0.a"} {
		w, err := b.Writer(t.Context(), broker.Events, subject)
		if err != nil {
			t.Fatal(err)
		}
		writers[i] = w
	}
	for i := 1; i <= stored; i++ {
		if _, err := writers[i%2].Append(t.Context(), numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time there is nothing to do
		if err := b.TrimSubjects(t.Context(), broker.Events, map[string]uint64{"ev.0.b": below, "ev.0.gone": below}, head); err != nil {
			t.Fatal(err)
		}
	}
	closeLog(t, b)
	return dir
}

func TestTrimSubjectsLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	for _, below := range []uint64{100, stored + 1} {
		b := open(t, broker.Config{Dir: twoSubjects(t, below)}) // promise: holes of our own making are no damage at start
		if damage, err := b.Fsck(t.Context()); err != nil || len(damage) != 0 {
			t.Errorf("below %d: fsck: %v, %v", below, damage, err)
		}
		a := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.a"}, From: 2})
		for i := 3; i <= stored; i += 2 {
			if e, err := a.Next(t.Context()); err != nil || e.Seq != uint64(i) {
				t.Fatalf("below %d: %d, %v, want %d", below, e.Seq, err, i)
			}
		}
		if _, err := b.Get(t.Context(), broker.Events, 50); !errors.Is(err, broker.ErrGone) {
			t.Errorf("below %d: a message that was trimmed: %v", below, err)
		}
		want, carried := uint64(stored), uint64(0)
		if below > stored {
			want, carried = stored+1, stored
		}
		if last, ok, err := b.Last(t.Context(), broker.Events, "ev.0.b"); err != nil || !ok || last.Seq != want || last.Carried != carried {
			t.Errorf("below %d: position of the other: %d of %d, %v, %v", below, last.Seq, last.Carried, ok, err)
		}
		trim(t, b, 150) // the whole stream catches up, and the holes below are history
		if damage, err := b.Fsck(t.Context()); err != nil || len(damage) != 0 {
			t.Errorf("below %d: fsck after a trim: %v, %v", below, damage, err)
		}
		closeLog(t, b)
	}
}

// A reader that joins a subject late begins where the subject begins now; one that was on its way and is overtaken is told.
func TestReadersAndTrimSubjects(t *testing.T) {
	t.Parallel()
	b := open(t, broker.Config{Dir: twoSubjects(t, 100)})
	if e, err := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.b"}, From: 7}).Next(t.Context()); err != nil || e.Seq != 100 {
		t.Errorf("a reader that joins: %d, %v", e.Seq, err)
	}
	behind := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.b"}, From: 7, Buffer: 1})
	if _, err := behind.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := b.TrimSubjects(t.Context(), broker.Events, map[string]uint64{"ev.0.b": 180}, head); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, err = behind.Next(t.Context())
	}
	if !errors.Is(err, broker.ErrGone) {
		t.Errorf("a reader that was overtaken: %v", err)
	}
}

// Among the holes, what is really lost is still found: at start by the count, and beside everything else by the links.
func TestDamageAmongHolesIsFound(t *testing.T) {
	t.Parallel()
	dir := twoSubjects(t, 100)
	flip(t, dir, 51)
	b, err := broker.Open(t.Context(), broker.Config{Dir: dir})
	if err != nil {
		if !errors.Is(err, broker.ErrDamaged) {
			t.Error(err)
		}
		return
	}
	defer closeLog(t, b)
	damage, err := b.Fsck(t.Context())
	if err != nil || len(damage) == 0 || damage[0].From > 51 || damage[len(damage)-1].To < 51 {
		t.Errorf("fsck: %v, %v", damage, err)
	}
	r := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.a"}})
	for err = nil; err == nil; {
		_, err = r.Next(t.Context())
	}
	if !errors.Is(err, broker.ErrDamaged) {
		t.Errorf("reader: %v", err)
	}
}

// A subject that nobody reads away stops before the stream is full, and others go on; alone it may have it all.
func TestASubjectLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	const limit = 16 << 20
	b := open(t, broker.Config{Dir: t.TempDir(), MaxBytes: map[broker.Stream]int64{broker.Events: limit}})
	add(t, b, broker.Events, "ev.0.other", "small")
	fill := func(subject string) (n int, err error) {
		for ; err == nil; n++ {
			if n%20 == 0 {
				if err := b.Measure(t.Context(), broker.Events); err != nil {
					t.Fatal(err)
				}
			}
			_, err = b.Append(t.Context(), broker.Message{Stream: broker.Events, Subject: subject, Data: make([]byte, 256<<10)})
		}
		return n, err
	}
	n, err := fill("ev.0.greedy")
	if !errors.Is(err, broker.ErrFull) || n < 40 || n > 60 {
		t.Errorf("%d messages, then %v", n, err)
	}
	if _, err := b.Append(t.Context(), broker.Message{Stream: broker.Events, Subject: "ev.0.other", Data: make([]byte, 1<<20)}); err != nil {
		t.Errorf("the other: %v", err)
	}

	alone := open(t, broker.Config{Dir: t.TempDir(), MaxBytes: map[broker.Stream]int64{broker.Events: limit}})
	b = alone
	if n, err := fill("ev.0.greedy"); !errors.Is(err, broker.ErrFull) || n < limit>>18-1 {
		t.Errorf("alone: %d messages, then %v", n, fmt.Sprint(err))
	}
}

package broker_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
)

// head keeps what stands before the colon of a message, as a record batch keeps its head without its events.
func head(e broker.Entry) []byte {
	h, _, _ := bytes.Cut(e.Data, []byte(":"))
	return append(h, ':')
}

func trim(t testing.TB, b *broker.Broker, below uint64) {
	t.Helper()
	if err := b.Trim(t.Context(), broker.Events, below, head); err != nil {
		t.Fatal(err)
	}
}

func TestTrimKeepsTheLastPositionOfEachSubject(t *testing.T) {
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir})
	idle, err := b.Writer(t.Context(), broker.Events, "ev.0.idle")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := idle.Append(t.Context(), []byte("pos7:events")); err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		add(t, b, broker.Events, "ev.0.busy", fmt.Sprintf("pos%d:events", i))
	}
	trim(t, b, 8)
	trim(t, b, 8) // again changes nothing
	trim(t, b, 9)

	if _, err := b.Get(t.Context(), broker.Events, 8); !errors.Is(err, broker.ErrGone) {
		t.Errorf("trimmed message: %v, want ErrGone", err)
	}
	if last, ok, err := b.Last(t.Context(), broker.Events, "ev.0.idle"); err != nil || !ok || last.Carried != 1 ||
		last.Seq != 11 || string(last.Data) != "pos7:" {
		t.Errorf("idle source: %+v, %v, %v", last, ok, err)
	}
	if last, _, _ := b.Last(t.Context(), broker.Events, "ev.0.busy"); last.Seq != 10 || last.Carried != 0 {
		t.Errorf("busy source: %+v", last)
	}
	trim(t, b, 100) // all of it: carries what was carried before, under its first sequence
	if last, _, _ := b.Last(t.Context(), broker.Events, "ev.0.idle"); last.Carried != 1 || last.Seq < 12 {
		t.Errorf("idle source, carried twice: %+v", last)
	}
	if seq, err := idle.Append(t.Context(), []byte("pos8:events")); err != nil || seq != 14 {
		t.Errorf("a writer open since before: %d, %v", seq, err)
	}
	closeLog(t, b)
	open(t, broker.Config{Dir: dir}) // finds nothing missing
}

func TestTrimOfEverythingLeavesAnEmptyStream(t *testing.T) {
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir})
	add(t, b, broker.Loops, "loop.1", "raised")
	add(t, b, broker.Loops, "loop.1", "closed")
	if err := b.Trim(t.Context(), broker.Loops, 3, nil); err != nil {
		t.Fatal(err)
	}
	closeLog(t, b)
	b = open(t, broker.Config{Dir: dir})
	if seq := add(t, b, broker.Loops, "loop.2", "raised"); seq != 3 {
		t.Errorf("next sequence %d, want 3", seq)
	}
}

func TestFullStreamRefusesUntilTrimmed(t *testing.T) {
	b := open(t, broker.Config{MaxBytes: map[broker.Stream]int64{broker.Events: 64 << 10}})
	idle := writer(t, b)
	if _, err := idle.Append(t.Context(), []byte("pos1:events")); err != nil {
		t.Fatal(err)
	}
	var stored []uint64
	message := broker.Message{Stream: broker.Events, Subject: "ev.0.busy", Data: make([]byte, 1000)}
	for {
		seq, err := b.Append(t.Context(), message)
		if errors.Is(err, broker.ErrFull) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, seq)
	}
	if len(stored) < 50 {
		t.Fatalf("full after %d messages", len(stored))
	}
	// Fill the rest so that not even a small message fits: Trim must still be able to carry.
	for err := error(nil); err == nil; {
		_, err = b.Append(t.Context(), broker.Message{Stream: broker.Events, Subject: "ev.0.tiny", Data: []byte("1")})
	}
	got := take(t, read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.busy"}}), len(stored))
	if len(got) != len(stored) {
		t.Errorf("%d messages readable, %d stored", len(got), len(stored))
	}
	trim(t, b, stored[40])
	if last, ok, _ := b.Last(t.Context(), broker.Events, "ev.0.a"); !ok || last.Carried != 1 {
		t.Errorf("idle source: %+v, %v", last, ok)
	}
	if _, err := b.Append(t.Context(), message); err != nil {
		t.Errorf("after trim: %v", err)
	}
}

func TestReaderBehindATrimIsTold(t *testing.T) {
	b := open(t, broker.Config{})
	w := writer(t, b)
	for i := range 6 {
		if _, err := w.Append(t.Context(), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
		add(t, b, broker.Events, "ev.0.other", "x")
	}
	trim(t, b, 7)
	for _, filter := range [][]string{nil, {"ev.0.a"}} {
		_, err := read(t, b, broker.ReadOptions{From: 3, Subjects: filter}).Next(t.Context())
		var gap *broker.Gap
		if !errors.Is(err, broker.ErrGone) || !errors.As(err, &gap) || gap.From != 3 || gap.Next != 7 {
			t.Errorf("reader of %v from 3: %v (%+v)", filter, err, gap)
		}
	}
	if got := take(t, read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.a"}}), 3); !slices.Equal(got, []string{"3", "4", "5"}) {
		t.Errorf("reader from the oldest: %v", got)
	}
}

func TestDeadLettersAreListedAndDeleted(t *testing.T) {
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir})
	for i := range 5 {
		add(t, b, broker.Dead, fmt.Sprintf("dlq.sink.s%d", i%2), fmt.Sprint(i))
	}
	if err := b.Delete(t.Context(), broker.Dead, 3); err != nil {
		t.Fatal(err)
	}
	if err := b.Delete(t.Context(), broker.Dead, 3); !errors.Is(err, broker.ErrGone) {
		t.Errorf("deleted again: %v, want ErrGone", err)
	}
	if err := b.Delete(t.Context(), broker.Events, 1); err == nil {
		t.Error("an event could be deleted")
	}
	for _, c := range []struct {
		name string
		o    broker.ListOptions
		want string
	}{
		{"all", broker.ListOptions{}, "[0 1 3 4]"},
		{"one sink", broker.ListOptions{Subject: "dlq.sink.s0"}, "[0 4]"},
		{"a page", broker.ListOptions{From: 2, Max: 2}, "[1 3]"},
		{"behind the end", broker.ListOptions{From: 9}, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Stream = broker.Dead
			entries, err := b.List(t.Context(), c.o)
			var got []string
			for _, e := range entries {
				got = append(got, string(e.Data))
			}
			if err != nil || fmt.Sprint(got) != c.want {
				t.Errorf("got %v, %v, want %s", got, err, c.want)
			}
		})
	}
	closeLog(t, b)
	open(t, broker.Config{Dir: dir}) // a hole among dead letters is no damage
}

// A position that was stored again and again is not new to a reader that starts anywhere behind where it stood first.
func TestReaderPassesOverAPositionThatWasMoved(t *testing.T) {
	b := open(t, broker.Config{})
	idle, err := b.Writer(t.Context(), broker.Events, "ev.0.idle")
	if err != nil {
		t.Fatal(err)
	}
	add(t, b, broker.Events, "ev.0.busy", "0:")
	if _, err := idle.Append(t.Context(), []byte("pos7:events")); err != nil { // as 2
		t.Fatal(err)
	}
	r := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.idle"}})
	for range 3 {
		add(t, b, broker.Events, "ev.0.busy", "1:")
		last, _, err := b.Last(t.Context(), broker.Events, "ev.0.busy")
		if err != nil {
			t.Fatal(err)
		}
		trim(t, b, last.Seq)
	}
	if _, err := idle.Append(t.Context(), []byte("pos8:events")); err != nil {
		t.Fatal(err)
	}
	if got := take(t, read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.idle"}, From: 3}), 2); !slices.Equal(got, []string{"pos7:", "pos8:events"}) {
		t.Errorf("a reader from behind the position: %q", got)
	}
	for text := ""; text != "pos8:events"; { // a reader open since before
		e, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text = string(e.Data)
	}
	if _, err := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.idle"}, From: 2}).Next(t.Context()); !errors.Is(err, broker.ErrGone) {
		t.Errorf("a reader that wants the trimmed one: %v, want ErrGone", err)
	}
}

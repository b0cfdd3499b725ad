package broker_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

func TestReadersAtTheEndNeedNoServer(t *testing.T) {
	b := open(t, broker.Config{})
	add(t, b, broker.Events, "ev.0.a", "0")
	all, one := read(t, b, broker.ReadOptions{}), read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.b"}, From: 1})
	idle := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.never"}, From: 2})
	if got := take(t, all, 1); got[0] != "0" {
		t.Errorf("got %v", got)
	}
	add(t, b, broker.Events, "ev.0.b", "1")
	add(t, b, broker.Events, "ev.0.a", "2")
	if got := append(take(t, all, 2), take(t, one, 1)...); strings.Join(got, "") != "121" {
		t.Errorf("got %v", got)
	}
	nothing(t, all, one, idle)
	if n := broker.Consumers(b); n != 0 {
		t.Errorf("the server still reads for %d of them", n)
	}
}

// nothing sees readers look for more where there is none.
func nothing(t *testing.T, readers ...*broker.Reader) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, r := range readers {
		if e, err := r.Next(ctx); err == nil {
			t.Errorf("got %.20q, want nothing", e.Data)
		}
	}
}

func TestReaderFarBehindCatchesUp(t *testing.T) {
	b := open(t, broker.Config{})
	r := read(t, b, broker.ReadOptions{Subjects: []string{"ev.0.a"}})
	w := writer(t, b)
	var want []string
	for i := range 70 { // more than readers may have waiting in memory
		data := fmt.Sprintf("%d:%s", i, strings.Repeat("x", 1<<20))
		if _, err := w.Append(t.Context(), []byte(data)); err != nil {
			t.Fatal(err)
		}
		want = append(want, data)
	}
	if got := take(t, r, len(want)); !slices.Equal(got, want) {
		t.Errorf("%d messages, want %d in order", len(got), len(want))
	}
	if _, err := w.Append(t.Context(), []byte("end")); err != nil {
		t.Fatal(err)
	}
	if got := take(t, r, 1); got[0] != "end" {
		t.Errorf("got %.20q", got)
	}
	nothing(t, r)
	if n := broker.Consumers(b); n != 0 {
		t.Error("the server still reads for it")
	}
}

// TestEdgeLosesNothing has writers whose appends are cut off at any moment, and a server that is restarted: each reader must
// get each message once, in the order of the log.
func TestEdgeLosesNothing(t *testing.T) {
	const subjects, each = 4, 150
	b := open(t, broker.Config{Timeout: 2 * time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	wrote := make(chan int, subjects*each) // read by the loop that restarts the server
	for s := range subjects {
		w, err := b.Writer(ctx, broker.Events, fmt.Sprintf("ev.0.s%d", s))
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for i := range each {
				persistent(ctx, t, w, i)
				wrote <- i
			}
		})
	}
	filters := [][]string{nil, {"ev.0.s0"}, {"ev.0.s1", "ev.0.s3"}}
	for _, filter := range filters {
		r := read(t, b, broker.ReadOptions{Subjects: filter})
		n := len(filter)
		if n == 0 {
			n = subjects
		}
		wg.Go(func() { checkOrder(ctx, t, r, n*each) })
	}
	for n := range subjects * each {
		select {
		case <-wrote:
		case <-ctx.Done():
			t.Fatal("the writers do not end")
		}
		if n == subjects*each/3 || n == subjects*each*2/3 {
			broker.Break(b)
			if err := b.Heal(ctx); err != nil {
				t.Error(err)
			}
		}
	}
	wg.Wait()
}

// persistent appends number i until it is stored; every third try is given up after a moment.
func persistent(ctx context.Context, t *testing.T, w *broker.Writer, i int) {
	for try := 0; ctx.Err() == nil; try++ {
		limited, cancel := context.WithCancel(ctx)
		if (i+try)%3 == 0 {
			time.AfterFunc(time.Duration(i)*10*time.Microsecond, cancel)
		}
		_, err := w.Append(limited, []byte(fmt.Sprint(i)))
		cancel()
		if err == nil {
			return
		}
	}
	t.Errorf("message %d was not stored in time", i)
}

// checkOrder reads n messages: the numbers of each subject from 0 on, with rising sequences.
func checkOrder(ctx context.Context, t *testing.T, r *broker.Reader, n int) {
	next, last := map[string]int{}, uint64(0)
	for range n {
		e, err := r.Next(ctx)
		if err != nil {
			t.Errorf("after sequence %d: %v", last, err)
			return
		}
		if e.Seq <= last || string(e.Data) != fmt.Sprint(next[e.Subject]) {
			t.Errorf("sequence %d after %d: %q of %s, want %d", e.Seq, last, e.Data, e.Subject, next[e.Subject])
			return
		}
		last = e.Seq
		next[e.Subject]++
	}
}

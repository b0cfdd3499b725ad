package broker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

func read(t testing.TB, b *broker.Broker, o broker.ReadOptions) *broker.Reader {
	t.Helper()
	if o.Stream == "" {
		o.Stream = broker.Events
	}
	r, err := b.Read(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// take reads n messages and returns their data.
func take(t testing.TB, r *broker.Reader, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var got []string
	for range n {
		e, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("message %d of %d: %v", len(got)+1, n, err)
		}
		got = append(got, string(e.Data))
	}
	return got
}

func TestReadFromAnySequenceAndFilter(t *testing.T) {
	b := open(t, broker.Config{})
	for i := range 9 {
		add(t, b, broker.Events, fmt.Sprintf("ev.0.s%d", i%3), fmt.Sprint(i))
	}
	for _, c := range []struct {
		name string
		o    broker.ReadOptions
		want []string
	}{
		{"all", broker.ReadOptions{}, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"}},
		{"from the middle", broker.ReadOptions{From: 7}, []string{"6", "7", "8"}},
		{"one subject", broker.ReadOptions{Subjects: []string{"ev.0.s1"}}, []string{"1", "4", "7"}},
		{"two subjects", broker.ReadOptions{Subjects: []string{"ev.0.s1", "ev.0.s2"}, From: 4}, []string{"4", "5", "7", "8"}},
		{"small buffer", broker.ReadOptions{Buffer: 2, BufferBytes: 64, From: 3}, []string{"2", "3", "4", "5", "6", "7", "8"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := take(t, read(t, b, c.o), len(c.want)); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestReaderWaitsAtTheEnd(t *testing.T) {
	b := open(t, broker.Config{})
	r := read(t, b, broker.ReadOptions{})
	stored := make(chan error, 1)
	go func() {
		_, err := b.Append(context.Background(), broker.Message{Stream: broker.Events, Subject: "ev.0.a", Data: []byte("late")})
		stored <- err
	}()
	if got := take(t, r, 1); got[0] != "late" || <-stored != nil {
		t.Errorf("got %q", got[0])
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("ended ctx: %v", err)
	}
	r.Close()
	if _, err := r.Next(t.Context()); !errors.Is(err, broker.ErrClosed) {
		t.Errorf("closed reader: %v, want ErrClosed", err)
	}
}

func TestCloseEndsAWaitingReader(t *testing.T) {
	b := open(t, broker.Config{})
	r := read(t, b, broker.ReadOptions{})
	done := make(chan error, 1)
	go func() {
		_, err := r.Next(context.Background())
		done <- err
	}()
	closeLog(t, b)
	if err := <-done; !errors.Is(err, broker.ErrClosed) {
		t.Errorf("waiting reader: %v, want ErrClosed", err)
	}
}

package broker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

// open opens a log that ends with the test.
func open(t testing.TB, c broker.Config) *broker.Broker {
	t.Helper()
	if c.Dir == "" && c.URL == "" {
		c.Dir = t.TempDir()
	}
	b, err := broker.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeLog(t, b) })
	return b
}

func closeLog(t testing.TB, b *broker.Broker) {
	t.Helper()
	if err := b.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// until polls what another process or the kernel does in its own time.
func until(t testing.TB, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("waited for 30 seconds")
		}
	}
}

// add appends one message without a fence.
func add(t testing.TB, b *broker.Broker, s broker.Stream, subject, data string) uint64 {
	t.Helper()
	seq, err := b.Append(t.Context(), broker.Message{Stream: s, Subject: subject, Data: []byte(data)})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func TestAppendedMessagesSurviveAReopen(t *testing.T) {
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir})
	for i := range 10 {
		if got, want := add(t, b, broker.Events, "ev.0.blog", fmt.Sprint(i)), uint64(i+1); got != want {
			t.Fatalf("sequence %d, want %d", got, want)
		}
	}
	closeLog(t, b)

	b = open(t, broker.Config{Dir: dir})
	e, err := b.Get(t.Context(), broker.Events, 4)
	if err != nil || string(e.Data) != "3" || e.Subject != "ev.0.blog" || e.Seq != 4 || e.Time.IsZero() {
		t.Errorf("message 4: %+v, %v", e, err)
	}
	last, ok, err := b.Last(t.Context(), broker.Events, "ev.0.blog")
	if err != nil || !ok || last.Seq != 10 {
		t.Errorf("last: %+v, %v, %v", last, ok, err)
	}
	if _, ok, err := b.Last(t.Context(), broker.Events, "ev.0.none"); ok || err != nil {
		t.Errorf("last of an empty subject: %v, %v", ok, err)
	}
	if _, err := b.Get(t.Context(), broker.Events, 99); !errors.Is(err, broker.ErrGone) {
		t.Errorf("get behind the end: %v, want ErrGone", err)
	}
}

func TestAppendRefusesWhatCannotBeStored(t *testing.T) {
	b := open(t, broker.Config{MaxMessage: 1000})
	for _, c := range []struct {
		name    string
		stream  broker.Stream
		subject string
		size    int
		want    string
	}{
		{"too large", broker.Events, "ev.0.a", 1001, "message too large: 1001 bytes, at most 1000"},
		{"other stream", broker.Events, "in.0.a", 1, `must start with "ev."`},
		{"wildcard", broker.Events, "ev.0.*", 1, "each part between dots"},
		{"empty part", broker.Events, "ev.0..a", 1, "each part between dots"},
		{"no such stream", "XX", "xx.0", 1, `no stream named "XX"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := broker.Message{Stream: c.stream, Subject: c.subject, Data: make([]byte, c.size)}
			if _, err := b.Append(t.Context(), m); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	add(t, b, broker.Events, "ev.0.a", strings.Repeat("x", 1000))
}

func TestSecondWriterIsFenced(t *testing.T) {
	b := open(t, broker.Config{})
	add(t, b, broker.Events, "ev.0.other", "x")
	first, second := writer(t, b), writer(t, b)
	if _, err := first.Append(t.Context(), []byte("1")); err != nil {
		t.Fatal(err)
	}
	_, err := second.Append(t.Context(), []byte("2"))
	var fenced *broker.FencedError
	if !errors.Is(err, broker.ErrFenced) || !errors.As(err, &fenced) || fenced.Expect != 0 || fenced.Last != 2 {
		t.Errorf("second writer: %v, want a FencedError from 0 to 2", err)
	}
	if seq, err := first.Append(t.Context(), []byte("3")); err != nil || seq != 3 {
		t.Errorf("first writer: %d, %v", seq, err)
	}
	if e, ok := writer(t, b).Last(); !ok || e.Seq != 3 || string(e.Data) != "3" {
		t.Errorf("a new writer starts behind %+v", e)
	}
}

func TestWriterFindsItsOwnMessageAgain(t *testing.T) {
	b := open(t, broker.Config{})
	w := writer(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Append(ctx, []byte("1")); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended ctx: %v", err)
	}
	add(t, b, broker.Events, "ev.0.a", "1") // stands for the try above, stored although its answer was lost
	if seq, err := w.Append(t.Context(), []byte("1")); err != nil || seq != 1 {
		t.Errorf("repeated: %d, %v", seq, err)
	}
	if seq, err := w.Append(t.Context(), []byte("1")); err != nil || seq != 2 {
		t.Errorf("the same once more, meant: %d, %v", seq, err)
	}
	add(t, b, broker.Events, "ev.0.a", "1") // another writer: nothing of ours is open
	if _, err := w.Append(t.Context(), []byte("1")); !errors.Is(err, broker.ErrFenced) {
		t.Errorf("another writer: %v, want ErrFenced", err)
	}
}

func TestEveryAppendIsSyncedBeforeItsAnswer(t *testing.T) {
	b := open(t, broker.Config{})
	if always, err := broker.SyncAlways(b); err != nil || !always {
		t.Errorf("sync always: %v, %v", always, err)
	}
}

func TestClosedLogSaysSo(t *testing.T) {
	b := open(t, broker.Config{})
	w := writer(t, b)
	closeLog(t, b)
	if _, err := w.Append(t.Context(), []byte("1")); !errors.Is(err, broker.ErrClosed) {
		t.Errorf("append: %v, want ErrClosed", err)
	}
	if _, err := b.Get(t.Context(), broker.Events, 1); !errors.Is(err, broker.ErrClosed) {
		t.Errorf("get: %v, want ErrClosed", err)
	}
}

func TestRunNotesHowFarTheStreamsHaveCome(t *testing.T) {
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir})
	add(t, b, broker.Events, "ev.0.a", "1")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	until(t, func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		return err == nil && strings.Contains(string(text), `"last": 1`)
	})
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
}

func writer(t testing.TB, b *broker.Broker) *broker.Writer {
	t.Helper()
	w, err := b.Writer(t.Context(), broker.Events, "ev.0.a")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestStateIsReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	b := open(t, broker.Config{Dir: dir, MaxMessage: 1000})
	if _, ok, err := b.LoadState(t.Context(), "p.mood.0"); ok || err != nil {
		t.Fatalf("no state yet: %v, %v", ok, err)
	}
	for _, size := range []int{0, 10, 1000, 1001, 25000, 3500, 7} {
		data := bytes.Repeat([]byte{byte(size)}, size)
		if err := b.SaveState(t.Context(), "p.mood.0", data); err != nil {
			t.Fatal(err)
		}
		got, ok, err := b.LoadState(t.Context(), "p.mood.0")
		if err != nil || !ok || !bytes.Equal(got, data) {
			t.Fatalf("state of %d bytes: got %d, %v, %v", size, len(got), ok, err)
		}
	}
	if st, err := b.Status(t.Context()); err != nil || st.Streams[5].Messages != 1 {
		t.Errorf("parts of earlier states are left: %+v, %v", st.Streams[5], err)
	}
	closeLog(t, b)
	b = open(t, broker.Config{Dir: dir, MaxMessage: 1000})
	if got, ok, err := b.LoadState(t.Context(), "p.mood.0"); err != nil || !ok || len(got) != 7 {
		t.Errorf("after a reopen: %d bytes, %v, %v", len(got), ok, err)
	}
	if err := b.DeleteState(t.Context(), "p.mood.0"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := b.LoadState(t.Context(), "p.mood.0"); ok || err != nil {
		t.Errorf("after delete: %v, %v", ok, err)
	}
}

func TestSecondOpenOfADirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	open(t, broker.Config{Dir: dir})
	_, err := broker.Open(t.Context(), broker.Config{Dir: dir})
	want := fmt.Sprintf("in use by another pintle (pid %d); stop it or set another data_dir", os.Getpid())
	if !errors.Is(err, broker.ErrLocked) || !strings.Contains(err.Error(), want) {
		t.Errorf("second open: %v, want %q", err, want)
	}
}

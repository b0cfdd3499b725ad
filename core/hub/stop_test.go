package hub_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// stopAt runs a hub and stops it politely once the ledger has so many lines.
func stopAt(t *testing.T, dir, hcl string, lines int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	h, err := hub.Open(ctx, options(t, load(t, dir, hcl)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	await(t, "deliveries", func() bool { return len(ledgerLines(t, filepath.Join(dir, "out"))) >= lines })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

// A polite stop is no fault: what the sink has taken is not given to it again. // promise 3
func TestAPoliteStopBringsNothingTwice(t *testing.T) {
	dir := t.TempDir()
	hcl := chain(dir, 1600, "", `delay = "10ms"`)
	hcl = strings.Replace(hcl, "count = 1600", "count = 1600\n  chunk = 20\n  pause = \"1ms\"", 1)
	for _, lines := range []int{1, 300, 600, 900} {
		stopAt(t, dir, hcl, lines)
	}
	if s := runIdle(t, dir, hcl); s.Books.Delivered != 1600 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 1600)
}

// crash copies what a running hub has on disk at this moment, as a crash would leave it, to a new folder.
func crash(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(filepath.Join(to, "data"), os.DirFS(filepath.Join(dir, "data"))); err != nil {
		t.Fatal(err)
	}
	return to
}

// One sink has given up an event and another is behind it when the hub is killed: the event is still among the dead.
func TestAKilledHubRemembersItsDeadLetters(t *testing.T) {
	dir := t.TempDir()
	wait := touch(t, filepath.Join(dir, "wait"))
	hcl := twice(dir, 300, `reject = ["n0000005"]`, fmt.Sprintf("slow = %q", wait))
	h, _ := staying(t, dir, hcl)
	await(t, "one sink to be done", func() bool {
		s := h.Status(t.Context()).Pipelines[0].Sinks
		return h.Status(t.Context()).Books.Accepted == 300 && s[0].Behind == 0 && s[0].Delivered == 299
	})
	await(t, "its books to be saved", func() bool {
		e, ok, err := h.Broker().Last(t.Context(), broker.Checkpoints, flow.CheckpointSubject("p"))
		return err == nil && ok && !strings.Contains(string(e.Data), `"sink.ledger.out":0`)
	})
	left := crash(t, dir)
	s := runIdle(t, left, twice(left, 300, `reject = ["n0000005"]`, ""))
	if b := s.Books; b.Delivered != 299 || b.Dead != 1 || !s.Balanced {
		t.Errorf("books: %+v", b)
	}
	if lines := ledgerLines(t, filepath.Join(left, "copy")); len(lines) != 300 {
		t.Errorf("%d lines", len(lines))
	}
	remove(t, wait)
}

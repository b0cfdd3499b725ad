package hub_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// touch makes an empty file.
func touch(t *testing.T, path string) string {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// reload gives a running hub another configuration, which must be taken.
func reload(t *testing.T, h *hub.Hub, dir, hcl string) hub.Changes {
	t.Helper()
	c, err := h.Reload(t.Context(), load(t, dir, hcl))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A sink that is replaced has had some events behind one that still waits: its successor gets that one alone, and those behind
// it of the same key.
func TestAChangedSinkGoesOnWhereItsPredecessorStopped(t *testing.T) {
	dir := t.TempDir()
	wait := touch(t, filepath.Join(dir, "wait"))
	hcl := chain(dir, 700, "", fmt.Sprintf("retry = [\"n0000010\"]\n  while = %q", wait))
	h, finish := background(t, load(t, dir, hcl))
	await(t, "all but one key to arrive", func() bool { return len(ledgerLines(t, filepath.Join(dir, "out"))) == 601 })
	c := reload(t, h, dir, strings.Replace(hcl, "note = event.t.n", "note = event.t.n\n  delay = \"1ms\"", 1))
	if fmt.Sprint(c) != "{[] [pipeline.p -> sink.ledger.out] []}" {
		t.Errorf("changes: %v", c)
	}
	remove(t, wait)
	if s := finish(); s.Books.Delivered != 700 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 700)
}

// What was on its way to a sink that leaves is in the books, by a rule that says so, and no longer in flight.
func TestWhatASinkLeavesBehindIsInTheBooks(t *testing.T) {
	dir := t.TempDir()
	openGate(t, dir, 300)
	wait := touch(t, filepath.Join(dir, "wait"))
	gated := func(hcl string) string {
		return strings.Replace(hcl, "count = 600", fmt.Sprintf("count = 600\n gate = %q", filepath.Join(dir, "gate")), 1)
	}
	both := gated(twice(dir, 600, "", fmt.Sprintf("slow = %q", wait)))
	alone := strings.Replace(both, "to = [sink.ledger.out, sink.ledger.copy]", "to = [sink.ledger.copy]", 1)
	o := options(t, load(t, dir, both))
	o.Drain = 200 * time.Millisecond // the sink that is stuck does not get longer than this
	h, finish := backgroundWith(t, o)
	await(t, "one sink to be done", func() bool { return len(ledgerLines(t, filepath.Join(dir, "out"))) == 300 })
	reload(t, h, dir, strings.Replace(both, "to = [sink.ledger.out, sink.ledger.copy]", "to = [sink.ledger.out]", 1))
	await(t, "the books", func() bool { return h.Status(t.Context()).Books.InFlight == 0 })
	if b := h.Status(t.Context()).Books; b.Delivered != 300 || b.Dropped != 0 || !b.Balanced() {
		t.Errorf("the other sink has all: %+v", b)
	}
	reload(t, h, dir, alone)
	openGate(t, dir, 500)
	await(t, "events on their way", func() bool { return h.Status(t.Context()).Books.InFlight == 200 })
	reload(t, h, dir, gated(chain(dir, 600, "", "")))
	remove(t, wait)
	openGate(t, dir, 600)
	s := finish()
	if b := s.Books; b.Delivered != 400 || b.Rules[flow.RuleSinkGone] != 200 || b.InFlight != 0 || !s.Balanced {
		t.Errorf("books: %+v", b)
	}
}

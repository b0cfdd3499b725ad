package hub_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

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

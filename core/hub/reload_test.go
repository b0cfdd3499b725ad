package hub_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

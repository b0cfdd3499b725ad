package hub_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// few is a configuration whose source is slow or has many keys, without analyzers.
func few(dir, source, sink string) string {
	return fmt.Sprintf(`
pintle { 
  data_dir = "./data" 
}
source "numbers" "a" { 
  %s 
}
sink "ledger" "out" { 
  path = %q
  %s
}
pipeline "p" {
  from = [source.numbers.a]
  route "all" { 
    to = [sink.ledger.out] 
  }
}
`, source, filepath.Join(dir, "out"), sink)
}

func sinkOf(t *testing.T, h *hub.Hub) hub.SinkStatus {
	return h.Status(t.Context()).Pipelines[0].Sinks[0]
}

// TestAnOutageIsProbedAndNotStormed: a target that takes nothing was tried with everything that had ever been held, and held
// events waited up to a minute for it after it was back.
func TestAnOutageIsProbedAndNotStormed(t *testing.T) {
	dir := t.TempDir()
	down, tries := touch(t, filepath.Join(dir, "down")), filepath.Join(dir, "tries")
	h, wait := background(t, load(t, dir, few(dir, "count = 3000\nkeys = 1500", fmt.Sprintf("down = %q\ntries = %q", down, tries))))
	var s hub.SinkStatus
	await(t, "the fifth try", func() bool {
		s = sinkOf(t, h)
		return s.Try >= 5 && s.State == flow.StateWaiting
	})
	sizes := ledgerLines(t, tries)
	if s.Error == "" || s.NextTry.IsZero() || len(sizes) > 10 {
		t.Errorf("status %+v after %d tries", s, len(sizes))
	}
	for _, n := range sizes[min(1, len(sizes)):] {
		if n, _ := strconv.Atoi(n); n > 8 {
			t.Errorf("tries of %v events: after the first, at most 8 are to be risked", sizes)
			break
		}
	}
	remove(t, down)
	back := time.Now()
	if s := wait(); s.Books.Delivered != 3000 || !s.Balanced || time.Since(back) > 15*time.Second {
		t.Errorf("%s after the return: %+v", time.Since(back), s.Books)
	}
	lines := ledgerLines(t, filepath.Join(dir, "out"))
	if len(lines) != 3000 {
		t.Errorf("%d lines, want 3000 without a duplicate", len(lines))
	}
	for i := range 1500 {
		first, second := fmt.Sprintf("n%07d k%d ", i, i), fmt.Sprintf("n%07d k%d ", i+1500, i)
		if slices.Index(lines, first) > slices.Index(lines, second) {
			t.Fatalf("key k%d is out of order", i)
		}
	}
}

// TestAFailingKeyLetsTheOthersPass: behind a key that failed for long, 64 further steps of one event each were all that any
// other key got.
func TestAFailingKeyLetsTheOthersPass(t *testing.T) {
	dir := t.TempDir()
	stuck := touch(t, filepath.Join(dir, "stuck"))
	hcl := few(dir, "count = 700\nchunk = 1\npause = \"1ms\"", fmt.Sprintf("retry = [\"n0000001\"]\nwhile = %q", stuck))
	h, wait := background(t, load(t, dir, hcl))
	await(t, "all other keys", func() bool { return len(ledgerLines(t, filepath.Join(dir, "out"))) == 600 })
	if s := sinkOf(t, h); s.Holding != 100 || s.State != flow.StateWaiting {
		t.Errorf("status %+v, want the 100 events of the key held", s)
	}
	remove(t, stuck)
	if s := wait(); s.Books.Delivered != 700 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	if got := filter(ledgerLines(t, filepath.Join(dir, "out")), "k1"); len(got) != 100 || !slices.IsSorted(got) {
		t.Errorf("the key's events came as %v", got)
	}
}

package hub_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/hub"
)

const deadline = 60 * time.Second

func options(t testing.TB, plan *config.Plan) hub.Options {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return hub.Options{Plan: plan, UntilIdle: true, Logger: hclog.New(&hclog.LoggerOptions{Output: testLog{t}, Level: hclog.Info}),
		Bundled: bundled(self)}
}

type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	if os.Getenv("PINTLE_TEST_LOG") != "" {
		os.Stderr.Write(b)
	}
	return len(b), nil
}

// runIdle runs a configuration until it is idle and returns the books.
func runIdle(t testing.TB, dir, hcl string) hub.Status {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	h, err := hub.Open(ctx, options(t, load(t, dir, hcl)))
	if err != nil {
		t.Fatal(err)
	}
	err = h.Run(ctx)
	s := h.Status(t.Context())
	if closed := h.Close(); err == nil {
		err = closed
	}
	if err != nil || ctx.Err() != nil {
		t.Fatalf("run: %v, %v; status %+v", err, ctx.Err(), s)
	}
	return s
}

func ledgerLines(t testing.TB, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' })
}

const plain = `
pintle { 
  data_dir = "./data" 
}
source "numbers" "a" { 
  count = 2500 
  bad   = 17
}
analyzer "tally" "t" { 
  emit_every = 100 
}
sink "ledger" "out" { 
  path = "DIR/out" 
  note = event.t.n
}
sink "ledger" "insights" { 
  path = "DIR/insights" 
  note = insight.people
}
pipeline "p" {
  from    = [source.numbers.a]
  through = [analyzer.tally.t]
  route "all" { 
    to = [sink.ledger.out] 
  }
  route "some" { 
    on   = insight
    when = insight.people >= 200
    to   = [sink.ledger.insights] 
  }
}
`

func at(dir, hcl string) string { return strings.ReplaceAll(hcl, "DIR", dir) }

func TestEverythingArrivesOnceAndTheBooksBalance(t *testing.T) {
	dir := t.TempDir()
	s := runIdle(t, dir, at(dir, plain))
	b := s.Books
	if b.Accepted != 2500 || b.Delivered != 2499 || b.Dead != 1 || b.Dropped != 0 || b.InFlight != 0 || !b.Balanced() {
		t.Errorf("books: %+v", b)
	}
	if b.Insights != 21 || b.InsightsDelivered != 14 || b.InsightsDropped != 7 {
		t.Errorf("insights: %+v", b)
	}
	lines := ledgerLines(t, filepath.Join(dir, "out"))
	if len(lines) != 2499 || lines[0] != "n0000000 k0 1" || lines[2498] != "n0002499 k0 358" {
		t.Errorf("%d lines, first %q, last %q", len(lines), lines[0], lines[len(lines)-1])
	}
	if again := runIdle(t, dir, at(dir, plain)); again.Books.Accepted != 2500 || again.Books.Delivered != 2499 {
		t.Errorf("a second run changed the books: %+v", again.Books)
	}
	if again := ledgerLines(t, filepath.Join(dir, "out")); len(again) != 2499 {
		t.Errorf("a second run delivered again: %d lines", len(again))
	}
}

// backgroundWith runs a hub; wait returns its last status once it has ended by itself.
func backgroundWith(t *testing.T, o hub.Options) (*hub.Hub, func() hub.Status) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	h, err := hub.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	var last hub.Status
	finish := func() hub.Status {
		if done == nil {
			return last
		}
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		done = nil
		last = h.Status(context.Background())
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		return last
	}
	t.Cleanup(func() {
		cancel()
		finish()
	})
	return h, finish
}

package hub_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

// chain is a configuration with an analyzer and a sink whose faults are filled in.
func chain(dir string, count int, analyzer, sink string) string {
	return fmt.Sprintf(`
pintle { 
  data_dir = "./data" 
}
source "numbers" "a" { 
  count = %d
}
analyzer "tally" "t" {}
analyzer "trip" "x" { 
  %s
}
sink "ledger" "out" { 
  path = %q
  note = event.t.n
  %s
}
pipeline "p" {
  from    = [source.numbers.a]
  through = [analyzer.tally.t, analyzer.trip.x]
  route "all" { 
    to = [sink.ledger.out] 
  }
}
`, count, analyzer, filepath.Join(dir, "out"), sink)
}

// checkTally checks that each key's events are there in order, without the missing ones, and that the analyzer counted each
// exactly once.
func checkTally(t *testing.T, lines []string, count int, missing ...string) {
	t.Helper()
	var want []string
	seen := map[string]int{}
	for i := range count {
		id, key := fmt.Sprintf("n%07d", i), fmt.Sprintf("k%d", i%7)
		if seen[key]++; !slices.Contains(missing, id) {
			want = append(want, fmt.Sprintf("%s %s %d", id, key, seen[key]))
		}
	}
	for key := range seen {
		got := filter(lines, key)
		if !slices.Equal(got, filter(want, key)) {
			t.Errorf("key %s: %d lines, want %d; first difference %s", key, len(got), len(filter(want, key)), difference(got, filter(want, key)))
		}
	}
}

func filter(lines []string, key string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.Contains(l, " "+key+" ") })
}

func difference(got, want []string) string {
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			return fmt.Sprintf("at %d: got %q, want %q", i, at0(got, i), want[i])
		}
	}
	return fmt.Sprintf("%d lines too many", len(got)-len(want))
}

func at0(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "(nothing)"
}

// firstDeliveries leaves out lines that came again: after a sink's death that is allowed.
func firstDeliveries(lines []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool {
		again := seen[l]
		seen[l] = true
		return again
	})
}

func letters(t *testing.T, dir, hcl string) []hub.DeadLetter {
	t.Helper()
	log, err := hub.OpenLog(t.Context(), load(t, dir, hcl).Settings, options(t, nil).Logger)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close(context.Background())
	list, err := hub.DeadLetters(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnEventThatAnAnalyzerCannotTakeIsBuriedAlone(t *testing.T) {
	for how, reason := range map[string]string{
		`error = ["n0000333"]`: "cannot take it",
		`panic = ["n0000333"]`: "panicked",
		`die = ["n0000333"]`:   "exit",
	} {
		t.Run(strings.Fields(how)[0], func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			hcl := chain(dir, 1000, how, "")
			s := runIdle(t, dir, hcl)
			if b := s.Books; b.Delivered != 999 || b.Dead != 1 || !b.Balanced() {
				t.Errorf("books: %+v", b)
			}
			dead := letters(t, dir, hcl)
			if len(dead) != 1 || dead[0].Event != "n0000333" || dead[0].Stage != flow.StageAnalyze || !strings.Contains(dead[0].Reason, reason) {
				t.Errorf("dead letters: %+v", dead)
			}
			lines := ledgerLines(t, filepath.Join(dir, "out"))
			if len(lines) != 999 {
				t.Errorf("%d lines", len(lines))
			}
		})
	}
}

func TestDropsAreCountedByTheirRule(t *testing.T) {
	dir := t.TempDir()
	s := runIdle(t, dir, chain(dir, 500, `drop = ["n0000001", "n0000400"]`, ""))
	if b := s.Books; b.Delivered != 498 || b.Rules["tripped"] != 2 || !b.Balanced() {
		t.Errorf("books: %+v", b)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 500, "n0000001", "n0000400")
}

func TestSinkRejectsRetriesAndDies(t *testing.T) {
	for name, c := range map[string]struct {
		sink    string
		missing []string
	}{
		"reject": {`reject = ["n0000005", "n0000499"]`, []string{"n0000005", "n0000499"}},
		"retry":  {`retry = ["n0000100", "n0000101", "n0000300"]`, nil},
		"die":    {`die = ["n0000250"]`, []string{"n0000250"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			hcl := chain(dir, 500, "", c.sink)
			s := runIdle(t, dir, hcl)
			if b := s.Books; b.Dead != uint64(len(c.missing)) || b.Delivered+b.Dead != 500 || !b.Balanced() {
				t.Errorf("books: %+v", b)
			}
			checkTally(t, firstDeliveries(ledgerLines(t, filepath.Join(dir, "out"))), 500, c.missing...)
			for i, d := range letters(t, dir, hcl) {
				if d.Stage != flow.StageSink || d.Event != c.missing[i] {
					t.Errorf("dead letter %+v", d)
				}
			}
		})
	}
}

// await polls cond until it holds or the deadline passes.
func await(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if cond() {
			return
		}
	}
	t.Fatalf("waited for %s in vain", what)
}

func TestASinkThatIsDownIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	refuse := filepath.Join(dir, "refuse")
	if err := os.WriteFile(refuse, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h, wait := background(t, load(t, dir, chain(dir, 300, "", fmt.Sprintf("refuse = %q", refuse))))
	await(t, "the sink to be seen waiting", func() bool {
		s := h.Status(t.Context())
		return s.Pipelines[0].Sinks[0].State == flow.StateWaiting && s.Books.InFlight == 300
	})
	if err := os.Remove(refuse); err != nil {
		t.Fatal(err)
	}
	s := wait()
	if s.Books.Delivered != 300 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 300)
}

// background runs a hub until it is idle; wait returns its last status.
func background(t *testing.T, plan *config.Plan) (*hub.Hub, func() hub.Status) {
	t.Helper()
	return backgroundWith(t, options(t, plan))
}

func TestAFatalSinkStopsAloneAndLoudly(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	hcl := chain(dir, 100, "", "fatal = true")
	h, err := hub.Open(ctx, options(t, load(t, dir, hcl)))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	err = h.Run(ctx)
	if err == nil || !strings.Contains(err.Error(), "sink.ledger.out") || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("error: %v", err)
	}
	if s := h.Status(ctx); s.Books.InFlight != 100 || !s.Balanced || s.Pipelines[0].Sinks[0].State != flow.StateBroken {
		t.Errorf("status: %+v", s)
	}
}

func TestAStopHalfwayLosesNothing(t *testing.T) {
	dir := t.TempDir()
	hcl := strings.Replace(chain(dir, 3000, "", ""), "count = 3000", "count = 3000\n  pause = \"1ms\"", 1)
	for stop := uint64(300); stop < 3000; stop += 700 {
		ctx, cancel := context.WithTimeout(t.Context(), deadline)
		h, err := hub.Open(ctx, options(t, load(t, dir, hcl)))
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- h.Run(ctx) }()
		await(t, "events to flow", func() bool { return h.Status(t.Context()).Books.Accepted >= stop })
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := h.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := runIdle(t, dir, hcl)
	if s.Books.Delivered != 3000 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 3000)
}

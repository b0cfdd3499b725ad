package hub_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A hub that is killed again and again, each time before it has saved the state of its analyzers, has no more to catch up with
// each time: what it caught up with counts towards the next save. // promise 8
func TestWhatIsCaughtUpWithIsSavedBeforeTheNextCrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	gate, out := filepath.Join(dir, "gate"), filepath.Join(dir, "out")
	hcl := strings.Replace(chain(dir, 1_000_000, "", ""), "count =", fmt.Sprintf("chunk = 1\n  gate = %q\n  count =", gate), 1)
	if err := os.WriteFile(filepath.Join(dir, "hub.hcl"), []byte(hcl), 0o600); err != nil {
		t.Fatal(err)
	}
	const few, lives, saveAfter = 190, 5, 400 // events of one life, each a step: below what the state is saved after
	for life := range lives {
		oneLife(t, dir, out, (life+1)*few)
	}
	spans := caughtUp(t, dir)
	if len(spans) == 0 {
		t.Fatal("nothing was caught up with")
	}
	for _, s := range spans {
		if s[1]-s[0] > saveAfter+few {
			t.Errorf("from %d to %d were caught up with, more than %d steps and one life of %d", s[0], s[1], saveAfter, few)
		}
	}
}

// oneLife starts the hub, lets all events below to through one by one, and kills it.
func oneLife(t *testing.T, dir, out string, to int) {
	t.Helper()
	openGate(t, dir, len(distinct(t, out)))
	c := startHub(t, dir)
	for n := len(distinct(t, out)) + 1; n <= to; n++ {
		openGate(t, dir, n)
		await(t, fmt.Sprintf("event %d", n), func() bool { return len(distinct(t, out)) >= n })
	}
	c.kill()
}

// distinct returns the ids that a ledger has.
func distinct(t *testing.T, out string) map[string]bool {
	t.Helper()
	b, _ := os.ReadFile(out) // not there is empty
	ids := map[string]bool{}
	for _, line := range strings.Split(string(b), "\n") {
		if id, _, whole := strings.Cut(line, " "); whole {
			ids[id] = true
		}
	}
	return ids
}

// caughtUp reads from the hub's log what its analyzers have caught up with, life by life.
func caughtUp(t *testing.T, dir string) (spans [][2]int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "hub.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		_, rest, found := strings.Cut(line, "analyzers catch up: pipeline=p ")
		var span [2]int
		if found {
			if _, err := fmt.Sscanf(rest, "from=%d to=%d", &span[0], &span[1]); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			spans = append(spans, span)
		}
	}
	return spans
}

// Large batches make few steps of many events; the state is saved after so many events too. // promise 8
func TestTheStateIsSavedAfterManyEventsInFewBatches(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hcl := strings.Replace(chain(dir, 1_000_000, "", ""), "count =", fmt.Sprintf("chunk = 4000\n  gate = %q\n  count =", filepath.Join(dir, "gate")), 1)
	openGate(t, dir, 220_000)
	began := time.Now()
	h, stop := backgroundUntil(t, options(t, load(t, dir, hcl)))
	await(t, "the state to be saved", func() bool {
		_, ok, err := h.Broker().LoadState(t.Context(), "pipeline.p")
		if err != nil {
			t.Fatal(err)
		}
		return ok
	})
	if s := h.Status(t.Context()); s.Pipelines[0].Steps >= 400 || time.Since(began) > 29*time.Second {
		t.Errorf("%d steps in %s: it would be saved without regard to events", s.Pipelines[0].Steps, time.Since(began))
	}
	stop()
}

package hub_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/sdk"
)

// A sink that takes no event says in the status what the target said, since when, and when it is tried again, whether it fails
// for each event or for the whole batch.
func TestASinkThatFailsOnEveryEventSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name, setting, says string
	}{
		{"each event", "tries = \"%s.tries\"\n  down = %[1]q", "tried again later: down"},
		{"the whole batch", "refuse = %q", "closed for now"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			cause := filepath.Join(dir, "cause")
			if err := os.WriteFile(cause, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			h, _ := staying(t, dir, chain(dir, 300, "", fmt.Sprintf(c.setting, cause)))
			sink := func() flow.Report { return h.Status(t.Context()).Pipelines[0].Sinks[0].Report }
			await(t, "the sink to be seen waiting for its next try", func() bool { return sink().State == flow.StateWaiting && sink().Try > 0 })
			r := sink()
			if !strings.Contains(r.Error, c.says) || r.ErrorTime.Before(began) || r.ErrorTime.After(time.Now()) {
				t.Errorf("error %q at %s", r.Error, r.ErrorTime)
			}
			first := sink().For
			await(t, "the state to grow old", func() bool { return sink().For > first })
			if b := h.Status(t.Context()).Books; b.Delivered != 0 || b.Dead != 0 || !b.Balanced() {
				t.Errorf("books: %+v", b)
			}
		})
	}
}

// A source that was stopped before its end has not finished, and one that had finished before the stop still has.
func TestAStoppedSourceHasNotFinished(t *testing.T) {
	dir := t.TempDir()
	openGate(t, dir, 200)
	hcl := settings + block("source", "numbers", "half", "count = 600", fmt.Sprintf("gate = %q", filepath.Join(dir, "gate"))) +
		block("source", "numbers", "whole", "count = 100", `prefix = "w"`) + block("sink", "ledger", "out", fmt.Sprintf("path = %q", filepath.Join(dir, "out"))) +
		"pipeline \"p\" {\n from = [source.numbers.half, source.numbers.whole]\n route \"all\" {\n  to = [sink.ledger.out]\n }\n}\n"
	h, stop := staying(t, dir, hcl)
	states := func(s []flow.State) string { return fmt.Sprint(s) }
	seen := func() (list []flow.State) {
		for _, x := range h.Status(t.Context()).Sources {
			list = append(list, x.State)
		}
		return list
	}
	await(t, "300 events", func() bool { return h.Status(t.Context()).Books.Delivered == 300 })
	want := states([]flow.State{flow.StateRunning, flow.StateFinished})
	await(t, "one to have finished", func() bool { return states(seen()) == want })
	s := stop()
	want = states([]flow.State{flow.StateStopped, flow.StateFinished})
	if got := states([]flow.State{s.Sources[0].State, s.Sources[1].State}); got != want || s.Sources[0].Total != 200 {
		t.Errorf("states %s after the stop, want %s; %d events", got, want, s.Sources[0].Total)
	}
}

// A number that no dead letter has is not found, at the ends of what a number can be too: it comes from a command line.
func TestALetterThatCannotBeIsNotFound(t *testing.T) {
	h, _ := staying(t, t.TempDir(), chain(t.TempDir(), 10, "", ""))
	idle(t, h)
	for _, seq := range []uint64{0, 1, 1 << 31, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
		for call, err := range map[string]error{"replay": h.ReplayDead(t.Context(), seq), "drop": h.DropDead(t.Context(), seq)} {
			if sdk.CodeOf(err) != sdk.NotFound {
				t.Errorf("%s of %d: code %q, %v", call, seq, sdk.CodeOf(err), err)
			}
		}
	}
}

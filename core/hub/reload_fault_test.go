package hub_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
	"github.com/pintle-hub/pintle/sdk"
)

// Who asked for a reload and has gone away does not leave the hub halfway between two configurations. // promise 7
func TestAReloadIsBroughtToItsEndWhenItsCallerIsGone(t *testing.T) {
	dir := t.TempDir()
	openGate(t, dir, 300)
	wait := touch(t, filepath.Join(dir, "wait"))
	hcl := strings.Replace(chain(dir, 600, "", fmt.Sprintf("slow = %q", wait)), "count = 600", fmt.Sprintf("count = 600\n gate = %q", filepath.Join(dir, "gate")), 1)
	o := options(t, load(t, dir, hcl))
	o.Drain = time.Second // so long the sink that is stuck holds the reload up
	h, finish := backgroundWith(t, o)
	await(t, "events on their way", func() bool { return h.Status(t.Context()).Books.InFlight == 300 })
	ctx, gone := context.WithCancel(t.Context())
	defer gone()
	reloaded := make(chan error, 1)
	changed := strings.Replace(strings.Replace(hcl, "note = event.t.n", "note = event.t.n + 0", 1), "count = 600", "count = 600\n chunk = 50", 1)
	plan := load(t, dir, changed)
	go func() {
		_, err := h.Reload(ctx, plan)
		reloaded <- err
	}()
	await(t, "the old source to be stopped", func() bool { return h.Status(t.Context()).Sources[0].State == flow.StateStopped })
	gone()
	if err := <-reloaded; err != nil {
		t.Errorf("reload: %v", err)
	}
	remove(t, wait)
	openGate(t, dir, 600)
	if s := finish(); s.Books.Delivered != 600 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
}

// A reload that comes while the hub starts is not refused.
func TestAReloadBeforeTheHubRunsWaitsForIt(t *testing.T) {
	dir := t.TempDir()
	hcl := chain(dir, 100, "", "")
	h, err := hub.Open(t.Context(), options(t, load(t, dir, hcl)))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	early, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := h.Reload(early, load(t, dir, hcl)); sdk.CodeOf(err) != sdk.Unavailable || !strings.Contains(err.Error(), "does not run yet") {
		t.Errorf("before it runs: %v", err)
	}
	if err := h.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Reload(t.Context(), load(t, dir, hcl)); sdk.CodeOf(err) != sdk.Unavailable || !strings.Contains(err.Error(), "is stopping") {
		t.Errorf("after it ran: %v", err)
	}
}

// A part that was given up is started again by a reload that changes nothing, and no longer counts as a failure.
func TestAReloadStartsAgainWhatWasGivenUp(t *testing.T) {
	dir := t.TempDir()
	openGate(t, dir, 100)
	fatal := touch(t, filepath.Join(dir, "fatal"))
	hcl := strings.Replace(chain(dir, 200, "", fmt.Sprintf("fatal_while = %q", fatal)), "count = 200", fmt.Sprintf("count = 200\n gate = %q", filepath.Join(dir, "gate")), 1)
	h, finish := background(t, load(t, dir, hcl))
	sink := func() flow.State { return h.Status(t.Context()).Pipelines[0].Sinks[0].State }
	await(t, "the sink to give up", func() bool { return sink() == flow.StateBroken })
	remove(t, fatal)
	if c := reload(t, h, dir, hcl); fmt.Sprint(c) != "{[] [pipeline.p -> sink.ledger.out] []}" {
		t.Errorf("changes: %v", c)
	}
	await(t, "the sink to work", func() bool { return h.Status(t.Context()).Books.Delivered == 100 })
	openGate(t, dir, 200)
	if s := finish(); s.Books.Delivered != 200 || !s.Balanced || len(s.Errors) > 0 {
		t.Errorf("status: %+v", s)
	}
}

// A configuration that was not taken is seen in the status until one is.
func TestARefusedConfigurationIsSeenInTheStatus(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gate"), []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, finish := background(t, load(t, dir, chain(dir, 100, "", "")))
	h.Refused(errors.New("two mistakes"))
	if r := h.Status(t.Context()).Refused; r == nil || r.Error != "two mistakes" || r.Time.IsZero() {
		t.Errorf("refused: %+v", r)
	}
	h.Refused(nil)
	if r := h.Status(t.Context()).Refused; r != nil {
		t.Errorf("refused: %+v", r)
	}
	finish()
}

// An analyzer that does not understand what an earlier version of it has saved is not taken, and the earlier one goes on
// counting. // promise 11
func TestAReloadRefusesAnAnalyzerThatCannotTakeOverTheState(t *testing.T) {
	dir := t.TempDir()
	openGate(t, dir, 200)
	strange := filepath.Join(dir, "strange")
	with := func(drop string) string {
		hcl := strings.Replace(chain(dir, 600, fmt.Sprintf("drop = [%q]", drop), ""), "count = 600", fmt.Sprintf("count = 600\n gate = %q", filepath.Join(dir, "gate")), 1)
		return strings.Replace(hcl, `"tally" "t" {}`, fmt.Sprintf("\"tally\" \"t\" {\n strange = %q\n}", strange), 1)
	}
	h, finish := background(t, load(t, dir, with("one")))
	await(t, "events", func() bool { return h.Status(t.Context()).Books.Delivered == 200 })
	touch(t, strange) // nothing is saved yet: the reload sees to that
	before := pids(h.Status(t.Context()))
	_, err := h.Reload(t.Context(), load(t, dir, with("three")))
	if sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), "analyzer.tally.t cannot take over what an earlier version of it has counted") {
		t.Errorf("reload: %v", err)
	}
	if got := changedPids(before, pids(h.Status(t.Context()))); len(got) > 0 {
		t.Errorf("%v have another process", got)
	}
	openGate(t, dir, 400)
	await(t, "events", func() bool { return h.Status(t.Context()).Books.Delivered == 400 })
	remove(t, strange)
	reload(t, h, dir, with("two"))
	openGate(t, dir, 600)
	if s := finish(); s.Books.Delivered != 600 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 600)
}

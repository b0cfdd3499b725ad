package hub_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

func TestASecondHubIsToldWhoHasTheData(t *testing.T) {
	dir := t.TempDir()
	hcl := chain(dir, 100, "", "")
	h, _ := staying(t, dir, hcl)
	idle(t, h)
	_, err := hub.Open(t.Context(), options(t, load(t, dir, hcl)))
	if !errors.Is(err, broker.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("(pid %d); stop it or set another data_dir", os.Getpid())) {
		t.Errorf("a second hub: %v", err)
	}
	if b := idle(t, h); b.Delivered != 100 {
		t.Errorf("books of the first: %+v", b)
	}
}

// block writes a block of a configuration.
func block(kind, typ, name string, attributes ...string) string {
	return fmt.Sprintf("%s %q %q {\n  %s\n}\n", kind, typ, name, strings.Join(attributes, "\n  "))
}

const settings = "pintle {\n  data_dir = \"./data\"\n}\n"

// pipe writes a pipeline with one route.
func pipe(name, from, through, to string) string {
	return fmt.Sprintf("pipeline %q {\n  from = [%s]\n  through = [%s]\n  route \"all\" {\n    to = [%s]\n  }\n}\n", name, from, through, to)
}

func TestTwoSourcesAndTwoPipelines(t *testing.T) {
	dir := t.TempDir()
	note := "note = event.t.n"
	path := func(name string) string { return fmt.Sprintf("path = %q", filepath.Join(dir, name)) }
	hcl := settings + block("source", "numbers", "a", "count = 700") + block("source", "numbers", "b", "count = 350", `prefix = "b"`) +
		block("analyzer", "tally", "t") + block("analyzer", "trip", "x", `drop = ["n0000010"]`) +
		block("sink", "ledger", "one", path("one"), note) + block("sink", "ledger", "two", path("two"), note) +
		pipe("both", "source.numbers.a, source.numbers.b", "analyzer.tally.t", "sink.ledger.one") +
		pipe("first", "source.numbers.a", "analyzer.tally.t, analyzer.trip.x", "sink.ledger.two")
	for range 2 { // the second time nothing is left to do
		s := runIdle(t, dir, hcl)
		both, first := s.Pipelines[0].Books, s.Pipelines[1].Books
		if both.Accepted != 1050 || both.Delivered != 1050 || first.Accepted != 700 || first.Delivered != 699 || first.Dropped != 1 {
			t.Errorf("books: %+v and %+v", both, first)
		}
		if s.Books.Accepted != 1750 || s.Books.Delivered != 1749 || !s.Balanced || !both.Balanced() || !first.Balanced() {
			t.Errorf("books: %+v", s.Books)
		}
	}
	one := ledgerLines(t, filepath.Join(dir, "one"))
	checkTally(t, filterSource(one, ""), 700)
	checkTally(t, filterSource(one, "b"), 350)
	checkTally(t, ledgerLines(t, filepath.Join(dir, "two")), 700, "n0000010")
}

// A sink that does not move keeps neither its neighbour nor the pipeline from going on. // promise 5
func TestASlowSinkSlowsNoOther(t *testing.T) {
	dir := t.TempDir()
	wait := touch(t, filepath.Join(dir, "wait"))
	hcl := twice(dir, 12_000, "", fmt.Sprintf("slow = %q", wait))
	hcl = strings.Replace(hcl, "count =", "chunk = 20\n  count =", 1)
	h, finish := background(t, load(t, dir, hcl))
	await(t, "the fast sink to have all", func() bool { return len(ledgerLines(t, filepath.Join(dir, "out"))) == 12_000 })
	s := h.Status(t.Context())
	if out, slow := s.Pipelines[0].Sinks[0], s.Pipelines[0].Sinks[1]; out.State != flow.StateRunning || slow.Delivered != 0 || s.Books.InFlight != 12_000 {
		t.Errorf("fast %+v, slow %+v, books %+v", out, slow, s.Books)
	}
	if lines := ledgerLines(t, filepath.Join(dir, "copy")); len(lines) != 0 {
		t.Errorf("the slow sink has %d lines", len(lines))
	}
	remove(t, wait)
	if s := finish(); s.Books.Delivered != 12_000 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 12_000)
	if lines := ledgerLines(t, filepath.Join(dir, "copy")); len(lines) != 12_000 {
		t.Errorf("the slow sink has %d lines", len(lines))
	}
}

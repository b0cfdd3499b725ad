package hub_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
	"github.com/pintle-hub/pintle/core/flow"
	"github.com/pintle-hub/pintle/core/hub"
)

const fairCount = 200_000

// twoPipelines is a log with little room, a pipeline whose sink refuses while that file is there, and one that works.
func twoPipelines(dir, refuse string) string {
	numbers := fmt.Sprintf("count = %d\n  chunk = 20", fairCount)
	hcl := settings + block("source", "numbers", "stuck", numbers) + block("source", "numbers", "fine", numbers, `prefix = "b"`) +
		block("analyzer", "tally", "t") +
		block("sink", "ledger", "stuck", fmt.Sprintf("path = %q\n  refuse = %q", filepath.Join(dir, "stuck"), refuse), "note = event.t.n") +
		ledgerBlock(dir, "fine") +
		pipe("stuck", "source.numbers.stuck", "analyzer.tally.t", "sink.ledger.stuck") +
		pipe("fine", "source.numbers.fine", "analyzer.tally.t", "sink.ledger.fine")
	return strings.Replace(hcl, `data_dir = "./data"`, "data_dir = \"./data\"\n  limits {\n    events = \"8MiB\"\n    insights = \"8MiB\"\n  }", 1)
}

// A sink that is down fills its part of the log and holds its own source back. Another source goes on through many times the
// log's size, and nothing of either is lost, over a restart in the middle too. // promise 6
func TestAPipelineThatStandsStillDoesNotStopTheOthers(t *testing.T) {
	dir := t.TempDir()
	refuse := touch(t, filepath.Join(dir, "refuse"))
	hcl := twoPipelines(dir, refuse)
	h, finish := background(t, load(t, dir, hcl))
	delivered := func(pipeline int) func() bool {
		return func() bool {
			if err := h.Trim(t.Context()); err != nil {
				t.Fatal(err)
			}
			return h.Status(t.Context()).Pipelines[pipeline].Books.Delivered == fairCount
		}
	}
	fine, stuck := 0, 1
	if h.Status(t.Context()).Pipelines[0].Name == "stuck" {
		fine, stuck = 1, 0
	}
	await(t, "all events of the pipeline that works", delivered(fine))
	s := h.Status(t.Context())
	if b := s.Pipelines[stuck].Books; b.Delivered != 0 || b.InFlight == 0 || !s.Balanced {
		t.Errorf("books of the one that stands still: %+v", b)
	}
	for _, source := range s.Sources {
		if held := source.Address == "source.numbers.stuck"; held && (source.State != flow.StateWaiting || source.Total == fairCount) {
			t.Errorf("the source of the one that stands still: %+v", source)
		}
	}
	for _, name := range []broker.Stream{broker.Events, broker.Insights} {
		if s := stream(t, h, name); s.Bytes > uint64(s.MaxBytes) {
			t.Errorf("%s holds %d bytes of %d", name, s.Bytes, s.MaxBytes)
		}
	}
	remove(t, refuse)
	await(t, "all events of the one that stood still", delivered(stuck))
	if s := finish(); s.Books.Accepted != 2*fairCount || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "stuck")), fairCount)
	checkTally(t, filterSource(ledgerLines(t, filepath.Join(dir, "fine")), "b"), fairCount)
	checkLog(t, dir, hcl)
}

// What was trimmed apart leaves holes that a hub started again, killed or not, takes for what they are.
func TestALogWithHolesStartsAgain(t *testing.T) {
	dir := t.TempDir()
	refuse := touch(t, filepath.Join(dir, "refuse"))
	hcl := twoPipelines(dir, refuse)
	h, stop := staying(t, dir, hcl)
	await(t, "holes in the log", func() bool {
		if err := h.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := stream(t, h, broker.Events)
		return s.Last-s.First >= s.Messages && h.Status(t.Context()).Books.Delivered == fairCount
	})
	stop()
	checkLog(t, dir, hcl)
	remove(t, refuse)
	s := hub.Status{}
	for range 2 { // the second time there is nothing left to do
		s = runIdle(t, dir, hcl)
	}
	if s.Books.Accepted != 2*fairCount || s.Books.Delivered != 2*fairCount || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "stuck")), fairCount)
	checkLog(t, dir, hcl)
}

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

// stream returns the state of one stream of the log.
func stream(t *testing.T, h *hub.Hub, name broker.Stream) broker.StreamStatus {
	t.Helper()
	for _, s := range h.Status(t.Context()).Log.Streams {
		if s.Stream == name {
			return s
		}
	}
	t.Fatalf("no stream %s", name)
	return broker.StreamStatus{}
}

// A sink is down and the log is full: the source is held back, and says why. Once the sink is back all goes on. // promise 6
func TestAFullLogHoldsTheSourceBack(t *testing.T) {
	dir := t.TempDir()
	refuse := touch(t, filepath.Join(dir, "refuse"))
	const count = 20_000
	hcl := chain(dir, count, "", fmt.Sprintf("refuse = %q", refuse))
	hcl = strings.Replace(hcl, `data_dir = "./data"`, "data_dir = \"./data\"\n  limits {\n    events = \"1MiB\"\n  }", 1)
	h, finish := background(t, load(t, dir, hcl))
	await(t, "the source to be held back", func() bool { return h.Status(t.Context()).Sources[0].State == flow.StateWaiting })
	s := h.Status(t.Context())
	if b := s.Books; b.Accepted == 0 || b.Accepted >= count || b.InFlight != b.Accepted || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	if !strings.Contains(s.Sources[0].Error, "full") {
		t.Errorf("the source says %q", s.Sources[0].Error)
	}
	if ev := stream(t, h, broker.Events); ev.Bytes > uint64(ev.MaxBytes) || ev.MaxBytes != 1<<20 {
		t.Errorf("the stream of events holds %d bytes of %d", ev.Bytes, ev.MaxBytes)
	}
	remove(t, refuse)
	await(t, "all events", func() bool {
		if err := h.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		return h.Status(t.Context()).Books.Delivered == count
	})
	if s := finish(); s.Books.Accepted != count || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), count)
}

// What every sink has leaves the log, and nothing else does: positions, counts and the analyzers' state go on. // promise 6
func TestWhatIsDeliveredLeavesTheLog(t *testing.T) {
	dir := t.TempDir()
	for count := 500; count <= 2000; count += 500 {
		hcl := strings.Replace(chain(dir, count, "", ""), "count =", "chunk = 20\n  pause = \"1ms\"\n  count =", 1)
		if s := runIdle(t, dir, hcl); s.Books.Accepted != uint64(count) || s.Books.Delivered != uint64(count) || !s.Balanced {
			t.Fatalf("books of %d: %+v", count, s.Books)
		}
		h, stop := staying(t, dir, hcl)
		before := map[broker.Stream]broker.StreamStatus{}
		for _, name := range []broker.Stream{broker.Events, broker.Insights} {
			before[name] = stream(t, h, name)
		}
		await(t, "the hub to be idle", h.Idle)
		if err := h.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []broker.Stream{broker.Events, broker.Insights} {
			if after := stream(t, h, name); after.Messages > 2 || after.First <= before[name].First {
				t.Errorf("%s was %+v and is %+v", name, before[name], after)
			}
		}
		if b := idle(t, h); b.Delivered != uint64(count) {
			t.Errorf("books after the trim: %+v", b)
		}
		stop()
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 2000)
	checkLog(t, dir, chain(dir, 2000, "", ""))
}

// A source and a pipeline without traffic do not keep the others' log. Their positions are carried over the trim, again and
// again, and they go on from there.
func TestTheIdleAreCarriedOverATrim(t *testing.T) {
	dir := t.TempDir()
	hcl := func(busy, idle int) string {
		chunks := "chunk = 20\n  pause = \"1ms\"\n  count = "
		return settings + block("source", "numbers", "busy", chunks+fmt.Sprint(busy)) +
			block("source", "numbers", "idle", chunks+fmt.Sprint(idle), `prefix = "b"`) + block("analyzer", "tally", "t") +
			ledgerBlock(dir, "busy") + ledgerBlock(dir, "idle") +
			pipe("busy", "source.numbers.busy", "analyzer.tally.t", "sink.ledger.busy") +
			pipe("idle", "source.numbers.idle", "analyzer.tally.t", "sink.ledger.idle")
	}
	for busy := 400; busy <= 1600; busy += 400 {
		runIdle(t, dir, hcl(busy, 200))
		h, stop := staying(t, dir, hcl(busy, 200))
		await(t, "the hub to be idle", h.Idle)
		if err := h.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b := idle(t, h); b.Accepted != uint64(busy+200) || b.Delivered != b.Accepted {
			t.Errorf("books: %+v", b)
		}
		for _, name := range []broker.Stream{broker.Events, broker.Insights} {
			if s := stream(t, h, name); s.Messages > 4 {
				t.Errorf("%s holds %+v", name, s)
			}
		}
		stop()
	}
	s := runIdle(t, dir, hcl(1600, 600))
	if idle := s.Pipelines[1].Books; idle.Accepted != 600 || idle.Delivered != 600 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "busy")), 1600)
	checkTally(t, filterSource(ledgerLines(t, filepath.Join(dir, "idle")), "b"), 600)
}

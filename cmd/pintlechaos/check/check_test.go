package check_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/check"
	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// history is a small run, written by hand: one source a that can be read again, one sink one.
type history struct {
	list []ledger.Record
	now  time.Duration
}

func begin() *history {
	h := &history{}
	h.add(ledger.Record{Kind: ledger.Routed, Who: "a", Text: ledger.First, Route: &ledger.Route{Sinks: []string{"one"}, Window: 3, Counted: true}})
	return h
}

func (h *history) add(r ledger.Record) *history {
	h.now += time.Millisecond
	r.Time = int64(h.now)
	h.list = append(h.list, r)
	return h
}

// item is event n of source a; all have the key k.
func item(n uint64) ledger.Item {
	return ledger.Item{ID: "a-" + string(rune('0'+n)), Key: "k", N: n, Sum: "sum", Count: n}
}

func items(numbers []uint64) (list []ledger.Item) {
	for _, n := range numbers {
		list = append(list, item(n))
	}
	return list
}

func (h *history) offer(n ...uint64) *history {
	return h.add(ledger.Record{Kind: ledger.Replay, Who: "a", Items: items(n)})
}

// give delivers to generation gen of the sink, which answers ok.
func (h *history) give(gen uint64, n ...uint64) *history {
	h.add(ledger.Record{Kind: ledger.Deliver, Who: "one", Gen: gen, Items: items(n)})
	return h.add(ledger.Record{Kind: ledger.Ok, Who: "one", Gen: gen, Items: items(n)})
}

func (h *history) deliver(it ledger.Item) *history {
	return h.add(ledger.Record{Kind: ledger.Deliver, Who: "one", Gen: 1, Items: []ledger.Item{it}})
}

func (h *history) fault(who, text string, limit int64) *history {
	return h.add(ledger.Record{Kind: ledger.Fault, Who: who, Text: text, Limit: limit})
}

func (h *history) end(total uint64, b ledger.Books) *history {
	b.Sources = []string{"a"}
	h.add(ledger.Record{Kind: ledger.Total, Who: "a", Number: total})
	h.add(ledger.Record{Kind: ledger.Counted, Who: "p", Books: &b})
	return h.add(ledger.Record{Kind: ledger.Quiet})
}

func (h *history) dead(n uint64, reason string) *history {
	return h.add(ledger.Record{Kind: ledger.Dead, Who: "sink.take.one", Text: reason, Items: []ledger.Item{item(n)}})
}

func (h *history) late(d time.Duration) *history { h.now += d; return h }

// Every checker is green where all is well, and red, alone, where its own promise is broken.
func TestEachCheckerSeesItsOwnFault(t *testing.T) {
	three := ledger.Books{Accepted: 3, Delivered: 3}
	tests := []struct {
		name string
		h    *history
		red  string // "" for none
	}{
		{"all is well", begin().offer(1, 2, 3).give(1, 1, 2, 3).end(3, three), ""},
		{"one never comes", begin().offer(1, 2, 3).give(1, 1, 2).end(3, three), "lost"},
		{"one is a dead letter", begin().offer(1, 2, 3).give(1, 1, 2).dead(3, "refused").end(3, ledger.Books{Accepted: 3, Delivered: 2, Dead: 1}), ""},
		{"a dead letter without reason", begin().offer(1).dead(1, "").end(1, ledger.Books{Accepted: 1, Dead: 1}), "reason"},
		{"one that nobody offered", begin().offer(1).give(1, 1).add(ledger.Record{Kind: ledger.Deliver, Who: "one", Gen: 1,
			Items: []ledger.Item{{ID: "x-1", Key: "x"}}}).end(1, ledger.Books{Accepted: 1, Delivered: 1}), "unexpected"},
		{"one with other words", begin().offer(1, 2).give(1, 1).deliver(ledger.Item{ID: "a-2", Key: "k", N: 2, Sum: "other", Count: 2}).give(1).
			add(ledger.Record{Kind: ledger.Ok, Who: "one", Gen: 1, Items: items([]uint64{2})}).end(2, ledger.Books{Accepted: 2, Delivered: 2}), "mangled"},
		{"two swapped", begin().offer(1, 2, 3).give(1, 2, 1, 3).end(3, three), "order"},
		{"again without a fault", begin().offer(1, 2, 3).give(1, 1, 2, 3).give(1, 1, 2, 3).end(3, three), "duplicate"},
		{"again after a fault", begin().offer(1, 2, 3).give(1, 1, 2).fault("hub", "kill", 0).give(2, 1, 2, 3).end(3, three), ""},
		{"again after a fault of another sink", begin().offer(1, 2, 3).give(1, 1, 2).fault("sink.two", "kill", 0).give(1, 1, 2, 3).end(3, three), "duplicate"},
		{"too many again", begin().offer(1, 2, 3, 4).give(1, 1, 2, 3, 4).fault("hub", "kill", 0).give(2, 1, 2, 3, 4).
			end(4, ledger.Books{Accepted: 4, Delivered: 4}), "duplicate"},
		{"again long after", begin().offer(1, 2, 3).give(1, 1, 2, 3).late(time.Minute).fault("hub", "kill", 0).give(2, 3).end(3, three), "duplicate"},
		{"again with a hole", begin().offer(1, 2, 3).give(1, 1, 2, 3).fault("hub", "kill", 0).give(2, 1, 3).end(3, three), "order"},
		{"a wrong count", begin().offer(1, 2).give(1, 1).deliver(ledger.Item{ID: "a-2", Key: "k", N: 2, Sum: "sum", Count: 7}).
			add(ledger.Record{Kind: ledger.Ok, Who: "one", Gen: 1, Items: items([]uint64{2})}).end(2, ledger.Books{Accepted: 2, Delivered: 2}), "count"},
		{"books that do not balance", begin().offer(1, 2, 3).give(1, 1, 2, 3).end(3, ledger.Books{Accepted: 3, Delivered: 2}), "books"},
		{"books of more than was offered", begin().offer(1, 2, 3).give(1, 1, 2, 3).end(4, ledger.Books{Accepted: 4, Delivered: 4}), "books"},
		{"slow to recover", begin().offer(1).fault("hub", "kill", 100).late(time.Second).add(ledger.Record{Kind: ledger.Up, Who: "hub"}).give(1, 1).
			end(1, ledger.Books{Accepted: 1, Delivered: 1}), "recovery"},
		{"never up again", begin().offer(1).fault("hub", "kill", 100).give(1, 1).end(1, ledger.Books{Accepted: 1, Delivered: 1}), "recovery"},
		{"an old sink answers", begin().offer(1, 2, 3).give(1, 1).fault("hub", "kill", 0).give(2, 1, 2).give(1, 2).give(2, 3).end(3, three), "fence"},
		{"a zombie goes on", begin().offer(1, 2, 3).give(1, 1).fault("hub", check.Zombie, 0).give(2, 2).give(1, 2).give(2, 3).end(3, three), "fence"},
		{"a zombie finds out", begin().offer(1, 2, 3).give(1, 1).fault("hub", check.Zombie, 0).give(2, 2).give(1, 2).
			add(ledger.Record{Kind: ledger.Up, Who: "hub"}).give(2, 3).end(3, three), ""},
		{"something outlives the hub", begin().offer(1).give(1, 1).end(1, ledger.Books{Accepted: 1, Delivered: 1}).
			add(ledger.Record{Kind: ledger.Orphan, Number: 7, Text: "plugin"}), "orphan"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := check.Records(check.Options{}, tt.h.list...)
			if got := strings.Join(r.Red(), " "); got != tt.red {
				t.Errorf("red: %q, want %q\n%+v", got, tt.red, r.Findings)
			}
			if (r.Verdict == check.Fail) != (tt.red != "") {
				t.Errorf("verdict %s", r.Verdict)
			}
		})
	}
}

// What was neither acknowledged nor delivered may be either; what is owed before all is quiet may still come.
func TestWhatIsNotKnownIsNotRed(t *testing.T) {
	h := &history{}
	h.add(ledger.Record{Kind: ledger.Routed, Who: "b", Route: &ledger.Route{Sinks: []string{"one"}}})
	h.add(ledger.Record{Kind: ledger.Offer, Who: "b.0", Items: []ledger.Item{{ID: "b.0-1", Key: "k", N: 1}}})
	if r := check.Records(check.Options{}, append(slices.Clone(h.list), ledger.Record{Kind: ledger.Quiet})...); r.Verdict == check.Fail {
		t.Errorf("not acknowledged: %+v", r)
	}
	h.add(ledger.Record{Kind: ledger.Acked, Who: "b.0", Items: []ledger.Item{{ID: "b.0-1", Key: "k", N: 1}}})
	if r := check.Records(check.Options{}, h.list...); r.Verdict != check.Unknown {
		t.Errorf("not quiet: %s", r.Verdict)
	}
	if r := check.Records(check.Options{}, append(h.list, ledger.Record{Kind: ledger.Quiet})...); len(r.Red()) != 1 || r.Red()[0] != "lost" {
		t.Errorf("acknowledged and quiet: %+v", r)
	}
}

// Growth over many samples is a leak, a bump is not.
func TestALeakIsGrowthThatStays(t *testing.T) {
	sample := func(files int) ledger.Record {
		return ledger.Record{Kind: ledger.Sampled, Who: "hub", Usage: &ledger.Sample{Files: files, Threads: 10, Resident: 100 << 20}}
	}
	var steady, growing, busier []ledger.Record
	for i := range 40 {
		growing = append(growing, sample(50+2*i))
		busier = append(busier, ledger.Record{Kind: ledger.Sampled, Who: "hub", Usage: &ledger.Sample{Goroutines: 100 + 4*i}})
		steady = append(steady, sample(50+i%2*30))
	}
	if f := check.Records(check.Options{}, growing...).Finding("leak"); f.Verdict != check.Fail {
		t.Errorf("growing: %+v", f)
	}
	if f := check.Records(check.Options{}, busier...).Finding("leak"); f.Verdict != check.Fail {
		t.Errorf("more and more goroutines: %+v", f)
	}
	if f := check.Records(check.Options{}, steady...).Finding("leak"); f.Verdict != check.OK {
		t.Errorf("steady: %+v", f)
	}
}

// Insights are recounted from what was offered.
func TestInsightsAreThoseOfAnUndisturbedRun(t *testing.T) {
	run := func(insights ...string) check.Finding {
		h := begin().add(ledger.Record{Kind: ledger.Routed, Who: check.Insights, Number: 2, Route: &ledger.Route{Sinks: []string{"four"}}})
		h.offer(1, 2, 3, 4).give(1, 1, 2, 3, 4)
		for _, id := range insights {
			h.add(ledger.Record{Kind: ledger.Deliver, Who: "four", Gen: 1, Items: []ledger.Item{{ID: id, Key: "k"}}})
		}
		return check.Records(check.Options{}, h.add(ledger.Record{Kind: ledger.Quiet}).list...).Finding("count")
	}
	if f := run("in-k-2", "in-k-4"); f.Verdict != check.OK {
		t.Errorf("all of them: %+v", f)
	}
	if f := run("in-k-2"); f.Verdict != check.Fail {
		t.Errorf("one missing: %+v", f)
	}
	if f := run("in-k-2", "in-k-4", "in-k-6"); f.Verdict != check.Fail {
		t.Errorf("one too many: %+v", f)
	}
}

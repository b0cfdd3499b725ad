package hub_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// What a source has stored before it leaves a pipeline is still analysed and delivered: it was acknowledged. // promise 1
func TestWhatASourceHasStoredBeforeItLeavesIsDelivered(t *testing.T) {
	dir := t.TempDir()
	p := parts{dir: dir, count: 1200, drop: "none", note: "event.t.n", second: true}
	openGate(t, dir, 600)
	slow := func() string {
		return strings.Replace(p.hcl(), `"trip" "x" {`, "\"trip\" \"x\" {\n delay = \"15ms\"", 1)
	}
	h, finish := background(t, load(t, dir, slow()))
	await(t, "a backlog", func() bool {
		s := h.Status(t.Context())
		return s.Sources[0].Total == 600 && s.Sources[1].Total == 600
	})
	behind := h.Status(t.Context()).Books.InFlight
	p.second = false
	reload(t, h, dir, slow())
	if b := h.Status(t.Context()).Books; b.Accepted != 1200 || behind == 0 {
		t.Errorf("%d events were on their way, now %+v", behind, b)
	}
	openGate(t, dir, 1200)
	if s := finish(); s.Books.Delivered != 1800 || !s.Balanced || s.Books.InFlight != 0 {
		t.Errorf("books: %+v", s.Books)
	}
	lines := ledgerLines(t, filepath.Join(dir, "keep"))
	checkTally(t, filterSource(lines, "b"), 600)
	checkTally(t, filterSource(lines, ""), 1200)
}

// A source that leaves a pipeline, works on for another and comes back goes on from there: what it stored meanwhile was not
// for this one, and its books do not wait for it.
func TestASourceThatComesBackGoesOnFromThere(t *testing.T) {
	dir := t.TempDir()
	openGate(t, dir, 200)
	hcl := func(from string) string {
		source := "source \"numbers\" %q {\n count = 600\n prefix = %q\n gate = %q\n}\n"
		gate := filepath.Join(dir, "gate")
		return "pintle {\n data_dir = \"./data\"\n}\n" + fmt.Sprintf(source, "a", "", gate) + fmt.Sprintf(source, "b", "b", gate) +
			fmt.Sprintf("sink \"ledger\" \"one\" {\n path = %q\n}\nsink \"ledger\" \"two\" {\n path = %q\n}\n", filepath.Join(dir, "one"), filepath.Join(dir, "two")) +
			"pipeline \"p\" {\n from = [" + from + "]\n route \"all\" {\n  to = [sink.ledger.one]\n }\n}\n" +
			"pipeline \"q\" {\n from = [source.numbers.b]\n route \"all\" {\n  to = [sink.ledger.two]\n }\n}\n"
	}
	h, finish := background(t, load(t, dir, hcl("source.numbers.a, source.numbers.b")))
	delivered := func(n uint64) {
		t.Helper()
		await(t, fmt.Sprint(n, " events"), func() bool { return h.Status(t.Context()).Books.Delivered == n })
	}
	delivered(600)
	reload(t, h, dir, hcl("source.numbers.a"))
	openGate(t, dir, 400)
	delivered(1000)
	reload(t, h, dir, hcl("source.numbers.a, source.numbers.b"))
	await(t, "nothing to be in flight", func() bool { return h.Status(t.Context()).Books.InFlight == 0 })
	openGate(t, dir, 600)
	s := finish()
	own := uint64(len(filterSource(ledgerLines(t, filepath.Join(dir, "one")), "b"))) // where the log has them behind the last of a, they are new
	if s.Books.Delivered != 1200+own || s.Books.Accepted != s.Books.Delivered || own < 400 || !s.Balanced {
		t.Errorf("%d events of the source that was away for 200 of 600, books: %+v", own, s.Books)
	}
}

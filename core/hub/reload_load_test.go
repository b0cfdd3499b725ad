package hub_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/hub"
)

// parts are what a test changes in a configuration step by step.
type parts struct {
	dir    string
	count  int    // of events of a source
	second bool   // there is a second source, with the prefix b
	drop   string // the event that the analyzer takes out
	note   string // what the sink out writes
	extra  string // path of another sink, "" for none
	gate   int    // the number before which the sources wait
}

func (p parts) hcl() string {
	b := &strings.Builder{}
	source := func(name, prefix string) {
		fmt.Fprintf(b, "source \"numbers\" %q {\n count = %d\n chunk = 20\n prefix = %q\n pause = \"2ms\"\n gate = %q\n}\n", name, p.count, prefix,
			filepath.Join(p.dir, "gate"))
	}
	sink := func(name, path, note string) {
		fmt.Fprintf(b, "sink \"ledger\" %q {\n path = %q\n note = %s\n}\n", name, path, note)
	}
	fmt.Fprintf(b, "pintle {\n data_dir = \"./data\"\n}\nanalyzer \"tally\" \"t\" {}\nanalyzer \"trip\" \"x\" {\n drop = [%q]\n}\n", p.drop)
	source("a", "")
	sink("keep", filepath.Join(p.dir, "keep"), "event.t.n")
	sink("out", filepath.Join(p.dir, "out"), p.note)
	from, to := "source.numbers.a", "sink.ledger.keep, sink.ledger.out"
	if p.second {
		source("b", "b")
		from += ", source.numbers.b"
	}
	if p.extra != "" {
		sink("extra", p.extra, "event.t.n")
		to += ", sink.ledger.extra"
	}
	fmt.Fprintf(b, "pipeline \"p\" {\n from = [%s]\n through = [analyzer.tally.t, analyzer.trip.x]\n route \"all\" {\n  to = [%s]\n }\n}\n", from, to)
	return b.String()
}

// pids returns the processes of sources and sinks by address, and of the analyzers.
func pids(s hub.Status) map[string]int64 {
	out := map[string]int64{}
	for _, x := range s.Sources {
		out[x.Address] = x.Pid
	}
	for _, p := range s.Pipelines {
		for _, x := range p.Hops {
			out[x.Analyzers[0]] = x.Pid
		}
		for _, x := range p.Sinks {
			out[x.Address] = x.Pid
		}
	}
	return out
}

// flow lets more events pass and returns the processes once the first of them have arrived.
func (p *parts) flow(t *testing.T, h *hub.Hub) map[string]int64 {
	t.Helper()
	lines := len(ledgerLines(t, filepath.Join(p.dir, "keep")))
	p.gate += 400
	openGate(t, p.dir, p.gate)
	await(t, "events to flow", func() bool { return len(ledgerLines(t, filepath.Join(p.dir, "keep"))) > lines })
	var running map[string]int64
	await(t, "every process", func() bool {
		running = pids(h.Status(t.Context()))
		return !slices.Contains(slices.Collect(maps.Values(running)), 0)
	})
	return running
}

// changedPids returns the addresses whose process is another one, or that came or went.
func changedPids(before, after map[string]int64) (out []string) {
	for address, pid := range before {
		if after[address] != pid {
			out = append(out, address)
		}
	}
	for address := range after {
		if _, ok := before[address]; !ok {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return out
}

// While events flow everything that can change is changed. What does not change keeps its process, nothing is lost, nothing
// comes twice, each key keeps its order and each count is exact. // promise 7
func TestReloadUnderLoad(t *testing.T) {
	dir := t.TempDir()
	p := parts{dir: dir, count: 6000, drop: "none", note: "event.t.n"}
	openGate(t, dir, 0)
	h, finish := background(t, load(t, dir, p.hcl()))
	extra := filepath.Join(dir, "extra")
	for _, step := range []struct {
		name   string
		change func(*parts)
		want   string // addresses whose process changes
	}{
		{"a source joins", func(p *parts) { p.second = true }, "[analyzer.tally.t source.numbers.b]"},
		{"an analyzer changes", func(p *parts) { p.drop = "n0005999" }, "[analyzer.tally.t]"},
		{"a sink joins", func(p *parts) { p.extra = extra }, "[analyzer.tally.t sink.ledger.extra]"},
		{"a sink changes", func(p *parts) { p.note = "event.t.n + 0" }, "[sink.ledger.out]"},
		{"a sink leaves", func(p *parts) { p.extra = "" }, "[analyzer.tally.t sink.ledger.extra]"},
		{"nothing changes", func(*parts) {}, "[]"},
	} {
		before := p.flow(t, h)
		step.change(&p)
		began := time.Now()
		reload(t, h, dir, p.hcl())
		took := time.Since(began)
		if got := fmt.Sprint(changedPids(before, p.flow(t, h))); got != step.want {
			t.Errorf("%s: %s have another process, want %s", step.name, got, step.want)
		}
		t.Logf("%s: %v", step.name, took.Round(time.Millisecond))
	}
	openGate(t, dir, p.count)
	s := finish()
	if b := s.Books; b.Accepted != 12000 || b.Delivered != 11999 || b.Rules["tripped"] != 1 || b.InFlight != 0 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	for _, name := range []string{"keep", "out"} {
		lines := ledgerLines(t, filepath.Join(dir, name))
		checkTally(t, filterSource(lines, ""), 6000, "n0005999")
		checkTally(t, filterSource(lines, "b"), 6000)
	}
	if lines := ledgerLines(t, extra); len(lines) == 0 || len(lines) > 11900 {
		t.Errorf("the sink that came and went has %d lines", len(lines))
	}
}

// filterSource returns the lines of the source with that prefix, without it.
func filterSource(lines []string, prefix string) (out []string) {
	for _, l := range lines {
		if rest, ok := strings.CutPrefix(l, prefix); ok && rest[0] == 'n' {
			out = append(out, strings.Replace(rest, " "+prefix+"k", " k", 1))
		}
	}
	return out
}

// A configuration that does not work is not taken: what runs goes on, in the same processes. // promise 7
func TestAReloadThatDoesNotWorkChangesNothing(t *testing.T) {
	dir := t.TempDir()
	good := parts{dir: dir, count: 6000, drop: "none", note: "event.t.n"}
	openGate(t, dir, 0)
	h, finish := background(t, load(t, dir, good.hcl()))
	before := good.flow(t, h)
	for name, c := range map[string]struct{ old, new, want string }{
		"a sink refuses":      {"sink.ledger.out]", "sink.ledger.bad]", "sink.ledger.bad ("},
		"a source refuses":    {"count = 6000", "count = -1", "count must not be negative"},
		"an analyzer refuses": {"drop = [", "refuse = true\n drop = [", "refused to start"},
		"a fixed setting":     {"./data", "./other", "stop it and start it again"},
		"other limits":        {"data\"\n}", "data\"\n limits {\n  events = \"1GiB\"\n }\n}", "stop it and start it again"},
	} {
		hcl := strings.ReplaceAll(good.hcl(), c.old, c.new)
		hcl += fmt.Sprintf("sink \"ledger\" \"bad\" {\n path = %q\n}\n", filepath.Join(dir, "no", "folder"))
		_, err := h.Reload(t.Context(), load(t, dir, hcl))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if got := changedPids(before, good.flow(t, h)); len(got) > 0 {
		t.Errorf("%v have another process", got)
	}
	openGate(t, dir, good.count)
	if s := finish(); s.Books.Delivered != 6000 || !s.Balanced {
		t.Errorf("books: %+v", s.Books)
	}
	checkTally(t, ledgerLines(t, filepath.Join(dir, "out")), 6000)
	await(t, "no process to be left", func() bool { return len(alive(t, dir)) == 0 })
}

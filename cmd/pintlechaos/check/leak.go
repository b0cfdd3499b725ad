package check

import (
	"slices"

	"github.com/pintle-hub/pintle/cmd/pintlechaos/ledger"
)

// leak holds that a process uses after many cycles what it used after a few. Files, threads, goroutines and children may not
// grow by more than a quarter and a few; memory not by more than half and 64 MiB.
type leak struct {
	tally
	samples map[string][]*ledger.Sample
}

func newLeak() *leak { return &leak{samples: map[string][]*ledger.Sample{}} }

func (c *leak) Note(r *ledger.Record) {
	if r.Kind == ledger.Sampled && r.Usage != nil {
		c.samples[r.Who] = append(c.samples[r.Who], r.Usage)
	}
}

// fewSamples is below what nothing can be said.
const fewSamples = 8

func (c *leak) Finding() Finding {
	for who, list := range c.samples {
		if len(list) < fewSamples {
			continue
		}
		c.Count++
		quarter := len(list) / 4
		early, late := list[:quarter], list[len(list)-quarter:]
		c.grown(who, "threads", median(early, threads), median(late, threads), 8)
		c.grown(who, "file handles", median(early, files), median(late, files), 16)
		c.grown(who, "children", median(early, children), median(late, children), 1)
		c.grown(who, "goroutines", median(early, goroutines), median(late, goroutines), 32)
		if e, l := median(early, resident), median(late, resident); l > e+e/2+64<<20 {
			c.bad("%s: from %d to %d MiB of memory", who, e>>20, l>>20)
		}
	}
	return c.done("leak")
}

func (c *leak) grown(who, what string, early, late, few int64) {
	if early < 0 || late < 0 {
		return // nobody told
	}
	if late > early+early/4+few {
		c.bad("%s: from %d to %d %s", who, early, late, what)
	}
}

func threads(s *ledger.Sample) int64 { return int64(s.Threads) }
func goroutines(s *ledger.Sample) int64 {
	if s.Goroutines == 0 {
		return -1
	}
	return int64(s.Goroutines)
}
func files(s *ledger.Sample) int64    { return int64(s.Files) }
func children(s *ledger.Sample) int64 { return int64(s.Children) }
func resident(s *ledger.Sample) int64 { return s.Resident }

func median(list []*ledger.Sample, of func(*ledger.Sample) int64) int64 {
	values := make([]int64, len(list))
	for i, s := range list {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// orphan holds that nothing outlives its hub.
type orphan struct{ tally }

func newOrphan() *orphan { return &orphan{} }

func (c *orphan) Note(r *ledger.Record) {
	switch r.Kind {
	case ledger.Orphan:
		c.bad("process %d outlived its hub: %s", r.Number, r.Text)
	case ledger.Quiet:
		c.Count++
	}
}

func (c *orphan) Finding() Finding { return c.done("orphan") }

package main

import (
	"cmp"
	"math"
	"slices"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
)

// Smoothing of the probability of an n-gram in a language: a share of how often it is anywhere, and a little for what was never
// seen. Chosen on the tuning part.
const (
	fromAll = 0.02
	unseen  = 0.03
)

// tally counts n-grams per language.
type tally struct {
	counts map[uint32][]float64
	totals []float64
	all    float64
}

func count(langs int, samples []sample) *tally {
	t := &tally{counts: make(map[uint32][]float64), totals: make([]float64, langs)}
	var c langid.Cleaner
	var grams []uint32
	for _, s := range samples {
		c.Clean(s.text)
		grams = c.AppendGrams(grams[:0])
		for _, g := range grams {
			row := t.counts[g]
			if row == nil {
				row = make([]float64, langs)
				t.counts[g] = row
			}
			row[s.lang]++
		}
		t.totals[s.lang] += float64(len(grams))
		t.all += float64(len(grams))
	}
	return t
}

// learn makes the profiles of a family from texts: the n-grams that tell most, each with its costs.
func learn(p plan, samples []sample) langid.Family {
	langs := p.codes()
	t := count(len(langs), samples)
	type ranked struct {
		hash uint32
		gain float64
	}
	var grams []ranked
	for hash, row := range t.counts {
		if gain := t.gain(row); gain > 0 {
			grams = append(grams, ranked{hash, gain})
		}
	}
	slices.SortFunc(grams, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.gain, a.gain), cmp.Compare(a.hash, b.hash))
	})
	f := langid.Family{Script: p.script, Langs: langs, Scale: 1}
	for _, g := range grams[:min(p.grams, len(grams))] {
		f.Grams = append(f.Grams, langid.Gram{Hash: g.hash, Costs: t.costs(t.counts[g.hash])})
	}
	slices.SortFunc(f.Grams, func(a, b langid.Gram) int { return cmp.Compare(a.Hash, b.Hash) })
	return f
}

// gain is how much an n-gram tells about the language over all its occurrences; nothing when it was seen once.
func (t *tally) gain(row []float64) float64 {
	n, gain := 0.0, 0.0
	for _, x := range row {
		n += x
	}
	if n < 2 {
		return 0
	}
	for k, x := range row {
		if x > 0 {
			gain += x * math.Log(x/n*t.all/t.totals[k])
		}
	}
	return gain
}

// costs turns counts into steps below the language that the n-gram speaks for most.
func (t *tally) costs(row []float64) []byte {
	n := 0.0
	for _, x := range row {
		n += x
	}
	mean := t.all / float64(len(row))
	logs := make([]float64, len(row))
	for k, x := range row {
		logs[k] = math.Log(x/t.totals[k] + fromAll*n/t.all + unseen/mean)
	}
	best := slices.Max(logs)
	costs := make([]byte, len(row))
	for k := range row {
		costs[k] = byte(min(math.Round((best-logs[k])/langid.CostStep), langid.MaxCost))
	}
	return costs
}

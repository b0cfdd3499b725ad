// Package langid tells which language a text is written in: by its script where that is enough, else by the n-grams of its
// letters (naive Bayes). It does not understand words, and one word alone often belongs to several languages; its one promise is
// that the same text always gives the same answer.
//
//go:generate go run ./gen -data ../../../../../shared/data -out profiles.bin
package langid

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
)

//go:embed profiles.bin
var profiles []byte

// Und is the code for a text whose language is not known.
const Und = "und"

// maxGrams bounds the n-grams of a text that are counted: MaxCost * maxGrams fits into a lane of 16 bits.
const maxGrams = 1 << 16 / (MaxCost + 1)

// Detector finds languages. It reuses its memory: one goroutine uses it.
type Detector struct {
	families [scripts]*table
	allowed  map[string]bool // nil: all
	cleaner  Cleaner
	grams    []uint32
	logits   []float64
}

// New returns a detector that answers with one of codes, or with any language it knows when there are none.
func New(codes []string) (*Detector, error) {
	families, err := Decode(profiles)
	if err != nil {
		return nil, err
	}
	d := &Detector{}
	for i := range families {
		d.families[families[i].Script] = newTable(&families[i])
	}
	known := d.Languages()
	for _, code := range codes {
		if !slices.Contains(known, code) {
			return nil, fmt.Errorf("language %q is not known; known are %v", code, known)
		}
		if d.allowed == nil {
			d.allowed = make(map[string]bool)
		}
		d.allowed[code] = true
	}
	return d, nil
}

// Languages lists the codes that New accepts, sorted.
func (d *Detector) Languages() []string {
	var codes []string
	for s := range scripts {
		if code := s.only(); code != "" {
			codes = append(codes, code)
		}
		if t := d.families[s]; t != nil {
			codes = append(codes, t.langs...)
		}
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	return slices.DeleteFunc(codes, func(code string) bool { return code == Und })
}

// Detect returns the most likely language of text and how likely it is (0 to 1). Und stands for a text without letters, or in a
// language that is not among those allowed.
func (d *Detector) Detect(text string) (code string, confidence float64) {
	d.cleaner.Clean(text)
	script := d.cleaner.script()
	if code := script.only(); code != "" {
		if d.allowed != nil && !d.allowed[code] {
			return Und, 0
		}
		return code, d.cleaner.share(script)
	}
	t := d.families[script]
	if t == nil {
		return Und, 0
	}
	d.grams = d.cleaner.AppendGrams(d.grams[:0])
	k, p := d.best(t, d.grams[:min(len(d.grams), maxGrams)])
	if k < 0 || t.langs[k] == Und {
		return Und, 0
	}
	return t.langs[k], p * d.cleaner.share(script)
}

// best returns the place of the language with the least cost, and its probability; -1 where no n-gram is known or no language
// of the script is allowed.
func (d *Detector) best(t *table, grams []uint32) (int, float64) {
	costs, known := t.costs(grams)
	if known == 0 {
		return -1, 0
	}
	d.logits = d.logits[:0]
	best := -1
	for k, c := range costs[:len(t.langs)] {
		z := -float64(c) * CostStep * t.scale / math.Sqrt(float64(known))
		if code := t.langs[k]; d.allowed != nil && code != Und && !d.allowed[code] {
			z = math.Inf(-1)
		} else if best < 0 || z > d.logits[best] {
			best = k
		}
		d.logits = append(d.logits, z)
	}
	if best < 0 {
		return -1, 0
	}
	return best, probability(d.logits, best)
}

// probability is the softmax of logits at k.
func probability(logits []float64, k int) float64 {
	sum := 0.0
	for _, z := range logits {
		sum += math.Exp(z - logits[k])
	}
	return 1 / sum
}

// Judge gives the probability of a known language; the generator fits with it.
type Judge struct {
	d Detector
	t *table
}

// NewJudge returns a judge for one family.
func NewJudge(f Family) *Judge { return &Judge{t: newTable(&f)} }

// Probability returns how likely text is in the family's language k.
func (j *Judge) Probability(text string, k int) float64 {
	j.d.cleaner.Clean(text)
	j.d.grams = j.d.cleaner.AppendGrams(j.d.grams[:0])
	if best, _ := j.d.best(j.t, j.d.grams[:min(len(j.d.grams), maxGrams)]); best < 0 {
		return 1 / float64(len(j.t.langs))
	}
	return probability(j.d.logits, k)
}

package linear

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Example is a text with its label.
type Example struct {
	Text, Label string
	// Extra is what else is known of the text; see Scorer.Score. Group names what it must not be parted from when some are
	// held out, such as its author; "" for nothing.
	Extra []string
	Group string
}

// Options of Train. The zero value of a field is the default.
type Options struct {
	Task string
	Features
	// C is the price of a mistake beside large weights (default 1). Balance makes mistakes in rare labels dearer.
	C       float64
	Balance bool
	// MinTexts is in how many texts a feature must occur to count (default 1).
	MinTexts int
	// Folds is how many times another part is held out to learn how sure the model may be (default 5; 1: never).
	Folds int
	// From goes into the model: where the examples are from.
	From string
	// Progress is told how many of the classifiers are done, from one goroutine.
	Progress func(done, of int)
}

func (o Options) complete() Options {
	if o.Features == (Features{}) {
		o.Features = Features{Words: 2, CharMin: 3, CharMax: 5, CharWeight: 1, Bits: 18}
	}
	if o.C == 0 {
		o.C = 1
	}
	o.MinTexts = max(o.MinTexts, 1)
	if o.Folds == 0 {
		o.Folds = 5
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o
}

// MaxLabels is the most labels of a model.
const MaxLabels = 1000

// Train learns a model, and returns with it what it answered on texts while they were held out, in the order of the examples
// (nil with one fold). It ends early with ctx's error.
func Train(ctx context.Context, examples []Example, o Options) (*Model, []HeldOut, error) {
	o = o.complete()
	labels, err := labelsOf(examples)
	if err == nil {
		err = o.Features.check()
	}
	if err != nil {
		return nil, nil, err
	}
	t := &trainer{options: o, labels: labels, of: len(labels)}
	if o.Folds > 1 {
		t.of *= o.Folds + 1
	}
	held, err := t.holdOut(ctx, examples)
	if err != nil {
		return nil, nil, err
	}
	m, err := t.learn(ctx, examples)
	if err != nil {
		return nil, nil, err
	}
	m.Sharpness, m.Sure = 3, nil
	m.Learned = Learned{Examples: len(examples), Data: digest(examples), From: o.From}
	if held != nil {
		calibrate(m, examples, held)
		m.Learned.Folds = o.Folds
	}
	b, err := m.Encode()
	if err != nil {
		return nil, nil, err
	}
	m, err = Decode(b) // what is measured is what will be loaded, rounded weights and all
	return m, held, err
}

func labelsOf(examples []Example) ([]string, error) {
	set := make(map[string]bool)
	for i := range examples {
		if examples[i].Label == "" {
			return nil, fmt.Errorf("example %d has no label", i+1)
		}
		set[examples[i].Label] = true
	}
	switch n := len(set); {
	case n < 2:
		return nil, errors.New("the examples have fewer than two labels: there is nothing to tell apart")
	case n > MaxLabels:
		return nil, fmt.Errorf("the examples have %d labels, at most %d are allowed", n, MaxLabels)
	}
	return slices.Sorted(maps.Keys(set)), nil
}

func digest(examples []Example) string {
	h := sha256.New()
	for i := range examples {
		fmt.Fprintf(h, "%q %q %q %q\n", examples[i].Label, examples[i].Text, examples[i].Extra, examples[i].Group)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

type trainer struct {
	options  Options
	labels   []string
	done, of int
}

// learn makes a model without calibration.
func (t *trainer) learn(ctx context.Context, examples []Example) (*Model, error) {
	m := &Model{Task: t.options.Task, Labels: t.labels, Features: t.options.Features, Sharpness: 1}
	texts := hashAll(examples, t.options.Features)
	m.number(texts, t.options.MinTexts)
	vectors := make([]vector, len(texts))
	for i := range texts {
		vectors[i] = m.vector(&texts[i])
	}
	k := len(t.labels)
	m.table, m.bias = make([]float32, len(m.rows)*k), make([]float32, k)
	for label, name := range t.labels {
		p := problem{vectors: vectors, yes: make([]bool, len(examples)), c: t.options.C, width: len(m.rows) + 1}
		for i := range examples {
			p.yes[i] = examples[i].Label == name
		}
		w, err := p.solve(ctx, t.options.Balance)
		if err != nil {
			return nil, err
		}
		for r := range m.rows {
			m.table[r*k+label] = float32(w[r]) * m.rows[r].idf // the scorer adds rows as they are
		}
		m.bias[label] = float32(w[len(m.rows)])
		t.done++
		t.options.Progress(t.done, t.of)
	}
	return m, nil
}

type hashed struct{ words, chars []uint32 }

func hashAll(examples []Example, f Features) []hashed {
	h := hasher{features: f}
	texts := make([]hashed, len(examples))
	for i := range examples {
		h.read(examples[i].Text, examples[i].Extra)
		texts[i] = hashed{slices.Clone(h.words), slices.Clone(h.chars)}
	}
	return texts
}

// number gives a row to every feature that occurs in enough texts, in the order of the places.
func (m *Model) number(texts []hashed, least int) {
	in := make([]uint32, 1<<m.Bits) // texts with the feature
	last := make([]uint32, 1<<m.Bits)
	for i := range texts {
		for _, group := range [][]uint32{texts[i].words, texts[i].chars} {
			for _, place := range group {
				if last[place] != uint32(i+1) {
					last[place] = uint32(i + 1)
					in[place]++
				}
			}
		}
	}
	m.index = make([]uint32, 1<<m.Bits)
	for place, n := range in {
		if int(n) >= least {
			idf := math.Log(float64(1+len(texts))/float64(1+n)) + 1
			m.rows = append(m.rows, row{uint32(place), float32(idf)})
			m.index[place] = uint32(len(m.rows))
		}
	}
}

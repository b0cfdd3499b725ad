package linear

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
	"strconv"

	"github.com/pintle-hub/pintle/plugins/text/internal/score"
)

// HeldOut is what was answered on a text by a model that had not learned from it.
type HeldOut struct {
	Answer
	Label  string
	scores []float32
}

// holdOut learns from all but one part, for each part, and answers for it.
func (t *trainer) holdOut(ctx context.Context, examples []Example) ([]HeldOut, error) {
	n := t.options.Folds
	if n <= 1 {
		return nil, nil
	}
	held := make([]HeldOut, len(examples))
	for fold := range n {
		var rest []Example
		for i := range examples {
			if part(&examples[i], i, n) != fold {
				rest = append(rest, examples[i])
			}
		}
		if len(rest) == 0 || len(rest) == len(examples) {
			continue
		}
		m, err := t.learn(ctx, rest)
		if err != nil {
			return nil, err
		}
		s := m.Scorer()
		for i := range examples {
			if part(&examples[i], i, n) == fold {
				a := s.Score(examples[i].Text, examples[i].Extra...)
				held[i] = HeldOut{a, m.Labels[a.Best], slices.Clone(s.scores)}
			}
		}
	}
	return held, nil
}

// part is the fold that example number i is held out in. Those of one group are held out together.
func part(e *Example, i, folds int) int {
	h := fnv.New32a()
	name := e.Group
	if name == "" {
		name = strconv.Itoa(i)
	}
	_, _ = h.Write([]byte(name))
	x := h.Sum32() * 0x9e3779b1
	return int(x>>16) % folds
}

// calibrate fits the sharpness that makes the right answers of the held-out texts most likely, and notes how sure it was. As many
// answers as there are labels count as blind guesses: few texts, all answered right, do not prove that it is always right.
func calibrate(m *Model, examples []Example, held []HeldOut) {
	number := make(map[string]int)
	for i, l := range m.Labels {
		number[l] = i
	}
	var matrix score.Matrix
	var best []float64
	k := float64(len(m.Labels))
	blind := k / (k + float64(len(held)))
	loss := func(sharpness float64) float64 {
		sum := 0.0
		for i := range held {
			s := held[i].scores
			if s == nil {
				continue
			}
			mean := 0.0
			for _, x := range s {
				mean += float64(x) / k
			}
			right := float64(s[number[examples[i].Label]])
			sum += surprise(s, (1-blind)*right+blind*mean, sharpness)
		}
		return sum
	}
	for i := range held {
		if held[i].scores != nil {
			matrix.Add(examples[i].Label, held[i].Label)
			best = append(best, held[i].Answer.Score)
		}
	}
	if len(best) == 0 {
		return
	}
	m.Sharpness = lowest(loss, 0.2, 30)
	m.Learned.Accuracy, m.Learned.MacroF1 = rounded(matrix.Accuracy()), rounded(matrix.MacroF1())
	for percent := range 101 {
		m.Sure = append(m.Sure, rounded(score.Quantile(best, float64(percent)/100)))
	}
	for i := range held {
		if held[i].scores != nil {
			held[i].Confidence = math.Exp(-surprise(held[i].scores, held[i].Answer.Score, m.Sharpness))
		}
	}
}

func rounded(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// surprise is the negative logarithm of the probability of an answer with that score.
func surprise(scores []float32, of, sharpness float64) float64 {
	top := float64(slices.Max(scores))
	sum := 0.0
	for _, x := range scores {
		sum += math.Exp(sharpness * (float64(x) - top))
	}
	return math.Log(sum) - sharpness*(of-top)
}

// lowest finds where f, with one valley between a and b, is lowest, by golden sections, to three digits.
func lowest(f func(float64) float64, a, b float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	for b-a > 0.01 {
		c, d := b-ratio*(b-a), a+ratio*(b-a)
		if f(c) < f(d) {
			b = d
		} else {
			a = c
		}
	}
	return math.Round((a+b)/2*100) / 100
}

package linear

import "math"

// Scorer scores texts by a model. It keeps its memory: one goroutine uses it.
type Scorer struct {
	m      *Model
	hasher hasher
	scores []float32
	part   []float32
	probs  []float64
}

// Scorer returns a scorer of the model.
func (m *Model) Scorer() *Scorer {
	k := len(m.Labels)
	return &Scorer{m: m, hasher: hasher{features: m.Features}, scores: make([]float32, k), part: make([]float32, k), probs: make([]float64, k)}
}

// Answer is what a model says of a text.
type Answer struct {
	// Best is the number of the best label, Second that of the next.
	Best, Second int
	// Confidence is the probability of Best, as on held-out texts. Score is its distance to the border; see Model.Floor.
	Confidence, Score float64
	// Known is the number of features that the model knows: 0 means that it can only guess.
	Known int
}

// Score scores a text; extra is what else the caller knows of it, in the words it was trained with.
func (s *Scorer) Score(text string, extra ...string) Answer {
	s.hasher.read(text, extra)
	copy(s.scores, s.m.bias)
	whole := float32(1 / math.Sqrt(1+s.m.CharWeight*s.m.CharWeight))
	known := s.add(s.hasher.words, whole) + s.add(s.hasher.chars, whole*float32(s.m.CharWeight))
	a := s.probabilities()
	a.Known = known
	return a
}

// add adds the scores of one group of features at unit length, times weight.
func (s *Scorer) add(places []uint32, weight float32) (known int) {
	clear(s.part)
	k, square := len(s.part), float32(0)
	part := s.part
	for _, place := range places {
		n := s.m.index[place]
		if n == 0 {
			continue
		}
		known++
		idf := s.m.rows[n-1].idf
		square += idf * idf
		weights := s.m.table[int(n-1)*k : int(n)*k]
		for i, w := range weights[:len(part)] {
			part[i] += w
		}
	}
	if square == 0 {
		return 0
	}
	length := weight / float32(math.Sqrt(float64(square)))
	for i := range part {
		s.scores[i] += part[i] * length
	}
	return known
}

func (s *Scorer) probabilities() Answer {
	var a Answer
	if len(s.scores) > 1 {
		a.Second = 1
	}
	for i, x := range s.scores {
		if x > s.scores[a.Best] {
			a.Second, a.Best = a.Best, i
		} else if i != a.Best && (a.Second == a.Best || x > s.scores[a.Second]) {
			a.Second = i
		}
	}
	top, sum := float64(s.scores[a.Best]), 0.0
	for i, x := range s.scores {
		s.probs[i] = math.Exp(s.m.Sharpness * (float64(x) - top))
		sum += s.probs[i]
	}
	for i := range s.probs {
		s.probs[i] /= sum
	}
	a.Score, a.Confidence = top, s.probs[a.Best]
	return a
}

// Probabilities are those of the last text, by label. They are valid until the next.
func (s *Scorer) Probabilities() []float64 { return s.probs }

// Scores are the distances of the last text to the borders, by label. They are valid until the next.
func (s *Scorer) Scores() []float32 { return s.scores }

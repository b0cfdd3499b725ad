package linear

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// vector is a text as the learner sees it: rows rising, values at unit length, and last the constant that the bias goes with.
type vector struct {
	rows   []uint32
	values []float32
	square float64
}

// vector weighs the features of a text as Scorer.add does.
func (m *Model) vector(h *hashed) vector {
	type entry struct {
		row   uint32
		value float32
	}
	var list []entry
	whole := float32(1 / math.Sqrt(1+m.CharWeight*m.CharWeight))
	for g, group := range [][]uint32{h.words, h.chars} {
		from, square := len(list), 0.0
		for _, place := range group {
			if n := m.index[place]; n > 0 {
				idf := m.rows[n-1].idf
				list = append(list, entry{n - 1, idf})
				square += float64(idf) * float64(idf)
			}
		}
		weight := whole / float32(math.Sqrt(max(square, 1e-12)))
		if g == 1 {
			weight *= float32(m.CharWeight)
		}
		for i := from; i < len(list); i++ {
			list[i].value *= weight
		}
	}
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(a.row, b.row) })
	var v vector
	for _, e := range append(list, entry{uint32(len(m.rows)), 1}) {
		if n := len(v.rows); n > 0 && v.rows[n-1] == e.row {
			v.values[n-1] += e.value
			continue
		}
		v.rows, v.values = append(v.rows, e.row), append(v.values, e.value)
	}
	for _, x := range v.values {
		v.square += float64(x) * float64(x)
	}
	return v
}

// problem is one label against the rest.
type problem struct {
	vectors []vector
	yes     []bool
	c       float64
	width   int // of w; the last is the bias
}

const (
	maxRounds = 60
	tolerance = 0.05 // of the largest violation of the conditions of optimality
)

// solve returns the weights, by dual coordinate descent for the L2-regularised L2-loss support vector machine (Hsieh et al.,
// A Dual Coordinate Descent Method for Large-scale Linear SVM, ICML 2008, algorithm 1, with the examples in a new order each
// round). The order comes from a generator with a fixed seed.
func (p *problem) solve(ctx context.Context, balance bool) ([]float64, error) {
	w, alpha := make([]float64, p.width), make([]float64, len(p.vectors))
	dearer := [2]float64{1, 1} // no, yes
	if balance {
		n := 0
		for _, y := range p.yes {
			if y {
				n++
			}
		}
		half := float64(len(p.yes)) / 2
		dearer = [2]float64{half / float64(max(len(p.yes)-n, 1)), half / float64(max(n, 1))}
	}
	order := make([]int, len(p.vectors))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range maxRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		worst := 0.0
		for _, i := range order {
			worst = max(worst, p.step(i, w, alpha, dearer))
		}
		if worst < tolerance {
			break
		}
	}
	return w, nil
}

// step makes the best of one example, and returns how far from its best it was.
func (p *problem) step(i int, w, alpha []float64, dearer [2]float64) float64 {
	v, y, c := &p.vectors[i], -1.0, p.c*dearer[0]
	if p.yes[i] {
		y, c = 1, p.c*dearer[1]
	}
	soft := 1 / (2 * c)
	dot := 0.0
	for j, r := range v.rows {
		dot += w[r] * float64(v.values[j])
	}
	g := y*dot - 1 + alpha[i]*soft
	if alpha[i] == 0 && g >= 0 {
		return 0
	}
	old := alpha[i]
	alpha[i] = max(old-g/(v.square+soft), 0)
	if d := (alpha[i] - old) * y; d != 0 {
		for j, r := range v.rows {
			w[r] += d * float64(v.values[j])
		}
	}
	return math.Abs(g)
}

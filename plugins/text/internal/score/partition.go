package score

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Partition compares two ways to put the same things into groups: the true one, and the one that was found. The zero Partition is
// ready.
type Partition struct {
	cells       map[[2]string]float64
	gold, found map[string]float64
	n           float64
}

// Add counts one thing by its true group and the group it was put into.
func (p *Partition) Add(gold, found string) {
	if p.cells == nil {
		p.cells, p.gold, p.found = make(map[[2]string]float64), make(map[string]float64), make(map[string]float64)
	}
	p.cells[[2]string{gold, found}]++
	p.gold[gold]++
	p.found[found]++
	p.n++
}

// Groups is the number of groups that were found.
func (p *Partition) Groups() int { return len(p.found) }

// NMI is the normalized mutual information: how much the found groups tell of the true ones, 0 to 1, over the mean of both
// entropies (the V-measure). Two partitions into one group each are the same: 1.
func (p *Partition) NMI() float64 {
	a, b := p.entropy(p.gold), p.entropy(p.found)
	if a+b == 0 {
		return 1
	}
	mutual := 0.0
	for _, k := range p.keys() {
		n := p.cells[k]
		mutual += n / p.n * math.Log(n*p.n/(p.gold[k[0]]*p.found[k[1]]))
	}
	return max(2*mutual/(a+b), 0)
}

// ARI is the adjusted Rand index: how often pairs are together in both, 1 for the same groups and about 0 for chance.
func (p *Partition) ARI() float64 {
	both, gold, found := 0.0, pairs(p.gold), pairs(p.found)
	for _, k := range p.keys() {
		both += p.cells[k] * (p.cells[k] - 1) / 2
	}
	if p.n < 2 {
		return 1
	}
	chance := gold * found / (p.n * (p.n - 1) / 2)
	if most := (gold + found) / 2; most != chance {
		return (both - chance) / (most - chance)
	}
	return 1
}

// B3 is the harmonic mean of B-cubed precision and recall: for each thing, how many in its found group belong with it, and how
// many that belong with it are in its found group.
func (p *Partition) B3() float64 {
	precision, recall := 0.0, 0.0
	for _, k := range p.keys() {
		n := p.cells[k]
		precision += n * n / p.found[k[1]]
		recall += n * n / p.gold[k[0]]
	}
	if p.n == 0 {
		return 1
	}
	return 2 * precision * recall / (precision + recall) / p.n
}

// keys returns the pairs of groups in a fixed order, so that sums come out the same each time.
func (p *Partition) keys() [][2]string {
	return slices.SortedFunc(maps.Keys(p.cells), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
}

func (p *Partition) entropy(groups map[string]float64) float64 {
	sum := 0.0
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		share := groups[name] / p.n
		sum -= share * math.Log(share)
	}
	return sum
}

func pairs(groups map[string]float64) float64 {
	sum := 0.0
	for _, n := range groups { // whole numbers: the order does not matter
		sum += n * (n - 1) / 2
	}
	return sum
}

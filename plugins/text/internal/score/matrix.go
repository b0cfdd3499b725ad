// Package score measures answers against what people said: accuracy, precision, recall and their means for labels, average
// precision for rankings. The trainers and the evaluation use it; it knows nothing of texts.
package score

import (
	"maps"
	"slices"
)

// Matrix counts answers by what they should have been. The zero Matrix is ready.
type Matrix struct {
	counts map[[2]string]int // [gold, said]
	n      int
}

// Add counts one answer.
func (m *Matrix) Add(gold, said string) {
	if m.counts == nil {
		m.counts = make(map[[2]string]int)
	}
	m.counts[[2]string{gold, said}]++
	m.n++
}

// Len is the number of answers.
func (m *Matrix) Len() int { return m.n }

// Count is how often said was answered where gold was right.
func (m *Matrix) Count(gold, said string) int { return m.counts[[2]string{gold, said}] }

// Labels returns the labels that are right for some text, sorted.
func (m *Matrix) Labels() []string {
	set := make(map[string]bool)
	for pair := range m.counts {
		set[pair[0]] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Texts is how many texts have this gold label.
func (m *Matrix) Texts(label string) int { return m.sum(0, label) }

// Accuracy is the share of right answers.
func (m *Matrix) Accuracy() float64 {
	right := 0
	for pair, n := range m.counts {
		if pair[0] == pair[1] {
			right += n
		}
	}
	return ratio(right, m.n)
}

// Precision is how often label is right where it is answered.
func (m *Matrix) Precision(label string) float64 {
	return ratio(m.Count(label, label), m.sum(1, label))
}

// Recall is how often label is answered where it is right.
func (m *Matrix) Recall(label string) float64 { return ratio(m.Count(label, label), m.sum(0, label)) }

// F1 is the harmonic mean of precision and recall of label.
func (m *Matrix) F1(label string) float64 {
	return ratio(2*m.Count(label, label), m.sum(0, label)+m.sum(1, label))
}

// MacroF1 is the mean F1 of the labels, of all gold labels when none are given.
func (m *Matrix) MacroF1(labels ...string) float64 { return m.mean(m.F1, labels) }

// MacroRecall is the mean recall of the labels, of all gold labels when none are given (SemEval's measure for sentiment).
func (m *Matrix) MacroRecall(labels ...string) float64 { return m.mean(m.Recall, labels) }

func (m *Matrix) mean(of func(string) float64, labels []string) float64 {
	if len(labels) == 0 {
		labels = m.Labels()
	}
	sum := 0.0
	for _, l := range labels {
		sum += of(l)
	}
	return sum / float64(max(len(labels), 1))
}

// Majority is the share of the most frequent gold label: the accuracy of who always answers the same.
func (m *Matrix) Majority() float64 {
	most := 0
	for _, l := range m.Labels() {
		most = max(most, m.sum(0, l))
	}
	return ratio(most, m.n)
}

// Confusion is a pair of labels that are taken for each other.
type Confusion struct {
	Gold, Said string
	N          int
}

// Confusions returns the most frequent wrong answers, the worst first.
func (m *Matrix) Confusions(most int) []Confusion {
	var list []Confusion
	for pair, n := range m.counts {
		if pair[0] != pair[1] {
			list = append(list, Confusion{pair[0], pair[1], n})
		}
	}
	slices.SortFunc(list, func(a, b Confusion) int {
		switch {
		case a.N != b.N:
			return b.N - a.N
		case a.Gold != b.Gold:
			return compare(a.Gold, b.Gold)
		}
		return compare(a.Said, b.Said)
	})
	return list[:min(most, len(list))]
}

func (m *Matrix) sum(side int, label string) int {
	n := 0
	for pair, count := range m.counts {
		if pair[side] == label {
			n += count
		}
	}
	return n
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func ratio(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

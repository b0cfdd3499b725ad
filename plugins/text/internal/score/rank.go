package score

import (
	"cmp"
	"slices"
)

// AveragePrecision is the area under the curve of precision over recall (as in the TREC evaluations: the mean of the precision
// at each positive, from the highest score down). Equal scores count as one step.
func AveragePrecision(scores []float64, positive []bool) float64 {
	order := make([]int, len(scores))
	total := 0
	for i := range order {
		order[i] = i
		if positive[i] {
			total++
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	sum, hits, seen := 0.0, 0, 0
	for at := 0; at < len(order); {
		end, found := at, 0
		for ; end < len(order) && scores[order[end]] == scores[order[at]]; end++ {
			if positive[order[end]] {
				found++
			}
		}
		hits, seen = hits+found, seen+end-at
		sum += float64(found) * float64(hits) / float64(seen)
		at = end
	}
	if total == 0 {
		return 0
	}
	return sum / float64(total)
}

// Quantile returns the value below which the share q of values lies. It sorts a copy.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(max(int(q*float64(len(sorted))), 0), len(sorted)-1)]
}

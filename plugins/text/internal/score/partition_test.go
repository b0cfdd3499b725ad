package score_test

import (
	"math"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/score"
)

func TestPartitionsAreCompared(t *testing.T) {
	for _, c := range []struct {
		name, gold, found string
		nmi, ari, b3      float64
	}{
		{"the same under other names", "aabbc", "xxyyz", 1, 1, 1},
		{"all in one", "aabb", "xxxx", 0, 0, 2.0 / 3},
		{"each alone", "aabb", "wxyz", 2.0 / 3, 0, 2.0 / 3},
		{"one in the wrong group", "aaabbb", "xxyyyy", 0.478704, 0.324324, 2 * 0.75 * (7.0 / 9) / (0.75 + 7.0/9)},
		{"nothing", "", "", 1, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p score.Partition
			for i := range c.gold {
				p.Add(c.gold[i:i+1], c.found[i:i+1])
			}
			for _, m := range []struct {
				name      string
				got, want float64
			}{{"NMI", p.NMI(), c.nmi}, {"ARI", p.ARI(), c.ari}, {"B3", p.B3(), c.b3}} {
				if math.Abs(m.got-m.want) > 1e-3 {
					t.Errorf("%s is %.6f, want %.6f", m.name, m.got, m.want)
				}
			}
		})
	}
}

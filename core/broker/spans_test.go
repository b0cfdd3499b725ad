package broker_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pintle-hub/pintle/core/broker"
)

// Ranges are compared with a plain set of numbers.
func TestSpansAreSetsOfNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		set := map[uint64]bool{}
		var ranges [][2]uint64
		for range 8 {
			from := uint64(1 + r.IntN(40))
			to := from + uint64(r.IntN(4))
			ranges = append(ranges, [2]uint64{from, to})
			for seq := from; seq <= to; seq++ {
				set[seq] = true
			}
		}
		missing, covered := broker.Uncovered(ranges, 5, 35)
		want := uint64(0)
		for seq := uint64(5); seq <= 35; seq++ {
			if set[seq] == missing[seq] {
				t.Fatalf("%v: %d is covered %v and missing %v", ranges, seq, set[seq], missing[seq])
			}
			if set[seq] {
				want++
			}
		}
		if covered != want {
			t.Fatalf("%v: %d covered, want %d", ranges, covered, want)
		}
	}
}

package broker_test

import (
	"math"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/broker"
)

func TestForecast(t *testing.T) {
	steady := func(i int) int64 { return int64(i) * 50_000 } // every 5 s
	for _, c := range []struct {
		name    string
		samples int
		used    func(i int) int64
		room    int64
		rate    float64 // bytes a second
		left    float64 // seconds; -1 when unknown
	}{
		{"too few samples", 5, steady, 1000, 0, -1},
		{"steady", 6, steady, 1_000_000, 10_000, 100},
		{"idle", 100, func(int) int64 { return 7_000_000 }, 1000, 0, 0},
		{"emptying", 20, func(i int) int64 { return 10_000_000 - steady(i) }, 1000, -10_000, 0},
		{"full already", 6, steady, -5, 10_000, 0},
		{"trimmed behind the readers", 100, func(i int) int64 { return int64(i%2) * 1_000_000 }, 1 << 30, 0, 1 << 30 / 300},
		{"only the last minutes count", 300, func(i int) int64 { return max(0, steady(i-150)) }, 1_000_000, 10_000, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := broker.ForecastOf(c.samples, 5*time.Second, c.used, c.room)
			if c.left < 0 {
				if f != nil {
					t.Errorf("got %+v, want nil", f)
				}
				return
			}
			if f == nil || math.Abs(f.Rate-c.rate) > 400 || math.Abs(f.Left-c.left) > 1 && c.rate != 0 {
				t.Errorf("got %+v, want a rate of %v and %v s left", f, c.rate, c.left)
			}
		})
	}
}

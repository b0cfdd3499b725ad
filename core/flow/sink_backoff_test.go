package flow_test

import (
	"testing"
	"time"

	"github.com/pintle-hub/pintle/core/flow"
)

func TestRetriesAreSpreadAndNeverEarlierThanAsked(t *testing.T) {
	for _, c := range []struct {
		failures    int
		asked       time.Duration
		least, most time.Duration
	}{
		{0, 0, 0, 500 * time.Millisecond},
		{3, 0, 0, 4 * time.Second},
		{60, 0, 0, time.Minute},
		{60, time.Millisecond, time.Millisecond, 2 * time.Millisecond},
		{0, 5 * time.Second, 5 * time.Second, 5*time.Second + 500*time.Millisecond},
		{9, 10 * time.Minute, 10 * time.Minute, 10*time.Minute + time.Second},
		{0, 24 * time.Hour, time.Hour, time.Hour + time.Second},
	} {
		seen := map[time.Duration]bool{}
		low, high := time.Duration(1<<62), time.Duration(0)
		for range 200 {
			d := flow.RetryDelay(c.failures, c.asked, time.Minute)
			low, high, seen[d] = min(low, d), max(high, d), true
		}
		if low < c.least || high > c.most+1 || len(seen) < 20 {
			t.Errorf("after %d failures, asked for %s: %d different delays from %s to %s; want from %s to %s", c.failures, c.asked, len(seen),
				low, high, c.least, c.most)
		}
		if c.asked == 0 && (low > c.most/4 || high < c.most*3/4) {
			t.Errorf("after %d failures the delays lie between %s and %s: not spread over %s", c.failures, low, high, c.most)
		}
	}
}

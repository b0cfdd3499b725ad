package sdk_test

import (
	"math"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// A batch keeps times as nanoseconds since 1970 in 64 bits, where 0 means none.
func TestTimesAtTheEdge(t *testing.T) {
	tests := []struct {
		name     string
		in, want time.Time
	}{
		{"the epoch itself is a time", time.Unix(0, 0), time.Unix(0, 1)},
		{"before the epoch", time.Unix(-1, 0), time.Unix(-1, 0)},
		{"to the nanosecond", time.Unix(1_700_000_000, 123_456_789), time.Unix(1_700_000_000, 123_456_789)},
		{"for ever", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), time.Unix(0, math.MaxInt64)},
		{"just after the last", time.Unix(0, math.MaxInt64).Add(1), time.Unix(0, math.MaxInt64)},
		{"the last", time.Unix(0, math.MaxInt64), time.Unix(0, math.MaxInt64)},
		{"just before the first", time.Unix(0, math.MinInt64).Add(-1), time.Unix(0, math.MinInt64)},
		{"long ago", time.Date(2, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, math.MinInt64)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := build(t, nil, sdk.Event{ID: "a", Time: tt.in, Feedback: &sdk.Feedback{Retention: sdk.Retention{DeleteAfter: tt.in}}})
			e := eventsOf(r)[0]
			for _, got := range []time.Time{e.Time, e.Feedback.Retention.DeleteAfter, r.First, r.Last} {
				if !got.Equal(tt.want) {
					t.Errorf("%v comes back as %v, want %v", tt.in.UTC(), got, tt.want.UTC())
				}
			}
		})
	}
}

func TestNoTimeStaysNoTime(t *testing.T) {
	e := eventsOf(build(t, nil, sdk.Event{ID: "a", Feedback: &sdk.Feedback{}}))[0]
	if got := e.Feedback.Native.Deleted; !got.IsZero() {
		t.Errorf("a time that was not given comes back as %v", got)
	}
	if since := time.Since(e.Time); since < 0 || since > time.Minute {
		t.Errorf("an event without a time got %v, want now", e.Time)
	}
}

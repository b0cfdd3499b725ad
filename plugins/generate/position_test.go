package generate_test

import (
	"context"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// FuzzPosition asks that whatever a stored position holds, the source refuses it in words that teach, or makes events that the hub
// takes and goes on behind them.
func FuzzPosition(f *testing.F) {
	for _, from := range []string{"", "0", "1500", "-1", "9223372036854775807", "9223372036854775000", "9300000000000", "+7", "1e3", "\x00"} {
		f.Add([]byte(from))
	}
	f.Fuzz(func(t *testing.T, from []byte) {
		out := recorder{dieAfter: 1}
		err := open(t, nil).Run(context.Background(), from, &out)
		if out.calls == 0 {
			if err != nil && sdk.CodeOf(err) != sdk.Invalid {
				t.Errorf("refused with code %q: %v", sdk.CodeOf(err), err)
			}
			return
		}
		for start := 0; start < len(out.events); start += 100 {
			if _, err := sdk.BatchOf(out.events[start:min(start+100, len(out.events))]...); err != nil {
				t.Fatalf("the hub refuses the events: %v", err)
			}
		}
		next := recorder{dieAfter: 1}
		_ = open(t, nil).Run(context.Background(), out.at, &next) // it ends with the hub's death, or at the last number
		if len(next.events) > 0 && next.events[0].ID == out.events[0].ID {
			t.Errorf("event %s is made twice", out.events[0].ID)
		}
	})
}

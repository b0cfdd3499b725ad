package hub_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/core/hub"
)

// deliveries are what a ledger shows of faults: how often a key's events went back to one that was there before, and how
// many came again.
type deliveries struct {
	ledger  string
	returns map[string]int // by key
	again   int
}

// checkDeliveries compares what a ledger got with what it gets when nothing happens. Each key's lines must come in the order
// of want; after a fault some may come again, as one piece that ends with what is new.
func checkDeliveries(t *testing.T, ledger string, got, want []string) deliveries {
	t.Helper()
	d := deliveries{ledger: ledger, returns: map[string]int{}}
	place := make(map[string]int, len(want)) // of a line among those of its key
	count := map[string]int{}
	for _, line := range want {
		count[keyOf(line)]++
		place[line] = count[keyOf(line)]
	}
	at, most := map[string]int{}, map[string]int{}
	for i, line := range got {
		key := keyOf(line)
		here, known := place[line]
		switch {
		case !known:
			t.Fatalf("%s: line %d, %q, is not among those of an undisturbed run", ledger, i+1, line)
		case here > at[key]+1:
			t.Fatalf("%s: line %d, %q, is number %d of its key and follows number %d", ledger, i+1, line, here, at[key])
		case here <= at[key]:
			d.returns[key]++
		}
		if here <= most[key] {
			d.again++
		}
		at[key], most[key] = here, max(most[key], here)
	}
	for key, n := range count {
		if at[key] != n {
			t.Errorf("%s: the last of key %s is number %d of %d", ledger, key, at[key], n)
		}
	}
	t.Logf("%s: %d lines, %d of them again", ledger, len(got), d.again)
	return d
}

func keyOf(line string) string {
	fields := strings.Fields(line + " ? ?")
	return fields[1]
}

// bounded checks that events came again only after a fault of the hub or of a sink.
func (d *deliveries) bounded(t *testing.T, faults int) {
	t.Helper()
	for key, n := range d.returns {
		if n > faults {
			t.Errorf("%s: events of key %s came again %d times, with %d faults", d.ledger, key, n, faults)
		}
	}
}

// checkCalls checks that everything a channel was told to forget has arrived, in order. What was stored just before a fault,
// and not acknowledged any more, the channel brings again.
func checkCalls(t *testing.T, got []string, acked, faults int) {
	t.Helper()
	next, returns, last := 1, 0, 0
	for _, line := range got {
		var n int
		if _, err := fmt.Sscanf(line, "c%d k", &n); err != nil || n > next {
			t.Fatalf("calls: %q after %d calls (%v)", line, next, err)
		}
		if n <= last {
			returns++
		}
		next, last = max(next, n+1), n
	}
	if next <= acked || acked == 0 {
		t.Errorf("calls: %d have arrived of the %d that were acknowledged", next-1, acked)
	}
	t.Logf("calls: %d lines, %d acknowledged", len(got), acked)
	if returns > 2*faults { // once by the channel, once by the log
		t.Errorf("calls came again %d times, with %d faults", returns, faults)
	}
}

// checkBooks checks the books of a run that was disturbed against one that was not.
func checkBooks(t *testing.T, got, want hub.Status, o ordeal) {
	t.Helper()
	b, w, calls := got.Pipelines[0].Books, want.Pipelines[0].Books, got.Pipelines[1].Books
	if !got.Balanced || !b.Balanced() || len(got.Errors) > 0 {
		t.Errorf("not balanced, or with errors: %+v", got)
	}
	if b.Accepted != uint64(o.events) || b.Delivered != b.Accepted || b.Dead != 0 || b.Dropped != 0 || b.InFlight != 0 {
		t.Errorf("books: %+v", b)
	}
	if b.Insights == 0 || b.Insights != w.Insights || b.InsightsDelivered != w.InsightsDelivered || b.InsightsDead != 0 {
		t.Errorf("books of insights: %+v, undisturbed %+v", b, w)
	}
	if calls.Accepted == 0 || calls.Delivered != calls.Accepted {
		t.Errorf("books of calls: %+v", calls)
	}
	if numbers := got.Sources[1]; numbers.Address != "source.numbers.a" || numbers.Total != uint64(o.events) {
		t.Errorf("%s counts %d", numbers.Address, numbers.Total)
	}
}

// checkLog reads everything that is stored.
func checkLog(t *testing.T, dir, hcl string) {
	t.Helper()
	log, err := hub.OpenLog(t.Context(), load(t, dir, hcl).Settings, options(t, nil).Logger)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close(context.Background())
	if damage, err := log.Fsck(t.Context()); err != nil || len(damage) > 0 {
		t.Errorf("the log: %v, %v", damage, err)
	}
}

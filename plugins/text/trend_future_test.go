package text_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

// recorded returns the batch as the hub would have it after writing it at a time since day.
func recorded(t *testing.T, at time.Duration, first int, list []said) *sdk.Batch {
	t.Helper()
	r, attrs := recordsOf(t, first, list)
	return sdk.NewBatch(r.Stamp(sdk.Head{Source: "source.file.posts", Recorded: day().Add(at)}), nil, nil, attrs)
}

// stagesOf counts the batches one after the other and returns what was said of the group.
func stagesOf(t *testing.T, batches ...*sdk.Batch) string {
	t.Helper()
	a, got := openTrend(t, `, "window": "14d"`), ""
	for _, b := range batches {
		insights, late := emitted(t, a, b)
		if len(late) > 0 {
			t.Errorf("events %v were late", late)
		}
		for _, e := range insights {
			got += fmt.Sprintln(e.ID, e.Insight.Stage, e.Insight.People, e.Insight.LastTime.Sub(day()))
		}
	}
	return got
}

// TestTrendFutureEventDoesNotBlindItsGroup: one event dated ten years ahead made all that followed late for ten years.
func TestTrendFutureEventDoesNotBlindItsGroup(t *testing.T) {
	decade := 10 * 365 * 24 * hours
	batches := func() []*sdk.Batch {
		return []*sdk.Batch{
			recorded(t, 1*hours, 0, []said{{at: 0, who: "ann", group: "refund"}}),
			recorded(t, 2*hours, 1, []said{{at: decade, who: "bob", group: "refund"}}),
			recorded(t, 4*hours, 2, []said{{at: 3 * hours, who: "cid", group: "refund"}}),
		}
	}
	got := stagesOf(t, batches()...)
	if id := got[:35]; got != fmt.Sprintf("%s problem 1 0s\n%s pattern 2 2h0m0s\n%s trend 3 3h0m0s\n", id, id, id) {
		t.Errorf("it was said:\n%s", got)
	}
	if again := stagesOf(t, batches()...); again != got {
		t.Errorf("counted again, it was said:\n%swant as before:\n%s", again, got)
	}
}

func TestTrendMarksFutureEvents(t *testing.T) {
	a := openTrend(t, "")
	b := recorded(t, hours, 0, []said{{at: hours, who: "ann", group: "x"}, {at: hours + 1, who: "bob", group: "x"}})
	out := &sdk.Additions{Analyzer: "problems"}
	out.Reset(b)
	if err := a.Analyze(context.Background(), b, out); err != nil {
		t.Fatal(err)
	}
	enc, err := out.Encode()
	if err != nil {
		t.Fatal(err)
	}
	added, err := sdk.ParseAdditions(enc, b.Len())
	if err != nil {
		t.Fatal(err)
	}
	if added.Value(0, "future").Bool || !added.Value(1, "future").Bool {
		t.Error("want the event dated after its recording marked, and the other not")
	}
}

package flow_test

import (
	"fmt"
	"testing"

	"github.com/pintle-hub/pintle/core/flow"
)

// An analyzer that names another rule after every event does not make the books grow, and its drops are counted all the same.
func TestRulesWithoutEndDoNotFillTheBooks(t *testing.T) {
	const sink, steps = "sink.a.a", 5000
	books, err := flow.OpenBooks(t.Context(), openLog(t), "rules", []string{sink}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(steps) {
		books.Settled(sink, i+1, &flow.Step{Input: i + 1, Count: 2, Drops: []flow.Drop{{Rule: fmt.Sprintf("rule %d", i), N: 1}, {Rule: "rule 7", N: 1}}})
	}
	c := books.Counts()
	if len(c.Dropped) > 102 || c.DroppedTotal() != 2*steps || c.Dropped["rule 7"] < steps-10 {
		t.Errorf("%d rules, %d dropped, %d by rule 7", len(c.Dropped), c.DroppedTotal(), c.Dropped["rule 7"])
	}
}

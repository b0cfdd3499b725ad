package score_test

import (
	"math"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/score"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestMatrix(t *testing.T) {
	var m score.Matrix
	for _, a := range [][2]string{{"a", "a"}, {"a", "a"}, {"a", "b"}, {"b", "b"}, {"c", "a"}} {
		m.Add(a[0], a[1])
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"accuracy", m.Accuracy(), 3.0 / 5}, {"precision", m.Precision("a"), 2.0 / 3}, {"recall", m.Recall("a"), 2.0 / 3},
		{"F1", m.F1("b"), 2.0 / 3}, {"macro F1", m.MacroF1(), (2.0/3 + 2.0/3 + 0) / 3}, {"of two", m.MacroRecall("a", "b"), (2.0/3 + 1) / 2},
		{"majority", m.Majority(), 3.0 / 5}, {"of what is not there", m.F1("z"), 0},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
	if got := m.Confusions(1); len(got) != 1 || got[0] != (score.Confusion{Gold: "a", Said: "b", N: 1}) {
		t.Errorf("confusions = %v", got)
	}
}

func TestAveragePrecision(t *testing.T) {
	yes := []bool{true, false, true, false}
	for _, c := range []struct {
		name   string
		scores []float64
		want   float64
	}{
		{"the best ranking", []float64{4, 2, 3, 1}, 1}, {"the worst", []float64{1, 3, 2, 4}, (1.0/3 + 2.0/4) / 2},
		{"no ranking at all", []float64{1, 1, 1, 1}, 0.5}, {"mixed", []float64{4, 3, 2, 1}, (1 + 2.0/3) / 2},
	} {
		if got := score.AveragePrecision(c.scores, yes); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

package linear_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
)

// orders are texts of three kinds that differ by their words.
func orders() []linear.Example {
	var list []linear.Example
	for i := range 40 {
		for label, words := range map[string][]string{
			"refund":   {"refund", "money back", "reimburse me"},
			"delivery": {"parcel is late", "where is the delivery", "courier never came"},
			"praise":   {"wonderful lamp", "great service", "lovely colour"},
		} {
			list = append(list, linear.Example{Label: label, Text: fmt.Sprintf("%s number %d please", words[i%3], i)})
		}
	}
	// maps have no order, models need one
	for i := range list {
		for j := i; j > 0 && list[j].Label+list[j].Text < list[j-1].Label+list[j-1].Text; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return list
}

func trained(t testing.TB, o linear.Options) (*linear.Model, []linear.HeldOut) {
	t.Helper()
	m, held, err := linear.Train(t.Context(), orders(), o)
	if err != nil {
		t.Fatal(err)
	}
	return m, held
}

func TestTellsLabelsApart(t *testing.T) {
	m, held := trained(t, linear.Options{Task: "topic"})
	s := m.Scorer()
	for text, want := range map[string]string{
		"I want my money back": "refund", "still waiting for the courier": "delivery", "what a lovely lamp": "praise",
	} {
		a := s.Score(text)
		if got := m.Labels[a.Best]; got != want || a.Confidence < 0.5 || a.Confidence > 1 {
			t.Errorf("%q is %s (%.2f), want %s", text, got, a.Confidence, want)
		}
		sum := 0.0
		for _, p := range s.Probabilities() {
			sum += p
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("probabilities sum up to %v", sum)
		}
	}
	if m.Learned.Accuracy < 0.95 || len(held) != m.Learned.Examples {
		t.Errorf("held out: %+v", m.Learned)
	}
	if a := s.Score("zzqx"); a.Score >= m.Floor(0.05) {
		t.Errorf("a text of unknown words has the score %.2f, not below that of 95 %% of the known: %.2f", a.Score, m.Floor(0.05))
	}
	if a := s.Score(""); a.Known != 0 {
		t.Errorf("an empty text has %d known features", a.Known)
	}
}

func TestTheSameExamplesGiveTheSameModel(t *testing.T) {
	a, _ := trained(t, linear.Options{})
	b, _ := trained(t, linear.Options{})
	x, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	y, _ := b.Encode()
	if !bytes.Equal(x, y) || a.Hash() != b.Hash() || len(a.Hash()) != 12 {
		t.Errorf("models %s and %s differ", a.Hash(), b.Hash())
	}
}

// A word that only the caller knows is learned like those of the text.
func TestExtra(t *testing.T) {
	var list []linear.Example
	for i := range 20 {
		list = append(list, linear.Example{Text: "the same words", Label: "good", Extra: []string{"mood=good"}},
			linear.Example{Text: "the same words", Label: "bad", Extra: []string{"mood=bad"}, Group: fmt.Sprint(i)})
	}
	m, _, err := linear.Train(t.Context(), list, linear.Options{Folds: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := m.Scorer()
	if good, bad := s.Score("the same words", "mood=good").Best, s.Score("the same words", "mood=bad").Best; good == bad {
		t.Error("what the caller knows makes no difference")
	}
}

func TestTrainRefuses(t *testing.T) {
	for name, list := range map[string][]linear.Example{
		"nothing": nil, "one label": {{Text: "a", Label: "x"}, {Text: "b", Label: "x"}}, "no label": {{Text: "a"}, {Text: "b", Label: "x"}},
	} {
		if _, _, err := linear.Train(t.Context(), list, linear.Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDecodeRefusesDamage(t *testing.T) {
	m, _ := trained(t, linear.Options{Folds: 1, Features: linear.Features{Words: 1, Bits: 10}})
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] ^= 0x10
		if _, err := linear.Decode(b); err == nil {
			t.Fatalf("no error although byte %d of %d is wrong", i, len(b))
		}
		b[i] ^= 0x10
	}
	for _, n := range []int{0, 4, 5, 9, 30, len(b) - 1} {
		if _, err := linear.Decode(b[:n]); err == nil {
			t.Errorf("no error although only %d bytes are there", n)
		}
	}
}

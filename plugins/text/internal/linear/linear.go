// Package linear learns to tell labels from texts, and tells them: a linear support vector machine, one against the rest, over
// words, pairs of words and groups of letters. Learning is deterministic: the same examples in the same order give the same model,
// byte by byte. A model knows how sure it is, from texts it had not learned from.
package linear

import (
	"fmt"
	"math"
)

// Features says what of a text is looked at.
type Features struct {
	// Words is how many words in a row make a feature: 1, or 2 for single words and pairs.
	Words int `json:"words"`
	// CharMin and CharMax bound the groups of letters within a word (its border counts as a letter); 0: none.
	CharMin int `json:"char_min"`
	CharMax int `json:"char_max"`
	// CharWeight is the weight of all groups of letters beside that of all words, 1.
	CharWeight float64 `json:"char_weight"`
	// Bits is the logarithm of the number of places that features are hashed to, 10 to 22.
	Bits int `json:"bits"`
}

func (f Features) check() error {
	switch {
	case f.Words < 1 || f.Words > 3, f.CharMin < 0 || f.CharMax > 8 || f.CharMin > f.CharMax, f.Bits < 10 || f.Bits > 22:
		return fmt.Errorf("features %+v: want words 1 to 3, letters 0 to 8, bits 10 to 22", f)
	case !(f.CharWeight >= 0 && f.CharWeight <= 10):
		return fmt.Errorf("features: char_weight %v: want 0 to 10", f.CharWeight)
	}
	return nil
}

// Model tells one of its labels from a text. It may be shared; each goroutine takes a Scorer.
type Model struct {
	// Task is what it tells, such as topic or sentiment. Labels are the answers, sorted.
	Task   string
	Labels []string
	Features
	// Sharpness turns scores into probabilities: it is fitted to held-out texts.
	Sharpness float64
	// Sure holds, for held-out texts of known labels, the score of the best answer below which 0, 1, 2 ... 100 % of them lie.
	Sure []float64
	// Learned is what is known of the making.
	Learned Learned

	bias  []float32 // by label
	index []uint32  // by hashed feature: its row + 1, 0 for none
	rows  []row
	table []float32 // rows by labels
	hash  string
}

type row struct {
	at  uint32 // hashed feature
	idf float32
}

// Learned says where a model comes from and how good it was on texts it had not learned from.
type Learned struct {
	Examples int     `json:"examples"`
	Folds    int     `json:"folds,omitempty"`
	Accuracy float64 `json:"accuracy,omitempty"`
	MacroF1  float64 `json:"macro_f1,omitempty"`
	// Data is a hash of the examples, From names where they are from and under which terms.
	Data string `json:"data"`
	From string `json:"from,omitempty"`
}

// Hash names the model: the first 12 hex digits of the SHA-256 of its file.
func (m *Model) Hash() string { return m.hash }

// Rows is the number of features that the model knows.
func (m *Model) Rows() int { return len(m.rows) }

// Floor returns the score of the best answer below which a share of texts of known labels lies: who refuses to answer below it
// refuses about that share of what it knows.
func (m *Model) Floor(share float64) float64 {
	if len(m.Sure) == 0 {
		return math.Inf(-1)
	}
	at := share * float64(len(m.Sure)-1)
	low := min(max(int(at), 0), len(m.Sure)-1)
	high := min(low+1, len(m.Sure)-1)
	return m.Sure[low] + (m.Sure[high]-m.Sure[low])*(at-float64(low))
}

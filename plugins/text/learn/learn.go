package learn

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
	"github.com/pintle-hub/pintle/plugins/text/internal/score"
)

// Request is what to train.
type Request struct {
	// Task goes into the model: topic, sentiment, spam, relevance ...
	Task string
	Rows []Row
	// Unlabelled are texts among which the next ones to label are looked for (optional).
	Unlabelled []Row
	// From says where the texts are from (optional). Progress is told how many classifiers are done.
	From     string
	Progress func(done, of int)
}

// Figures are how good a model is on texts it has not learned from.
type Figures struct {
	Texts    int     `json:"texts"`
	Accuracy float64 `json:"accuracy"`
	MacroF1  float64 `json:"macro_f1"`
	// Majority is the accuracy of who always gives the most frequent label.
	Majority float64 `json:"majority"`
	Labels   []Label `json:"labels"`
	// Worst are the labels that are most often taken for each other.
	Worst []Pair `json:"worst"`
}

// Label is how well one label is told.
type Label struct {
	Name      string  `json:"name"`
	Texts     int     `json:"texts"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// Pair is a label and what it was taken for.
type Pair struct {
	Label string `json:"label"`
	Taken string `json:"taken_for"`
	N     int    `json:"n"`
}

// Doubt is a text that is worth a look.
type Doubt struct {
	ID string `json:"id"`
	// Label is what the file says ("" for an unlabelled text), Says what the model says, Confidence how sure it is of that.
	Label      string  `json:"label,omitempty"`
	Says       string  `json:"says"`
	Confidence float64 `json:"confidence"`
}

// Result is a trained model and what is known of it.
type Result struct {
	Model *linear.Model
	// HeldOut are the figures of texts that were held out in turn.
	HeldOut Figures
	// Next are unlabelled texts that the model is least sure of: label these next. Suspects are labelled texts that it is sure
	// are labelled wrong.
	Next, Suspects []Doubt
}

// most is how many doubts and pairs are named.
const most = 10

// Train trains a model.
func Train(ctx context.Context, r Request) (*Result, error) {
	examples := make([]linear.Example, len(r.Rows))
	for i, row := range r.Rows {
		examples[i] = linear.Example{Text: row.Text, Label: row.Label, Group: row.Author}
	}
	m, held, err := linear.Train(ctx, examples, linear.Options{Task: r.Task, From: r.From, Progress: r.Progress})
	if err != nil {
		return nil, err
	}
	res := &Result{Model: m}
	var matrix score.Matrix
	for i := range held {
		matrix.Add(r.Rows[i].Label, held[i].Label)
		if held[i].Label != r.Rows[i].Label {
			res.Suspects = append(res.Suspects, Doubt{r.Rows[i].ID, r.Rows[i].Label, held[i].Label, held[i].Confidence})
		}
	}
	res.HeldOut = figures(&matrix)
	slices.SortStableFunc(res.Suspects, func(a, b Doubt) int { return cmp.Compare(b.Confidence, a.Confidence) })
	res.Suspects = res.Suspects[:min(most, len(res.Suspects))]
	s := m.Scorer()
	for _, row := range r.Unlabelled {
		if row.Label == "" {
			a := s.Score(row.Text)
			res.Next = append(res.Next, Doubt{ID: row.ID, Says: m.Labels[a.Best], Confidence: a.Confidence})
		}
	}
	slices.SortStableFunc(res.Next, func(a, b Doubt) int { return cmp.Compare(a.Confidence, b.Confidence) })
	res.Next = res.Next[:min(most, len(res.Next))]
	return res, nil
}

// Evaluate measures a model on labelled texts.
func Evaluate(m *linear.Model, rows []Row) Figures {
	var matrix score.Matrix
	s := m.Scorer()
	for _, r := range rows {
		matrix.Add(r.Label, m.Labels[s.Score(r.Text).Best])
	}
	return figures(&matrix)
}

func figures(m *score.Matrix) Figures {
	f := Figures{Texts: m.Len(), Accuracy: m.Accuracy(), MacroF1: m.MacroF1(), Majority: m.Majority(), Worst: []Pair{}}
	for _, l := range m.Labels() {
		f.Labels = append(f.Labels, Label{l, m.Texts(l), m.Precision(l), m.Recall(l)})
	}
	for _, c := range m.Confusions(most) {
		f.Worst = append(f.Worst, Pair{c.Gold, c.Said, c.N})
	}
	return f
}

// Save writes a model so that a reader sees the old file or the new one, never a part.
func Save(m *linear.Model, path string) (size int, err error) {
	b, err := m.Encode()
	if err != nil {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".model-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return len(b), os.Rename(f.Name(), path)
}

// Load reads a model's file.
func Load(path string) (*linear.Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := linear.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// About is what a model says of itself.
type About struct {
	Task     string         `json:"task"`
	Hash     string         `json:"hash"`
	Labels   []string       `json:"labels"`
	Features int            `json:"features"`
	Learned  linear.Learned `json:"learned"`
}

// Describe says what a model knows and where it comes from.
func Describe(m *linear.Model) About {
	return About{m.Task, m.Hash(), m.Labels, m.Rows(), m.Learned}
}

package text

import (
	"context"
	"os"
	"strings"

	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
	"github.com/pintle-hub/pintle/sdk"
)

// topicConfig is analyzer "topic" "name" { model = "file" }.
type topicConfig struct {
	Model        string  `pintle:"model,required" doc:"File of the model, as pintle model train writes it."`
	Reject       float64 `pintle:"reject" default:"0.05" min:"0" max:"0.9" doc:"Share of texts of known topics that may be taken for none of them, so that strangers are found: with 0.05 an answer needs a score that 95 % of the known texts reach."`
	Alternatives int     `pintle:"alternatives" default:"3" min:"0" max:"10" doc:"How many next best topics are named."`
	Title        bool    `pintle:"title" default:"true" doc:"Read the title before the text."`
}

func topicSpec() sdk.AnalyzerSpec {
	return sdk.NewAnalyzer("topic", "Tells what a text is about, by a model of your own topics. An event without text gets no fields.", []sdk.Field{
		{Name: "label", Kind: sdk.String, Doc: "The topic; not set where it is none of them."},
		{Name: "confidence", Kind: sdk.Number, Doc: "How likely the best topic is if it is one of them, 0 to 1."},
		{Name: "alternatives", Kind: sdk.List, Doc: "The next best topics, the best first."},
		{Name: "none", Kind: sdk.Bool, Doc: "True for a text that is about none of the topics; else not set."},
	}, openTopic)
}

// topic is the analyzer; it remembers nothing between batches.
type topic struct {
	config topicConfig
	model  *linear.Model
	scorer *linear.Scorer
	floor  float64
	order  []int
}

func openTopic(_ context.Context, c topicConfig) (sdk.Analyzer, error) {
	m, err := loadModel(c.Model)
	if err != nil {
		return nil, err
	}
	return &topic{config: c, model: m, scorer: m.Scorer(), floor: m.Floor(c.Reject)}, nil
}

// maxModel is the largest file that is taken for a model.
const maxModel = 256 << 20

// loadModel reads a model's file that the configuration names, relative to the configuration's folder.
func loadModel(path string) (*linear.Model, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, sdk.Errorf(sdk.Invalid, "model: %w; write it with: pintle model train --in labelled.jsonl --out %s", err, path)
	case !info.Mode().IsRegular() || info.Size() > maxModel:
		return nil, sdk.Errorf(sdk.Invalid, "model: %s is no file of at most %d MiB", path, maxModel>>20)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "model: %w", err)
	}
	m, err := linear.Decode(b)
	if err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "model: %s: %w", path, err)
	}
	return m, nil
}

// Model implements sdk.Modelled.
func (t *topic) Model() string { return t.model.Hash() }

func (t *topic) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		text := in.Text(i)
		if t.config.Title {
			if fb := in.Event(i).Feedback; fb != nil && fb.Title != "" {
				text = fb.Title + "\n" + text
			}
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		a := t.scorer.Score(text)
		if a.Known == 0 || a.Score < t.floor {
			out.SetBool(i, "none", true)
		} else {
			out.SetString(i, "label", t.model.Labels[a.Best])
		}
		out.SetNumber(i, "confidence", round3(a.Confidence))
		if next := t.next(a); len(next) > 0 {
			out.SetStrings(i, "alternatives", next)
		}
	}
	return nil
}

// next returns the topics after the best, the best of them first; where the text is none of the topics these are all guesses.
func (t *topic) next(a linear.Answer) []string {
	scores := t.scorer.Scores()
	t.order = t.order[:0]
	for i, s := range scores {
		if i == a.Best {
			continue
		}
		at := len(t.order)
		for at > 0 && scores[t.order[at-1]] < s {
			at--
		}
		if at >= t.config.Alternatives {
			continue
		}
		if len(t.order) < t.config.Alternatives {
			t.order = append(t.order, 0)
		}
		copy(t.order[at+1:], t.order[at:])
		t.order[at] = i
	}
	names := make([]string, len(t.order))
	for n, i := range t.order {
		names[n] = t.model.Labels[i]
	}
	return names
}

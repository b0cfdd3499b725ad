package text

import (
	"context"

	"github.com/pintle-hub/pintle/plugins/text/internal/linear"
	"github.com/pintle-hub/pintle/plugins/text/internal/spam"
	"github.com/pintle-hub/pintle/sdk"
)

// spamConfig is analyzer "spam" "name" {}.
type spamConfig struct {
	Channel   string  `pintle:"channel" enum:"comments,sms" default:"comments" doc:"Which of the models that ship: for comments below posts, or for text messages."`
	Model     string  `pintle:"model" doc:"File of a model of your own channel, with the labels spam and ham, as pintle model train --task spam writes it. Instead of channel."`
	Threshold float64 `pintle:"threshold" default:"0.5" min:"0.01" max:"0.99" doc:"From this score on a text is spam."`
	Action    string  `pintle:"action" enum:"mark,drop" default:"mark" doc:"drop takes spam out of the pipeline; the books count it as dropped by the rule spam."`
}

func spamSpec() sdk.AnalyzerSpec {
	return sdk.NewAnalyzer("spam", "Tells spam from what people mean. An event without text gets no fields.", []sdk.Field{
		{Name: "label", Kind: sdk.String, Values: []string{spam.Label, spam.Ham}, Doc: "Whether it is spam."},
		{Name: "score", Kind: sdk.Number, Doc: "How likely it is spam, 0 to 1."},
		{Name: "confidence", Kind: sdk.Number, Doc: "How likely the label is right, 0 to 1."},
	}, openSpam)
}

// spamFilter is the analyzer; it remembers nothing between batches.
type spamFilter struct {
	config spamConfig
	model  *linear.Model
	scorer *linear.Scorer
	at     int // of the label spam
}

func openSpam(_ context.Context, c spamConfig) (sdk.Analyzer, error) {
	var m *linear.Model
	var err error
	if c.Model != "" {
		m, err = loadModel(c.Model)
	} else {
		m, err = spam.Model(c.Channel)
	}
	if err != nil {
		return nil, err
	}
	if len(m.Labels) != 2 || m.Labels[0] != spam.Ham || m.Labels[1] != spam.Label {
		return nil, sdk.Errorf(sdk.Invalid, "model: %s tells %d labels, of which some are not spam and ham: train it on texts with these two labels", c.Model, len(m.Labels))
	}
	return &spamFilter{config: c, model: m, scorer: m.Scorer(), at: 1}, nil
}

// Model implements sdk.Modelled.
func (s *spamFilter) Model() string { return s.model.Hash() }

func (s *spamFilter) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		text := in.Text(i)
		if text == "" {
			continue
		}
		s.scorer.Score(spam.Plain(text))
		score := s.scorer.Probabilities()[s.at]
		label, confidence := spam.Ham, 1-score
		if score >= s.config.Threshold {
			label, confidence = spam.Label, score
		}
		if label == spam.Label && s.config.Action == "drop" {
			out.Drop(i, spam.Label)
			continue
		}
		out.SetString(i, "label", label)
		out.SetNumber(i, "score", round3(score))
		out.SetNumber(i, "confidence", round3(confidence))
	}
	return nil
}

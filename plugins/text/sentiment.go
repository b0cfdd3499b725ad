package text

import (
	"context"

	"github.com/pintle-hub/pintle/plugins/text/internal/mood"
	"github.com/pintle-hub/pintle/sdk"
)

// sentimentConfig is analyzer "sentiment" "name" {}.
type sentimentConfig struct {
	Language sdk.PerEvent `pintle:"language" doc:"The code of the text's language, such as event.lang.code. Default: the words tell."`
}

func sentimentSpec() sdk.AnalyzerSpec {
	return sdk.NewAnalyzer("sentiment", "Tells whether a text sounds negative, neutral or positive. An event without text gets no fields.", []sdk.Field{
		{Name: "label", Kind: sdk.String, Values: []string{mood.Negative, mood.Neutral, mood.Positive}, Doc: "How the text sounds."},
		{Name: "score", Kind: sdk.Number, Doc: "-1 (negative) to 1 (positive)."},
		{Name: "confidence", Kind: sdk.Number, Doc: "How often such a label is right, 0 to 1."},
	}, openSentiment)
}

// sentiment is the analyzer; it remembers nothing between batches.
type sentiment struct {
	judge    *mood.Judge
	language sdk.PerEvent
}

func openSentiment(_ context.Context, c sentimentConfig) (sdk.Analyzer, error) {
	j, err := mood.New()
	if err != nil {
		return nil, err
	}
	return &sentiment{judge: j, language: c.Language}, nil
}

func (s *sentiment) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		text := in.Text(i)
		if text == "" {
			continue
		}
		m := s.judge.Judge(text, in.Attr(i, s.language).Text())
		out.SetString(i, "label", m.Label)
		out.SetNumber(i, "score", round3(m.Score))
		out.SetNumber(i, "confidence", round3(m.Confidence))
	}
	return nil
}

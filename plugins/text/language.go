package text

import (
	"context"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
	"github.com/pintle-hub/pintle/sdk"
)

// languageConfig is analyzer "language" "name" {}.
type languageConfig struct {
	Languages     []string `pintle:"languages" doc:"Codes to choose from, such as [\"en\", \"de\"]. The fewer, the surer. Default: all that are known."`
	MinConfidence float64  `pintle:"min_confidence" default:"0.5" min:"0" max:"1" doc:"Below this the code is \"und\"."`
}

func languageSpec() sdk.AnalyzerSpec {
	return sdk.NewAnalyzer("language", "Tells which language a text is written in. An event without text gets no fields.", []sdk.Field{
		{Name: "code", Kind: sdk.String, Doc: "BCP-47 code such as \"en\"; \"und\" when unsure."},
		{Name: "confidence", Kind: sdk.Number, Doc: "How likely the best guess is, 0 to 1, also when the code is \"und\"."},
	}, openLanguage)
}

// language is the analyzer; it remembers nothing between batches.
type language struct {
	detector *langid.Detector
	least    float64
}

func openLanguage(_ context.Context, c languageConfig) (sdk.Analyzer, error) {
	d, err := langid.New(c.Languages)
	if err != nil {
		return nil, sdk.Errorf(sdk.Invalid, "languages: %w", err)
	}
	return &language{detector: d, least: c.MinConfidence}, nil
}

func (l *language) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		text := in.Text(i)
		if text == "" {
			continue
		}
		code, confidence := l.detector.Detect(text)
		if confidence < l.least {
			code = langid.Und
		}
		out.SetString(i, "code", code)
		out.SetNumber(i, "confidence", round3(confidence))
	}
	return nil
}

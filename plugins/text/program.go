// Package text is the plugin program that understands text: which language, what mood, which topics by rules, and how many
// different people say the same. It is small, fast and deterministic; better models may replace parts of it behind the same
// fields. It reads events and never changes them.
package text

import "github.com/pintle-hub/pintle/sdk"

// Program returns the program for sdk/wire.Serve, with all its analyzers.
func Program() sdk.Program {
	return sdk.Program{
		Name:    "text",
		Version: "0.1.0",
		Analyzers: []sdk.AnalyzerSpec{
			languageSpec(), sentimentSpec(), keywordsSpec(), spamSpec(), topicSpec(), trendSpec(), clusterSpec(),
		},
	}
}

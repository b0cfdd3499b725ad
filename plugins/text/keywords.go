package text

import (
	"context"
	"errors"

	"github.com/pintle-hub/pintle/plugins/text/internal/phrase"
	"github.com/pintle-hub/pintle/sdk"
)

// keywordsConfig is analyzer "keywords" "name" { rule "label" {} ... }.
type keywordsConfig struct {
	Title bool          `pintle:"title" default:"true" doc:"Look at the title as well as at the text."`
	Rules []keywordRule `pintle:"rule,block" min:"1" doc:"What makes a text get this label."`
}

type keywordRule struct {
	Label    string   `pintle:"name,label"`
	Phrases  []string `pintle:"phrases" doc:"Whole words, one or several. White space between them may be any."`
	Patterns []string `pintle:"patterns" doc:"RE2 regular expressions; write (?i) to ignore case."`
	AnyCase  bool     `pintle:"any_case" default:"true" doc:"Upper and lower case are the same in phrases."`
}

func keywordsSpec() sdk.AnalyzerSpec {
	return sdk.NewAnalyzer("keywords", "Gives labels to texts by phrases and patterns.", []sdk.Field{
		{Name: "label", Kind: sdk.String, Doc: "The first rule that fits, in the order of the configuration."},
		{Name: "labels", Kind: sdk.List, Doc: "All rules that fit, in the order of the configuration."},
	}, openKeywords)
}

// keywords is the analyzer; it remembers nothing between batches.
type keywords struct {
	title   bool
	labels  []string
	matcher *phrase.Matcher
	found   []bool
}

func openKeywords(_ context.Context, c keywordsConfig) (sdk.Analyzer, error) {
	k := &keywords{title: c.Title, found: make([]bool, len(c.Rules))}
	rules := make([]phrase.Rule, len(c.Rules))
	seen := make(map[string]bool)
	for i, r := range c.Rules {
		switch {
		case seen[r.Label]:
			return nil, sdk.Errorf(sdk.Invalid, "rule %q is there twice: put all phrases and patterns of a label into one rule", r.Label)
		case len(r.Phrases)+len(r.Patterns) == 0:
			return nil, sdk.Errorf(sdk.Invalid, "rule %q is empty: give it phrases or patterns", r.Label)
		}
		seen[r.Label] = true
		k.labels = append(k.labels, r.Label)
		rules[i] = phrase.Rule{Phrases: r.Phrases, Patterns: r.Patterns, Exact: !r.AnyCase}
	}
	var err error
	k.matcher, err = phrase.New(rules)
	if wrong := (phrase.RuleError{}); errors.As(err, &wrong) {
		return nil, sdk.Errorf(sdk.Invalid, "rule %q: %w", k.labels[wrong.Rule], err)
	}
	return k, err
}

func (k *keywords) Analyze(_ context.Context, in *sdk.Batch, out *sdk.Additions) error {
	for i := range in.Len() {
		clear(k.found)
		if k.title {
			if fb := in.Event(i).Feedback; fb != nil && fb.Title != "" {
				k.matcher.Match(fb.Title, k.found)
			}
		}
		k.matcher.Match(in.Text(i), k.found)
		if labels := k.collect(); len(labels) > 0 {
			out.SetString(i, "label", labels[0])
			out.SetStrings(i, "labels", labels)
		}
	}
	return nil
}

func (k *keywords) collect() []string {
	var labels []string
	for n, yes := range k.found {
		if yes {
			labels = append(labels, k.labels[n])
		}
	}
	return labels
}

package text_test

import (
	"testing"
	"time"

	"github.com/pintle-hub/pintle/plugins/text"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/pintle-hub/pintle/sdk/sdktest"
)

// spoken are texts that each analyzer has something to say about.
func spoken() []sdk.Event {
	at := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)
	return []sdk.Event{
		{ID: "s1", Time: at, Feedback: &sdk.Feedback{Text: "The parcel came late again and I am very unhappy with it.", Author: sdk.Author{ID: "ann"}}},
		{ID: "s2", Time: at.Add(time.Hour), Feedback: &sdk.Feedback{Text: "Das Paket kam viel zu spät, ich bin sehr enttäuscht.", Author: sdk.Author{ID: "ben"}}},
		{ID: "s3", Time: at.Add(2 * time.Hour), Feedback: &sdk.Feedback{Title: "Late parcel", Text: "What a wonderful shop, thank you so much!", Author: sdk.Author{ID: "cid"}}},
		{ID: "s4", Time: at.Add(-60 * 24 * time.Hour), Feedback: &sdk.Feedback{Text: "Where is my refund? I have been waiting.", Author: sdk.Author{ID: "ann"}}},
	}
}

func TestContractOfLanguage(t *testing.T) {
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: text.Program(), Type: "language", Events: spoken(),
		Config:  map[string]any{"languages": []string{"en", "de"}},
		Invalid: []any{map[string]any{"languages": []string{"xx"}}}})
}

func TestContractOfSentiment(t *testing.T) {
	code := func(e *sdk.Event) any {
		if e.ID == "s2" {
			return "de"
		}
		return "en"
	}
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: text.Program(), Type: "sentiment", Events: spoken(), Config: map[string]any{"language": code}})
}

func TestContractOfKeywords(t *testing.T) {
	rules := func(rules ...map[string]any) any { return map[string]any{"rule": rules} }
	late := map[string]any{"name": "late", "phrases": []string{"came late", "late parcel", "zu spät"}}
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: text.Program(), Type: "keywords", Events: spoken(),
		Config: rules(late, map[string]any{"name": "money", "patterns": []string{`(?i)\brefund`}}),
		Invalid: []any{rules(late, late), rules(map[string]any{"name": "empty"}),
			rules(map[string]any{"name": "torn", "patterns": []string{"("}})}})
}

func TestContractOfTrend(t *testing.T) {
	all := func(*sdk.Event) any { return "parcel" }
	group := []func(*sdk.Event) any{all}
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: text.Program(), Type: "trend", Events: spoken(),
		Config: map[string]any{"group_by": group, "when": func(e *sdk.Event) any { return e.Feedback != nil }},
		Invalid: []any{map[string]any{"group_by": []func(*sdk.Event) any{}},
			map[string]any{"group_by": group, "pattern": 5, "trend": 4}}})
}

func TestContractOfCluster(t *testing.T) {
	sdktest.TestAnalyzer(t, sdktest.Suite{Program: text.Program(), Type: "cluster", Events: spoken(),
		Config: map[string]any{"when": func(e *sdk.Event) any { return e.Feedback != nil }}})
}

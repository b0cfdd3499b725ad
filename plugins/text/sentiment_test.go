package text_test

import (
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

func TestSentiment(t *testing.T) {
	texts := []string{"I love this bike, it is wonderful!", "", "Worst service ever, the latch broke again.", "The shop opens at nine."}
	got := run(t, analyzer(t, "sentiment", ``), posts(t, texts), "label", "score", "confidence")
	for i, want := range []string{"positive", "", "negative", "neutral"} {
		label, score, confidence := got[0][i].Text(), got[1][i], got[2][i]
		if label != want || score.IsNull() != (want == "") || confidence.Num > 1 {
			t.Errorf("%q: got %q, score %q, confidence %q; want %q", texts[i], label, score.Text(), confidence.Text(), want)
		}
		if want == "positive" && score.Num < 0.5 || want == "negative" && score.Num > -0.5 {
			t.Errorf("%q: score %v", texts[i], score.Num)
		}
	}
}

func TestSentimentTakesTheLanguageFromTheEvent(t *testing.T) {
	var b sdk.Builder
	code := &sdk.Column{Name: "language"}
	for i, lang := range []string{"en", "de"} {
		if err := b.Add(&sdk.Event{ID: lang, Time: day(), Feedback: &sdk.Feedback{Text: "gift"}}); err != nil {
			t.Fatal(err)
		}
		code.Set(i, sdk.StringValue(lang))
	}
	r, err := b.Records(nil)
	if err != nil {
		t.Fatal(err)
	}
	added := analyze(t, analyzer(t, "sentiment", `{"language": true}`), sdk.NewBatch(r, nil, nil, columns(t, 2, code)))
	if en, de := added.Value(0, "label").Str, added.Value(1, "label").Str; en != "positive" || de != "neutral" {
		t.Errorf("\"gift\" is %s in English and %s in German", en, de)
	}
}

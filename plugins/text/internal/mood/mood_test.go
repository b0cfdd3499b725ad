package mood_test

import (
	"math"
	"testing"

	"github.com/pintle-hub/pintle/plugins/text/internal/mood"
)

func judge(t testing.TB) *mood.Judge {
	t.Helper()
	j, err := mood.New()
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestLabels(t *testing.T) {
	j := judge(t)
	for _, c := range []struct{ name, text, want string }{
		{"praise", "What a wonderful bike, I love it.", mood.Positive},
		{"complaint", "The battery is broken and nobody answers the phone.", mood.Negative},
		{"a plain fact", "The shop opens at nine.", mood.Neutral},
		{"negated praise", "The staff was not helpful.", mood.Negative},
		{"negated complaint", "Honestly, not bad.", mood.Positive},
		{"a negation that nothing follows", "It won't.", mood.Neutral},
		{"contrast", "The colour is nice, but the brakes are terrible.", mood.Negative},
		{"contrast the other way", "The brakes squeal, but the ride is wonderful.", mood.Positive},
		{"negation ends at a comma", "No, great work!", mood.Positive},
		{"phrase", "Thanks for nothing.", mood.Negative},
		{"drawn out", "sooooo goooood", mood.Positive},
		{"emoji alone", "😡😡", mood.Negative},
		{"emoji in any language", "自転車が届きました 😍", mood.Positive},
		{"emoticon", "on my way home :)", mood.Positive},
		{"hashtag in one word", "monday again #fail", mood.Negative},
		{"hashtag of several words", "#WorstServiceEver", mood.Negative},
		{"names and addresses say nothing", "@happy_joy https://love.example/great", mood.Neutral},
		{"typographic apostrophe", "I don’t recommend it", mood.Negative},
		{"German", "Der Service war leider sehr schlecht und unfreundlich.", mood.Negative},
		{"German, negated at the end", "Das neue Rad gefällt mir nicht.", mood.Negative},
		{"German praise", "Super Beratung, ich bin sehr zufrieden!", mood.Positive},
		{"French", "Je suis très déçu, la livraison est en retard.", mood.Negative},
		{"French, negated", "Ce n'est pas un bon produit.", mood.Negative},
		{"French praise", "Merci beaucoup, le vélo est magnifique !", mood.Positive},
		{"Spanish", "Pésimo servicio, el pedido llegó roto.", mood.Negative},
		{"Spanish praise", "Me encanta la bici, muchas gracias.", mood.Positive},
		{"nothing", "", mood.Neutral},
	} {
		if got := j.Judge(c.text, ""); got.Label != c.want {
			t.Errorf("%s: %q is %s (%.2f), want %s", c.name, c.text, got.Label, got.Score, c.want)
		}
	}
}

func TestStronger(t *testing.T) {
	j := judge(t)
	for _, c := range []struct{ name, less, more string }{
		{"booster", "good service", "very good service"},
		{"damper", "somewhat good service", "good service"},
		{"capitals", "this is great today", "this is GREAT today"},
		{"drawn out", "a bad day", "a baaaaad day"},
		{"exclamation marks", "great.", "great!!!"},
		{"two words", "nice", "nice, friendly"},
		{"stronger word", "good", "excellent"},
	} {
		less, more := j.Judge(c.less, "en").Score, j.Judge(c.more, "en").Score
		if math.Abs(more) <= math.Abs(less) || more*less <= 0 {
			t.Errorf("%s: %q has %.3f and %q %.3f", c.name, c.less, less, c.more, more)
		}
	}
	if all, one := j.Judge("THIS IS GREAT", "en").Score, j.Judge("this is great", "en").Score; all != one {
		t.Errorf("where all is in capitals they stress nothing: got %.3f, want %.3f", all, one)
	}
}

func TestLanguageDecidesWhichWordsCount(t *testing.T) {
	j := judge(t)
	for _, c := range []struct{ text, language, want string }{
		{"die Toten", "en", mood.Negative},
		{"die", "de", mood.Neutral},
		{"die", "de-AT", mood.Neutral},
		{"terrible", "ja", mood.Neutral},
		{"terrible 😍", "ja", mood.Positive},
		{"terrible", "und", mood.Negative},
	} {
		if got := j.Judge(c.text, c.language); got.Label != c.want {
			t.Errorf("%q in %q: got %s, want %s", c.text, c.language, got.Label, c.want)
		}
	}
	if known, unknown := j.Judge("on the table", "en"), j.Judge("on the table", "ja"); unknown.Confidence >= known.Confidence {
		t.Errorf("confidence %.2f where no word can be read, %.2f where all can", unknown.Confidence, known.Confidence)
	}
}

func FuzzJudge(f *testing.F) {
	j, err := mood.New()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"", "I don’t LOVE it!!! :-( #NotCool", "l'amour n'est pas… 😡", "\xff'\xf0\x9f", "#", "@", "aaa'aaa'"} {
		f.Add(s, "")
	}
	f.Add("sehr gut, aber nicht", "de")
	f.Fuzz(func(t *testing.T, text, language string) {
		a, b := j.Judge(text, language), j.Judge(text, language)
		if a != b {
			t.Errorf("two answers: %v, %v", a, b)
		}
		if math.IsNaN(a.Score) || math.Abs(a.Score) > 1 || a.Confidence < 0 || a.Confidence > 1 {
			t.Errorf("out of range: %v", a)
		}
	})
}

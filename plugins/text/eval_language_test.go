package text_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pintle-hub/pintle/plugins/text/internal/langid"
	"github.com/pintle-hub/pintle/plugins/text/internal/langid/corpus"
	"github.com/pintle-hub/pintle/sdk"
)

// answers counts what the language analyzer said.
type answers struct{ right, wrong, unsure int }

func (a *answers) add(o answers) {
	a.right, a.wrong, a.unsure = a.right+o.right, a.wrong+o.wrong, a.unsure+o.unsure
}

func (a answers) all() float64 { return float64(a.right + a.wrong + a.unsure) }

// TestEvalLanguage measures the analyzer as it is shipped, on lines it has not learned from and on tweets.
func TestEvalLanguage(t *testing.T) {
	if *data == "" {
		t.Log("the labelled data are not here: name their folder with -data")
		return
	}
	d, err := langid.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	guess, usual := analyzer(t, "language", `{"min_confidence": 0}`), analyzer(t, "language", `{}`)
	least := map[string]float64{"sentences": 0.98, "word-pairs": 0.93, "single-words": 0.78}
	for _, kind := range corpus.Kinds() {
		var best, sure answers
		for _, lang := range d.Languages() {
			lines, err := corpus.Read(*data, kind, lang, corpus.HeldOut)
			if err != nil {
				t.Fatal(err)
			}
			best.add(ask(t, guess, lines, lang))
			sure.add(ask(t, usual, lines, lang))
		}
		tell(t, kind, best, sure)
		if accuracy := float64(best.right) / best.all(); accuracy < least[kind] {
			t.Errorf("%s: accuracy %.3f, want at least %.3f", kind, accuracy, least[kind])
		}
	}
	for _, set := range []struct{ name, lang string }{
		{"arabic", "ar"}, {"french", "fr"}, {"german", "de"}, {"hindi", "hi"}, {"italian", "it"}, {"portuguese", "pt"}, {"spanish", "es"},
	} {
		lines := readLines(t, filepath.Join(*data, "xlm-t", set.name, "train_text.txt"))
		tell(t, set.name+" tweets", ask(t, guess, lines, set.lang), ask(t, usual, lines, set.lang))
	}
}

func ask(t *testing.T, analyzer sdk.Analyzer, lines []string, lang string) answers {
	var a answers
	for _, v := range run(t, analyzer, posts(t, lines), "code")[0] {
		switch v.Str {
		case lang:
			a.right++
		case langid.Und:
			a.unsure++
		default:
			a.wrong++
		}
	}
	return a
}

func tell(t *testing.T, name string, best, sure answers) {
	t.Logf("%-18s %6.0f texts: best guess right %.3f; by default right %.3f, wrong %.3f, und %.3f", name, best.all(),
		float64(best.right)/best.all(), float64(sure.right)/sure.all(), float64(sure.wrong)/sure.all(), float64(sure.unsure)/sure.all())
}

func readLines(t testing.TB, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimRight(string(b), "\n"), "\n")
}

// TestEvalSpeed measures posts a second on one core, on tweets.
func TestEvalSpeed(t *testing.T) {
	if *data == "" {
		t.Log("the labelled data are not here: name their folder with -data")
		return
	}
	var texts []string
	for _, c := range complaints(t, *data) {
		texts = append(texts, c.Text)
	}
	batches := posts(t, texts)
	for _, c := range []struct{ typ, config string }{{"language", `{}`}, {"sentiment", `{}`}, {"keywords", quickstartRules()}} {
		a := analyzer(t, c.typ, c.config)
		best := time.Hour
		for range 5 {
			start := time.Now()
			for _, b := range batches {
				analyze(t, a, b)
			}
			best = min(best, time.Since(start))
		}
		t.Logf("%-10s %.0fk posts/s (best of 5)", c.typ, float64(len(texts))/best.Seconds()/1000)
	}
}

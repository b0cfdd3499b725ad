package text_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// labelled is a text and the label that people gave it.
type labelled struct{ text, label string }

// matrix counts answers: [label][answer].
type matrix map[[2]string]float64

func moods() []string { return []string{"negative", "neutral", "positive"} }

// TestEvalSentiment measures the analyzer as it is shipped. Only the training part of GoEmotions was used to set it.
func TestEvalSentiment(t *testing.T) {
	if *data == "" {
		t.Log("the labelled data are not here: name their folder with -data")
		return
	}
	for _, set := range []struct {
		name  string
		texts []labelled
		least float64 // macro F1
	}{
		{"goemotions dev + test", append(goemotions(t, "dev"), goemotions(t, "test")...), 0.62},
		{"airline tweets", airline(t), 0.59},
		{"semeval tweets", semeval(t), 0.56},
		{"xlm-t German", xlmt(t, "german"), 0.55},
		{"xlm-t French", xlmt(t, "french"), 0.42},
		{"xlm-t Spanish", xlmt(t, "spanish"), 0.50},
	} {
		m := judge(t, set.texts)
		accuracy, f1, recall := m.figures()
		t.Logf("%-22s %6d texts: accuracy %.3f, macro F1 %.3f, macro recall %.3f", set.name, len(set.texts), accuracy, f1, recall)
		for _, label := range moods() {
			p, r := m.of(label)
			t.Logf("    %-9s precision %.2f, recall %.2f", label, p, r)
		}
		if f1 < set.least {
			t.Errorf("%s: macro F1 %.3f, want at least %.3f", set.name, f1, set.least)
		}
	}
}

func judge(t *testing.T, texts []labelled) matrix {
	plain := make([]string, len(texts))
	for i := range texts {
		plain[i] = texts[i].text
	}
	m := matrix{}
	for i, v := range run(t, analyzer(t, "sentiment", `{}`), posts(t, plain), "label")[0] {
		m[[2]string{texts[i].label, v.Str}]++
	}
	return m
}

// of returns precision and recall of one label.
func (m matrix) of(label string) (precision, recall float64) {
	said, is := 0.0, 0.0
	for _, other := range moods() {
		said += m[[2]string{other, label}]
		is += m[[2]string{label, other}]
	}
	right := m[[2]string{label, label}]
	return right / max(said, 1), right / max(is, 1)
}

func (m matrix) figures() (accuracy, f1, recall float64) {
	all := 0.0
	for _, n := range m {
		all += n
	}
	for _, label := range moods() {
		accuracy += m[[2]string{label, label}] / all
		p, r := m.of(label)
		f1 += 2 * p * r / max(p+r, 1e-9) / 3
		recall += r / 3
	}
	return accuracy, f1, recall
}

func airline(t *testing.T) []labelled {
	var list []labelled
	for _, c := range complaints(t, *data) {
		list = append(list, labelled{c.Text, c.Sentiment})
	}
	return list
}

func semeval(t *testing.T) []labelled {
	files, err := filepath.Glob(filepath.Join(*data, "semeval", "*-A.tsv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no semeval files: %v", err)
	}
	unescape := strings.NewReplacer(`\u002c`, ",", `\u2019`, "’")
	var list []labelled
	for _, f := range files {
		for _, line := range readLines(t, f) {
			fields := strings.Split(line, "\t")
			list = append(list, labelled{unescape.Replace(fields[2]), fields[1]})
		}
	}
	return list
}

func xlmt(t *testing.T, name string) []labelled {
	var list []labelled
	for _, part := range []string{"train", "val", "test"} {
		base := filepath.Join(*data, "xlm-t", name, part)
		labels := readLines(t, base+"_labels.txt")
		for i, text := range readLines(t, base+"_text.txt") {
			list = append(list, labelled{text, moods()[labels[i][0]-'0']})
		}
	}
	return list
}

// goemotions reads comments whose emotions all point the same way; ambiguous ones (surprise, curiosity ...) are left out.
func goemotions(t *testing.T, part string) []labelled {
	side := map[string]string{"neutral": "neutral"}
	for _, e := range strings.Fields("admiration amusement approval caring desire excitement gratitude joy love optimism pride relief") {
		side[e] = "positive"
	}
	for _, e := range strings.Fields("anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness") {
		side[e] = "negative"
	}
	emotions := readLines(t, filepath.Join(*data, "goemotions", "labels.txt"))
	var list []labelled
	for _, line := range readLines(t, filepath.Join(*data, "goemotions", part+".tsv")) {
		fields := strings.Split(line, "\t")
		label, clear := "", true
		for _, number := range strings.Split(fields[1], ",") {
			n, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			this := side[emotions[n]]
			clear = clear && this != "" && (label == "" || label == this)
			label = this
		}
		if clear {
			list = append(list, labelled{fields[0], label})
		}
	}
	return list
}

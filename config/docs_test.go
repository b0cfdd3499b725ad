package config_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/config"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/pintle-hub/pintle/sdk"
)

func languagePage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// fences returns the fenced blocks of one language.
func fences(page, language string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(page, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// TestDocumentedConfigurations loads every example of the page.
func TestDocumentedConfigurations(t *testing.T) {
	examples := fences(languagePage(t), "hcl")
	if len(examples) < 8 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, src := range examples {
		t.Run("", func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, text := range map[string]string{"main.hcl": src, "words.json": `{"refund": ["refund"]}`, "greeting.tmpl": "hello ${name}"} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			plan, diags := config.Load(config.Options{
				Paths: []string{"main.hcl"}, Programs: programs(), Describe: describe,
				Environ: func(name string) (string, bool) {
					return "value", strings.HasSuffix(name, "_SECRET") || strings.HasSuffix(name, "_KEY")
				},
			})
			if plan == nil {
				t.Errorf("%s\n%s", src, diagnosticText(t, diags))
			}
			formatted, _ := config.Format([]byte(src), "main.hcl")
			if string(formatted) != src {
				t.Errorf("not in the one style; it should be\n%s", formatted)
			}
		})
	}
}

// TestDocumentedExpressions computes every line "expression => result" of the page on the event that the page shows.
func TestDocumentedExpressions(t *testing.T) {
	page := languagePage(t)
	view := documentedEvent(t, fences(page, "json")[0])
	n := 0
	for _, block := range fences(page, "expr") {
		for line := range strings.Lines(block) {
			src, want, ok := strings.Cut(strings.TrimSpace(line), "=> ")
			if !ok {
				t.Fatalf("no result: %s", line)
			}
			n++
			if got := evaluate(t, strings.TrimSpace(src), view); got != want {
				t.Errorf("%s\n got %s\nwant %s", src, got, want)
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d lines", n)
	}
}

// documentedEvent makes an event from the JSON of the page.
func documentedEvent(t *testing.T, text string) *sdk.View {
	t.Helper()
	var shown struct {
		Text   string
		Author struct {
			Handle   string
			Verified bool
		}
		Data  json.RawMessage
		Mood  map[string]any
		Topic struct{ Labels []string }
	}
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		t.Fatal(err)
	}
	v, err := sdk.NewView(sdk.Event{
		ID: "e1", Data: shown.Data,
		Feedback: &sdk.Feedback{Text: shown.Text, Author: sdk.Author{Handle: shown.Author.Handle, Verified: shown.Author.Verified}},
		Annotations: []sdk.Annotation{
			{Analyzer: "mood", Field: "label", Value: sdk.ValueOf(shown.Mood["label"])},
			{Analyzer: "mood", Field: "score", Value: sdk.ValueOf(shown.Mood["score"])},
			{Analyzer: "topic", Field: "labels", Value: sdk.StringsValue(shown.Topic.Labels)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// evaluate puts an expression into a configuration, as its reader would.
func evaluate(t *testing.T, src string, v *sdk.View) string {
	t.Helper()
	plan, _ := load(t, `
source "file" "in" {
  path = "x"
}
analyzer "sentiment" "mood" {}
analyzer "keywords" "topic" {
  rule "r" {}
}
sink "stdout" "out" {
  text = `+src+`
}
pipeline "p" {
  from    = [source.file.in]
  through = [analyzer.sentiment.mood, analyzer.keywords.topic]
  route "r" {
    to = [sink.stdout.out]
  }
}
`)
	if plan == nil {
		return "error"
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plan.Sinks[0].PerEvent[0].Expr.Eval(v).Any()); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// TestEverythingIsDocumented: every field and every function stands on the page.
func TestEverythingIsDocumented(t *testing.T) {
	page := languagePage(t)
	for _, root := range []string{"event", "insight"} {
		for _, field := range sdk.KnownFields(root) {
			if !strings.Contains(page, "`"+root+"."+field+"`") && field != "data" {
				t.Errorf("%s.%s is missing", root, field)
			}
		}
	}
	for _, usage := range expr.Functions() {
		if !strings.Contains(page, "`"+usage+"`") {
			t.Errorf("%s is missing among the functions per event", usage)
		}
	}
	for _, name := range static.New(static.Options{}).Functions() {
		if !regexp.MustCompile("`" + name + "[`(]").MatchString(page) {
			t.Errorf("%s is missing among the functions at load", name)
		}
	}
}

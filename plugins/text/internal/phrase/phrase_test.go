package phrase_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/pintle-hub/pintle/plugins/text/internal/phrase"
)

// fits tells whether text fits one rule.
func fits(t fataler, r phrase.Rule, text string) bool {
	m, err := phrase.New([]phrase.Rule{r})
	if err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	found := make([]bool, 1)
	m.Match(text, found)
	return found[0]
}

type fataler interface{ Fatalf(string, ...any) }

func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		name, phrase, text string
		want               bool
	}{
		{"alone", "refund", "refund", true},
		{"in a sentence", "refund", "Where is my refund?", true},
		{"not inside a word", "refund", "refunds are slow", false},
		{"nor at its end", "fund", "my refund", false},
		{"any case", "refund", "REFUND NOW", true},
		{"any case beyond ASCII", "geld zurück", "GELD ZURÜCK!", true},
		{"Greek has two small sigmas", "οδός", "ΟΔΌΣ", true},
		{"ß is ss", "groß", "zu GROSS", true},
		{"and ss is ß", "gross", "zu groß", true},
		{"the Kelvin sign is a k", "km", "5 \u212am", true},
		{"any white space", "money back", "my money \n\t back", true},
		{"white space in the phrase", " money  back ", "my money back", true},
		{"nothing between but white space", "money back", "no money. Back home", false},
		{"typographic apostrophe", "don't", "I don’t know", true},
		{"can is not in can't", "can", "I can't", false},
		{"but battery is in battery's", "battery", "the battery's latch", true},
		{"and addition in l'addition", "addition", "l’addition s'il vous plaît", true},
		{"hyphen is a border", "mail", "e-mail", true},
		{"underscore is none", "mail", "e_mail", false},
		{"digits are part of a word", "otter", "otter2", false},
		{"accent on its own", "cassé", "c'est casse\u0301", true},
		{"an accent makes another letter", "casse", "c'est casse\u0301", false},
		{"signs", "c++", "I like C++.", true},
		{"emoji", "😡", "so angry😡", true},
		{"Japanese writes no blanks", "返金", "早く返金してください", true},
		{"Thai neither", "คืนเงิน", "ขอคืนเงินด้วย", true},
		{"Korean does", "환불", "환불해 주세요", false},
		{"at the end", "log in", "I cannot log in", true},
		{"over the beginning", "log in log out", "log in", false},
	} {
		if got := fits(t, phrase.Rule{Phrases: []string{c.phrase}}, c.text); got != c.want {
			t.Errorf("%s: %q in %q is %v", c.name, c.phrase, c.text, got)
		}
	}
}

func TestExact(t *testing.T) {
	r := phrase.Rule{Phrases: []string{"IT"}, Exact: true}
	if fits(t, r, "it is late") || !fits(t, r, "ask IT") {
		t.Error("an exact phrase must be found as it is written, and only so")
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		name, pattern, text string
		want                bool
	}{
		{"beginning of a word", `(?i)\b(erstattung|rembours)`, "Die Erstattung fehlt", true},
		{"not there", `(?i)\b(erstattung|rembours)`, "the refund", false},
		{"two places", `(?i)\blatch\b.*\bbroke\b`, "the latch just BROKE", true},
		{"case counts without (?i)", `latch`, "LATCH", false},
		{"no literal to look for", `\d{4}-\d{2}`, "on 2026-05", true},
		{"literal with a long s", `(?i)bus`, "BUſ", true},
		{"literal with white space", `a  b`, "a  b", true},
		{"literal beside a joined accent", `casse`, "casse\u0301", true},
		{"optional literal", `(refund)?s+`, "sss", true},
		{"repeated", `(?:ha){2,}`, "haha", true},
	} {
		if got := fits(t, phrase.Rule{Patterns: []string{c.pattern}}, c.text); got != c.want {
			t.Errorf("%s: %s in %q is %v", c.name, c.pattern, c.text, got)
		}
	}
}

func TestAllRulesThatFit(t *testing.T) {
	m, err := phrase.New([]phrase.Rule{{Phrases: []string{"latch", "lock"}}, {Patterns: []string{"latc"}}, {Phrases: []string{"latch"}}, {Phrases: []string{"key"}}})
	if err != nil {
		t.Fatal(err)
	}
	found := make([]bool, 4)
	m.Match("the latch", found)
	if !slices.Equal(found, []bool{true, true, true, false}) {
		t.Errorf("got %v", found)
	}
}

func TestWrongRules(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for name, r := range map[string]phrase.Rule{
		"blank phrase":           {Phrases: []string{" "}},
		"long phrase":            {Phrases: []string{long}},
		"broken pattern":         {Patterns: []string{"(unclosed"}},
		"long pattern":           {Patterns: []string{long}},
		"pattern that fits all":  {Patterns: []string{"a*"}},
		"too many patterns":      {Patterns: strings.Split(strings.Repeat("x ", 501)+"x", " ")},
		"too many phrases":       {Phrases: strings.Split(strings.Repeat("x ", 50_000)+"x", " ")},
		"look-behind is not RE2": {Patterns: []string{"(?<=a)b"}},
	} {
		_, err := phrase.New([]phrase.Rule{{}, r})
		if wrong := (phrase.RuleError{}); !errors.As(err, &wrong) || wrong.Rule != 1 {
			t.Errorf("%s: got %v, want an error about rule 1", name, err)
		}
	}
}

// TestLikeARegexp compares phrases of plain words with the regular expression that means the same.
func TestLikeARegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[abC1]{1,2}`), 1, 3).Draw(t, "words")
		text := rapid.StringMatching(`[abcB1 .\n-]{0,20}`).Draw(t, "text")
		want := regexp.MustCompile(`(?i)\b` + strings.Join(words, `\s+`) + `\b`).MatchString(text)
		if got := fits(t, phrase.Rule{Phrases: []string{strings.Join(words, " ")}}, text); got != want {
			t.Fatalf("%q in %q: got %v, want %v", words, text, got, want)
		}
	})
}

// FuzzPatterns: looking for what a pattern needs before it is tried must never change the answer.
func FuzzPatterns(f *testing.F) {
	f.Add(`(?i)\b(erstattung|rembours)`, "Erstattung")
	f.Add(`(?i)straſse|kelvin`, "STRASSE \u212aelvin")
	f.Add(`a\s+b’c`, "a \u00a0b’c")
	f.Add(`ße|ss+`, "ẞe")
	f.Add("é.", "e\u0301x")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		m, err := phrase.New([]phrase.Rule{{Patterns: []string{pattern}}})
		if err != nil {
			return
		}
		found := make([]bool, 1)
		m.Match(text, found)
		if want := regexp.MustCompile(pattern).MatchString(text); found[0] != want {
			t.Errorf("pattern %q in %q: got %v, want %v", pattern, text, found[0], want)
		}
	})
}

// FuzzPhrases: a phrase is found in any text that has it between blanks, whatever the letters.
func FuzzPhrases(f *testing.F) {
	f.Add("money back", "no ", " now")
	f.Add("l’addition", "", "!")
	f.Add("ﬁ", "\xff", "é")
	f.Add("e\u0301t", "\u0301", "'t")
	f.Fuzz(func(t *testing.T, p, before, after string) {
		m, err := phrase.New([]phrase.Rule{{Phrases: []string{p}}, {Phrases: []string{p}, Exact: true}})
		if err != nil {
			return
		}
		found := make([]bool, 2)
		m.Match(before+" "+strings.TrimSpace(p)+" "+after, found)
		if !found[0] || !found[1] {
			t.Errorf("%q between blanks: found %v", p, found)
		}
		clear(found)
		m.Match(strings.Map(unicode.SimpleFold, before+" "+strings.TrimSpace(p)+" "+after), found)
		if !found[0] && !strings.ContainsAny(p, "ßẞ") {
			t.Errorf("%q in another case is not found", p)
		}
	})
}

package text_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/sdk"
)

// quickstartRules are the rules of the quickstart.
func quickstartRules() string {
	return `{"rule": [
		{"name": "refund", "phrases": ["refund", "refunds", "refunded", "money back", "geld zurück"],
			"patterns": ["(?i)\\b(erstattung|reimburs|rembours|reembols)"]},
		{"name": "battery-latch", "phrases": ["battery latch", "battery catch"], "patterns": [
			"(?i)\\blatch\\b.*\\b(broke|broken|snapped|cracked|in two)\\b", "(?i)\\bbattery (fell|came|popped|jumped)\\b",
			"(?i)\\bverrou\\b.*\\b(cassé|fendu)", "(?i)\\b(riegel|akku)\\b.*\\bgebrochen\\b"]},
		{"name": "invoice", "phrases": ["invoice", "invoices", "rechnung", "facture", "factura"]},
		{"name": "app-login", "phrases": ["log in", "login", "sign in", "logged out", "password", "anmelden", "einloggen"]}
	]}`
}

func TestKeywords(t *testing.T) {
	texts := []string{
		"I want my MONEY BACK, the latch broke", "Der Riegel ist gebrochen", "no rule fits", "Rechnung falsch, Erstattung fehlt",
		"cannot sign\nin", "", "refunding is no word of the rules",
	}
	want := []string{"refund battery-latch", "battery-latch", "", "refund invoice", "app-login", "", ""}
	got := run(t, analyzer(t, "keywords", quickstartRules()), posts(t, texts), "label", "labels")
	for i := range texts {
		labels := strings.Fields(want[i])
		if !slices.Equal(got[1][i].Strings(), labels) && len(labels) > 0 || len(labels) == 0 && !got[1][i].IsNull() {
			t.Errorf("%q: labels %v, want %v", texts[i], got[1][i].Strings(), labels)
		}
		if first, _, _ := strings.Cut(want[i], " "); got[0][i].Text() != first {
			t.Errorf("%q: label %q, want %q", texts[i], got[0][i].Text(), first)
		}
	}
}

func TestKeywordsInTheTitle(t *testing.T) {
	event := sdk.Event{ID: "a", Time: day(), Feedback: &sdk.Feedback{Title: "My refund", Text: "where is it"}}
	for config, want := range map[string]string{``: "refund", `"title": false,`: ""} {
		b, err := sdk.BatchOf(event)
		if err != nil {
			t.Fatal(err)
		}
		a := analyzer(t, "keywords", `{`+config+` "rule": [{"name": "refund", "phrases": ["refund"]}]}`)
		if got := analyze(t, a, b).Value(0, "label").Text(); got != want {
			t.Errorf("with %q: got %q, want %q", config, got, want)
		}
	}
}

func TestKeywordsCase(t *testing.T) {
	a := analyzer(t, "keywords", `{"rule": [{"name": "department", "phrases": ["IT"], "any_case": false}]}`)
	got := run(t, a, posts(t, []string{"ask IT", "it is late"}), "label")[0]
	if got[0].Str != "department" || !got[1].IsNull() {
		t.Errorf("got %q and %q", got[0].Text(), got[1].Text())
	}
}

func TestKeywordsConfig(t *testing.T) {
	for name, c := range map[string]struct{ rules, says string }{
		"broken pattern": {`{"name": "ok", "phrases": ["x"]}, {"name": "bad", "patterns": ["(x"]}`, `rule "bad": pattern "(x"`},
		"empty rule":     {`{"name": "bad"}`, `rule "bad" is empty`},
		"same label":     {`{"name": "bad", "phrases": ["x"]}, {"name": "bad", "phrases": ["y"]}`, `rule "bad" is there twice`},
	} {
		_, err := specOf(t, "keywords").Open(context.Background(), []byte(`{"rule": [`+c.rules+`]}`))
		if sdk.CodeOf(err) != sdk.Invalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want an invalid configuration that says %q", name, err, c.says)
		}
	}
}

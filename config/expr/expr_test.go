package expr_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

// parse returns the syntax tree of an expression.
func parse(t testing.TB, src string) hclsyntax.Expression {
	t.Helper()
	x, diags := hclsyntax.ParseExpression([]byte(src), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return x
}

// scope knows the analyzers mood and topic, and var.limit.
func scope(src string) expr.Scope {
	e := static.New(static.Options{})
	e.Set("var", cty.ObjectVal(map[string]cty.Value{
		"limit": cty.NumberFloatVal(-0.5), "words": cty.TupleVal([]cty.Value{cty.StringVal("refund"), cty.StringVal("bill")}),
		"token": static.Sensitive(cty.StringVal("canary")),
	}))
	fields := map[string][]sdk.Field{
		"mood": {
			{Name: "label", Kind: sdk.String, Values: []string{"negative", "neutral", "positive"}},
			{Name: "score", Kind: sdk.Number}, {Name: "sure", Kind: sdk.Bool},
		},
		"topic": {{Name: "label", Kind: sdk.String}, {Name: "labels", Kind: sdk.List}},
	}
	return expr.Scope{
		Source: []byte(src), Analyzers: func() []string { return []string{"mood", "topic"} }, Static: e.Value,
		Fields: func(name string) ([]sdk.Field, bool) { f, ok := fields[name]; return f, ok },
	}
}

func compile(t testing.TB, src string) *expr.Expr {
	t.Helper()
	e, diags := expr.Compile(parse(t, src), scope(src))
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return e
}

// view shows one event.
func view(t testing.TB, e sdk.Event) *sdk.View {
	t.Helper()
	v, err := sdk.NewView(e)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func complaint() sdk.Event {
	return sdk.Event{
		ID: "e1", Data: []byte(`{"stars":"2","items":[{"name":"bell"},{"name":"lamp"}],"a b":1,"none":null,"yes":"true","one":"1","no":"false"}`),
		Feedback: &sdk.Feedback{Text: "I was charged twice. Żółw!", Title: "", Author: sdk.Author{ID: "a7", Handle: "ann", Verified: true}},
		Annotations: []sdk.Annotation{
			{Analyzer: "mood", Field: "label", Value: sdk.StringValue("negative")},
			{Analyzer: "mood", Field: "score", Value: sdk.NumberValue(-0.75)},
			{Analyzer: "topic", Field: "labels", Value: sdk.StringsValue([]string{"refund", "price"})},
		},
	}
}

func TestEval(t *testing.T) {
	v := view(t, complaint())
	for _, test := range []struct{ src, want string }{
		{`event.id`, `"e1"`},
		{`event.mood.score < var.limit && event.author.verified`, `true`},
		{`event.mood.score * -2 + 1`, `2.5`},
		{`event.mood.score % 0.5`, `-0.25`},
		{`event.data.stars < 3`, `true`},
		{`event.data.stars == 2`, `false`},
		{`tonumber(event.data.stars) == 2`, `true`},
		{`event.data.items[1].name`, `"lamp"`},
		{`event.data.items[9].name`, `null`},
		{`event.data["a b"]`, `1`},
		{`event.topic.labels[0]`, `"refund"`},
		{`event.topic.labels[-1]`, `null`},
		{`[for x in event.topic.labels : upper(x) if x != "price"]`, `["REFUND"]`},
		{`{for i, x in event.topic.labels : x => i}`, `{"price":1,"refund":0}`},
		{`event.data.items[*].name`, `["bell","lamp"]`},
		{`[for i in event.data.items : [for l in event.topic.labels : "${i.name}-${l}"]][1][0]`, `"lamp-refund"`},
		{`[for a in event.topic.labels : [for b in ["x", "y"] : "${b}${a}"]][1][1]`, `"yprice"`},
		{`event.data.yes && event.data.one && !event.data.no && !event.data.stars`, `true`},
		{`event.mood.label == "negative" ? "sad: ${event.author.handle}" : null`, `"sad: ann"`},
		{`"%{ for l in event.topic.labels }(${l})%{ endfor }"`, `"(refund)(price)"`},
		{`"%{ if event.mood.score > 0 }up%{ else }down%{ endif }"`, `"down"`},
		{`"${event.title}|${event.mood.score}|${event.author.verified}"`, `"|-0.75|true"`},
		{`{ who = event.author.handle, (upper("n")) = 1 }`, `{"N":1,"who":"ann"}`},
		{`length(event.text)`, `26`},
		{`substr(event.text, -5, 4)`, `"Żółw"`},
		{`contains(event.topic.labels, "price")`, `true`},
		{`contains(var.words, event.topic.labels[0])`, `true`},
		{`strcontains(lower(event.text), "charged")`, `true`},
		{`regexmatch("(?i)CHARGED\\s+twice", event.text)`, `true`},
		{`regex("(\\w+) twice", event.text)[0]`, `"charged"`},
		{`regex("(?P<verb>\\w+) twice", event.text).verb`, `"charged"`},
		{`regex("nothing", event.text)`, `null`},
		{`replace(event.text, "/[^a-z ]/", "")`, `" was charged twice w"`},
		{`coalesce(event.title, event.author.handle)`, `"ann"`},
		{`join("+", event.topic.labels)`, `"refund+price"`},
		{`split(" ", event.text)[1]`, `"was"`},
		{`min(3, event.mood.score, 7)`, `-0.75`},
		{`jsonencode({ b = event.topic.labels, a = event.mood.score })`, `"{\"a\":-0.75,\"b\":[\"refund\",\"price\"]}"`},
		{`timecmp("2026-05-01T00:00:00Z", "2026-05-01T02:00:00+02:00") == 0 && event.id == "e1"`, `true`},
		{`sha256(event.id) == sha256("e1")`, `true`},
		{`urlencode("${event.author.handle}&co")`, `"ann%26co"`},
	} {
		if got := jsonOf(t, compile(t, test.src).Eval(v)); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.src, got, test.want)
		}
	}
}

// TestNull holds what docs/language.md says about null.
func TestNull(t *testing.T) {
	v := view(t, sdk.Event{ID: "e1", Feedback: &sdk.Feedback{Text: "x"}, Data: []byte(`{"zero":0,"word":"many","big":1e300}`)})
	for _, test := range []struct{ src, want string }{
		{`event.title == null`, `true`},
		{`event.text == null`, `false`},
		{`event.title == event.url`, `true`},
		{`event.mood.score < 1`, `false`},
		{`event.mood.score >= 1`, `false`},
		{`event.mood.score == null`, `true`},
		{`event.mood.score + 1`, `null`},
		{`1 / event.data.zero`, `null`},
		{`1 % event.data.zero`, `1`},
		{`event.data.word * 2`, `null`},
		{`event.data.word > 2`, `false`},
		{`event.data.flag && true`, `false`},
		{`event.data.flag || event.text == "x"`, `true`},
		{`!event.data.flag`, `true`},
		{`event.data.flag ? 1 : 2`, `2`},
		{`"(${event.title})"`, `"()"`},
		{`lower(event.title)`, `null`},
		{`length(event.title)`, `null`},
		{`startswith(event.title, "x")`, `false`},
		{`contains(event.topic.labels, "x")`, `false`},
		{`[for x in event.topic.labels : x]`, `[]`},
		{`event.topic.labels[*]`, `[]`},
		{`event.data.deep.deeper[0]["x"]`, `null`},
		{`min(1, event.mood.score)`, `null`},
		{`coalesce(event.title, event.url)`, `null`},
		{`-event.mood.score`, `null`},
		{`event.data.big * event.data.big`, `null`},
	} {
		if got := jsonOf(t, compile(t, test.src).Eval(v)); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.src, got, test.want)
		}
	}
}

func TestMatchIsTrueOnlyForTrue(t *testing.T) {
	v := view(t, sdk.Event{ID: "e1", Feedback: &sdk.Feedback{Text: "x"}, Data: []byte(`{"yes":true,"text":"true","one":1}`)})
	for src, want := range map[string]bool{
		`event.data.yes`: true, `event.data.text`: false, `event.data.one`: false, `event.data.none`: false,
		`event.text == "x"`: true, `event.data.yes ? event.text == "x" : false`: true, `event.data.none ? true : false`: false,
	} {
		if got := compile(t, src).Match(v); got != want {
			t.Errorf("%s: got %t", src, got)
		}
	}
}

func TestInsight(t *testing.T) {
	v := view(t, sdk.Event{ID: "i1", Insight: &sdk.Insight{Stage: sdk.StageTrend, Topic: "refund", People: 3, Group: []string{"refund", "bell"}}})
	for src, want := range map[string]string{
		`insight.stage == "trend" && insight.topic == "refund" && insight.people >= 3`: `true`,
		`insight.group[1]`: `"bell"`,
		`insight.events`:   `0`,
	} {
		if got := jsonOf(t, compile(t, src).Eval(v)); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

func TestWhatAnExpressionReads(t *testing.T) {
	e := compile(t, `event.topic.label == "x" || event.mood.score > 1 && event.mood.label == "neutral" && event.text != null`)
	if got := e.Analyzers(); len(got) != 2 || got[0] != "mood" || got[1] != "topic" {
		t.Errorf("got %v", got)
	}
	var paths []string
	for _, f := range e.Fields() {
		paths = append(paths, f.Path)
	}
	if len(paths) != 4 || paths[0] != "event.topic.label" || paths[3] != "event.text" {
		t.Errorf("got %v", paths)
	}
	if got := e.String(); got != e.String() || got[:17] != "event.topic.label" {
		t.Errorf("got %s", got)
	}
}

// TestFingerprint: what is folded in counts, though the source does not show it.
func TestFingerprint(t *testing.T) {
	src := `event.text == var.x`
	print := func(value string) [32]byte {
		s := scope(src)
		e := static.New(static.Options{})
		e.Set("var", cty.ObjectVal(map[string]cty.Value{"x": static.Sensitive(cty.StringVal(value))}))
		s.Static = e.Value
		x, diags := expr.Compile(parse(t, src), s)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return x.Fingerprint()
	}
	if print("a") == print("b") {
		t.Error("the same fingerprint for different constants")
	}
	if first, second := print("a"), print("a"); first != second {
		t.Error("different fingerprints for the same expression")
	}
}

// TestFilterDoesNotAllocate: the price of a route's condition, for every event.
func TestFilterDoesNotAllocate(t *testing.T) {
	v := view(t, complaint())
	for _, src := range []string{
		`event.mood.label == "negative" && event.mood.score < -0.5`,
		`event.author.verified && event.text != null || event.rating.value < 3`,
		`startswith(event.text, "I was") && contains(["a7", "a8"], event.author.id)`,
		`regexmatch("twice", event.text)`,
		`event.mood.score * 100 > var.limit * 100 ? event.kind == "post" : strcontains(event.text, "charged")`,
	} {
		e := compile(t, src)
		if n := testing.AllocsPerRun(100, func() { e.Match(v) }); n != 0 {
			t.Errorf("%s: %v allocations", src, n)
		}
	}
}

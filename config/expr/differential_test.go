package expr_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

// FuzzDifferential writes an expression and an event from the bytes it is given, and compares the compiled expression with
// hcl's own evaluator. Where hcl gives an error there is nothing to compare: then the closures must only not panic.
func FuzzDifferential(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		seed := make([]byte, 96)
		for i := 0; i < len(seed); i += 8 {
			binary.LittleEndian.PutUint64(seed[i:], r.Uint64())
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &writer{bytes: data}
		event := w.event()
		src := w.boolean(3)
		switch w.choose(4) {
		case 0:
			src = w.number(3)
		case 1:
			src = w.text(3)
		case 2:
			src = w.list(2)
		}
		differ(t, src, event)
	})
}

func differ(t *testing.T, src string, event sdk.Event) {
	compiled, diags := expr.Compile(parse(t, src), scope(src))
	if diags.HasErrors() {
		return // a mistake that can be seen at load, such as a list in a template
	}
	v := view(t, event)
	got := compiled.Eval(v)
	reference := static.New(static.Options{})
	reference.Set("event", eventObject(t, v))
	value, diags := reference.Value(parse(t, src))
	if diags.HasErrors() {
		return
	}
	want, err := expr.FromCty(value)
	if err != nil {
		return // hcl leaves it open, as with null in a list of texts
	}
	if !same(got, want) {
		t.Errorf("%s\ncompiled %s\n     hcl %s", src, jsonOf(t, got), jsonOf(t, want))
	}
}

// same compares numbers with a tolerance, since hcl counts with 512 bits.
func same(a, b sdk.Value) bool {
	if a.Kind != b.Kind || len(a.List) != len(b.List) {
		return false
	}
	if a.Kind == sdk.Number {
		return math.Abs(a.Num-b.Num) <= 1e-9*math.Max(1, math.Abs(b.Num))
	}
	for i := range a.List {
		if !same(a.List[i], b.List[i]) {
			return false
		}
	}
	return a.Bool == b.Bool && a.Str == b.Str
}

// eventObject is the event as hcl sees it: every field that the writer uses, null where the event has none.
func eventObject(t *testing.T, v *sdk.View) cty.Value {
	tree := map[string]cty.Value{}
	for _, path := range strings.Fields(`text title kind author.verified rating.value data.n data.s data.flag data.list data.digits`) {
		root, name, nested := strings.Cut(path, ".")
		ref, err := sdk.ResolveRef("event", strings.Split(path, "."))
		if err != nil {
			t.Fatal(err)
		}
		put(tree, root, name, nested, v.Get(&ref))
	}
	for _, path := range strings.Fields(`mood.label mood.score mood.sure topic.label topic.labels`) {
		root, name, _ := strings.Cut(path, ".")
		ref := sdk.AnnotationRef(root, name)
		put(tree, root, name, true, v.Get(&ref))
	}
	return cty.ObjectVal(tree)
}

func put(tree map[string]cty.Value, root, name string, nested bool, v sdk.Value) {
	if !nested {
		tree[root] = toCty(v)
		return
	}
	inner := map[string]cty.Value{}
	if old, ok := tree[root]; ok {
		inner = old.AsValueMap()
	}
	inner[name] = toCty(v)
	tree[root] = cty.ObjectVal(inner)
}

func toCty(v sdk.Value) cty.Value {
	switch v.Kind {
	case sdk.Bool:
		return cty.BoolVal(v.Bool)
	case sdk.Number:
		return cty.NumberFloatVal(v.Num)
	case sdk.String:
		return cty.StringVal(v.Str)
	case sdk.List:
		list := make([]cty.Value, len(v.List))
		for i := range v.List {
			list[i] = toCty(v.List[i])
		}
		return cty.TupleVal(list)
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// writer writes expressions and events, choosing by its bytes.
type writer struct{ bytes []byte }

// choose returns a number below n; 0 when the bytes are used up.
func (w *writer) choose(n int) int {
	if len(w.bytes) == 0 {
		return 0
	}
	b := w.bytes[0]
	w.bytes = w.bytes[1:]
	return int(b) % n
}

func (w *writer) pick(words ...string) string { return words[w.choose(len(words))] }

// quarter returns a small number that binary fractions hold exactly, so that hcl and Go compute the same.
func (w *writer) quarter() float64 { return float64(w.choose(65)-32) / 4 }

func (w *writer) word() string {
	return w.pick("", "a", "negative", "Über", "I was charged twice", " trim me ", "a,b,,c", "👩‍👩‍👧 x", "2.5", "true", "1", "x\r\ny", "<&>", "ß")
}

func (w *writer) event() sdk.Event {
	e := sdk.Event{ID: "e1", Feedback: &sdk.Feedback{Text: w.word(), Title: w.word(), Kind: w.pick("", "post", "review")}}
	e.Feedback.Author.Verified = w.choose(2) == 0
	if w.choose(2) == 0 {
		e.Feedback.Rating = &sdk.Rating{Value: w.quarter(), Best: 5}
	}
	members := []string{
		fmt.Sprintf(`"n":%v`, w.quarter()), fmt.Sprintf(`"s":%q`, w.word()), `"flag":` + w.pick("true", "false"),
		fmt.Sprintf(`"list":["a",%q,"b"]`, w.word()), `"digits":"` + w.pick("2.5", "-7", "1e2", "0") + `"`,
	}
	var data []string
	for _, m := range members {
		if w.choose(4) != 0 {
			data = append(data, strings.ToValidUTF8(strings.ReplaceAll(m, `\x`, `\u00`), ""))
		}
	}
	e.Data = []byte("{" + strings.Join(data, ",") + "}")
	add := func(analyzer, field string, v sdk.Value) {
		if w.choose(4) != 0 {
			e.Annotations = append(e.Annotations, sdk.Annotation{Analyzer: analyzer, Field: field, Value: v})
		}
	}
	add("mood", "label", sdk.StringValue(w.pick("negative", "neutral", "positive")))
	add("mood", "score", sdk.NumberValue(w.quarter()))
	add("mood", "sure", sdk.BoolValue(w.choose(2) == 0))
	add("topic", "label", sdk.StringValue(w.word()))
	add("topic", "labels", sdk.StringsValue([]string{w.word(), w.word()}))
	return e
}

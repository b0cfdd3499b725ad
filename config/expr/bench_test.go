package expr_test

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

const filter = `event.mood.score < -0.5 && event.mood.label == "negative"`

func BenchmarkFilter(b *testing.B) { benchmarkFilter(b, filter) }

// BenchmarkFilterOnBody looks into the encoded event, where the way to a field is longer than to an annotation.
func BenchmarkFilterOnBody(b *testing.B) {
	benchmarkFilter(b, `event.mood.score < -0.5 && event.author.handle == "ann"`)
}

func benchmarkFilter(b *testing.B, src string) {
	v, e := view(b, complaint()), compile(b, src)
	b.ReportAllocs()
	for b.Loop() {
		if !e.Match(v) {
			b.Fatal("no match")
		}
	}
}

// BenchmarkFilterByHCL is the same filter by hcl's own evaluator, with the event converted beforehand.
func BenchmarkFilterByHCL(b *testing.B) {
	x := parse(b, filter)
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{"event": cty.ObjectVal(map[string]cty.Value{
		"mood": cty.ObjectVal(map[string]cty.Value{"score": cty.NumberFloatVal(-0.75), "label": cty.StringVal("negative")}),
	})}}
	b.ReportAllocs()
	for b.Loop() {
		if v, _ := x.Value(ctx); v.False() {
			b.Fatal("no match")
		}
	}
}

func BenchmarkTemplate(b *testing.B) {
	v, e := view(b, complaint()), compile(b, `"${event.author.handle}: ${event.text}"`)
	b.ReportAllocs()
	for b.Loop() {
		if e.Eval(v).Kind != sdk.String {
			b.Fatal("no text")
		}
	}
}

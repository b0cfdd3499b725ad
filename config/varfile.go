package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/zclconf/go-cty/cty"
)

// setFromFiles reads the files of --var-file: name = value, one a line. No snippet of them is ever shown.
func (l *loader) setFromFiles() {
	for _, name := range l.options.VarFiles {
		src, ok := l.readFile(name)
		if !ok {
			continue
		}
		if diags := static.Guard(src, name); diags.HasErrors() {
			l.add(diags)
			continue
		}
		parsed, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
		l.add(diags)
		body, isBody := parsed.Body.(*hclsyntax.Body)
		if diags.HasErrors() || !isBody {
			continue
		}
		l.setFromBody(body)
	}
}

func (l *loader) setFromBody(body *hclsyntax.Body) {
	for _, b := range body.Blocks {
		l.fail(b.DefRange(), "Block among values", "A file of variables holds lines of name = value only.")
	}
	for _, a := range attributes(body) {
		v := l.vars[a.Name]
		if v == nil {
			l.fail(a.NameRange, "No such variable", "No variable block declares %q.%s", a.Name,
				didYouMean("", a.Name, slices.Sorted(maps.Keys(l.vars))))
			continue
		}
		value, diags := l.eval.Literal(a.Expr)
		if diags.HasErrors() {
			v.given, v.value = true, cty.DynamicVal
			l.fail(a.Expr.Range(), "Not a plain value", "Values of variables use neither names nor functions.")
			continue
		}
		l.assign(v, value, a.Expr.Range(), "this value")
	}
}

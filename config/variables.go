package config

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variable is one variable block with its value.
type variable struct {
	name      string
	typ       cty.Type
	sensitive bool
	value     cty.Value
	given     bool
	block     *hclsyntax.Block
}

// loadVariables declares all variables and gives each the value that wins.
func (l *loader) loadVariables(blocks []*hclsyntax.Block) {
	l.vars = map[string]*variable{}
	for _, b := range blocks {
		v := &variable{name: b.Labels[0], typ: cty.DynamicPseudoType, block: b, value: cty.DynamicVal}
		if first := l.vars[v.name]; first != nil {
			l.hideAll(b.Body)
			l.fail(b.DefRange(), "Declared twice", "The variable %q is declared at %s already.", v.name, placeOf(first.block.DefRange()))
			continue
		}
		l.vars[v.name] = v
		l.declareVariable(v)
	}
	l.setFromEnviron()
	l.setFromFiles()
	l.setFromOptions()
	values := map[string]cty.Value{}
	for name, v := range l.vars {
		values[name] = l.valueOf(v)
	}
	l.eval.Set("var", cty.ObjectVal(values))
}

func placeOf(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

func (l *loader) declareVariable(v *variable) {
	attrs := v.block.Body.Attributes
	if a := attrs["sensitive"]; a != nil {
		if b, ok := l.literalBool(a); ok {
			v.sensitive = b
		}
	}
	if a := attrs["default"]; a != nil && v.sensitive {
		l.hide(a.Expr.Range())
	}
	if a := attrs["type"]; a != nil {
		l.variableType(v, a)
	}
	if a := attrs["default"]; a != nil {
		l.variableDefault(v, a)
	}
	names := []string{"type", "default", "sensitive", "description"}
	for _, a := range attributes(v.block.Body) {
		if !slices.Contains(names, a.Name) {
			l.hide(a.Expr.Range())
			l.fail(a.NameRange, "Unknown attribute", "A variable has no %q.%s It may have type, default, sensitive and description.",
				a.Name, didYouMean("", a.Name, names))
		}
	}
	for _, b := range v.block.Body.Blocks {
		l.fail(b.DefRange(), "Unknown block", "A variable has no blocks. It may have type, default, sensitive and description.")
	}
}

func (l *loader) literalBool(a *hclsyntax.Attribute) (value, ok bool) {
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || v.Type() != cty.Bool || v.IsNull() {
		l.fail(a.Expr.Range(), "Wrong type", "%s is true or false here, as it must be known before all else.", a.Name)
		return false, false
	}
	return v.True(), true
}

func (l *loader) variableType(v *variable, a *hclsyntax.Attribute) {
	t, diags := typeexpr.TypeConstraint(a.Expr)
	if diags.HasErrors() {
		l.fail(a.Expr.Range(), "Not a type", "Write string, number, bool, list(string), map(string), object({ name = string }) or any, "+
			"without quotes.")
		return
	}
	v.typ = t
}

func (l *loader) variableDefault(v *variable, a *hclsyntax.Attribute) {
	value, ok := l.value(a.Expr, place{})
	if !ok {
		v.given = true // it has one, and what is wrong with it was said
		return
	}
	l.assign(v, value, a.Expr.Range(), "the default")
}

// assign converts a value to the variable's type. Where it comes from is named, the value is not.
func (l *loader) assign(v *variable, value cty.Value, r hcl.Range, from string) {
	v.given = true
	converted, err := convert.Convert(value, v.typ)
	if err != nil {
		v.value = cty.DynamicVal
		l.fail(r, "Wrong type", "The variable %q is of type %s, and %s does not fit it.", v.name, typeexpr.TypeString(v.typ), from)
		return
	}
	v.value = converted
}

func (l *loader) valueOf(v *variable) cty.Value {
	if !v.given {
		l.fail(v.block.DefRange(), "Variable without value", "The variable %q has no value. Pass --var %s=..., set PINTLE_VAR_%s in the "+
			"environment, put it into a file for --var-file, or give it a default.", v.name, v.name, v.name)
	}
	if v.sensitive {
		return static.Sensitive(v.value)
	}
	return v.value
}

func (l *loader) lookupEnv(name string) (string, bool) {
	if l.options.Environ != nil {
		return l.options.Environ(name)
	}
	return os.LookupEnv(name)
}

func (l *loader) setFromEnviron() {
	for _, name := range slices.Sorted(maps.Keys(l.vars)) {
		if text, ok := l.lookupEnv("PINTLE_VAR_" + name); ok {
			l.setText(l.vars[name], text, "PINTLE_VAR_"+name)
		}
	}
}

func (l *loader) setFromOptions() {
	for _, name := range slices.Sorted(maps.Keys(l.options.Vars)) {
		v := l.vars[name]
		if v == nil {
			l.fail(hcl.Range{}, "No such variable", "--var sets %q, but no variable block declares it.%s", name,
				didYouMean("", name, slices.Sorted(maps.Keys(l.vars))))
			continue
		}
		l.setText(v, l.options.Vars[name], "the value of --var "+name)
	}
}

// setText takes the text as it is for a string, and as HCL for everything else.
func (l *loader) setText(v *variable, text, from string) {
	r := v.block.DefRange()
	if v.typ == cty.String || v.typ == cty.DynamicPseudoType {
		l.assign(v, cty.StringVal(text), r, from)
		return
	}
	value, ok := literal(text)
	if !ok {
		v.given, v.value = true, cty.DynamicVal
		l.fail(r, "Wrong type", "%s is not written as HCL. For the type %s write, for example, %s.", sentenceStart(from), typeexpr.TypeString(v.typ),
			exampleOf(v.typ))
		return
	}
	l.assign(v, value, r, from)
}

// literal reads an expression without names and functions.
func literal(text string) (cty.Value, bool) {
	if len(text) > maxFile || static.GuardExpression([]byte(text), "value").HasErrors() {
		return cty.DynamicVal, false
	}
	x, diags := hclsyntax.ParseExpression([]byte(text), "value", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.DynamicVal, false
	}
	v, diags := static.New(static.Options{}).Literal(x)
	return v, !diags.HasErrors()
}

func exampleOf(t cty.Type) string {
	switch {
	case t == cty.Bool:
		return "true"
	case t == cty.Number:
		return "5"
	case t.IsListType() || t.IsSetType() || t.IsTupleType():
		return `["a", "b"]`
	}
	return `{ name = "value" }`
}

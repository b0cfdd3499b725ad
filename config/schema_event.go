package config

import (
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/sdk"
)

// checkPerEvent compiles a per-event attribute. The plugin is told which expressions there are; the hub keeps them.
func (l *loader) checkPerEvent(attr *hclsyntax.Attribute, a *sdk.Attribute, out *checked) {
	if a.Sensitive {
		l.hide(attr.Expr.Range())
	}
	switch a.Type {
	case sdk.TypeAnyList:
		l.perEventList(attr, out)
	case sdk.TypeAnyMap:
		l.perEventMap(attr, out)
	default:
		if l.compile(attr.Expr, sdk.AttrName(a.Name, ""), out) {
			out.values[a.Name] = true
			out.shown[a.Name] = l.sourceOf(attr.Expr)
		}
	}
}

// compile adds one compiled expression. A constant null is the same as no attribute.
func (l *loader) compile(x hclsyntax.Expression, name string, out *checked) bool {
	e, diags := expr.Compile(x, l.exprScope(x))
	l.add(diags)
	if e == nil {
		return false
	}
	out.perEvent = append(out.perEvent, Attr{Name: name, Expr: e})
	return true
}

func (l *loader) exprScope(x hclsyntax.Expression) expr.Scope {
	s := expr.Scope{Fields: l.analyzerFields, Analyzers: l.analyzerNames, Static: l.checkStatic}
	if f := l.files[x.Range().Filename]; f != nil {
		s.Source = f.src
	}
	return s
}

func (l *loader) sourceOf(x hclsyntax.Expression) string {
	f := l.files[x.Range().Filename]
	if f == nil || !x.Range().CanSliceBytes(f.src) {
		return ""
	}
	return string(x.Range().SliceBytes(f.src))
}

func unwrapped(x hclsyntax.Expression) hclsyntax.Expression {
	for {
		p, ok := x.(*hclsyntax.ParenthesesExpr)
		if !ok {
			return x
		}
		x = p.Expression
	}
}

func (l *loader) perEventList(attr *hclsyntax.Attribute, out *checked) {
	list, ok := unwrapped(attr.Expr).(*hclsyntax.TupleConsExpr)
	if !ok {
		l.fail(attr.Expr.Range(), "Wrong type", "%s is a list of expressions. Write them in brackets: %s = [event.text].", attr.Name, attr.Name)
		return
	}
	shown := make([]string, len(list.Exprs))
	for i, x := range list.Exprs {
		l.compile(x, sdk.AttrName(attr.Name, strconv.Itoa(i)), out)
		shown[i] = l.sourceOf(x)
	}
	out.values[attr.Name], out.shown[attr.Name] = len(list.Exprs), shown
}

func (l *loader) perEventMap(attr *hclsyntax.Attribute, out *checked) {
	object, ok := unwrapped(attr.Expr).(*hclsyntax.ObjectConsExpr)
	if !ok {
		l.fail(attr.Expr.Range(), "Wrong type", "%s is a map of expressions. Write them in braces: %s = { name = event.text }.", attr.Name, attr.Name)
		return
	}
	keys, seen := []string{}, map[string]bool{}
	shown := map[string]string{}
	for _, item := range object.Items {
		v, ok := l.value(item.KeyExpr, place{attribute: "a name in " + attr.Name})
		if !ok {
			continue
		}
		key, err := expr.FromCty(v)
		if err != nil || key.Kind != sdk.String || key.Str == "" {
			l.fail(item.KeyExpr.Range(), "Wrong type", "A name in %s must be a text.", attr.Name)
			continue
		}
		if seen[key.Str] {
			l.fail(item.KeyExpr.Range(), "Declared twice", "%s has the name %q already.", attr.Name, key.Str)
			continue
		}
		keys, seen[key.Str] = append(keys, key.Str), true
		l.compile(item.ValueExpr, sdk.AttrName(attr.Name, key.Str), out)
		shown[key.Str] = l.sourceOf(item.ValueExpr)
	}
	out.values[attr.Name], out.shown[attr.Name] = keys, shown
}

func (l *loader) analyzerNames() []string {
	var names []string
	for _, d := range l.blocks {
		if d.kind == KindAnalyzer {
			names = append(names, d.name)
		}
	}
	return names
}

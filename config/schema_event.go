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
	p := perEvent{loader: l, attr: attr, secret: a.Sensitive, out: out}
	switch a.Type {
	case sdk.TypeAnyList:
		p.list()
	case sdk.TypeAnyMap:
		p.object()
	default:
		if shown, ok := p.compile(attr.Expr, ""); ok {
			out.values[a.Name], out.shown[a.Name] = true, shown
		}
	}
}

// perEvent is one per-event attribute on its way into a block.
type perEvent struct {
	*loader
	attr   *hclsyntax.Attribute
	secret bool
	out    *checked
}

// compile adds one compiled expression and returns how it may be shown.
func (p perEvent) compile(x hclsyntax.Expression, item string) (shown string, ok bool) {
	scope := p.exprScope(x)
	scope.Secret = p.secret
	e, diags := expr.Compile(x, scope)
	p.add(diags)
	if e == nil {
		return "", false
	}
	p.out.perEvent = append(p.out.perEvent, Attr{Name: sdk.AttrName(p.attr.Name, item), Expr: e})
	return e.String(), true
}

func (l *loader) exprScope(x hclsyntax.Expression) expr.Scope {
	s := expr.Scope{Fields: l.analyzerFields, Analyzers: l.analyzerNames, Static: l.checkStatic}
	if f := l.files[x.Range().Filename]; f != nil {
		s.Source = f.src
	}
	return s
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

func (p perEvent) list() {
	list, ok := unwrapped(p.attr.Expr).(*hclsyntax.TupleConsExpr)
	if !ok {
		p.fail(p.attr.Expr.Range(), "Wrong type", "%s is a list of expressions. Write them in brackets: %s = [event.text].", p.attr.Name, p.attr.Name)
		return
	}
	shown := make([]string, len(list.Exprs))
	for i, x := range list.Exprs {
		shown[i], _ = p.compile(x, strconv.Itoa(i))
	}
	p.out.values[p.attr.Name], p.out.shown[p.attr.Name] = len(list.Exprs), shown
}

func (p perEvent) object() {
	object, ok := unwrapped(p.attr.Expr).(*hclsyntax.ObjectConsExpr)
	if !ok {
		p.fail(p.attr.Expr.Range(), "Wrong type", "%s is a map of expressions. Write them in braces: %s = { name = event.text }.", p.attr.Name, p.attr.Name)
		return
	}
	keys, shown := []string{}, map[string]string{}
	for _, item := range object.Items {
		key, ok := p.key(item.KeyExpr)
		if !ok {
			continue
		}
		if _, twice := shown[key]; twice {
			p.fail(item.KeyExpr.Range(), "Declared twice", "%s has the name %q already.", p.attr.Name, key)
			continue
		}
		keys = append(keys, key)
		shown[key], _ = p.compile(item.ValueExpr, key)
	}
	p.out.values[p.attr.Name], p.out.shown[p.attr.Name] = keys, shown
}

// key reads a name of a map, which is fixed at load.
func (p perEvent) key(x hclsyntax.Expression) (string, bool) {
	v, ok := p.value(x, place{attribute: "a name in " + p.attr.Name})
	if !ok {
		return "", false
	}
	key, err := expr.FromCty(v)
	if err != nil || key.Kind != sdk.String || key.Str == "" {
		p.fail(x.Range(), "Wrong type", "A name in %s must be a text.", p.attr.Name)
		return "", false
	}
	return key.Str, true
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

package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/sdk"
)

// routes reads the routes of a pipeline and returns how many are written, disabled ones included.
func (l *loader) routes(b *hclsyntax.Block, p *Pipeline) int {
	seen := map[string]bool{}
	n := 0
	for _, inner := range b.Body.Blocks {
		if inner.Type != "route" || len(inner.Labels) != 1 {
			l.hideAll(inner.Body)
			l.fail(inner.DefRange(), "Unknown block", "A pipeline holds routes only: route \"name\" { to = [%s] }.", l.example(KindSink))
			continue
		}
		n++
		name := inner.Labels[0]
		l.checkName(name, inner.LabelRanges[0])
		if seen[name] {
			l.fail(inner.DefRange(), "Declared twice", "Pipeline %q has a route %q already. Give one of them another name.", p.Name, name)
		}
		seen[name] = true
		if !l.enabled(inner.Body) {
			l.useAll(inner.Body)
			continue
		}
		if r := l.route(inner, p); r != nil {
			p.Routes = append(p.Routes, r)
		}
	}
	if n == 0 {
		l.fail(b.DefRange(), "No route", "Pipeline %q leads nowhere. Write route \"all\" { to = [%s] } into it.", p.Name, l.example(KindSink))
	}
	return n
}

// route returns nil where all its sinks are disabled, or something is wrong.
func (l *loader) route(b *hclsyntax.Block, p *Pipeline) *Route {
	l.onlyAttributes(b.Body, "a route", "enabled", "on", "when", "to")
	for _, inner := range b.Body.Blocks {
		l.fail(inner.DefRange(), "Unknown block", "A route has no blocks. It has on, when and to.")
	}
	r := &Route{Name: b.Labels[0], On: OnEvent, File: b.DefRange().Filename, Line: b.DefRange().Start.Line}
	if a := b.Body.Attributes["on"]; a != nil {
		r.On = l.on(a)
	}
	if r.On == OnInsight && !p.raises() {
		l.warn(b.DefRange(), "Route without insights", "No analyzer of pipeline %q raises insights, so this route never carries one. "+
			"Add an analyzer such as trend to its list through.", p.Name)
	}
	if a := b.Body.Attributes["when"]; a != nil {
		l.when(a, r, p)
	}
	to := b.Body.Attributes["to"]
	if to == nil {
		l.fail(b.DefRange(), "Attribute is missing", "A route needs to: the sinks it writes to. Write to = [%s].", l.example(KindSink))
		return nil
	}
	sinks, _ := l.references(to, KindSink)
	if list, ok := unwrapped(to.Expr).(*hclsyntax.TupleConsExpr); ok && len(list.Exprs) == 0 {
		l.fail(to.Expr.Range(), "Empty list", "A route writes to at least one sink. Write to = [%s].", l.example(KindSink))
	}
	for _, d := range sinks {
		r.To = append(r.To, d.block)
		l.checkSink(d, r, p)
	}
	if len(r.To) == 0 {
		return nil
	}
	return r
}

// on reads the keyword event or insight.
func (l *loader) on(a *hclsyntax.Attribute) On {
	switch on := On(hcl.ExprAsKeyword(a.Expr)); on {
	case OnEvent, OnInsight:
		return on
	}
	l.fail(a.Expr.Range(), "Not a kind of route", "on is event or insight, without quotes.")
	return OnEvent
}

func (l *loader) when(a *hclsyntax.Attribute, r *Route, p *Pipeline) {
	e, diags := expr.Compile(a.Expr, l.exprScope(a.Expr))
	l.add(diags)
	if e == nil {
		return
	}
	r.When = e
	if k := e.Kind(); k != sdk.Bool && (k != sdk.Null || len(e.Fields()) == 0) {
		l.fail(a.Expr.Range(), "Not a condition", "when must be true or false. Compare a field with something, as in event.mood.label == \"negative\".")
	}
	for _, f := range e.Fields() {
		if f.Root == string(r.On) {
			continue
		}
		if r.On == OnInsight {
			l.fail(f.Range, "Wrong kind of field", "A route with on = insight carries insights, and %s is a field of events. "+
				"Use insight.*, or leave out on = insight.", f.Path)
			continue
		}
		l.fail(f.Range, "Wrong kind of field", "This route carries events, and %s is a field of insights. Write on = insight into the route.", f.Path)
	}
	l.checkUpstream(e, blockNamesOf(p.Through), nil, fmt.Sprintf("Pipeline %q", p.Name), nil)
}

func blockNamesOf(blocks []*Block) []string {
	names := make([]string, len(blocks))
	for i, b := range blocks {
		names[i] = b.Name
	}
	return names
}

// checkSink: the expressions of a sink must fit what the route brings to it.
func (l *loader) checkSink(d *declared, r *Route, p *Pipeline) {
	route := fmt.Sprintf("Route %q of pipeline %q (%s:%d)", r.Name, p.Name, r.File, r.Line)
	for _, a := range d.block.PerEvent {
		for _, f := range a.Expr.Fields() {
			if f.Root == string(r.On) {
				continue
			}
			l.fail(f.Range, "Wrong kind of field", "%s brings %ss to %s, and %s is a field of %ss. Declare a second sink for the %ss.", route,
				r.On, d.address(), f.Path, f.Root, f.Root)
		}
		l.checkUpstream(a.Expr, blockNamesOf(p.Through), nil, fmt.Sprintf("Pipeline %q", p.Name), d)
	}
}

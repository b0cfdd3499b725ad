package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/expr"
)

// pipelines reads all pipeline blocks. Those that are disabled, or left with nothing to read or to write to, are left out.
func (l *loader) pipelines(plan *Plan, blocks []*hclsyntax.Block) {
	declaredAt := map[string]hcl.Range{}
	for _, b := range blocks {
		name := b.Labels[0]
		if first, ok := declaredAt[name]; ok {
			l.fail(b.DefRange(), "Declared twice", "The pipeline %q is declared at %s already. Give one of them another name.", name, placeOf(first))
			continue
		}
		declaredAt[name] = b.DefRange()
		if !l.enabled(b.Body) {
			l.useAll(b.Body)
			continue
		}
		if p := l.pipeline(b); p != nil {
			plan.Pipelines = append(plan.Pipelines, p)
		}
	}
}

// useAll counts what a disabled pipeline names as used, so that switching it off brings no warnings.
func (l *loader) useAll(body *hclsyntax.Body) {
	for _, a := range body.Attributes {
		for _, t := range a.Expr.Variables() {
			l.uses[written(t)] = true
		}
	}
	for _, b := range body.Blocks {
		l.useAll(b.Body)
	}
}

// pipeline returns nil where there is nothing to run.
func (l *loader) pipeline(b *hclsyntax.Block) *Pipeline {
	l.onlyAttributes(b.Body, "a pipeline", "enabled", "from", "through")
	p := &Pipeline{Name: b.Labels[0], File: b.DefRange().Filename, Line: b.DefRange().Start.Line}
	from, ok := l.listOf(b, "from", KindSource)
	through, ok2 := l.listOf(b, "through", KindAnalyzer)
	for _, d := range from {
		p.From = append(p.From, d.block)
	}
	for _, d := range through {
		p.Through = append(p.Through, d.block)
	}
	l.checkOrder(p.Name, through, attrRange(b, "through"))
	routes := l.routes(b, p)
	if !ok || !ok2 || l.diags.HasErrors() {
		return nil
	}
	switch {
	case len(p.From) == 0:
		l.warn(b.DefRange(), "Pipeline left out", "All sources of pipeline %q are disabled.", p.Name)
		return nil
	case len(p.Routes) == 0 && routes > 0:
		l.warn(b.DefRange(), "Pipeline left out", "All routes of pipeline %q, or their sinks, are disabled.", p.Name)
		return nil
	}
	p.Hash = p.hash()
	return p
}

func attrRange(b *hclsyntax.Block, name string) hcl.Range {
	if a := b.Body.Attributes[name]; a != nil {
		return a.Expr.Range()
	}
	return b.DefRange()
}

// onlyAttributes reports attributes that a block of the language does not have.
func (l *loader) onlyAttributes(body *hclsyntax.Body, what string, known ...string) {
	for _, a := range attributes(body) {
		if !slices.Contains(known, a.Name) {
			l.hide(a.Expr.Range())
			l.fail(a.NameRange, "Unknown attribute", "%s has no attribute %q.%s %s", sentenceStart(what), a.Name, didYouMean("", a.Name, known),
				has(known, "attribute"))
		}
	}
}

// listOf reads from or through. From must be there and name something.
func (l *loader) listOf(b *hclsyntax.Block, name, kind string) ([]*declared, bool) {
	a := b.Body.Attributes[name]
	if a == nil {
		if name == "from" {
			l.fail(b.DefRange(), "Attribute is missing", "A pipeline needs from: the sources it reads. Write from = [%s].", l.example(kind))
		}
		return nil, name != "from"
	}
	list, ok := l.references(a, kind)
	if tuple, isTuple := unwrapped(a.Expr).(*hclsyntax.TupleConsExpr); isTuple && len(tuple.Exprs) == 0 && name == "from" {
		l.fail(a.Expr.Range(), "Empty list", "A pipeline reads at least one source. Write from = [%s].", l.example(kind))
		return nil, false
	}
	return list, ok
}

// checkOrder: what an analyzer's expressions read must be added by an analyzer before it.
func (l *loader) checkOrder(pipeline string, through []*declared, list hcl.Range) {
	var before []string
	for _, d := range through {
		for _, a := range d.block.PerEvent {
			l.checkUpstream(a.Expr, before, through, fmt.Sprintf("Pipeline %q (%s)", pipeline, placeOf(list)), d)
		}
		before = append(before, d.name)
	}
}

// checkUpstream reports fields of analyzers that have not run when the expression of user is evaluated.
func (l *loader) checkUpstream(e *expr.Expr, before []string, through []*declared, pipeline string, user *declared) {
	for _, f := range e.Fields() {
		if f.Analyzer == "" || slices.Contains(before, f.Analyzer) {
			continue
		}
		i := slices.IndexFunc(through, func(d *declared) bool { return d.name == f.Analyzer })
		switch {
		case i >= 0 && user != nil && through[i] == user:
			l.fail(f.Range, "Analyzer reads itself", "%s is what this analyzer adds; it is not there yet.", f.Path)
		case i >= 0:
			l.fail(f.Range, "Analyzer comes too late", "%s runs %s after %s, which needs %s. Put %s first.", pipeline,
				through[i].address(), user.address(), f.Path, through[i].address())
		default:
			l.fail(f.Range, "Analyzer is missing", "%s does not run analyzer %q, so there is no %s. Add %s to its list through.", pipeline,
				f.Analyzer, f.Path, l.analyzerAddress(f.Analyzer))
		}
	}
}

// analyzerAddress returns the reference of an analyzer, and says when it is disabled.
func (l *loader) analyzerAddress(name string) string {
	d := l.byName[KindAnalyzer+"."+name]
	switch {
	case d == nil:
		return "it"
	case !d.enabled:
		return d.address() + " (which is disabled)"
	}
	return d.address()
}

func (p *Pipeline) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q\n", p.Name, addresses(p.From), addresses(p.Through))
	for _, r := range p.Routes {
		fmt.Fprintf(h, "%q %q %q\n", r.Name, r.On, addresses(r.To))
		if r.When != nil {
			fmt.Fprintf(h, "%x\n", r.When.Fingerprint())
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// raises reports whether an analyzer of the pipeline may raise insights.
func (p *Pipeline) raises() bool {
	return slices.ContainsFunc(p.Through, func(b *Block) bool { return b.Analyzer == nil || b.Analyzer.Emits })
}

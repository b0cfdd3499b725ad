package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

// declared is a source, analyzer or sink block on its way into the plan.
type declared struct {
	kind, typ, name string
	syntax          *hclsyntax.Block
	enabled         bool
	offer           *offer // nil when no program offers the type
	block           *Block
}

func (d *declared) address() string { return d.kind + "." + d.typ + "." + d.name }

func (d *declared) addTo(p *Plan) {
	if !d.enabled {
		return
	}
	switch d.kind {
	case KindSource:
		p.Sources = append(p.Sources, d.block)
	case KindAnalyzer:
		p.Analyzers = append(p.Analyzers, d.block)
	case KindSink:
		p.Sinks = append(p.Sinks, d.block)
	}
}

// declare notes all blocks by name, before any of them is looked into: expressions name analyzers that stand below.
func (l *loader) declare(blocks []*hclsyntax.Block) {
	for _, b := range blocks {
		d := &declared{kind: b.Type, typ: b.Labels[0], name: b.Labels[1], syntax: b}
		d.enabled = l.enabled(b.Body)
		d.block = &Block{Kind: d.kind, Type: d.typ, Name: d.name, File: b.DefRange().Filename, Line: b.DefRange().Start.Line}
		if !l.checkUnique(d) {
			l.hideAll(b.Body)
			continue
		}
		l.blocks = append(l.blocks, d)
		if d.enabled {
			d.offer = l.find(d.kind, d.typ, b.LabelRanges[0])
		}
		if d.offer == nil {
			l.hideAll(b.Body)
		}
		if d.kind == KindAnalyzer {
			l.checkAnalyzerName(d)
		}
	}
}

// enabled reads the attribute that leaves a block out.
func (l *loader) enabled(body *hclsyntax.Body) bool {
	a := body.Attributes["enabled"]
	if a == nil {
		return true
	}
	x := checked{values: map[string]any{}, shown: map[string]any{}}
	v, ok := l.value(a.Expr, place{attribute: "enabled"})
	if !ok {
		return true
	}
	l.checkValue(v, a, &sdk.Attribute{Name: "enabled", Type: sdk.TypeBool}, &x)
	on, isBool := x.values["enabled"].(bool)
	return !isBool || on
}

// checkUnique refuses a second block of the same address. Names of sources and of analyzers are also unique among
// themselves, since events carry them: event.source is the address, such as source.rss.blog, and event.<name> is what an analyzer adds.
func (l *loader) checkUnique(d *declared) bool {
	if other := l.byName[d.address()]; other != nil {
		l.fail(d.syntax.DefRange(), "Declared twice", "%s is declared at %s already. Give one of them another name.", d.address(),
			placeOf(other.syntax.DefRange()))
		return false
	}
	short := d.kind + "." + d.name
	if other := l.byName[short]; other != nil && d.kind != KindSink {
		l.fail(d.syntax.LabelRanges[1], "Name is taken", "%s at %s has the name %q already. Events carry the names of %ss, so each has its own.",
			other.address(), placeOf(other.syntax.DefRange()), d.name, d.kind)
		return false
	}
	l.byName[d.address()], l.byName[short] = d, d
	return true
}

func (l *loader) checkAnalyzerName(d *declared) {
	for _, field := range sdk.KnownFields("event") {
		first, _, _ := strings.Cut(field, ".")
		if first == d.name {
			l.fail(d.syntax.LabelRanges[1], "Name is taken", "Events have a field event.%s already, so an analyzer cannot be named %q. "+
				"Choose another name.", d.name, d.name)
			return
		}
	}
}

// analyzerFields says what an analyzer adds; nil with true when the analyzer is declared but its program is not known.
func (l *loader) analyzerFields(name string) ([]sdk.Field, bool) {
	d := l.byName[KindAnalyzer+"."+name]
	switch {
	case d == nil:
		return nil, false
	case d.offer == nil:
		return nil, true
	}
	return append([]sdk.Field{}, d.offer.analyzer.Adds...), true
}

// configure checks a block against the schema of its type.
func (l *loader) configure(d *declared) {
	if d.offer == nil || !d.enabled {
		return
	}
	b, o := d.block, d.offer
	b.Program, b.Version, b.Plugin = o.program.Name, o.program.Version, o.plugin
	b.Source, b.Analyzer, b.Sink = o.source, o.analyzer, o.sink
	if o.plugin != "" {
		l.uses["plugin."+o.plugin] = true
	}
	if slices.Contains(attributeNames(o.schema), "enabled") {
		l.fail(d.syntax.DefRange(), "Wrong schema", "The schema of %s %q has an attribute \"enabled\", which is the hub's own. This is a "+
			"mistake in %s.", d.kind, d.typ, o.from())
		return
	}
	before := len(l.diags)
	x := l.checkBody(d.syntax.Body, o.schema, block{what: fmt.Sprintf("%s %q", d.kind, d.typ), at: d.syntax.DefRange(), enabled: true})
	switch d.kind {
	case KindSource:
		l.refusePerEvent(d, x)
	case KindAnalyzer:
		l.refuseInsight(d, x)
	}
	if l.diags[before:].HasErrors() {
		return
	}
	l.finish(b, x)
}

// refusePerEvent: a source has no events yet.
func (l *loader) refusePerEvent(d *declared, x checked) {
	for _, a := range x.perEvent {
		l.fail(a.Expr.Range(), "Wrong schema", "%s is per event, but a source has no events to look at. This is a mistake in %s.", a.Name, d.offer.from())
	}
}

// refuseInsight: analyzers read events; what they raise goes to routes.
func (l *loader) refuseInsight(d *declared, x checked) {
	for _, a := range x.perEvent {
		for _, f := range a.Expr.Fields() {
			if f.Root == string(OnInsight) {
				l.fail(f.Range, "Wrong kind of field", "An analyzer reads events, and %s is a field of insights. Use event.*.", f.Path)
			}
		}
	}
}

func (l *loader) finish(b *Block, x checked) {
	var err error
	if b.Config, err = json.Marshal(x.values); err == nil {
		b.Shown, err = json.Marshal(x.shown)
	}
	if err != nil {
		panic("config: " + err.Error()) // a bug: checkValue lets through what JSON holds
	}
	b.PerEvent = x.perEvent
	b.StateHash = hashOf(b)
	b.Hash = b.StateHash
	if i := slices.IndexFunc(l.plugins, func(p *pluginBlock) bool { return p.Name == b.Plugin }); i >= 0 {
		b.Hash = l.plugins[i].hash(b.StateHash)
	}
}

func hashOf(b *Block) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q %q\n%s\n", b.Kind, b.Type, b.Name, b.Program, b.Plugin, b.Config)
	for _, a := range b.PerEvent {
		fmt.Fprintf(h, "%q %x\n", a.Name, a.Expr.Fingerprint())
	}
	return hex.EncodeToString(h.Sum(nil))
}

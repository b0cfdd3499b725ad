package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// local is one name = value of a locals block.
type local struct {
	attr  *hclsyntax.Attribute
	value cty.Value
	needs []string
	state int // 0 not begun, 1 being computed, 2 done
}

// loadLocals computes all locals, each after those it needs.
func (l *loader) loadLocals(blocks []*hclsyntax.Block) {
	l.locals = map[string]*local{}
	l.eval.Set("local", cty.EmptyObjectVal)
	for _, b := range blocks {
		for _, inner := range b.Body.Blocks {
			l.fail(inner.DefRange(), "Unknown block", "A locals block holds name = value only.")
		}
		for _, a := range attributes(b.Body) {
			if first := l.locals[a.Name]; first != nil {
				l.fail(a.NameRange, "Declared twice", "The local %q is set at %s already.", a.Name, placeOf(first.attr.NameRange))
				continue
			}
			l.locals[a.Name] = &local{attr: a, value: cty.DynamicVal, needs: localsIn(a.Expr)}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.locals)) {
		l.compute(name, nil)
	}
	l.publishLocals()
}

// localsIn lists the locals an expression names.
func localsIn(x hclsyntax.Expression) []string {
	var names []string
	for _, t := range x.Variables() {
		if t.RootName() != "local" || len(t) < 2 {
			continue
		}
		if step, ok := t[1].(hcl.TraverseAttr); ok {
			names = append(names, step.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (l *loader) compute(name string, path []string) {
	x := l.locals[name]
	if x == nil || x.state == 2 {
		return
	}
	path = append(path, name)
	if x.state == 1 {
		from := slices.Index(path, name)
		l.fail(x.attr.NameRange, "Locals in a circle", "local.%s needs itself: %s. Break the circle.", name,
			strings.Join(path[from:], " -> "))
		return
	}
	if len(path) > maxChain {
		l.fail(x.attr.NameRange, "Too deeply nested", "More than %d locals need each other in a row.", maxChain)
		return
	}
	x.state = 1
	for _, need := range x.needs {
		l.compute(need, path)
	}
	x.state = 2
	l.publishNeeds(x.needs)
	if v, ok := l.value(x.attr.Expr, place{}); ok {
		x.value = v
	}
}

// maxChain bounds the recursion over locals that need locals.
const maxChain = 1000

// publishNeeds lets the next expression see the locals it names, and those only: they are all computed.
func (l *loader) publishNeeds(needs []string) {
	values := map[string]cty.Value{}
	for _, name := range needs {
		if x := l.locals[name]; x != nil {
			values[name] = x.value
		}
	}
	l.eval.Set("local", cty.ObjectVal(values))
}

func (l *loader) publishLocals() {
	l.publishNeeds(slices.Collect(maps.Keys(l.locals)))
}

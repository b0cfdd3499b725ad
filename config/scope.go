package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// place is where an expression stands that is fixed at load: the attribute, and which attributes beside it are per event.
type place struct {
	attribute string
	perEvent  []string
}

// value computes an expression that is fixed at load. It reports false when it has no usable value, after saying why; a value
// that could not be computed elsewhere was reported there.
func (l *loader) value(x hclsyntax.Expression, p place) (cty.Value, bool) {
	ok := true
	for _, t := range x.Variables() {
		ok = l.checkReference(t, p) && ok
	}
	if !l.checkCalls(x) || !ok {
		return cty.DynamicVal, false
	}
	v, diags := l.eval.Value(x)
	l.add(diags)
	if !v.IsWhollyKnown() && !l.diags.HasErrors() {
		l.fail(x.Range(), "Expression cannot be evaluated", "HCL does not know the value of this expression: a part of it is null where a "+
			"value is needed. Write it more simply.")
	}
	return v, !diags.HasErrors() && v.IsWhollyKnown()
}

// checkReference says what is wrong with a name before hcl does, and notes which variables are used.
func (l *loader) checkReference(t hcl.Traversal, p place) bool {
	root, r := t.RootName(), t.SourceRange()
	switch root {
	case "var":
		return checkMember(l, t, "variable", l.vars)
	case "local":
		return checkMember(l, t, "local", l.locals)
	case "event", "insight":
		l.fail(r, "Fixed at load", "%s.* changes with every event, but %s is fixed when the configuration is loaded.%s", root, p.what(), p.hint())
	case KindSource, KindAnalyzer, KindSink, "plugin":
		l.fail(r, "Not a value", "%s is a reference to a block. References stand in from, through and to of a pipeline only.", written(t))
	default:
		l.fail(r, "Unknown name", "There is no %q here. Names are var.<variable> and local.<local>; a text stands in quotes: %q.%s",
			root, written(t), didYouMean("", root, []string{"var", "local", "event", "insight"}))
	}
	return false
}

func (p place) what() string {
	if p.attribute == "" {
		return "this"
	}
	return fmt.Sprintf("%q", p.attribute)
}

func (p place) hint() string {
	if len(p.perEvent) == 0 {
		return " Only attributes that a plugin declares as per event, and when of a route, may use it."
	}
	return fmt.Sprintf(" In this block it may be used in %s.", strings.Join(p.perEvent, ", "))
}

// written returns a traversal as it stands in the source, without indexes.
func written(t hcl.Traversal) string {
	s := t.RootName()
	for _, step := range t[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		s += "." + attr.Name
	}
	return s
}

func checkMember[T any](l *loader, t hcl.Traversal, what string, known map[string]T) bool {
	if len(t) < 2 {
		l.fail(t.SourceRange(), "Name is missing", "%q is the whole list; name one: %s.name.", t.RootName(), t.RootName())
		return false
	}
	step, ok := t[1].(hcl.TraverseAttr)
	if !ok {
		return true
	}
	l.uses[t.RootName()+"."+step.Name] = true
	if _, ok := known[step.Name]; ok {
		return true
	}
	mend := didYouMean(t.RootName()+".", step.Name, slices.Sorted(maps.Keys(known)))
	if mend == "" && what == "variable" {
		mend = fmt.Sprintf(" Declare it: variable %q {}.", step.Name)
	}
	l.fail(t.SourceRange(), "No such "+what, "There is no %s %q.%s", what, step.Name, mend)
	return false
}

// checkCalls reports functions that do not exist.
func (l *loader) checkCalls(x hclsyntax.Expression) bool {
	ok := true
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, isCall := n.(*hclsyntax.FunctionCallExpr); isCall && !l.eval.HasFunction(call.Name) {
			l.fail(call.NameRange, "No such function", "There is no function %s.%s", call.Name, didYouMean("", call.Name, l.eval.Functions()))
			ok = false
		}
		return nil
	})
	return ok
}

// checkStatic is value for the compiler of per-event expressions, which reports by itself.
func (l *loader) checkStatic(x hclsyntax.Expression) (cty.Value, hcl.Diagnostics) {
	before := len(l.diags)
	v, ok := l.value(x, place{})
	if ok {
		return v, nil
	}
	if len(l.diags) == before {
		return cty.NullVal(cty.DynamicPseudoType), nil
	}
	found := slices.Clone(l.diags[before:])
	l.diags = l.diags[:before]
	return cty.DynamicVal, found
}

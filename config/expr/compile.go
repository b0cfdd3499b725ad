package expr

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

// compiler turns one expression into closures and collects what is wrong with it.
type compiler struct {
	scope     Scope
	fold      *folds
	loops     []loopNames
	fields    []Field
	constants []sdk.Value
	diags     hcl.Diagnostics
}

// loopNames is what the loop at that depth calls its variables; item is set for a splat.
type loopNames struct {
	key, val string
	item     *hclsyntax.AnonSymbolExpr
}

// compile returns the node of e. After an error it goes on, so that all errors of an expression are found.
func (c *compiler) compile(e hclsyntax.Expression) node {
	if c.fold.foldable(e) {
		return c.static(e)
	}
	switch x := e.(type) {
	case interface{ Unwrap() hclsyntax.Expression }:
		return c.compile(x.Unwrap())
	case *hclsyntax.ParenthesesExpr:
		return c.compile(x.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return c.compile(x.Wrapped)
	case *hclsyntax.ScopeTraversalExpr:
		return c.traversal(x)
	case *hclsyntax.BinaryOpExpr:
		return c.binary(x)
	case *hclsyntax.UnaryOpExpr:
		return c.unary(x)
	case *hclsyntax.ConditionalExpr:
		return c.conditional(x)
	case *hclsyntax.FunctionCallExpr:
		return c.call(x)
	}
	return c.compileRest(e)
}

func (c *compiler) compileRest(e hclsyntax.Expression) node {
	switch x := e.(type) {
	case *hclsyntax.TemplateExpr:
		return c.template(x)
	case *hclsyntax.TemplateJoinExpr:
		return c.templateJoin(x)
	case *hclsyntax.IndexExpr:
		return c.index(x)
	case *hclsyntax.RelativeTraversalExpr:
		return c.relative(x)
	case *hclsyntax.TupleConsExpr:
		return c.tuple(x)
	case *hclsyntax.ObjectConsExpr:
		return c.object(x)
	case *hclsyntax.ForExpr:
		return c.forLoop(x)
	case *hclsyntax.SplatExpr:
		return c.splat(x)
	case *hclsyntax.AnonSymbolExpr:
		return c.symbol(x)
	}
	return c.unsupported(e)
}

func (c *compiler) unsupported(e hclsyntax.Expression) node {
	return c.fail(e.Range(), "Not possible per event", "This expression is evaluated for every event. It may use fields, operators, "+
		"conditions, templates, lists, objects, [index], for, [*] and these functions: "+functionNames()+".")
}

// static folds a part that does not depend on the event.
func (c *compiler) static(e hclsyntax.Expression) node {
	v, diags := c.scope.Static(e)
	c.diags = append(c.diags, diags...)
	if diags.HasErrors() {
		return failed(e.Range())
	}
	val, err := FromCty(v)
	if err != nil {
		return c.fail(e.Range(), "Not possible per event", fmt.Sprintf("This part is %s, which no event can hold.", err))
	}
	c.constants = append(c.constants, val)
	n := constant(val, e.Range())
	n.secret = v.ContainsMarked()
	return n
}

func (c *compiler) fail(r hcl.Range, summary, detail string) node {
	c.diags = append(c.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &r})
	return failed(r)
}

// failed stands for a part that is wrong: nothing is known about it, so it brings no further messages.
func failed(r hcl.Range) node {
	return computed(sdk.Null, func(*sdk.View, *loop) sdk.Value { return sdk.Value{} }, r)
}

func (c *compiler) conditional(x *hclsyntax.ConditionalExpr) node {
	cond, yes, no := c.compile(x.Condition), c.compile(x.TrueResult), c.compile(x.FalseResult)
	c.wantBool(cond, "The condition before \"?\"")
	test, a, b := cond.asTest(), yes.eval, no.eval
	n := computed(commonKind(yes, no), func(v *sdk.View, l *loop) sdk.Value {
		if test(v, l) {
			return a(v, l)
		}
		return b(v, l)
	}, x.SrcRange)
	if yes.test != nil && no.test != nil {
		n.test = either(test, yes.test, no.test)
	}
	return n
}

func either(test, yes, no testFn) testFn {
	return func(v *sdk.View, l *loop) bool {
		if test(v, l) {
			return yes(v, l)
		}
		return no(v, l)
	}
}

// commonKind is the kind of a value that is one of two; null does not count.
func commonKind(a, b node) sdk.Kind {
	switch {
	case a.static && a.val.IsNull():
		return b.kind
	case b.static && b.val.IsNull(), a.kind == b.kind:
		return a.kind
	}
	return sdk.Null
}

package expr

import (
	"math"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

func (c *compiler) unary(x *hclsyntax.UnaryOpExpr) node {
	n := c.compile(x.Val)
	switch x.Op {
	case hclsyntax.OpLogicalNot:
		c.wantBool(n, `What follows "!"`)
		test := n.asTest()
		return boolean(func(v *sdk.View, l *loop) bool { return !test(v, l) }, x.SrcRange)
	case hclsyntax.OpNegate:
		c.wantNumber(n, "-")
		return computed(sdk.Number, negate(n.eval), x.SrcRange)
	}
	return c.unsupported(x)
}

func negate(eval evalFn) evalFn {
	return func(v *sdk.View, l *loop) sdk.Value {
		x := eval(v, l)
		n, ok := number(&x)
		if !ok {
			return sdk.Value{}
		}
		return sdk.NumberValue(-n)
	}
}

func (c *compiler) binary(x *hclsyntax.BinaryOpExpr) node {
	a, b := c.compile(x.LHS), c.compile(x.RHS)
	switch x.Op {
	case hclsyntax.OpLogicalAnd:
		return c.and(a, b, x.SrcRange)
	case hclsyntax.OpLogicalOr:
		return c.or(a, b, x.SrcRange)
	case hclsyntax.OpEqual:
		c.comparable(a, b)
		return boolean(equalTest(a, b), x.SrcRange)
	case hclsyntax.OpNotEqual:
		c.comparable(a, b)
		test := equalTest(a, b)
		return boolean(func(v *sdk.View, l *loop) bool { return !test(v, l) }, x.SrcRange)
	}
	if n, ok := c.ordering(a, b, x); ok {
		return n
	}
	return c.arithmetic(a, b, x)
}

// and asks the right side only when the left side is true.
func (c *compiler) and(a, b node, r hcl.Range) node {
	c.wantBool(a, `What stands before "&&"`)
	c.wantBool(b, `What stands after "&&"`)
	left, right := a.asTest(), b.asTest()
	return boolean(func(v *sdk.View, l *loop) bool { return left(v, l) && right(v, l) }, r)
}

func (c *compiler) or(a, b node, r hcl.Range) node {
	c.wantBool(a, `What stands before "||"`)
	c.wantBool(b, `What stands after "||"`)
	left, right := a.asTest(), b.asTest()
	return boolean(func(v *sdk.View, l *loop) bool { return left(v, l) || right(v, l) }, r)
}

// equalTest knows the two shapes that most routes have: a field against a text, and a field against null.
func equalTest(a, b node) testFn {
	if a.static && !b.static {
		a, b = b, a
	}
	switch {
	case a.ref != nil && b.static && b.val.Kind == sdk.String:
		ref, want := a.ref, b.val.Str
		return func(v *sdk.View, _ *loop) bool {
			x := v.Get(ref)
			return x.Kind == sdk.String && x.Str == want
		}
	case a.ref != nil && b.static && b.val.IsNull():
		ref := a.ref
		return func(v *sdk.View, _ *loop) bool { return v.Get(ref).IsNull() }
	}
	left, right := a.eval, b.eval
	return func(v *sdk.View, l *loop) bool {
		x, y := left(v, l), right(v, l)
		return equal(&x, &y)
	}
}

// ordering compiles <, <=, > and >=. A comparison with what is no number is false.
func (c *compiler) ordering(a, b node, x *hclsyntax.BinaryOpExpr) (node, bool) {
	var op string
	var compare func(a, b float64) bool
	switch x.Op {
	case hclsyntax.OpLessThan:
		op, compare = "<", func(a, b float64) bool { return a < b }
	case hclsyntax.OpLessThanOrEqual:
		op, compare = "<=", func(a, b float64) bool { return a <= b }
	case hclsyntax.OpGreaterThan:
		op, compare = ">", func(a, b float64) bool { return a > b }
	case hclsyntax.OpGreaterThanOrEqual:
		op, compare = ">=", func(a, b float64) bool { return a >= b }
	default:
		return node{}, false
	}
	c.ordered(a, b, op)
	return boolean(orderTest(a, b, compare), x.SrcRange), true
}

func orderTest(a, b node, compare func(a, b float64) bool) testFn {
	if limit, ok := number(&b.val); a.ref != nil && b.static && ok {
		ref := a.ref
		return func(v *sdk.View, _ *loop) bool {
			x := v.Get(ref)
			n, ok := number(&x)
			return ok && compare(n, limit)
		}
	}
	left, right := a.eval, b.eval
	return func(v *sdk.View, l *loop) bool {
		x, y := left(v, l), right(v, l)
		m, ok := number(&x)
		n, ok2 := number(&y)
		return ok && ok2 && compare(m, n)
	}
}

// arithmetic compiles the operators on numbers. The result is null where an operand is no number or a divisor is zero.
func (c *compiler) arithmetic(a, b node, x *hclsyntax.BinaryOpExpr) node {
	op, compute := operation(x.Op)
	if compute == nil {
		return c.unsupported(x)
	}
	c.wantNumber(a, op)
	c.wantNumber(b, op)
	left, right := a.eval, b.eval
	return computed(sdk.Number, func(v *sdk.View, l *loop) sdk.Value {
		x, y := left(v, l), right(v, l)
		m, ok := number(&x)
		n, ok2 := number(&y)
		if !ok || !ok2 {
			return sdk.Value{}
		}
		return finite(compute(m, n))
	}, x.SrcRange)
}

func operation(op *hclsyntax.Operation) (string, func(a, b float64) float64) {
	switch op {
	case hclsyntax.OpAdd:
		return "+", func(a, b float64) float64 { return a + b }
	case hclsyntax.OpSubtract:
		return "-", func(a, b float64) float64 { return a - b }
	case hclsyntax.OpMultiply:
		return "*", func(a, b float64) float64 { return a * b }
	case hclsyntax.OpDivide:
		return "/", func(a, b float64) float64 { return a / b }
	case hclsyntax.OpModulo:
		return "%", modulo
	}
	return "", nil
}

// modulo gives x for x % 0, as HCL does.
func modulo(a, b float64) float64 {
	if b == 0 {
		return a
	}
	return math.Mod(a, b)
}

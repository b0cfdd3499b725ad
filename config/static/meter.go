package static

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// metered is an expression whose value is paid for. It embeds parentheses so that a walk still sees what is inside.
type metered struct {
	*hclsyntax.ParenthesesExpr
	budget *budget
	limit  int64
}

// Unwrap returns the expression itself.
func (m *metered) Unwrap() hclsyntax.Expression { return m.Expression }

// Value evaluates, unless the budget is gone: then everything is unknown, and a loop ends quickly.
func (m *metered) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if m.budget.left < 0 {
		return cty.DynamicVal, hcl.Diagnostics{tooMuch(errTooMuch, m.Range())}
	}
	v, diags := m.Expression.Value(ctx)
	if err := m.budget.take(v, m.limit); err != nil {
		return cty.DynamicVal, append(diags, tooMuch(err, m.Range()))
	}
	return v, diags
}

// meter puts meters where an expression can grow beyond its source: loops, templates, and texts that become numbers.
// Function calls are metered by themselves.
func meter(x hclsyntax.Expression, b *budget) hclsyntax.Expression {
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hcl.Diagnostics {
		switch e := n.(type) {
		case *hclsyntax.ForExpr:
			b.wrap(&e.CollExpr, maxValue)
			b.wrap(&e.KeyExpr, maxValue)
			b.wrap(&e.ValExpr, maxValue)
			b.wrap(&e.CondExpr, maxValue)
		case *hclsyntax.TemplateExpr:
			for i := range e.Parts {
				b.wrap(&e.Parts[i], maxValue)
			}
		case *hclsyntax.SplatExpr:
			b.wrap(&e.Source, maxValue)
		case *hclsyntax.ConditionalExpr:
			b.wrap(&e.TrueResult, maxValue)
			b.wrap(&e.FalseResult, maxValue)
		case *hclsyntax.BinaryOpExpr:
			limit := operandLimit(e.Op)
			b.wrap(&e.LHS, limit)
			b.wrap(&e.RHS, limit)
		case *hclsyntax.UnaryOpExpr:
			b.wrap(&e.Val, maxNumeral)
		case *hclsyntax.IndexExpr:
			b.wrap(&e.Key, maxNumeral)
		}
		return nil
	})
	return x
}

// operandLimit keeps long texts away from operators that read them as numbers, which takes the square of their length.
func operandLimit(op *hclsyntax.Operation) int64 {
	if op == hclsyntax.OpEqual || op == hclsyntax.OpNotEqual {
		return maxValue
	}
	return maxNumeral
}

func (b *budget) wrap(x *hclsyntax.Expression, limit int64) {
	if *x == nil {
		return
	}
	if _, done := (*x).(*metered); done {
		return
	}
	*x = &metered{ParenthesesExpr: &hclsyntax.ParenthesesExpr{Expression: *x, SrcRange: (*x).Range()}, budget: b, limit: limit}
}

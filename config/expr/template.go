package expr

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

// template compiles "text ${part} text"; a part that is null leaves nothing.
func (c *compiler) template(x *hclsyntax.TemplateExpr) node {
	parts := make([]evalFn, len(x.Parts))
	for i, p := range x.Parts {
		n := c.compile(p)
		if n.kind == sdk.List || n.kind == sdk.Object {
			c.fail(n.rng, "Not a text", n.what()+" is "+kindName(n.kind)+`. Write it with join(", ", list) or jsonencode(value).`)
		}
		parts[i] = n.eval
	}
	return computed(sdk.String, func(v *sdk.View, l *loop) sdk.Value { return sdk.StringValue(concat(parts, v, l)) }, x.SrcRange)
}

func concat(parts []evalFn, v *sdk.View, l *loop) string {
	var room [128]byte
	buf := room[:0]
	for _, part := range parts {
		x := part(v, l)
		buf = append(buf, text(&x)...)
	}
	return string(buf)
}

// templateJoin compiles %{ for }: the turns of the loop, one after the other.
func (c *compiler) templateJoin(x *hclsyntax.TemplateJoinExpr) node {
	list := c.compile(x.Tuple).eval
	return computed(sdk.String, func(v *sdk.View, l *loop) sdk.Value {
		var buf []byte
		turns := list(v, l)
		for i := range turns.List {
			buf = append(buf, text(&turns.List[i])...)
		}
		return sdk.StringValue(string(buf))
	}, x.Tuple.Range())
}

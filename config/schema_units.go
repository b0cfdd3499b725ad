package config

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

func (c checker) duration(v cty.Value, r hcl.Range) (any, bool) {
	if v.Type() != cty.String {
		c.fail(r, "Wrong type", "is a duration, but this is %s. Write a number with its unit in quotes, as in \"5m\", \"12h\" or \"14d\".", kindOf(v))
		return nil, false
	}
	d, err := sdk.ParseDuration(v.AsString())
	if err != nil {
		c.notA("duration", err, r)
		return nil, false
	}
	return v.AsString(), c.within(d.Seconds(), r, showDuration)
}

// notA reports what the sdk says about a text, which repeats the text.
func (c checker) notA(what string, err error, r hcl.Range) {
	if c.secret {
		c.fail(r, "Not a "+what, "must be a %s; its value is withheld, as it is sensitive.", what)
		return
	}
	c.loader.fail(r, "Not a "+what, "%s: %v.", c.attr.Name, err)
}

func showDuration(seconds float64) string {
	const day = 24 * 60 * 60
	if seconds >= day && seconds == float64(int64(seconds/day)*day) {
		return fmt.Sprintf("%dd", int64(seconds/day))
	}
	return time.Duration(seconds * float64(time.Second)).String()
}

// size takes "10MiB", or a whole number of bytes.
func (c checker) size(v cty.Value, r hcl.Range) (any, bool) {
	switch v.Type() {
	case cty.Number:
		f := v.AsBigFloat()
		n, _ := f.Int64()
		if !f.IsInt() || n < 0 || n > 1<<60 {
			c.fail(r, "Not a size", "is a whole number of bytes, or a text such as \"64KiB\" or \"10MiB\".")
			return nil, false
		}
		return n, c.within(float64(n), r, showSize)
	case cty.String:
		size, err := sdk.ParseSize(v.AsString())
		if err != nil {
			c.notA("size", err, r)
			return nil, false
		}
		return int64(size), c.within(float64(size), r, showSize)
	}
	c.fail(r, "Wrong type", "is a size, but this is %s. Write a number with its unit in quotes, as in \"64KiB\", \"10MiB\" or \"1GiB\".", kindOf(v))
	return nil, false
}

func showSize(n float64) string {
	for _, u := range []struct {
		bytes float64
		name  string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= u.bytes {
			return fmt.Sprintf("%g%s", n/u.bytes, u.name)
		}
	}
	return fmt.Sprintf("%g bytes", n)
}

func (c checker) list(v cty.Value, r hcl.Range) (any, bool) {
	t := v.Type()
	if !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		mend := " Write [\"...\"]."
		if t == cty.String {
			mend = " Put it into brackets: [\"...\"]."
		}
		c.fail(r, "Wrong type", "is a list of texts, but this is %s.%s", kindOf(v), mend)
		return nil, false
	}
	texts, ok := make([]string, 0, v.LengthInt()), true
	for _, e := range v.Elements() {
		item := c
		item.part = fmt.Sprintf("[%d]", len(texts))
		s, fits := item.text(e, elementRange(c.expr, len(texts)))
		texts = append(texts, s)
		ok = ok && fits
	}
	return texts, ok && c.within(float64(len(texts)), r, func(n float64) string { return fmt.Sprintf("%g elements long", n) })
}

// elementRange returns where an element of a list is written, or the whole list.
func elementRange(x hclsyntax.Expression, i int) hcl.Range {
	if t, ok := x.(*hclsyntax.TupleConsExpr); ok && i < len(t.Exprs) {
		return t.Exprs[i].Range()
	}
	return x.Range()
}

func (c checker) textMap(v cty.Value, r hcl.Range) (any, bool) {
	t := v.Type()
	if !t.IsObjectType() && !t.IsMapType() {
		c.fail(r, "Wrong type", "is a map of texts, but this is %s. Write { name = \"...\" }.", kindOf(v))
		return nil, false
	}
	texts, ok := map[string]string{}, true
	for key, e := range v.Elements() {
		item := c
		item.part = "." + key.AsString()
		s, fits := item.text(e, valueRange(c.expr, key.AsString()))
		texts[key.AsString()] = s
		ok = ok && fits
	}
	return texts, ok && c.within(float64(len(texts)), r, func(n float64) string { return fmt.Sprintf("%g entries long", n) })
}

// valueRange returns where the value of a key is written, or the whole object.
func valueRange(x hclsyntax.Expression, key string) hcl.Range {
	o, ok := x.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return x.Range()
	}
	for _, item := range o.Items {
		if literalKey(item.KeyExpr) == key {
			return item.ValueExpr.Range()
		}
	}
	return x.Range()
}

// literalKey returns a key that is written as a name or a plain text, else "".
func literalKey(x hclsyntax.Expression) string {
	if name := hcl.ExprAsKeyword(x); name != "" {
		return name
	}
	v, diags := x.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

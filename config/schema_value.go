package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/static"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

// checkValue checks a value that is fixed at load, and puts it into the configuration for the plugin.
func (l *loader) checkValue(v cty.Value, attr *hclsyntax.Attribute, a *sdk.Attribute, out *checked) {
	secret := a.Sensitive || static.IsSensitive(v)
	v, _ = v.UnmarkDeep()
	if v.IsNull() {
		if a.Required {
			l.fail(attr.Expr.Range(), "Attribute is missing", "%s is null, but it is needed.%s", a.Name, docHint(a))
		}
		return
	}
	c := checker{loader: l, attr: a, expr: attr.Expr, secret: secret}
	value, ok := c.check(v)
	if !ok {
		return
	}
	out.values[a.Name], out.shown[a.Name] = value, value
	if secret {
		out.shown[a.Name] = sensitive
	}
}

// checker checks one value against one attribute of a schema.
type checker struct {
	loader *loader
	attr   *sdk.Attribute
	expr   hclsyntax.Expression
	secret bool
	part   string // ".key" or "[0]" of a list or map
}

func (c checker) fail(r hcl.Range, summary, format string, args ...any) {
	c.loader.fail(r, summary, "%s%s %s", c.attr.Name, c.part, fmt.Sprintf(format, args...))
}

// shows returns a value for a message, with a blank before it, unless it is a secret.
func (c checker) shows(v string) string {
	if c.secret || len(v) > 80 {
		return ""
	}
	return fmt.Sprintf(" %q", v)
}

// check returns the value as it goes into JSON.
func (c checker) check(v cty.Value) (any, bool) {
	r := c.expr.Range()
	switch c.attr.Type {
	case sdk.TypeString:
		return c.text(v, r)
	case sdk.TypeNumber:
		return c.number(v, r)
	case sdk.TypeBool:
		if v.Type() != cty.Bool {
			c.fail(r, "Wrong type", "is true or false, but this is %s. Write true or false, without quotes.", kindOf(v))
			return nil, false
		}
		return v.True(), true
	case sdk.TypeDuration:
		return c.duration(v, r)
	case sdk.TypeSize:
		return c.size(v, r)
	case sdk.TypeStringList:
		return c.list(v, r)
	case sdk.TypeStringMap:
		return c.textMap(v, r)
	}
	c.fail(r, "Wrong schema", "has the type %q in the plugin's schema, which this version of Pintle does not know.", c.attr.Type)
	return nil, false
}

func kindOf(v cty.Value) string {
	t := v.Type()
	switch {
	case v.IsNull():
		return "null"
	case t == cty.String:
		return "a text"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "a boolean"
	case t.IsListType() || t.IsTupleType() || t.IsSetType():
		return "a list"
	}
	return "an object"
}

func (c checker) text(v cty.Value, r hcl.Range) (string, bool) {
	if v.IsNull() || v.Type() != cty.String {
		mend := ""
		if !v.IsNull() && (v.Type() == cty.Number || v.Type() == cty.Bool) {
			mend = " Put it into quotes."
		}
		c.fail(r, "Wrong type", "is a text, but this is %s.%s", kindOf(v), mend)
		return "", false
	}
	s := v.AsString()
	if len(c.attr.Enum) > 0 && !slices.Contains(c.attr.Enum, s) {
		near := ""
		if !c.secret {
			near = didYouMean("", s, c.attr.Enum)
		}
		c.fail(r, "Value not allowed", "cannot be%s.%s It is one of %s.", c.shows(s), near, quoted(c.attr.Enum))
		return "", false
	}
	return s, true
}

func quoted(words []string) string { return `"` + strings.Join(words, `", "`) + `"` }

func (c checker) number(v cty.Value, r hcl.Range) (any, bool) {
	if v.Type() != cty.Number {
		mend := ""
		if v.Type() == cty.String {
			mend = " Write it without quotes, or convert it with tonumber(...)."
		}
		c.fail(r, "Wrong type", "is a number, but this is %s.%s", kindOf(v), mend)
		return nil, false
	}
	f := v.AsBigFloat()
	n, _ := f.Float64()
	if !c.within(n, r, func(n float64) string { return fmt.Sprint(n) }) {
		return nil, false
	}
	const exact = 1 << 53
	switch {
	case n > exact || n < -exact:
		c.fail(r, "Too large", "must lie between -2^53 and 2^53, as numbers beyond are not exact.")
		return nil, false
	case f.IsInt():
		i, _ := f.Int64()
		return i, true
	}
	return n, true
}

// within checks Min and Max.
func (c checker) within(n float64, r hcl.Range, show func(float64) string) bool {
	switch {
	case c.attr.Min != nil && n < *c.attr.Min:
		c.fail(r, "Too small", "must be at least %s.", show(*c.attr.Min))
		return false
	case c.attr.Max != nil && n > *c.attr.Max:
		c.fail(r, "Too large", "may be at most %s.", show(*c.attr.Max))
		return false
	}
	return true
}

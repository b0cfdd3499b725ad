package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

// what returns how to speak of a node in a sentence.
func (n node) what() string {
	switch {
	case n.name != "":
		return n.name
	}
	return "this"
}

// kindName is how a kind is called in a sentence.
func kindName(k sdk.Kind) string {
	return [...]string{"null", "a boolean", "a number", "a text", "a list", "an object"}[min(k, sdk.Object)]
}

// wantBool reports a node that can never be true. Conditions over fields of unknown kind are fine.
func (c *compiler) wantBool(n node, place string) {
	if n.kind == sdk.Null && !n.static || n.kind == sdk.Bool {
		return
	}
	mend := ` Compare it with something, as in event.mood.label == "negative".`
	if n.static {
		mend = " Write a comparison, true or false."
	}
	c.fail(n.rng, "Not a condition", fmt.Sprintf("%s must be true or false, but %s is %s.%s", place, n.what(), kindName(n.kind), mend))
}

// ordered reports operands of <, <=, > and >= that are no numbers.
func (c *compiler) ordered(a, b node, op string) {
	if a.kind == sdk.String && b.kind == sdk.String {
		c.fail(a.rng, "Not a number", fmt.Sprintf("The operator %s compares numbers, and these are texts. To compare times, write "+
			"timecmp(a, b) %s 0; if the texts hold numbers, tonumber(a) %s tonumber(b).", op, op, op))
		return
	}
	c.wantNumber(a, op)
	c.wantNumber(b, op)
}

// wantNumber reports an operand that can never be a number.
func (c *compiler) wantNumber(n node, op string) {
	mend := ""
	switch {
	case n.kind == sdk.Null && !n.static, n.kind == sdk.Number:
		return
	case n.static && n.kind == sdk.String:
		if _, ok := parseNumber(n.val.Str); ok {
			return
		}
		mend = " Write the number without quotes."
	case n.static && n.val.IsNull():
		mend = " To ask whether a field is there, write != null."
	case n.kind == sdk.String:
		mend = fmt.Sprintf(" If the text holds a number, write tonumber(%s).", n.orX())
	}
	c.fail(n.rng, "Not a number", fmt.Sprintf("The operator %s needs numbers, but %s is %s.%s", op, n.what(), kindName(n.kind), mend))
}

func (n node) orX() string {
	if n.name != "" {
		return n.name
	}
	return "x"
}

// comparable reports a comparison that can never be true.
func (c *compiler) comparable(a, b node) {
	c.knownText(a, b)
	c.knownText(b, a)
	if a.kind == b.kind || a.kind == sdk.Null || b.kind == sdk.Null {
		return
	}
	mend := ""
	if a.kind == sdk.Number && b.kind == sdk.String || a.kind == sdk.String && b.kind == sdk.Number {
		mend = " Write the number without quotes, or convert with tonumber(x) or tostring(x)."
	}
	r := b.rng
	if a.static {
		r = a.rng
	}
	c.fail(r, "Comparison of different kinds", fmt.Sprintf("Left is %s and right is %s: they are never equal.%s",
		kindName(a.kind), kindName(b.kind), mend))
}

// knownText reports a text that the field can never have.
func (c *compiler) knownText(field, literal node) {
	if field.values == nil || !literal.static || literal.kind != sdk.String || slices.Contains(field.values, literal.val.Str) {
		return
	}
	c.fail(literal.rng, "No such value", neverText(field, literal.val.Str, literal.secret))
}

// neverText says that a field never has a text, which is not shown when it is secret.
func neverText(field node, word string, secret bool) string {
	if secret {
		return fmt.Sprintf("%s never has this value. It is one of %s.", field.what(), quotedList(field.values))
	}
	return fmt.Sprintf("%s is never %q.%s It is one of %s.", field.what(), word, meantText(word, field.values), quotedList(field.values))
}

func meantText(word string, values []string) string {
	if near := Nearest(word, values); near != "" {
		return fmt.Sprintf(" Did you mean %q?", near)
	}
	return ""
}

func quotedList(values []string) string {
	return `"` + strings.Join(values, `", "`) + `"`
}

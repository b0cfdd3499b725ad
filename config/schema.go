package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/config/expr"
	"github.com/pintle-hub/pintle/sdk"
)

// block says of a body that is being checked how to speak of it, and what expressions in it may name.
type block struct {
	what string
	// at is where to say that something is missing.
	at hcl.Range
	// enabled is set where the attribute enabled is the hub's own, and read already.
	enabled bool
}

// checked is a body that was checked: values for the plugin, the same for people, and per-event expressions.
type checked struct {
	values, shown map[string]any
	perEvent      []Attr
}

// checkBody checks a body against a schema. What is wrong is reported; the result is complete only without errors.
func (l *loader) checkBody(body *hclsyntax.Body, s sdk.Schema, b block) checked {
	out := checked{values: map[string]any{}, shown: map[string]any{}}
	for _, a := range s.Attributes {
		if attr := body.Attributes[a.Name]; attr != nil && a.Sensitive {
			l.hide(attr.Expr.Range())
		}
	}
	meant := l.unknownAttributes(body, s, b)
	for i := range s.Attributes {
		a := &s.Attributes[i]
		attr := body.Attributes[a.Name]
		switch {
		case attr != nil:
			l.checkAttribute(attr, a, s, &out)
		case a.Required && !meant[a.Name]: // a typing mistake is one mistake
			l.fail(b.at, "Attribute is missing", "%s needs %s.%s", sentenceStart(b.what), a.Name, docHint(a))
		}
	}
	l.checkBlocks(body, s, b, &out)
	return out
}

// docHint shows how an attribute is written.
func docHint(a *sdk.Attribute) string {
	hint := fmt.Sprintf(" Write %s = %s", a.Name, sample(a))
	if a.Doc != "" {
		hint += " (" + strings.TrimSuffix(a.Doc, ".") + ")"
	}
	return hint + "."
}

// sample is a value of the right type.
func sample(a *sdk.Attribute) string {
	switch {
	case len(a.Enum) > 0:
		return fmt.Sprintf("%q", a.Enum[0])
	case a.Default != "" && a.Type != sdk.TypeNumber && a.Type != sdk.TypeBool:
		return fmt.Sprintf("%q", a.Default)
	}
	switch a.Type {
	case sdk.TypeNumber:
		return "5"
	case sdk.TypeBool:
		return "true"
	case sdk.TypeDuration:
		return `"5m"`
	case sdk.TypeSize:
		return `"10MiB"`
	case sdk.TypeStringList:
		return `["..."]`
	case sdk.TypeStringMap:
		return `{ name = "..." }`
	case sdk.TypeAny:
		return "event.text"
	case sdk.TypeAnyList:
		return "[event.text]"
	case sdk.TypeAnyMap:
		return "{ name = event.text }"
	}
	return `"..."`
}

func attributeNames(s sdk.Schema) []string {
	names := make([]string, len(s.Attributes))
	for i := range s.Attributes {
		names[i] = s.Attributes[i].Name
	}
	return names
}

func blockNames(s sdk.Schema) []string {
	names := make([]string, len(s.Blocks))
	for i := range s.Blocks {
		names[i] = s.Blocks[i].Name
	}
	return names
}

// unknownAttributes reports them; their values are not shown, as a misspelt secret is a secret. It returns the names of those
// that were probably meant.
func (l *loader) unknownAttributes(body *hclsyntax.Body, s sdk.Schema, b block) (meant map[string]bool) {
	meant = map[string]bool{}
	known := attributeNames(s)
	for _, attr := range attributes(body) {
		if slices.Contains(known, attr.Name) || b.enabled && attr.Name == "enabled" {
			continue
		}
		l.hide(attr.Expr.Range())
		if slices.Contains(blockNames(s), attr.Name) {
			l.fail(attr.NameRange, "Not an attribute", "%s is a block: write %s { ... } without \"=\".", attr.Name, attr.Name)
			continue
		}
		candidates := append(slices.Clone(known), blockNames(s)...)
		meant[expr.Nearest(attr.Name, candidates)] = true
		l.fail(attr.NameRange, "Unknown attribute", "%s has no attribute %q.%s %s", sentenceStart(b.what), attr.Name,
			didYouMean("", attr.Name, candidates), has(known, "attribute"))
	}
	return meant
}

// has lists what there is.
func has(names []string, what string) string {
	if len(names) == 0 {
		return fmt.Sprintf("It has no %ss.", what)
	}
	names = slices.Clone(names)
	slices.Sort(names)
	return fmt.Sprintf("It has %s.", strings.Join(names, ", "))
}

func sentenceStart(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// perEventNames lists the attributes of a schema that may use the event.
func perEventNames(s sdk.Schema) []string {
	var names []string
	for _, a := range s.Attributes {
		if a.PerEvent {
			names = append(names, a.Name)
		}
	}
	return names
}

func (l *loader) checkAttribute(attr *hclsyntax.Attribute, a *sdk.Attribute, s sdk.Schema, out *checked) {
	if a.Deprecated != "" {
		l.warn(attr.NameRange, "Deprecated", "%s is deprecated: %s.", a.Name, strings.TrimSuffix(a.Deprecated, "."))
	}
	if a.PerEvent {
		l.checkPerEvent(attr, a, out)
		return
	}
	v, ok := l.value(attr.Expr, place{attribute: a.Name, perEvent: perEventNames(s)})
	if !ok {
		return
	}
	l.checkValue(v, attr, a, out)
}

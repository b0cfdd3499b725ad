package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

// traversal compiles a dotted name: a loop's variable or a field of the event.
func (c *compiler) traversal(x *hclsyntax.ScopeTraversalExpr) node {
	root := x.Traversal.RootName()
	if n, ok := c.loopVariable(root, x.SrcRange); ok {
		return steps(n, x.Traversal[1:], x.SrcRange)
	}
	names := namesOf(x.Traversal[1:])
	if len(names) == 0 {
		return c.fail(x.SrcRange, "Field is missing", fmt.Sprintf("%q is the whole thing; name one field of it, such as %s.",
			root, example(root)))
	}
	if fields, ok := c.scope.Fields(names[0]); ok && root == "event" {
		return c.annotation(names, fields, x)
	}
	return c.eventField(root, names, x)
}

func example(root string) string {
	if root == "insight" {
		return "insight.stage"
	}
	return "event.text"
}

// namesOf returns the leading steps that are names, with list indexes below event.data as decimal numbers.
func namesOf(t hcl.Traversal) []string {
	var names []string
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseAttr:
			names = append(names, s.Name)
		case hcl.TraverseIndex:
			name, isText := keyName(s.Key)
			if !isText && (len(names) == 0 || names[0] != "data") {
				return names
			}
			names = append(names, name)
		default:
			return names
		}
	}
	return names
}

func keyName(key cty.Value) (name string, isText bool) {
	if key.Type() == cty.String {
		return key.AsString(), true
	}
	n, _ := key.AsBigFloat().Float64()
	return numberText(n), false
}

// eventField finds the longest known path; what follows it are indexes into a list.
func (c *compiler) eventField(root string, names []string, x *hclsyntax.ScopeTraversalExpr) node {
	for n := len(names); n > 0; n-- {
		ref, err := sdk.ResolveRef(root, names[:n])
		if err != nil {
			continue
		}
		if n < len(names) {
			return c.unknownField(root, names, x)
		}
		c.note(root, "", names, x.SrcRange)
		field := fieldNode(ref, root+"."+strings.Join(names, "."), x.SrcRange)
		return steps(field, x.Traversal[1+n:], x.SrcRange)
	}
	return c.unknownField(root, names, x)
}

func fieldNode(ref sdk.Ref, name string, r hcl.Range) node {
	n := computed(ref.Kind(), func(v *sdk.View, _ *loop) sdk.Value { return v.Get(&ref) }, r)
	n.ref, n.name = &ref, name
	return n
}

func (c *compiler) note(root, analyzer string, names []string, r hcl.Range) {
	c.fields = append(c.fields, Field{Root: root, Analyzer: analyzer, Path: root + "." + strings.Join(names, "."), Range: r})
}

// annotation compiles event.<analyzer>.<field>. Fields is nil when the analyzer itself is not known, which was reported
// elsewhere: then any field will do.
func (c *compiler) annotation(names []string, fields []sdk.Field, x *hclsyntax.ScopeTraversalExpr) node {
	analyzer, prefix := names[0], "event."+names[0]
	if len(names) < 2 {
		return c.fail(x.SrcRange, "Field is missing", fmt.Sprintf("%s stands for all that analyzer %q adds. It adds %s.",
			prefix, analyzer, fieldList(prefix, fields)))
	}
	i := slices.IndexFunc(fields, func(f sdk.Field) bool { return f.Name == names[1] })
	if i < 0 && fields != nil {
		return c.fail(x.SrcRange, "No such field", fmt.Sprintf("Analyzer %q does not add %q.%s It adds %s.",
			analyzer, names[1], didYouMean(prefix+".", names[1], fieldNames(fields)), fieldList(prefix, fields)))
	}
	if len(names) > 2 {
		return c.fail(x.SrcRange, "No such field", fmt.Sprintf("%s.%s has no fields of its own; leave out .%s.", prefix, names[1],
			strings.Join(names[2:], ".")))
	}
	c.note("event", analyzer, names, x.SrcRange)
	n := fieldNode(sdk.AnnotationRef(analyzer, names[1]), strings.Join(append([]string{"event"}, names...), "."), x.SrcRange)
	if i >= 0 {
		n.kind, n.values = fields[i].Kind, fields[i].Values
	}
	return steps(n, x.Traversal[3:], x.SrcRange)
}

func fieldNames(fields []sdk.Field) []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

func fieldList(prefix string, fields []sdk.Field) string {
	if len(fields) == 0 {
		return "no fields"
	}
	return prefix + "." + strings.Join(fieldNames(fields), ", "+prefix+".")
}

// unknownField says what there is instead.
func (c *compiler) unknownField(root string, names []string, x *hclsyntax.ScopeTraversalExpr) node {
	path := strings.Join(names, ".")
	known := sdk.KnownFields(root)
	if below := under(path, known); len(below) > 0 {
		return c.fail(x.SrcRange, "Field is missing", fmt.Sprintf("%s.%s has several fields; name one: %s.%s.", root, path, root,
			strings.Join(below, ", "+root+".")))
	}
	words := known
	if root == "event" {
		words = append(words, c.scope.Analyzers()...)
	}
	detail := fmt.Sprintf("There is no %s.%s.%s", root, path, didYouMean(root+".", path, words))
	if root == "event" {
		detail += fmt.Sprintf(" A field that the channel brought itself is event.data.%s; what an analyzer adds is "+
			"event.<name of its block>.<field>.", path)
	}
	if strings.HasSuffix(detail, path+".") {
		detail += fmt.Sprintf(" There are %s.%s.", root, strings.Join(known, ", "))
	}
	return c.fail(x.SrcRange, "No such field", detail)
}

func under(path string, known []string) []string {
	var below []string
	for _, name := range known {
		if strings.HasPrefix(name, path+".") {
			below = append(below, name)
		}
	}
	return below
}

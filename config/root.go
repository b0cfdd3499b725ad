package config

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// shape is how a top-level block is written.
type shape struct {
	name   string
	labels []string
}

func shapes() []shape {
	return []shape{
		{"pintle", nil}, {"variable", []string{"name"}}, {"locals", nil}, {"plugin", []string{"name"}},
		{KindSource, []string{"type", "name"}}, {KindAnalyzer, []string{"type", "name"}}, {KindSink, []string{"type", "name"}},
		{"pipeline", []string{"name"}},
	}
}

func (s shape) usage() string {
	usage := s.name
	for _, label := range s.labels {
		usage += ` "` + label + `"`
	}
	return usage + " { ... }"
}

// sortBlocks takes the top-level blocks of one file.
func (l *loader) sortBlocks(body *hclsyntax.Body, r *root) {
	for _, attr := range attributes(body) {
		l.hide(attr.Expr.Range())
		l.fail(attr.NameRange, "Attribute outside of a block", "%s = ... stands outside of any block. Settings belong into pintle { ... }, "+
			"values to use elsewhere into locals { ... }.", attr.Name)
	}
	for _, b := range body.Blocks {
		if l.count++; l.count > maxBlocks {
			l.fail(b.DefRange(), "Configuration is too large", "There are more than %d blocks. Share the work among several hubs.", maxBlocks)
			return
		}
		if !l.checkShape(b) {
			l.hideAll(b.Body)
			continue
		}
		switch b.Type {
		case "pintle":
			r.settings = append(r.settings, b)
		case "plugin":
			r.plugins = append(r.plugins, b)
		case "variable":
			r.variables = append(r.variables, b)
		case "locals":
			r.locals = append(r.locals, b)
		case "pipeline":
			r.pipelines = append(r.pipelines, b)
		default:
			r.blocks = append(r.blocks, b)
		}
	}
}

func (l *loader) checkShape(b *hclsyntax.Block) bool {
	all := shapes()
	i := slices.IndexFunc(all, func(s shape) bool { return s.name == b.Type })
	if i < 0 {
		names := make([]string, len(all))
		for i := range all {
			names[i] = all[i].name
		}
		l.fail(b.TypeRange, "Unknown block", "There is no block %q.%s At the top level there are %s.", b.Type,
			didYouMean("", b.Type, names), strings.Join(names, ", "))
		return false
	}
	if len(b.Labels) != len(all[i].labels) {
		l.fail(b.DefRange(), "Wrong labels", "A %s block has %s. Write %s.", b.Type, labelCount(len(all[i].labels)), all[i].usage())
		return false
	}
	ok := true
	for i, label := range b.Labels {
		ok = l.checkName(label, b.LabelRanges[i]) && ok
	}
	return ok
}

func labelCount(n int) string {
	return [...]string{"no label", "one label", "two labels"}[n]
}

// checkName holds names to what fits into references, subjects of the log and file names.
func (l *loader) checkName(name string, r hcl.Range) bool {
	if isName(name) {
		return true
	}
	l.fail(r, "Not a name", "A name begins with a letter and goes on with letters (a to z), digits, - and _, at most 64 together.")
	return false
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-' && c != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// attributes returns a body's attributes in the order of the source.
func attributes(body *hclsyntax.Body) []*hclsyntax.Attribute {
	list := make([]*hclsyntax.Attribute, 0, len(body.Attributes))
	for _, a := range body.Attributes {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return list
}

// hideAll masks the values of a block that nobody can tell the secrets of.
func (l *loader) hideAll(body *hclsyntax.Body) {
	for _, a := range attributes(body) {
		l.hide(a.Expr.Range())
	}
	for _, b := range body.Blocks {
		l.hideAll(b.Body)
	}
}

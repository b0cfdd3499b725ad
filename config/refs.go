package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// references reads a list such as [source.rss.blog]. Disabled blocks are dropped. The second result tells whether something
// was wrong, so that an empty list is not reported as well.
func (l *loader) references(attr *hclsyntax.Attribute, kind string) (found []*declared, ok bool) {
	list, isList := unwrapped(attr.Expr).(*hclsyntax.TupleConsExpr)
	if !isList {
		l.fail(attr.Expr.Range(), "Wrong type", "%s is a list of %ss: write %s = [%s].", attr.Name, kind, attr.Name, l.likely(attr, kind))
		return nil, false
	}
	ok = true
	seen := map[string]bool{}
	for _, x := range list.Exprs {
		d := l.reference(x, attr.Name, kind)
		if d == nil {
			ok = false
			continue
		}
		l.uses[d.address()] = true
		if seen[d.address()] {
			l.fail(x.Range(), "Named twice", "%s stands in this list already.", d.address())
			ok = false
			continue
		}
		seen[d.address()] = true
		if d.enabled {
			found = append(found, d)
		}
	}
	return found, ok
}

// likely is what was written, when it could be a reference, else an example.
func (l *loader) likely(attr *hclsyntax.Attribute, kind string) string {
	if t, diags := hcl.AbsTraversalForExpr(attr.Expr); !diags.HasErrors() && t.RootName() == kind {
		return written(t)
	}
	return l.example(kind)
}

func (l *loader) example(kind string) string {
	for _, d := range l.blocks {
		if d.kind == kind {
			return d.address()
		}
	}
	return kind + ".type.name"
}

// reference resolves one traversal, or says what it should be.
func (l *loader) reference(x hclsyntax.Expression, list, kind string) *declared {
	t, diags := hcl.AbsTraversalForExpr(unwrapped(x))
	if diags.HasErrors() {
		l.fail(x.Range(), "Not a reference", "%s lists %ss by reference, without quotes: %s.", list, kind, l.quotedLikely(x, kind))
		return nil
	}
	address := written(t)
	d := l.byAddress(address)
	switch {
	case d != nil && d.kind == kind && len(t) == 3:
		return d
	case d != nil && len(t) == 3:
		l.uses[address] = true
		l.fail(x.Range(), "Wrong kind", "%s lists %ss, but %s is %s.", list, kind, address, article(d.kind))
	default:
		l.unknownReference(x, address, kind)
	}
	return nil
}

// quotedLikely reads a quoted reference as the reference it was meant to be.
func (l *loader) quotedLikely(x hclsyntax.Expression, kind string) string {
	text, diags := x.Value(nil)
	if !diags.HasErrors() && text.IsWhollyKnown() && !text.IsNull() && kindOf(text) == "a text" {
		if d := l.byAddress(text.AsString()); d != nil && d.kind == kind {
			return d.address()
		}
	}
	return l.example(kind)
}

func (l *loader) byAddress(address string) *declared {
	if d := l.byName[address]; d != nil && d.address() == address {
		return d
	}
	return nil
}

func (l *loader) unknownReference(x hclsyntax.Expression, address, kind string) {
	var known []string
	for _, d := range l.blocks {
		if d.kind == kind {
			known = append(known, d.address())
		}
		if d.kind == kind && kind+"."+d.name == address {
			l.fail(x.Range(), "No such "+kind, "A reference has three parts: write %s.", d.address())
			return
		}
	}
	near := didYouMean("", address, known)
	if near == "" {
		near = fmt.Sprintf(" Declare it: %s \"type\" \"name\" { ... }.", kind)
	}
	l.fail(x.Range(), "No such "+kind, "There is no %s.%s", address, near)
}

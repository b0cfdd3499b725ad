package expr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// folds tells which nodes of an expression do not depend on the event, so that they can be computed once.
type folds struct {
	stack   []hclsyntax.Node
	scopes  []binding
	dynamic map[hclsyntax.Expression]bool
	// bound maps a node to the outermost stack index of a loop whose variable it uses: it can be folded only together
	// with that loop.
	bound map[hclsyntax.Expression]int
}

// binding is the names that a loop binds, and where in the stack the loop stands.
type binding struct {
	names map[string]struct{}
	at    int
}

// markFolds walks the tree once.
func markFolds(e hclsyntax.Expression) *folds {
	f := &folds{dynamic: map[hclsyntax.Expression]bool{}, bound: map[hclsyntax.Expression]int{}}
	_ = hclsyntax.Walk(e, f)
	return f
}

// foldable reports whether the node can be computed at load.
func (f *folds) foldable(e hclsyntax.Expression) bool {
	_, bound := f.bound[e]
	return !bound && !f.dynamic[e]
}

// Enter is called by hclsyntax.Walk before a node's children.
func (f *folds) Enter(n hclsyntax.Node) hcl.Diagnostics {
	f.stack = append(f.stack, n)
	switch x := n.(type) {
	case hclsyntax.ChildScope:
		f.scopes = append(f.scopes, binding{names: x.LocalNames, at: len(f.stack) - 1})
	case *hclsyntax.ScopeTraversalExpr:
		f.enterName(x.Traversal.RootName())
	case *hclsyntax.AnonSymbolExpr:
		f.bind(f.splat(x))
	}
	return nil
}

// Exit is called by hclsyntax.Walk after a node's children.
func (f *folds) Exit(n hclsyntax.Node) hcl.Diagnostics {
	f.stack = f.stack[:len(f.stack)-1]
	if _, ok := n.(hclsyntax.ChildScope); ok {
		f.scopes = f.scopes[:len(f.scopes)-1]
	}
	return nil
}

func (f *folds) enterName(name string) {
	for i := len(f.scopes) - 1; i >= 0; i-- {
		if _, ok := f.scopes[i].names[name]; ok {
			f.bind(f.scopes[i].at)
			return
		}
	}
	if isRoot(name) {
		f.markDynamic()
	}
}

func isRoot(name string) bool { return name == "event" || name == "insight" }

// markDynamic marks all nodes above; where one is marked, all above it are.
func (f *folds) markDynamic() {
	for i := len(f.stack) - 1; i >= 0; i-- {
		e, ok := f.stack[i].(hclsyntax.Expression)
		if !ok {
			continue
		}
		if f.dynamic[e] {
			return
		}
		f.dynamic[e] = true
	}
}

// bind marks the nodes between here and the loop at stack index at, which stays out.
func (f *folds) bind(at int) {
	for i := len(f.stack) - 1; i > at; i-- {
		e, ok := f.stack[i].(hclsyntax.Expression)
		if !ok {
			continue
		}
		if was, ok := f.bound[e]; ok && was <= at {
			return
		}
		f.bound[e] = at
	}
}

// splat returns the stack index of the splat whose element the symbol stands for.
func (f *folds) splat(item *hclsyntax.AnonSymbolExpr) int {
	for i := len(f.stack) - 1; i >= 0; i-- {
		if s, ok := f.stack[i].(*hclsyntax.SplatExpr); ok && s.Item == item {
			return i
		}
	}
	return -1
}

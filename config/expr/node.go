package expr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/pintle-hub/pintle/sdk"
)

// evalFn computes a value, testFn a boolean that is never null. Neither allocates unless it builds a new text or list.
type (
	evalFn func(*sdk.View, *loop) sdk.Value
	testFn func(*sdk.View, *loop) bool
)

// loop holds the variables of one turn of a for expression or splat; outer is the loop around it.
type loop struct {
	outer    *loop
	key, val sdk.Value
}

// node is a compiled part of an expression, with what is known about its values at load.
type node struct {
	// kind is the kind of all values that are not null, sdk.Null when unknown.
	kind sdk.Kind
	// values lists the only texts that can occur, nil when any can.
	values []string
	eval   evalFn
	// test is set where the value is a boolean and never null.
	test testFn
	// ref is set where the node is nothing but one field.
	ref *sdk.Ref
	// static marks a constant, which is val.
	static bool
	val    sdk.Value
	// secret marks a constant that no message may show.
	secret bool
	// name is how people know the part, in diagnostics.
	name string
	rng  hcl.Range
}

func constant(v sdk.Value, r hcl.Range) node {
	n := node{kind: v.Kind, static: true, val: v, rng: r}
	n.eval = func(*sdk.View, *loop) sdk.Value { return v }
	if v.Kind == sdk.Bool {
		n.test = func(*sdk.View, *loop) bool { return v.Bool }
	}
	return n
}

// boolean returns a node whose value test computes.
func boolean(test testFn, r hcl.Range) node {
	return node{
		kind: sdk.Bool, test: test, rng: r,
		eval: func(v *sdk.View, l *loop) sdk.Value { return sdk.BoolValue(test(v, l)) },
	}
}

func computed(kind sdk.Kind, eval evalFn, r hcl.Range) node {
	return node{kind: kind, eval: eval, rng: r}
}

// asTest returns the node as a condition: null, and whatever is no boolean, counts as false.
func (n node) asTest() testFn {
	if n.test != nil {
		return n.test
	}
	if n.ref != nil {
		ref := n.ref
		return func(v *sdk.View, _ *loop) bool {
			x := v.Get(ref)
			return truth(&x)
		}
	}
	eval := n.eval
	return func(v *sdk.View, l *loop) bool {
		x := eval(v, l)
		return truth(&x)
	}
}

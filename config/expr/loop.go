package expr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

// loopVariable finds a name among the loops around, innermost first.
func (c *compiler) loopVariable(name string, r hcl.Range) (node, bool) {
	for i := len(c.loops) - 1; i >= 0; i-- {
		up := len(c.loops) - 1 - i
		switch name {
		case c.loops[i].val:
			return computed(sdk.Null, func(_ *sdk.View, l *loop) sdk.Value { return l.up(up).val }, r), true
		case c.loops[i].key:
			return computed(sdk.Null, func(_ *sdk.View, l *loop) sdk.Value { return l.up(up).key }, r), true
		}
	}
	return node{}, false
}

// symbol compiles the element that a splat stands at.
func (c *compiler) symbol(x *hclsyntax.AnonSymbolExpr) node {
	for i := range c.loops {
		if c.loops[i].item == x {
			up := len(c.loops) - 1 - i
			return computed(sdk.Null, func(_ *sdk.View, l *loop) sdk.Value { return l.up(up).val }, x.SrcRange)
		}
	}
	return c.unsupported(x)
}

func (l *loop) up(n int) *loop {
	for range n {
		l = l.outer
	}
	return l
}

// forLoop compiles [for x in list : ...] and {for k, v in object : key => value}.
func (c *compiler) forLoop(x *hclsyntax.ForExpr) node {
	if x.Group {
		return c.fail(x.SrcRange, "Not possible per event", "Grouping with \"...\" is only possible where the event is not used.")
	}
	collection := c.compile(x.CollExpr)
	c.wantCollection(collection)
	c.loops = append(c.loops, loopNames{key: x.KeyVar, val: x.ValVar})
	defer func() { c.loops = c.loops[:len(c.loops)-1] }()
	value, when := c.compile(x.ValExpr), always
	if x.CondExpr != nil {
		cond := c.compile(x.CondExpr)
		c.wantBool(cond, `The condition after "if"`)
		when = cond.asTest()
	}
	if x.KeyExpr == nil {
		return computed(sdk.List, listLoop(collection.eval, value.eval, when), x.SrcRange)
	}
	key := c.compile(x.KeyExpr)
	return computed(sdk.Object, objectLoop(collection.eval, key.eval, value.eval, when), x.SrcRange)
}

func always(*sdk.View, *loop) bool { return true }

// each calls turn for every element of a list or object; anything else has none.
func each(collection sdk.Value, outer *loop, turn func(*loop)) {
	inner := &loop{outer: outer}
	for i := range collection.List {
		inner.key, inner.val = sdk.NumberValue(float64(i)), collection.List[i]
		if collection.Kind == sdk.Object {
			inner.key = sdk.StringValue(collection.Keys[i])
		}
		turn(inner)
	}
}

func listLoop(collection, value evalFn, when testFn) evalFn {
	return func(v *sdk.View, l *loop) sdk.Value {
		list := []sdk.Value{}
		each(collection(v, l), l, func(l *loop) {
			if when(v, l) {
				list = append(list, value(v, l))
			}
		})
		return sdk.ListValue(list)
	}
}

// objectLoop leaves out turns whose key is null; the last value of a key wins.
func objectLoop(collection, key, value evalFn, when testFn) evalFn {
	return func(v *sdk.View, l *loop) sdk.Value {
		object := sdk.Value{Kind: sdk.Object}
		at := map[string]int{}
		each(collection(v, l), l, func(l *loop) {
			k := key(v, l)
			if k.IsNull() || !when(v, l) {
				return
			}
			name := text(&k)
			i, ok := at[name]
			if !ok {
				i = len(object.List)
				at[name] = i
				object.Keys, object.List = append(object.Keys, name), append(object.List, sdk.Value{})
			}
			object.List[i] = value(v, l)
		})
		return object
	}
}

// splat compiles list[*].name: null gives no element, and a value that is no list counts as a list of one.
func (c *compiler) splat(x *hclsyntax.SplatExpr) node {
	source := c.compile(x.Source)
	c.loops = append(c.loops, loopNames{item: x.Item})
	item := c.compile(x.Each)
	c.loops = c.loops[:len(c.loops)-1]
	list := func(v *sdk.View, l *loop) sdk.Value {
		s := source.eval(v, l)
		switch s.Kind {
		case sdk.Null:
			return sdk.ListValue(nil)
		case sdk.List:
			return s
		}
		return sdk.ListValue([]sdk.Value{s})
	}
	return computed(sdk.List, listLoop(list, item.eval, always), x.SrcRange)
}

package expr

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

// steps follows names and indexes below a node.
func steps(n node, t hcl.Traversal, r hcl.Range) node {
	for _, step := range t {
		var key sdk.Value
		switch s := step.(type) {
		case hcl.TraverseAttr:
			key = sdk.StringValue(s.Name)
		case hcl.TraverseIndex:
			key = indexKey(s.Key)
		}
		n = computed(sdk.Null, at(n.eval, constant(key, r).eval), r)
	}
	return n
}

func indexKey(key cty.Value) sdk.Value {
	v, err := FromCty(key)
	if err != nil {
		return sdk.Value{}
	}
	return v
}

func (c *compiler) index(x *hclsyntax.IndexExpr) node {
	collection, key := c.compile(x.Collection), c.compile(x.Key)
	c.wantCollection(collection)
	return computed(sdk.Null, at(collection.eval, key.eval), x.SrcRange)
}

func (c *compiler) relative(x *hclsyntax.RelativeTraversalExpr) node {
	n := c.compile(x.Source)
	c.wantCollection(n)
	return steps(n, x.Traversal, x.SrcRange)
}

func (c *compiler) wantCollection(n node) {
	switch n.kind {
	case sdk.Bool, sdk.Number, sdk.String:
		c.fail(n.rng, "Not a list", fmt.Sprintf("%s is %s, which has no elements.", n.what(), kindName(n.kind)))
	}
}

// at returns an element; what is not there is null.
func at(collection, key evalFn) evalFn {
	return func(v *sdk.View, l *loop) sdk.Value {
		x, k := collection(v, l), key(v, l)
		switch x.Kind {
		case sdk.List:
			return element(x.List, &k)
		case sdk.Object:
			if k.IsNull() {
				return sdk.Value{}
			}
			found, _ := attribute(&x, text(&k))
			return found
		}
		return sdk.Value{}
	}
}

func element(list []sdk.Value, key *sdk.Value) sdk.Value {
	n, ok := number(key)
	if !ok || n < 0 || n >= float64(len(list)) || n != float64(int(n)) {
		return sdk.Value{}
	}
	return list[int(n)]
}

func (c *compiler) tuple(x *hclsyntax.TupleConsExpr) node {
	items := make([]evalFn, len(x.Exprs))
	for i, e := range x.Exprs {
		items[i] = c.compile(e).eval
	}
	return computed(sdk.List, func(v *sdk.View, l *loop) sdk.Value { return sdk.ListValue(evalAll(items, v, l)) }, x.SrcRange)
}

func evalAll(items []evalFn, v *sdk.View, l *loop) []sdk.Value {
	list := make([]sdk.Value, len(items))
	for i, item := range items {
		list[i] = item(v, l)
	}
	return list
}

// object compiles { key = value }. Keys are fixed at load.
func (c *compiler) object(x *hclsyntax.ObjectConsExpr) node {
	var keys []string
	var items []evalFn
	for _, item := range x.Items {
		key, ok := c.objectKey(item.KeyExpr)
		value := c.compile(item.ValueExpr)
		if ok {
			keys, items = append(keys, key), append(items, value.eval)
		}
	}
	keys, items = lastWins(keys, items)
	return computed(sdk.Object, func(v *sdk.View, l *loop) sdk.Value {
		return sdk.Value{Kind: sdk.Object, Keys: keys, List: evalAll(items, v, l)}
	}, x.SrcRange)
}

// lastWins keeps the last value of a key that stands twice, as HCL does.
func lastWins(keys []string, items []evalFn) ([]string, []evalFn) {
	at := map[string]int{}
	var ks []string
	var es []evalFn
	for i, key := range keys {
		if j, ok := at[key]; ok {
			es[j] = items[i]
			continue
		}
		at[key] = len(ks)
		ks, es = append(ks, key), append(es, items[i])
	}
	return ks, es
}

func (c *compiler) objectKey(e hclsyntax.Expression) (string, bool) {
	if !c.fold.foldable(e) {
		c.fail(e.Range(), "Key depends on the event", "The keys of an object are fixed at load; only its values may use the event.")
		return "", false
	}
	key := c.static(e)
	if key.val.Kind != sdk.String && key.val.Kind != sdk.Number {
		if !c.diags.HasErrors() {
			c.fail(e.Range(), "Key is not a text", "The key of an object must be a text.")
		}
		return "", false
	}
	return text(&key.val), true
}

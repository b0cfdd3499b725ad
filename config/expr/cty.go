package expr

import (
	"errors"

	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

// FromCty converts a value that is fixed at load. Lists, sets and tuples become lists, maps and objects become objects with
// sorted keys. A function or an unknown value is an error, worded to follow "this is".
func FromCty(v cty.Value) (sdk.Value, error) {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown():
		return sdk.Value{}, errors.New("a value that is not known at load")
	case v.IsNull():
		return sdk.Value{}, nil
	}
	switch t := v.Type(); {
	case t == cty.String:
		return sdk.StringValue(v.AsString()), nil
	case t == cty.Bool:
		return sdk.BoolValue(v.True()), nil
	case t == cty.Number:
		n, _ := v.AsBigFloat().Float64()
		return finite(n), nil
	case t.IsObjectType() || t.IsMapType():
		return fromObject(v)
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return fromList(v)
	}
	return sdk.Value{}, errors.New("neither a text, number, boolean, list nor object")
}

func fromList(v cty.Value) (sdk.Value, error) {
	list := make([]sdk.Value, 0, v.LengthInt())
	for _, e := range v.Elements() {
		item, err := FromCty(e)
		if err != nil {
			return item, err
		}
		list = append(list, item)
	}
	return sdk.ListValue(list), nil
}

func fromObject(v cty.Value) (sdk.Value, error) {
	object := sdk.Value{Kind: sdk.Object}
	for key, e := range v.Elements() {
		item, err := FromCty(e)
		if err != nil {
			return item, err
		}
		name, _ := key.Unmark()
		object.Keys = append(object.Keys, name.AsString())
		object.List = append(object.List, item)
	}
	return object, nil
}

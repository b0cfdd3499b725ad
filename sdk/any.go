package sdk

import (
	"slices"
	"strconv"
)

// ValueOf turns what encoding/json decodes into a Value; objects keep their keys sorted.
func ValueOf(v any) Value {
	switch x := v.(type) {
	case bool:
		return BoolValue(x)
	case float64:
		return NumberValue(x)
	case string:
		return StringValue(x)
	case []any:
		list := make([]Value, len(x))
		for i := range x {
			list[i] = ValueOf(x[i])
		}
		return ListValue(list)
	case map[string]any:
		return objectValue(x)
	}
	return Value{}
}

func objectValue(m map[string]any) Value {
	v := Value{Kind: Object}
	for key := range m {
		v.Keys = append(v.Keys, key)
	}
	slices.Sort(v.Keys)
	for _, key := range v.Keys {
		v.List = append(v.List, ValueOf(m[key]))
	}
	return v
}

// valueAt follows path down decoded JSON; a missing step is null.
func valueAt(v any, path []string) Value {
	for _, step := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return Value{}
			}
			v = x[i]
		default:
			return Value{}
		}
	}
	return ValueOf(v)
}

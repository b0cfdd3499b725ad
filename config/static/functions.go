package static

import (
	"maps"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions returns all functions, each within the budget.
func (e *Evaluator) functions() map[string]function.Function {
	all := map[string]function.Function{}
	for _, set := range []map[string]function.Function{
		textFunctions(), numberFunctions(), collectionFunctions(), setFunctions(), encodingFunctions(), e.reachFunctions(),
	} {
		maps.Copy(all, set)
	}
	for name, f := range all {
		all[name] = e.budget.metered(f)
	}
	all["try"], all["can"] = tryfunc.TryFunc, tryfunc.CanFunc // their arguments are metered where they are evaluated
	all["sensitive"], all["nonsensitive"] = markFunction(Sensitive), markFunction(unmarked)
	return all
}

func unmarked(v cty.Value) cty.Value {
	v, _ = v.UnmarkDeep()
	return v
}

func markFunction(apply func(cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowMarked: true, AllowDynamicType: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return apply(args[0]), nil },
	})
}

// metered wraps a function: its arguments are paid for before hcl's conversions and the function itself see them.
func (b *budget) metered(f function.Function) function.Function {
	spec := &function.Spec{VarParam: open(f.VarParam())}
	for _, p := range f.Params() {
		spec.Params = append(spec.Params, *open(&p))
	}
	spec.Type = func(args []cty.Value) (cty.Type, error) {
		args, err := b.convert(f, args)
		if err != nil {
			return cty.DynamicPseudoType, err
		}
		return f.ReturnTypeForValues(args)
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		args, err := b.convert(f, args)
		if err != nil {
			return cty.DynamicVal, err
		}
		v, err := f.Call(args)
		if err != nil {
			return cty.DynamicVal, err
		}
		return v, b.take(v, maxValue)
	}
	return function.New(spec)
}

// open returns the parameter with all checks left to the function inside.
func open(p *function.Parameter) *function.Parameter {
	if p == nil {
		return nil
	}
	return &function.Parameter{
		Name: p.Name, Description: p.Description, Type: cty.DynamicPseudoType,
		AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}
}

func (b *budget) convert(f function.Function, args []cty.Value) ([]cty.Value, error) {
	params, out := f.Params(), make([]cty.Value, len(args))
	for i, arg := range args {
		p := f.VarParam()
		if i < len(params) {
			p = &params[i]
		}
		limit := int64(maxValue)
		if p.Type == cty.Number {
			limit = maxNumeral
		}
		if err := b.take(arg, limit); err != nil {
			return nil, err
		}
		v, err := convert.Convert(arg, p.Type)
		if err != nil {
			return nil, function.NewArgErrorf(i, "%s: %w", p.Name, err)
		}
		if v.IsNull() && !p.AllowNull {
			return nil, safef("%s must not be null", p.Name)
		}
		out[i] = v
	}
	return out, nil
}

func collectionFunctions() map[string]function.Function {
	return map[string]function.Function{
		"alltrue": boolListFunc(true), "anytrue": boolListFunc(false),
		"chunklist": stdlib.ChunklistFunc, "coalesce": coalesceFunc(), "coalescelist": stdlib.CoalesceListFunc,
		"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"distinct": distinctFunc(), "element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc,
		"keys": stdlib.KeysFunc, "length": lengthFunc(), "lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc,
		"one": oneFunc(), "range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tostring": stdlib.MakeToFunc(cty.String), "tonumber": toNumberFunc(),
		"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	}
}

func setFunctions() map[string]function.Function {
	return map[string]function.Function{
		"setintersection": stdlib.SetIntersectionFunc, "setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc,
	}
}

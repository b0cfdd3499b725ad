package static

import (
	"math"
	"time"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func numberFunctions() map[string]function.Function {
	return map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc,
		"parseint": stdlib.ParseIntFunc, "signum": stdlib.SignumFunc, "sum": sumFunc(),
		"round": floats(1, func(a []float64) float64 { return math.Round(a[0]) }),
		"pow":   floats(2, func(a []float64) float64 { return math.Pow(a[0], a[1]) }),
		"log":   floats(2, func(a []float64) float64 { return math.Log(a[0]) / math.Log(a[1]) }),
	}
}

// floats makes a function of n numbers.
func floats(n int, apply func([]float64) float64) function.Function {
	spec := &function.Spec{Type: function.StaticReturnType(cty.Number)}
	for range n {
		spec.Params = append(spec.Params, function.Parameter{Name: "number", Type: cty.Number})
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		in := make([]float64, n)
		for i := range args {
			in[i], _ = args[i].AsBigFloat().Float64()
		}
		out := apply(in)
		if math.IsNaN(out) || math.IsInf(out, 0) {
			return cty.DynamicVal, safe{"the result is not a finite number"}
		}
		return cty.NumberFloatVal(out), nil
	}
	return function.New(spec)
}

func sumFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Number)}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			total := cty.Zero
			for _, e := range args[0].Elements() {
				if e.IsNull() {
					return cty.DynamicVal, safe{"an element is null"}
				}
				total = total.Add(e)
			}
			return total, nil
		},
	})
}

// any1 is a parameter that takes anything.
func any1(name string) function.Parameter {
	return function.Parameter{Name: name, Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowNull: true}
}

// lengthFunc counts the characters of a text or the elements of a collection.
func lengthFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v := args[0]
			switch {
			case v.Type() == cty.String:
				return stdlib.Strlen(v)
			case v.CanIterateElements():
				return cty.NumberIntVal(int64(v.LengthInt())), nil
			}
			return cty.DynamicVal, safef("the argument must be a text, a list or an object")
		},
	})
}

// coalesceFunc returns the first argument that is neither null nor an empty text, as Terraform does.
func coalesceFunc() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "values", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true},
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for _, v := range args {
				if !v.IsNull() && !(v.Type() == cty.String && v.AsString() == "") {
					return v, nil
				}
			}
			return cty.NullVal(cty.DynamicPseudoType), nil
		},
	})
}

// distinctFunc pays for the square of the length, since that is what it costs.
func distinctFunc() function.Function {
	f := stdlib.DistinctFunc
	return function.New(&function.Spec{
		Params: f.Params(), Type: f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			const most = 2000
			if args[0].LengthInt() > most {
				return cty.DynamicVal, safef("a list may have at most %d elements here", most)
			}
			return f.Call(args)
		},
	})
}

func oneFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{any1("list")},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v := args[0]
			if v.IsNull() || !v.CanIterateElements() || v.LengthInt() > 1 {
				return cty.DynamicVal, safef("the argument must be a list with no or one element")
			}
			for _, e := range v.Elements() {
				return e, nil
			}
			return cty.NullVal(cty.DynamicPseudoType), nil
		},
	})
}

// boolListFunc reports whether all elements are true (all) or any is.
func boolListFunc(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for _, e := range args[0].Elements() {
				if is := !e.IsNull() && e.True(); is != all {
					return cty.BoolVal(is), nil
				}
			}
			return cty.BoolVal(all), nil
		},
	})
}

func toNumberFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{any1("value")},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if size(args[0], maxNumeral) >= maxNumeral {
				return cty.DynamicVal, safef("the text is too long for a number")
			}
			return convert.Convert(args[0], cty.Number)
		},
	})
}

func timeCompareFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{text("a"), text("b")},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			var at [2]time.Time
			for i := range at {
				t, err := time.Parse(time.RFC3339, args[i].AsString())
				if err != nil {
					return cty.DynamicVal, safef("a time is written like 2026-05-01T12:00:00Z")
				}
				at[i] = t
			}
			return cty.NumberIntVal(int64(at[0].Compare(at[1]))), nil
		},
	})
}

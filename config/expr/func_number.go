package expr

import (
	"math"

	"github.com/pintle-hub/pintle/sdk"
)

func numberFunctions() []function {
	return []function{
		onNumber("floor", math.Floor),
		onNumber("ceil", math.Ceil),
		onNumber("round", math.Round),
		onNumber("abs", math.Abs),
		onNumbers("min", math.Min),
		onNumbers("max", math.Max),
		{
			name: "tonumber", usage: "tonumber(value)", params: []sdk.Kind{sdk.Null}, least: 1, result: sdk.Number,
			build: func(args []node) (evalFn, mistake) {
				arg := args[0].eval
				return func(v *sdk.View, l *loop) sdk.Value {
					x := arg(v, l)
					n, ok := number(&x)
					if !ok {
						return sdk.Value{}
					}
					return sdk.NumberValue(n)
				}, ""
			},
		},
	}
}

func onNumber(name string, apply func(float64) float64) function {
	return function{
		name: name, usage: name + "(number)", params: []sdk.Kind{sdk.Number}, least: 1, result: sdk.Number,
		build: func(args []node) (evalFn, mistake) {
			arg := args[0].eval
			return func(v *sdk.View, l *loop) sdk.Value {
				x := arg(v, l)
				n, ok := number(&x)
				if !ok {
					return sdk.Value{}
				}
				return finite(apply(n))
			}, ""
		},
	}
}

// onNumbers makes a function of one or more numbers; one that is null makes the result null.
func onNumbers(name string, apply func(a, b float64) float64) function {
	return function{
		name: name, usage: name + "(number, ...)", params: []sdk.Kind{sdk.Number}, least: 1, variadic: true, result: sdk.Number,
		build: func(args []node) (evalFn, mistake) {
			return func(v *sdk.View, l *loop) sdk.Value {
				var sum float64
				for i := range args {
					x := args[i].eval(v, l)
					n, ok := number(&x)
					if !ok {
						return sdk.Value{}
					}
					if i == 0 {
						sum = n
					}
					sum = apply(sum, n)
				}
				return sdk.NumberValue(sum)
			}, ""
		},
	}
}

package expr

import (
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

func listFunctions() []function {
	return []function{
		{
			name: "length", usage: "length(text, list or object)", params: []sdk.Kind{sdk.Null}, least: 1, result: sdk.Number, build: buildLength,
		},
		{
			name: "join", usage: "join(separator, list)", params: []sdk.Kind{sdk.String, sdk.List}, least: 2, result: sdk.String, build: buildJoin,
		},
		{
			name: "split", usage: "split(separator, text)", params: texts(2), least: 2, result: sdk.List, build: buildSplit,
		},
	}
}

func buildLength(args []node) (evalFn, mistake) {
	arg := args[0].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x := arg(v, l)
		switch x.Kind {
		case sdk.String:
			return sdk.NumberValue(float64(characters(x.Str)))
		case sdk.List, sdk.Object:
			return sdk.NumberValue(float64(len(x.List)))
		}
		return sdk.Value{}
	}, ""
}

// buildJoin leaves out elements that are null, and those that are lists or objects.
func buildJoin(args []node) (evalFn, mistake) {
	separator, list := args[0].eval, args[1].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x, y := separator(v, l), list(v, l)
		sep, ok := textArg(&x)
		if !ok || y.Kind != sdk.List {
			return sdk.Value{}
		}
		parts := make([]string, 0, len(y.List))
		for i := range y.List {
			if s, ok := textArg(&y.List[i]); ok {
				parts = append(parts, s)
			}
		}
		return sdk.StringValue(strings.Join(parts, sep))
	}, ""
}

func buildSplit(args []node) (evalFn, mistake) {
	separator, source := args[0].eval, args[1].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x, y := separator(v, l), source(v, l)
		sep, ok := textArg(&x)
		s, ok2 := textArg(&y)
		if !ok || !ok2 {
			return sdk.Value{}
		}
		return sdk.StringsValue(strings.Split(s, sep))
	}, ""
}

package expr

import (
	"encoding/json"
	"time"

	"github.com/pintle-hub/pintle/sdk"
)

func otherFunctions() []function {
	return []function{
		{
			name: "coalesce", usage: "coalesce(value, ...)", params: []sdk.Kind{sdk.Null}, least: 1, variadic: true, build: buildCoalesce,
		},
		{
			name: "tostring", usage: "tostring(value)", params: texts(1), least: 1, result: sdk.String,
			build: onText("tostring", func(s string) string { return s }).build,
		},
		{
			name: "tobool", usage: "tobool(value)", params: []sdk.Kind{sdk.Null}, least: 1, result: sdk.Bool, build: buildBool,
		},
		{
			name: "jsonencode", usage: "jsonencode(value)", params: []sdk.Kind{sdk.Null}, least: 1, result: sdk.String, build: buildJSON,
		},
		{
			name: "timecmp", usage: "timecmp(a, b)", params: texts(2), least: 2, result: sdk.Number, build: buildTimeCompare,
		},
	}
}

// buildCoalesce returns the first argument that is neither null nor an empty text.
func buildCoalesce(args []node) (evalFn, mistake) {
	return func(v *sdk.View, l *loop) sdk.Value {
		for i := range args {
			x := args[i].eval(v, l)
			if x.Kind != sdk.Null && (x.Kind != sdk.String || x.Str != "") {
				return x
			}
		}
		return sdk.Value{}
	}, ""
}

func buildBool(args []node) (evalFn, mistake) {
	arg := args[0].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x := arg(v, l)
		switch {
		case x.Kind == sdk.Bool:
			return x
		case x.Kind == sdk.String && (x.Str == "true" || x.Str == "1"):
			return sdk.BoolValue(true)
		case x.Kind == sdk.String && (x.Str == "false" || x.Str == "0"):
			return sdk.BoolValue(false)
		}
		return sdk.Value{}
	}, ""
}

func buildJSON(args []node) (evalFn, mistake) {
	arg := args[0].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		b, err := json.Marshal(arg(v, l).Any())
		if err != nil {
			return sdk.Value{}
		}
		return sdk.StringValue(string(b))
	}, ""
}

// buildTimeCompare returns -1, 0 or 1; null where an argument is no RFC 3339 time.
func buildTimeCompare(args []node) (evalFn, mistake) {
	first, second := args[0].eval, args[1].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x, y := first(v, l), second(v, l)
		a, err := time.Parse(time.RFC3339, x.Str)
		b, err2 := time.Parse(time.RFC3339, y.Str)
		if err != nil || err2 != nil {
			return sdk.Value{}
		}
		return sdk.NumberValue(float64(a.Compare(b)))
	}, ""
}

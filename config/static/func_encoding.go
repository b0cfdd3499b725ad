package static

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// maxNesting bounds decoded JSON, as hcl and cty follow it by recursion.
const maxNesting = 200

func encodingFunctions() map[string]function.Function {
	return map[string]function.Function{
		"jsonencode": stdlib.JSONEncodeFunc, "jsondecode": jsonDecodeFunc(), "csvdecode": bounded(stdlib.CSVDecodeFunc, parsed),
		"base64encode": oneText(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		"base64decode": base64DecodeFunc(),
	}
}

func jsonDecodeFunc() function.Function {
	f := stdlib.JSONDecodeFunc
	check := func(args []cty.Value) error {
		if err := parsed(args); err != nil {
			return err
		}
		if s := args[0]; s.IsKnown() && !s.IsNull() && !s.IsMarked() && !simpleJSON(s.AsString()) {
			return safef("the JSON is nested deeper than %d levels or holds a number of more than %d digits", maxNesting, maxNumeral)
		}
		return nil
	}
	return function.New(&function.Spec{
		Params: []function.Parameter{text("json")},
		Type: func(args []cty.Value) (cty.Type, error) {
			if err := check(args); err != nil {
				return cty.DynamicPseudoType, err
			}
			t, err := f.ReturnTypeForValues(args)
			if err != nil {
				return t, fmt.Errorf("the argument is not JSON: %w", err)
			}
			return t, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if err := check(args); err != nil {
				return cty.DynamicVal, err
			}
			v, err := f.Call(args)
			if err != nil {
				return v, fmt.Errorf("the argument is not JSON: %w", err)
			}
			return v, nil
		},
	})
}

// simpleJSON looks at brackets and digits only, strings aside.
func simpleJSON(s string) bool {
	depth, digits, inText := 0, 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		if digits++; inText || c < '0' || c > '9' {
			digits = 0
		}
		if depth > maxNesting || digits > maxNumeral {
			return false
		}
	}
	return true
}

func base64DecodeFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{text("text")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			b, err := base64.StdEncoding.DecodeString(args[0].AsString())
			if err != nil || !utf8.Valid(b) {
				return cty.DynamicVal, safef("the argument must be base64 of a text")
			}
			return cty.StringVal(string(b)), nil
		},
	})
}

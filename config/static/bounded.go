package static

import (
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// bounded wraps a function whose result, or work, can be much larger than its arguments: check looks at them first.
func bounded(f function.Function, check func(args []cty.Value) error) function.Function {
	spec := &function.Spec{Params: f.Params(), VarParam: f.VarParam(), Type: f.ReturnTypeForValues}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if err := check(args); err != nil {
			return cty.DynamicVal, err
		}
		return f.Call(args)
	}
	return function.New(spec)
}

// textLen returns the length of a text, 0 of anything else.
func textLen(v cty.Value) int64 {
	if v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
		return 0
	}
	return int64(len(v.AsString()))
}

// joined: the separator stands between all elements of all lists.
func joined(args []cty.Value) error {
	elements := int64(0)
	for _, list := range args[1:] {
		if list.IsKnown() && !list.IsNull() && list.CanIterateElements() {
			elements += int64(list.LengthInt())
		}
	}
	if elements*textLen(args[0]) > maxValue {
		return errTooMuch
	}
	return nil
}

// splits: every separator makes an element.
func splits(args []cty.Value) error {
	if strings.Count(args[1].AsString(), args[0].AsString()) > maxElements {
		return errTooMuch
	}
	return nil
}

// parsed: taking a text apart makes many times its size of values.
func parsed(args []cty.Value) error {
	for _, arg := range args {
		if textLen(arg) > maxParsed {
			return safef("the text is longer than 1 MiB")
		}
	}
	return nil
}

// formatted: every verb may write any argument, and may be wide.
func formatted(args []cty.Value) error {
	if textLen(args[0]) == 0 {
		return nil
	}
	format := args[0].AsString()
	wide := regexp.MustCompile(`%[^a-zA-Z%]*[1-9][0-9]{3}`)
	if wide.MatchString(format) {
		return safef("a field may be at most 999 characters wide")
	}
	largest := int64(1000)
	for _, arg := range args[1:] {
		largest = max(largest, size(arg, maxValue))
	}
	if int64(strings.Count(format, "%"))*largest > maxValue*8 {
		return errTooMuch
	}
	return nil
}

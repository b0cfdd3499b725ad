package static

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func textFunctions() map[string]function.Function {
	return map[string]function.Function{
		"chomp": stdlib.ChompFunc, "join": bounded(stdlib.JoinFunc, joined), "lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc,
		"split": bounded(stdlib.SplitFunc, splits), "strrev": stdlib.ReverseFunc, "substr": substrFunc(), "title": stdlib.TitleFunc,
		"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc,
		"trimspace": stdlib.TrimSpaceFunc,
		"format":    bounded(stdlib.FormatFunc, formatted), "formatlist": bounded(stdlib.FormatListFunc, formatted), "indent": indentFunc(),
		"regex": stdlib.RegexFunc, "regexall": bounded(stdlib.RegexAllFunc, parsed), "replace": replaceFunc(), "regexmatch": regexMatchFunc(),
		"startswith":  twoTexts(strings.HasPrefix),
		"endswith":    twoTexts(strings.HasSuffix),
		"strcontains": twoTexts(strings.Contains),
		"sha256":      oneText(hash), "urlencode": oneText(url.QueryEscape),
		"timecmp": timeCompareFunc(), "timeadd": stdlib.TimeAddFunc, "formatdate": stdlib.FormatDateFunc,
	}
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func text(name string) function.Parameter { return function.Parameter{Name: name, Type: cty.String} }

// oneText makes a function from text to text.
func oneText(apply func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{text("text")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(apply(args[0].AsString())), nil
		},
	})
}

// twoTexts makes a question about two texts.
func twoTexts(ask func(a, b string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{text("text"), text("part")},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(ask(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// replaceFunc takes what is to be replaced as a regular expression when it stands between slashes, as Terraform does.
func replaceFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{text("text"), text("old"), text("new")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, old, repl := args[0].AsString(), args[1].AsString(), args[2].AsString()
			if int64(len(s)+1)*int64(len(repl)) > maxValue {
				return cty.DynamicVal, errTooMuch
			}
			if len(old) > 1 && old[0] == '/' && old[len(old)-1] == '/' {
				re, err := regexp.Compile(old[1 : len(old)-1])
				if err != nil {
					return cty.DynamicVal, function.NewArgError(1, err)
				}
				return cty.StringVal(re.ReplaceAllString(s, repl)), nil
			}
			return cty.StringVal(strings.ReplaceAll(s, old, repl)), nil
		},
	})
}

func regexMatchFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{text("pattern"), text("text")},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			re, err := regexp.Compile(args[0].AsString())
			if err != nil {
				return cty.DynamicVal, function.NewArgError(0, err)
			}
			return cty.BoolVal(re.MatchString(args[1].AsString())), nil
		},
	})
}

func indentFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "spaces", Type: cty.Number}, text("text")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			n, _ := args[0].AsBigFloat().Float64()
			s := args[1].AsString()
			if n < 0 || n > 100 || n*float64(strings.Count(s, "\n")) > maxValue {
				return cty.DynamicVal, safef("the number of spaces must lie between 0 and 100")
			}
			return cty.StringVal(strings.ReplaceAll(s, "\n", "\n"+strings.Repeat(" ", int(n)))), nil
		},
	})
}

// substrFunc gives "" for a length of 0, also where stdlib's, with a negative offset, gives the rest.
func substrFunc() function.Function {
	f := stdlib.SubstrFunc
	return function.New(&function.Spec{
		Params: f.Params(), Type: f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[2].RawEquals(cty.Zero) {
				return cty.StringVal(""), nil
			}
			return f.Call(args)
		},
	})
}

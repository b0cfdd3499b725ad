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
		"chomp": stdlib.ChompFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "upper": stdlib.UpperFunc,
		"split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
		"trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc,
		"trimspace": stdlib.TrimSpaceFunc,
		"format":    formatFunc(stdlib.FormatFunc), "formatlist": formatFunc(stdlib.FormatListFunc), "indent": indentFunc(),
		"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "replace": replaceFunc(), "regexmatch": regexMatchFunc(),
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

// formatFunc refuses verbs that would write a very wide field.
func formatFunc(f function.Function) function.Function {
	wide := regexp.MustCompile(`%[^a-zA-Z%]*[0-9]{4}`)
	spec := &function.Spec{Params: f.Params(), VarParam: f.VarParam()}
	spec.Type = f.ReturnTypeForValues
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if format := args[0]; format.Type() == cty.String && wide.MatchString(format.AsString()) {
			return cty.DynamicVal, safef(0, "a field may be at most 999 characters wide")
		}
		return f.Call(args)
	}
	return function.New(spec)
}

func indentFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "spaces", Type: cty.Number}, text("text")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			n, _ := args[0].AsBigFloat().Float64()
			if n < 0 || n > 100 {
				return cty.DynamicVal, safef(0, "must lie between 0 and 100")
			}
			return cty.StringVal(strings.ReplaceAll(args[1].AsString(), "\n", "\n"+strings.Repeat(" ", int(n)))), nil
		},
	})
}

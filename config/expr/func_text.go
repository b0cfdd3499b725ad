package expr

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/pintle-hub/pintle/sdk"
)

func textFunctions() []function {
	return []function{
		onText("lower", strings.ToLower),
		onText("upper", strings.ToUpper),
		onText("trimspace", strings.TrimSpace),
		onText("sha256", hash),
		onText("urlencode", url.QueryEscape),
		onTwoTexts("trimprefix", "trimprefix(text, prefix)", strings.TrimPrefix),
		onTwoTexts("trimsuffix", "trimsuffix(text, suffix)", strings.TrimSuffix),
		{
			name: "replace", usage: "replace(text, old, new)", params: texts(3), least: 3, result: sdk.String, build: buildReplace,
		},
		{
			name: "substr", usage: "substr(text, offset, length)", params: []sdk.Kind{sdk.String, sdk.Number, sdk.Number}, least: 3,
			result: sdk.String, build: buildSubstr,
		},
	}
}

func texts(n int) []sdk.Kind {
	kinds := make([]sdk.Kind, n)
	for i := range kinds {
		kinds[i] = sdk.String
	}
	return kinds
}

// onText makes a function of one text; null stays null.
func onText(name string, apply func(string) string) function {
	return function{
		name: name, usage: name + "(text)", params: texts(1), least: 1, result: sdk.String,
		build: func(args []node) (evalFn, mistake) {
			arg := args[0].eval
			return func(v *sdk.View, l *loop) sdk.Value {
				x := arg(v, l)
				s, ok := textArg(&x)
				if !ok {
					return sdk.Value{}
				}
				return sdk.StringValue(apply(s))
			}, ""
		},
	}
}

func onTwoTexts(name, usage string, apply func(a, b string) string) function {
	return function{
		name: name, usage: usage, params: texts(2), least: 2, result: sdk.String,
		build: func(args []node) (evalFn, mistake) {
			first, second := args[0].eval, args[1].eval
			return func(v *sdk.View, l *loop) sdk.Value {
				x, y := first(v, l), second(v, l)
				a, ok := textArg(&x)
				b, ok2 := textArg(&y)
				if !ok || !ok2 {
					return sdk.Value{}
				}
				return sdk.StringValue(apply(a, b))
			}, ""
		},
	}
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// buildReplace takes old as a regular expression when it stands between slashes, as Terraform does.
func buildReplace(args []node) (evalFn, mistake) {
	apply := strings.ReplaceAll
	if pattern, ok := slashed(args[1]); ok {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, patternError(args[1], err)
		}
		apply = func(s, _, repl string) string { return re.ReplaceAllString(s, repl) }
	}
	source, old, repl := args[0].eval, args[1].eval, args[2].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x, y, z := source(v, l), old(v, l), repl(v, l)
		a, ok := textArg(&x)
		b, ok2 := textArg(&y)
		c, ok3 := textArg(&z)
		if !ok || !ok2 || !ok3 {
			return sdk.Value{}
		}
		return sdk.StringValue(apply(a, b, c))
	}, ""
}

func slashed(n node) (string, bool) {
	s := n.val.Str
	if !n.static || len(s) < 2 || s[0] != '/' || s[len(s)-1] != '/' {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// buildSubstr counts characters as readers do (grapheme clusters), as HCL does. A negative length means: to the end.
func buildSubstr(args []node) (evalFn, mistake) {
	source, offset, length := args[0].eval, args[1].eval, args[2].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x, y, z := source(v, l), offset(v, l), length(v, l)
		s, ok := textArg(&x)
		from, ok2 := number(&y)
		n, ok3 := number(&z)
		if !ok || !ok2 || !ok3 || from != float64(int(from)) || n != float64(int(n)) {
			return sdk.Value{}
		}
		return sdk.StringValue(substr(s, int(from), int(n)))
	}, ""
}

func substr(s string, from, n int) string {
	if from < 0 {
		from = max(0, from+characters(s))
	}
	start, end, i := len(s), len(s), 0
	for it := graphemes.FromString(s); it.Next(); i++ {
		if i == from {
			start = it.Start()
		}
		if n >= 0 && i == from+n {
			end = it.Start()
			break
		}
	}
	return s[start:max(start, end)]
}

// characters counts grapheme clusters.
func characters(s string) int {
	n := 0
	for it := graphemes.FromString(s); it.Next(); {
		n++
	}
	return n
}

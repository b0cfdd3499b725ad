package expr

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/pintle-hub/pintle/sdk"
)

func conditionFunctions() []function {
	return []function{
		askTwoTexts("startswith", "startswith(text, prefix)", strings.HasPrefix),
		askTwoTexts("endswith", "endswith(text, suffix)", strings.HasSuffix),
		askTwoTexts("strcontains", "strcontains(text, part)", strings.Contains),
		{
			name: "contains", usage: "contains(list, value)", params: []sdk.Kind{sdk.List, sdk.Null}, least: 2, test: testContains,
		},
	}
}

// askTwoTexts makes a question about two texts; where one is null the answer is no.
func askTwoTexts(name, usage string, ask func(a, b string) bool) function {
	return function{
		name: name, usage: usage, params: texts(2), least: 2,
		test: func(args []node) (testFn, mistake) {
			first, second := args[0].eval, args[1].eval
			return func(v *sdk.View, l *loop) bool {
				x, y := first(v, l), second(v, l)
				a, ok := textArg(&x)
				b, ok2 := textArg(&y)
				return ok && ok2 && ask(a, b)
			}, ""
		},
	}
}

func testContains(args []node) (testFn, mistake) {
	if wrong := knownElements(args[0], args[1]); wrong != "" {
		return nil, wrong
	}
	list, item := args[0].eval, args[1].eval
	return func(v *sdk.View, l *loop) bool {
		x, y := list(v, l), item(v, l)
		if x.Kind != sdk.List {
			return false
		}
		for i := range x.List {
			if equal(&x.List[i], &y) {
				return true
			}
		}
		return false
	}, ""
}

// knownElements refuses a list of texts that the field can never have.
func knownElements(list, item node) mistake {
	if !list.static || item.values == nil {
		return ""
	}
	for _, e := range list.val.List {
		known := false
		for _, v := range item.values {
			known = known || e.Kind == sdk.String && e.Str == v
		}
		if !known {
			return mistake(neverText(item, text(&e), list.secret))
		}
	}
	return ""
}

func regexFunctions() []function {
	return []function{
		{
			name: "regexmatch", usage: "regexmatch(pattern, text)", params: texts(2), least: 2, test: testRegex,
		},
		{
			name: "regex", usage: "regex(pattern, text)", params: texts(2), least: 2, build: buildRegex,
		},
	}
}

// pattern compiles the first argument, which must be fixed at load.
func pattern(args []node) (*regexp.Regexp, mistake) {
	if !args[0].static || args[0].val.Kind != sdk.String {
		return nil, `The pattern comes first, and is fixed at load: regexmatch("pattern", text).`
	}
	re, err := regexp.Compile(args[0].val.Str)
	if err != nil {
		return nil, patternError(args[0], err)
	}
	return re, ""
}

// patternError says what is wrong with a pattern, and where in it, unless the pattern is secret.
func patternError(pattern node, err error) mistake {
	var wrong *syntax.Error
	if pattern.secret && errors.As(err, &wrong) {
		err = errors.New(wrong.Code.String())
	}
	return mistake(fmt.Sprintf("The pattern is no RE2 regular expression: %v. Backslashes are doubled in HCL, as in \"\\\\b\".", err))
}

func testRegex(args []node) (testFn, mistake) {
	re, wrong := pattern(args)
	if wrong != "" {
		return nil, wrong
	}
	arg := args[1].eval
	return func(v *sdk.View, l *loop) bool {
		x := arg(v, l)
		s, ok := textArg(&x)
		return ok && re.MatchString(s)
	}, ""
}

// buildRegex returns the first match: its text, a list of its groups, or an object when the groups have names.
func buildRegex(args []node) (evalFn, mistake) {
	re, wrong := pattern(args)
	if wrong != "" {
		return nil, wrong
	}
	names := re.SubexpNames()[1:]
	named := len(names) > 0 && names[0] != ""
	for _, name := range names {
		if (name != "") != named {
			return nil, "Name all groups of the pattern or none."
		}
	}
	arg := args[1].eval
	return func(v *sdk.View, l *loop) sdk.Value {
		x := arg(v, l)
		s, ok := textArg(&x)
		if !ok {
			return sdk.Value{}
		}
		return matched(re, s, names, named)
	}, ""
}

func matched(re *regexp.Regexp, s string, names []string, named bool) sdk.Value {
	at := re.FindStringSubmatchIndex(s)
	if at == nil {
		return sdk.Value{}
	}
	if len(names) == 0 {
		return sdk.StringValue(s[at[0]:at[1]])
	}
	groups := make([]sdk.Value, len(names))
	for i := range names {
		if from := at[2*i+2]; from >= 0 {
			groups[i] = sdk.StringValue(s[from:at[2*i+3]])
		}
	}
	if named {
		return sdk.Value{Kind: sdk.Object, Keys: names, List: groups}
	}
	return sdk.ListValue(groups)
}

package expr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
)

// function is one function that may be called per event. No function fails: what cannot be computed is null.
type function struct {
	name string
	// params are the kinds of the parameters (sdk.Null: any), the last one repeated when variadic. Optional ones follow the
	// first least.
	params   []sdk.Kind
	least    int
	variadic bool
	usage    string
	result   sdk.Kind
	// build returns the closure, or what is wrong with the call.
	build func(args []node) (evalFn, mistake)
	// test is set for functions that answer true or false.
	test func(args []node) (testFn, mistake)
}

// mistake is what is wrong with a call, in sentences for people; "" when nothing is.
type mistake string

// functions lists all functions, sorted by name.
func functions() []function {
	all := slices.Concat(textFunctions(), conditionFunctions(), regexFunctions(), numberFunctions(), listFunctions(), otherFunctions())
	slices.SortFunc(all, func(a, b function) int { return strings.Compare(a.name, b.name) })
	return all
}

// Functions lists the names of the functions that may be called per event, with their parameters: "lower(text)".
func Functions() []string {
	var usages []string
	for _, f := range functions() {
		usages = append(usages, f.usage)
	}
	return usages
}

func functionNames() string {
	var names []string
	for _, f := range functions() {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}

func (c *compiler) call(x *hclsyntax.FunctionCallExpr) node {
	all := functions()
	i := slices.IndexFunc(all, func(f function) bool { return f.name == x.Name })
	if i < 0 {
		return c.unknownFunction(x, all)
	}
	f := all[i]
	args := make([]node, len(x.Args))
	for i, arg := range x.Args {
		args[i] = c.compile(arg)
	}
	if x.ExpandFinal {
		return c.fail(x.Range(), "Not possible per event", "Arguments cannot be spread with \"...\" per event; pass them one by one.")
	}
	if !c.checkArgs(f, args, x) {
		return failed(x.Range())
	}
	return c.build(f, args, x)
}

func (c *compiler) build(f function, args []node, x *hclsyntax.FunctionCallExpr) node {
	if f.test != nil {
		test, wrong := f.test(args)
		if wrong != "" {
			return c.fail(x.Range(), "Wrong call of "+f.name, string(wrong))
		}
		return boolean(test, x.Range())
	}
	eval, wrong := f.build(args)
	if wrong != "" {
		return c.fail(x.Range(), "Wrong call of "+f.name, string(wrong))
	}
	return computed(f.result, eval, x.Range())
}

func (c *compiler) unknownFunction(x *hclsyntax.FunctionCallExpr, all []function) node {
	var names []string
	for _, f := range all {
		names = append(names, f.name)
	}
	if x.Name == "try" || x.Name == "can" {
		return c.fail(x.NameRange, "Not possible per event", fmt.Sprintf("%s is not needed per event: what cannot be computed is null. "+
			"Write coalesce(a, b) for a default, and x != null to ask.", x.Name))
	}
	return c.fail(x.NameRange, "No such function per event", fmt.Sprintf("%s cannot be called on an event.%s Per event there are %s.",
		x.Name, didYouMean("", x.Name, names), functionNames()))
}

// checkArgs reports a wrong number of arguments, and kinds that can never fit.
func (c *compiler) checkArgs(f function, args []node, x *hclsyntax.FunctionCallExpr) bool {
	if len(args) < f.least || len(args) > len(f.params) && !f.variadic {
		c.fail(x.Range(), "Wrong number of arguments", fmt.Sprintf("Write %s.", f.usage))
		return false
	}
	ok := true
	for i, arg := range args {
		want := f.params[min(i, len(f.params)-1)]
		if mend, fits := arg.fits(want); !fits {
			c.fail(arg.rng, "Wrong argument", fmt.Sprintf("%s wants %s here, but %s is %s.%s Usage: %s.", f.name, kindName(want),
				arg.what(), kindName(arg.kind), mend, f.usage))
			ok = false
		}
	}
	return ok
}

// fits reports whether a value of the node can ever be taken for the kind.
func (n node) fits(want sdk.Kind) (mend string, ok bool) {
	if n.kind == sdk.Null || n.kind == want || want == sdk.Null {
		return "", true
	}
	switch want {
	case sdk.String:
		return "", n.kind == sdk.Number || n.kind == sdk.Bool
	case sdk.Number:
		if n.static && n.kind == sdk.String {
			_, ok := parseNumber(n.val.Str)
			return "", ok
		}
		if n.kind == sdk.String {
			return fmt.Sprintf(" If the text holds a number, write tonumber(%s).", n.orX()), false
		}
	case sdk.List:
		if n.kind == sdk.String {
			return " To look for a part of a text, write strcontains(text, part).", false
		}
	}
	return "", false
}

// textArg returns the argument as a text; null and lists have none.
func textArg(v *sdk.Value) (string, bool) {
	switch v.Kind {
	case sdk.String, sdk.Number, sdk.Bool:
		return text(v), true
	}
	return "", false
}

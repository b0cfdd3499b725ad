package static

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Options say what functions can reach.
type Options struct {
	// Dir is the folder that paths are relative to.
	Dir string
	// Environ looks up an environment variable; nil means os.LookupEnv.
	Environ func(string) (string, bool)
}

// Evaluator computes expressions. Not safe for concurrent use.
type Evaluator struct {
	options Options
	ctx     *hcl.EvalContext
	budget  *budget
}

// New returns an evaluator that knows no names yet.
func New(o Options) *Evaluator {
	if o.Environ == nil {
		o.Environ = os.LookupEnv
	}
	e := &Evaluator{options: o, budget: &budget{left: maxWork}}
	e.ctx = &hcl.EvalContext{Variables: map[string]cty.Value{}}
	e.ctx.Functions = e.functions()
	return e
}

// Set gives name a value; expressions say name.attribute.
func (e *Evaluator) Set(name string, v cty.Value) { e.ctx.Variables[name] = v }

// Functions lists the names of all functions, sorted.
func (e *Evaluator) Functions() []string {
	return slices.Sorted(maps.Keys(e.ctx.Functions))
}

// HasFunction reports whether there is a function of that name.
func (e *Evaluator) HasFunction(name string) bool {
	_, ok := e.ctx.Functions[name]
	return ok
}

// Value computes an expression. Messages about expressions that handle secrets leave out the details.
func (e *Evaluator) Value(x hclsyntax.Expression) (v cty.Value, diags hcl.Diagnostics) {
	secret := e.handlesSecrets(x)
	v, diags = e.value(meter(x, e.budget), e.ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, reword(diags, secret)
	}
	if err := e.budget.take(v, maxValue); err != nil {
		return cty.DynamicVal, hcl.Diagnostics{tooMuch(err, x.Range())}
	}
	return v, diags
}

// value turns a panic of the evaluator, which has some on odd input, into a diagnostic.
func (e *Evaluator) value(x hclsyntax.Expression, ctx *hcl.EvalContext) (v cty.Value, diags hcl.Diagnostics) {
	defer func() {
		if recover() != nil {
			r := x.Range()
			v, diags = cty.DynamicVal, hcl.Diagnostics{{
				Severity: hcl.DiagError, Summary: "Expression cannot be evaluated", Subject: &r,
				Detail: "HCL cannot evaluate this expression: a part of it is null or of a kind that does not fit here. Write it more simply.",
			}}
		}
	}()
	return x.Value(ctx)
}

// handlesSecrets reports whether a message about the expression could show a secret.
func (e *Evaluator) handlesSecrets(x hclsyntax.Expression) bool {
	for _, t := range x.Variables() {
		v, diags := t.TraverseAbs(e.ctx)
		if !diags.HasErrors() && IsSensitive(v) {
			return true
		}
	}
	return callsForSecrets(x)
}

// callsForSecrets reports whether a function in x may bring a secret in.
func callsForSecrets(x hclsyntax.Expression) bool {
	secret := false
	_ = hclsyntax.VisitAll(x, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && bringsSecrets(call.Name) {
			secret = true
		}
		return nil
	})
	return secret
}

func bringsSecrets(function string) bool {
	switch function {
	case "env", "file", "sensitive", "nonsensitive":
		return true
	}
	return false
}

// safe is an error of one of our own functions, whose text never shows a sensitive value.
type safe struct{ text string }

func (s safe) Error() string { return s.text }

func safef(format string, args ...any) error { return safe{fmt.Sprintf(format, args...)} }

// Literal computes an expression that may use neither names nor functions.
func (e *Evaluator) Literal(x hclsyntax.Expression) (cty.Value, hcl.Diagnostics) {
	v, diags := e.value(meter(x, e.budget), &hcl.EvalContext{})
	if diags.HasErrors() {
		return cty.DynamicVal, reword(diags, true)
	}
	if err := e.budget.take(v, maxValue); err != nil {
		return cty.DynamicVal, hcl.Diagnostics{tooMuch(err, x.Range())}
	}
	return v, diags
}

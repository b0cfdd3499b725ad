package expr

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pintle-hub/pintle/sdk"
	"github.com/zclconf/go-cty/cty"
)

// Scope is what an expression may name.
type Scope struct {
	// Source is the text of the file the expression stands in. Secret keeps it out of what Expr.String shows.
	Source []byte
	Secret bool
	// Fields returns what the analyzer block of that name adds to an event.
	Fields func(analyzer string) ([]sdk.Field, bool)
	// Analyzers lists the names of analyzer blocks, for suggestions.
	Analyzers func() []string
	// Static evaluates a part that does not depend on the event.
	Static func(hclsyntax.Expression) (cty.Value, hcl.Diagnostics)
}

// Expr is a compiled expression. It is safe for use by several goroutines, each with its own view.
type Expr struct {
	node      node
	source    string
	secret    bool
	rng       hcl.Range
	fields    []Field
	constants []sdk.Value
}

// Field is one place where an expression reads the event.
type Field struct {
	// Root is "event" or "insight".
	Root string
	// Analyzer is the block name of the analyzer whose annotation is read, "" for a field of the event itself.
	Analyzer string
	// Path is how the field is written, with its root.
	Path  string
	Range hcl.Range
}

// Compile returns the compiled expression. All that is wrong with it is in the diagnostics; with errors there is no Expr.
func Compile(e hclsyntax.Expression, s Scope) (*Expr, hcl.Diagnostics) {
	c := &compiler{scope: s, fold: markFolds(e)}
	n := c.compile(e)
	if c.diags.HasErrors() {
		return nil, c.diags
	}
	return &Expr{
		node: n, source: sourceOf(e.Range(), s.Source), secret: s.Secret, rng: e.Range(), fields: c.fields, constants: c.constants,
	}, c.diags
}

func sourceOf(r hcl.Range, src []byte) string {
	if !r.CanSliceBytes(src) {
		return ""
	}
	return strings.TrimSpace(string(r.SliceBytes(src)))
}

// Eval returns the value of the expression for the event that v shows. Null stands for every result that cannot be computed.
func (e *Expr) Eval(v *sdk.View) sdk.Value { return e.node.eval(v, nil) }

// Match reports whether the expression is the boolean true.
func (e *Expr) Match(v *sdk.View) bool {
	if e.node.test != nil {
		return e.node.test(v, nil)
	}
	x := e.node.eval(v, nil)
	return x.Kind == sdk.Bool && x.Bool
}

// Kind returns the kind of every value that is not null, or sdk.Null when only the event can tell.
func (e *Expr) Kind() sdk.Kind { return e.node.kind }

// Range returns where the expression stands.
func (e *Expr) Range() hcl.Range { return e.rng }

// String returns the expression as it is written.
func (e *Expr) String() string {
	if e.secret {
		return "(sensitive)"
	}
	return e.source
}

// Fields returns the places where the expression reads the event, in the order of the source.
func (e *Expr) Fields() []Field { return slices.Clone(e.fields) }

// Analyzers returns the block names of the analyzers whose annotations the expression reads, sorted.
func (e *Expr) Analyzers() []string {
	var names []string
	for _, f := range e.fields {
		if f.Analyzer != "" {
			names = append(names, f.Analyzer)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Fingerprint returns a hash that changes with the expression's source and with every constant folded into it.
func (e *Expr) Fingerprint() [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", e.source)
	for _, c := range e.constants {
		fmt.Fprintf(h, "%d %q\n", c.Kind, c.Text())
	}
	return [sha256.Size]byte(h.Sum(nil))
}

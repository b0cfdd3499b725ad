package static

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

const withheld = "The details are withheld, because the expression handles a sensitive value."

// reword drops repetitions, says what went wrong in a function in its own words, and withholds what could show a secret.
func reword(diags hcl.Diagnostics, secret bool) hcl.Diagnostics {
	var out hcl.Diagnostics
	seen := map[string]bool{}
	for _, d := range diags {
		d = rewordOne(d, secret)
		key := fmt.Sprint(d.Subject, d.Summary, d.Detail)
		if seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, d)
	}
	return out
}

func rewordOne(d *hcl.Diagnostic, secret bool) *hcl.Diagnostic {
	c := *d
	c.Expression, c.EvalContext = nil, nil // they hold values
	extra, isCall := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	c.Extra = nil
	if isCall && extra.FunctionCallError() != nil {
		c.Summary = "Call of " + extra.CalledFunctionName() + " failed"
		c.Detail = sentence(extra.FunctionCallError().Error())
		var ours safe
		if errors.As(extra.FunctionCallError(), &ours) {
			return &c
		}
	}
	if secret && !strings.HasPrefix(d.Summary, "Expression is too large") {
		c.Detail = withheld
	}
	return &c
}

// sentence begins with a capital and ends with a stop.
func sentence(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[n:]
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

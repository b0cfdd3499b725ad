package static

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Bounds of what one configuration may compute. Size is bytes of text, plus perElement for every element.
const (
	maxValue    = 4 << 20  // one value
	maxWork     = 64 << 20 // all values together, each time one is looked at
	maxNumeral  = 1 << 10  // a text that is read as a number
	maxParsed   = 1 << 20  // a text that is taken apart
	maxElements = 10_000   // of one list or object: hcl compares the types of its elements pairwise
	perElement  = 32
	perLook     = 128 // each time a value is looked at, however small
)

// errTooMuch is what an expression gets that goes beyond the bounds.
var errTooMuch error = safe{"the configuration computes too much: a value may have 4 MiB, 10,000 elements and 1,000 digits, and all that is " +
	"looked at 64 MiB together. Loops inside loops and texts joined to themselves grow fast"}

// budget is the work that is left for one configuration.
type budget struct{ left int64 }

// take pays for looking at v. It stops counting at the limit, so that it is quick even on a value that shares its parts.
func (b *budget) take(v cty.Value, limit int64) error {
	n := size(v, limit)
	b.left -= n + perLook
	if n >= limit || b.left < 0 {
		return errTooMuch
	}
	return nil
}

// size returns the size of v, or limit when it is larger.
func size(v cty.Value, limit int64) int64 {
	v, _ = v.Unmark()
	n := int64(perElement)
	if v.IsNull() || !v.IsKnown() {
		return n
	}
	t := v.Type()
	if t == cty.String {
		return min(limit, n+int64(len(v.AsString())))
	}
	if t == cty.Number && hugeNumber(v) {
		return limit
	}
	if !v.CanIterateElements() {
		return n
	}
	if v.LengthInt() > maxElements {
		return limit
	}
	named := t.IsMapType() || t.IsObjectType()
	for key, e := range v.Elements() {
		n += size(e, limit-n)
		if named {
			n += size(key, limit-n)
		}
		if n >= limit {
			return limit
		}
	}
	return n
}

// hugeNumber tells numbers that would be thousands of digits as a text.
func hugeNumber(v cty.Value) bool {
	exponent := v.AsBigFloat().MantExp(nil)
	return exponent > 4096 || exponent < -4096
}

func tooMuch(err error, r hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Expression is too large", Detail: sentence(err.Error()), Subject: &r}
}

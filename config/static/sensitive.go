package static

import "github.com/zclconf/go-cty/cty"

// mark is what a sensitive value carries through all functions and operators.
type mark struct{}

// Sensitive returns v as a value that is never printed.
func Sensitive(v cty.Value) cty.Value { return v.Mark(mark{}) }

// IsSensitive reports whether v or a part of it is sensitive.
func IsSensitive(v cty.Value) bool { return v.HasMarkDeep(mark{}) }

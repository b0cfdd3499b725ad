package expr

import (
	"math"
	"strconv"

	"github.com/pintle-hub/pintle/sdk"
)

// truth converts as HCL does: the texts "true" and "1" are true. Everything else but true itself is false.
func truth(v *sdk.Value) bool {
	switch v.Kind {
	case sdk.Bool:
		return v.Bool
	case sdk.String:
		return v.Str == "true" || v.Str == "1"
	}
	return false
}

// number converts as HCL does: a text that is written as a decimal number counts as one.
func number(v *sdk.Value) (float64, bool) {
	if v.Kind == sdk.Number {
		return v.Num, true
	}
	if v.Kind != sdk.String {
		return 0, false
	}
	return parseNumber(v.Str)
}

func parseNumber(s string) (float64, bool) {
	if len(s) == 0 || len(s) > 400 {
		return 0, false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '.', c == 'e', c == 'E', c == '+', c == '-':
		default:
			return 0, false // hexadecimal, underscores, inf and nan are numbers to strconv alone
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

// finite returns n as a value, null where it is none that JSON can hold.
func finite(n float64) sdk.Value {
	if math.IsInf(n, 0) || math.IsNaN(n) {
		return sdk.Value{}
	}
	return sdk.NumberValue(n)
}

// text writes a value as a template does: "" for null, and numbers without an exponent.
func text(v *sdk.Value) string {
	switch v.Kind {
	case sdk.String:
		return v.Str
	case sdk.Number:
		return numberText(v.Num)
	}
	return v.Text()
}

func numberText(n float64) string {
	if n == 0 {
		return "0" // never "-0"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// equal compares without converting: values of different kinds differ, null equals null.
func equal(a, b *sdk.Value) bool {
	if a.Kind != b.Kind {
		return false
	}
	switch a.Kind {
	case sdk.Bool:
		return a.Bool == b.Bool
	case sdk.Number:
		return a.Num == b.Num
	case sdk.String:
		return a.Str == b.Str
	case sdk.List:
		return equalLists(a.List, b.List)
	case sdk.Object:
		return equalObjects(a, b)
	}
	return true
}

func equalLists(a, b []sdk.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(&a[i], &b[i]) {
			return false
		}
	}
	return true
}

// equalObjects does not mind the order of keys.
func equalObjects(a, b *sdk.Value) bool {
	if len(a.Keys) != len(b.Keys) {
		return false
	}
	for i, key := range a.Keys {
		other, ok := attribute(b, key)
		if !ok || !equal(&a.List[i], &other) {
			return false
		}
	}
	return true
}

// attribute returns the value under key of an object.
func attribute(v *sdk.Value, key string) (sdk.Value, bool) {
	for i, k := range v.Keys {
		if k == key {
			return v.List[i], true
		}
	}
	return sdk.Value{}, false
}

package sdk

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Kind says which field of a Value counts.
type Kind uint8

// Kinds of values. Null is the zero Kind: a field that an event does not have.
const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Object
)

func (k Kind) String() string {
	return [...]string{"null", "bool", "number", "string", "list", "object"}[min(k, Object)]
}

// Value is one field of one event, unboxed so that reading it costs no allocation. The zero Value is null.
type Value struct {
	Kind Kind
	Bool bool
	Num  float64
	Str  string
	// List holds the elements of a List, and of an Object its values in the order of Keys.
	List []Value
	Keys []string
}

// Values of each kind.
func BoolValue(b bool) Value        { return Value{Kind: Bool, Bool: b} }
func NumberValue(n float64) Value   { return Value{Kind: Number, Num: n} }
func StringValue(s string) Value    { return Value{Kind: String, Str: s} }
func ListValue(list []Value) Value  { return Value{Kind: List, List: list} }
func StringsValue(s []string) Value { return ListValue(stringValues(s)) }

func stringValues(s []string) []Value {
	list := make([]Value, len(s))
	for i := range s {
		list[i] = StringValue(s[i])
	}
	return list
}

// IsNull reports whether the event has no such field.
func (v Value) IsNull() bool { return v.Kind == Null }

// Text returns the value as a person would write it: "" for null, a number without needless digits, JSON for lists and objects.
func (v Value) Text() string {
	switch v.Kind {
	case Null:
		return ""
	case Bool:
		return strconv.FormatBool(v.Bool)
	case Number:
		return formatNumber(v.Num)
	case String:
		return v.Str
	default:
		return jsonText(v.Any())
	}
}

// jsonText returns v as JSON, with & and < as they are; "" for what JSON cannot say (NaN).
func jsonText(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// formatNumber writes whole numbers without an exponent, as HCL and JSON do.
func formatNumber(n float64) string {
	if n == float64(int64(n)) && n > -1e15 && n < 1e15 {
		return strconv.FormatInt(int64(n), 10)
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

// Any returns the value as nil, bool, float64, string, []any or map[string]any, as encoding/json would decode it.
func (v Value) Any() any {
	switch v.Kind {
	case Bool:
		return v.Bool
	case Number:
		return v.Num
	case String:
		return v.Str
	case List:
		list := make([]any, len(v.List))
		for i := range v.List {
			list[i] = v.List[i].Any()
		}
		return list
	case Object:
		object := make(map[string]any, len(v.Keys))
		for i, key := range v.Keys {
			object[key] = v.List[i].Any()
		}
		return object
	}
	return nil
}

// Strings returns the texts of a list's elements, or the one text of a scalar; nil for null.
func (v Value) Strings() []string {
	switch v.Kind {
	case Null:
		return nil
	case List:
		s := make([]string, len(v.List))
		for i := range v.List {
			s[i] = v.List[i].Text()
		}
		return s
	}
	return []string{v.Text()}
}
